"""`stability`: are the same sites, bounds and interactions found where they must be?

Planted kinds, `--n` seeds of each, with and without the consensus of reclusterings, and as they are
reported: by the consensus and confirmed by experiment. Perturbations: the maps multiplied by 1 +
relative noise, every second sequence left out, other cuts of the tree. Of each: the share of sites
that both runs have, of those with the same bounds, and of terms (of runs with the same sites) that
both call or both do not; of each kind at 1e-3 as it ends (standard error). All 27 take 10 to 15
minutes; in parts as `truth`: SEAM_KINDS=pwm,graded, SEAM_FIRST_SEED=200.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark
from benchmarks.truth import FEW_SEQUENCES, FIRST_SEED, LONG, kinds
from seam_core.records import AttributionMaps, Library, Sites

N_SEQUENCES = 1_500
Change = Callable[[Library, AttributionMaps], tuple[Library, AttributionMaps, int]]
N_CLUSTERS = 30


def _noisy(size: float) -> Change:
    def change(library: Library, maps: AttributionMaps) -> tuple[Library, AttributionMaps, int]:
        noise = np.random.default_rng(1).standard_normal(maps.maps.shape)
        changed = (maps.maps * (1 + size * noise)).astype(np.float32)
        return library, replace(maps, maps=changed), N_CLUSTERS

    return change


def _half(library: Library, maps: AttributionMaps) -> tuple[Library, AttributionMaps, int]:
    assert library.predictions is not None
    rows = slice(None, None, 2)
    kept = replace(
        library, sequences=library.sequences[rows], predictions=library.predictions[rows]
    )
    return kept, replace(maps, maps=maps.maps[rows], completeness_error=None), N_CLUSTERS


def _cut(n_clusters: int) -> Change:
    return lambda library, maps: (library, maps, n_clusters)


CHANGES: dict[str, Change] = {
    "noise_1e-4": _noisy(1e-4),
    "noise_1e-3": _noisy(1e-3),
    "half": _half,
    "cut_20": _cut(20),
    "cut_50": _cut(50),
}
WAYS = ("consensus", "one", "reported")
Found = tuple[list[set[int]], np.ndarray]
Counts = dict[tuple[str, str], np.ndarray]


def stability(n: int) -> Action:
    """All kinds, n seeds each."""

    def run() -> dict[str, Any]:
        counts = _nothing()
        for kind in kinds():
            own = _nothing()
            for seed in range(n):
                _count(kind, FIRST_SEED + seed, own)
            counts = {key: counts[key] + own[key] for key in own}
            told = {way: _shares(own["noise_1e-3", way]) for way in WAYS}
            print(f"{kind}: {told}", file=sys.stderr, flush=True)
        return {f"{name}_{way}": _shares(agreed) for (name, way), agreed in counts.items()}

    return run


def _nothing() -> Counts:
    return {(name, way): np.zeros(6, np.int64) for name in CHANGES for way in WAYS}


def _shares(agreed: np.ndarray) -> dict[str, float | None]:
    pairs = zip(("sites", "bounds", "calls"), agreed[::2], agreed[1::2], strict=True)
    return {what: round(float(same / of), 3) if of else None for what, same, of in pairs}


def _count(kind: str, seed: int, counts: Counts) -> None:
    from seam_core.attributer import Attributer
    from seam_core.mutagenizer import Mutagenizer
    from seam_core.parameters import AttributerParameters, MutagenizerParameters
    from tests.planted_kinds import make

    planted = make(kind, seed)
    size = N_SEQUENCES if planted.length < LONG else FEW_SEQUENCES
    library = Mutagenizer(MutagenizerParameters(n_sequences=size)).run(
        planted.reference, alphabet=planted.alphabet
    )
    maps, predictions = Attributer(planted, AttributerParameters(method="ism")).run(library)
    library = replace(library, predictions=predictions)
    told: dict[Any, Found] = {}
    first = _found(planted, library, maps, N_CLUSTERS, told)
    for name, change in CHANGES.items():
        changed = _found(planted, *change(library, maps), told)
        for way in WAYS:
            counts[name, way] += agreement(first[way], changed[way])


def _found(
    oracle: Any,
    library: Library,
    maps: AttributionMaps,
    n_clusters: int,
    told: dict[Any, Found],
) -> dict[str, Found]:
    """In each way, sites and which of their terms are called.

    The same sites of the same library are confirmed as before (`told`): experiments have a seed.
    """
    found = {}
    for way in ("one", "consensus"):
        sites = _sites(library, maps, n_clusters, way)
        called = sites.epistasis["called"].to_numpy()
        found[way] = [set(site.positions) for site in sites.sites], called
    key = len(library), *(site.positions for site in sites.sites)
    if key not in told:
        told[key] = _reported(oracle, library, sites, range(maps.start, maps.stop))
    return {**found, "reported": told[key]}


def _reported(oracle: Any, library: Library, sites: Sites, window: range) -> Found:
    from seam_core.experiments import Experimenter

    after = Experimenter(oracle).run(library, sites.sites, window=window)
    judged = after.experiments.sites
    confirmed = set(judged["site"][judged["verdict"] == "confirmed"])
    own = [set(site.positions) for site in after.sites if site.name in confirmed]
    terms = after.experiments.interactions
    return own, terms["called"].to_numpy()[terms["order"].to_numpy() > 1]


def _sites(library: Library, maps: AttributionMaps, n_clusters: int, trees: str) -> Sites:
    from seam_core.clusterer import Clusterer
    from seam_core.compiler import Compiler
    from seam_core.identifier import Identifier
    from seam_core.meta_explainer import MetaExplainer
    from seam_core.parameters import ClustererParameters

    table = Compiler().run(library)
    parameters = ClustererParameters(embedding="none", n_clusters=n_clusters)
    clustering = Clusterer(parameters).cluster(maps)
    explanation = MetaExplainer().run(library, table, maps, clustering)
    return Identifier().run(
        explanation,
        library=library,
        table=table,
        clustering=clustering,
        maps=maps if trees == "consensus" else None,
    )


def agreement(first: Found, other: Found) -> np.ndarray:
    """(6,): sites in both and in either, of those with the same bounds and all, terms and all."""
    (one, calls), (two, other_calls) = first, other
    same = sum(any(2 * len(a & b) >= len(a | b) for b in two) for a in one)
    exact = sum(a in two for a in one)
    counts = [same, max(len(one), len(two)), exact, same, 0, 0]
    if one == two:
        alike = calls == other_calls
        counts[4:] = [int(alike.sum()), len(alike)]
    return np.array(counts, np.int64)


BENCHMARKS = {"stability": Benchmark(stability, default_n=1)}
