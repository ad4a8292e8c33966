"""`stability`: are the same sites, bounds and interactions found where they must be?

Planted kinds, `--n` seeds of each, with and without the consensus of reclusterings. Perturbations:
the maps multiplied by 1 + relative noise, every second sequence left out, other cuts of the tree.
Of each: the share of sites that both runs have, of those with the same bounds, and of terms (of
runs with the same sites) that both call or both do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark
from benchmarks.truth import FIRST_SEED
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


def stability(n: int) -> Action:
    """All kinds, n seeds each."""
    from tests.planted_kinds import KINDS

    def run() -> dict[str, Any]:
        counts = {
            (name, trees): np.zeros(6, np.int64)
            for name in CHANGES
            for trees in ("consensus", "one")
        }
        for kind in KINDS:
            for seed in range(n):
                _count(kind, FIRST_SEED + seed, counts)
        return {
            f"{name}_{trees}": {
                what: round(float(same / of), 3) if of else None
                for what, same, of in zip(
                    ("sites", "bounds", "calls"), agreed[::2], agreed[1::2], strict=True
                )
            }
            for (name, trees), agreed in counts.items()
        }

    return run


def _count(kind: str, seed: int, counts: dict[tuple[str, str], np.ndarray]) -> None:
    from seam_core.attributer import Attributer
    from seam_core.mutagenizer import Mutagenizer
    from seam_core.parameters import AttributerParameters, MutagenizerParameters
    from tests.planted_kinds import make

    planted = make(kind, seed)
    library = Mutagenizer(MutagenizerParameters(n_sequences=N_SEQUENCES)).run(
        planted.reference, alphabet=planted.alphabet
    )
    maps, predictions = Attributer(planted, AttributerParameters(method="ism")).run(library)
    library = replace(library, predictions=predictions)
    for trees in ("consensus", "one"):
        first = _sites(library, maps, N_CLUSTERS, trees)
        for name, change in CHANGES.items():
            other = _sites(*change(library, maps), trees)
            counts[name, trees] += agreement(first, other)


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


def agreement(first: Sites, other: Sites) -> np.ndarray:
    """(6,): sites in both and in either, of those with the same bounds and all, terms and all."""
    one, two = ([set(site.positions) for site in sites.sites] for sites in (first, other))
    same = sum(any(2 * len(a & b) >= len(a | b) for b in two) for a in one)
    exact = sum(a in two for a in one)
    counts = [same, max(len(one), len(two)), exact, same, 0, 0]
    if one == two:
        called = first.epistasis["called"].to_numpy() == other.epistasis["called"].to_numpy()
        counts[4:] = [int(called.sum()), len(called)]
    return np.array(counts, np.int64)


BENCHMARKS = {"stability": Benchmark(stability, default_n=1)}
