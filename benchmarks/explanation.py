"""MetaExplainer and Identifier against seam-nn: MSM, background, logo matrices, sites.

n sequences x 249 x 4 in 200 clusters that show five sites in all combinations. Ours reads the maps
from a file; the peer is given them in memory, and its drawing of logos is left out on its side.
"""

from __future__ import annotations

import time
import types
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.data import CACHE
from benchmarks.runner import Action, Benchmark
from seam_core.identifier import Identifier
from seam_core.meta_explainer import (
    MetaExplainer,
    cluster_sums,
    msm_frame,
    subset_sums,
    warm_up,
)
from seam_core.records import AttributionMaps, Clustering, Explanation, Library, Table
from seam_core.sequences import indices_to_strings

LENGTH, RATE, N_CLUSTERS, N_SITES = 249, 0.1, 200, 5
SPANS = [(40 + 35 * site, 48 + 35 * site) for site in range(N_SITES)]


def library_of(n: int) -> tuple[Library, Table, Clustering]:
    """Sequences, activities (additive and one interaction) and clusters by site states."""
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 4, LENGTH, dtype=np.int8)
    mutated = rng.random((n, LENGTH), dtype=np.float32) < RATE
    mutated[0] = False
    shift = rng.integers(1, 4, (n, LENGTH), dtype=np.int8)
    sequences = np.where(mutated, (reference + shift) % 4, reference).astype(np.int8)
    states = np.stack([~mutated[:, a:b].any(axis=1) for a, b in SPANS], axis=1)
    activity = states @ np.arange(1.0, N_SITES + 1) + states[:, 0] * states[:, 1]
    code = states @ (1 << np.arange(N_SITES))
    part = rng.integers(0, -(-N_CLUSTERS // 2**N_SITES), n)
    labels = np.minimum(code + 2**N_SITES * part, N_CLUSTERS - 1).astype(np.int32)
    noise = rng.normal(0.0, 0.1, n)
    table = Table(pd.DataFrame({"Activity": activity + noise}))
    return Library(sequences, reference=reference), table, Clustering(labels, "ward", "maps")


def maps_file(n: int) -> Path:
    """Random maps on disk, made once."""
    path = CACHE / f"explanation_maps_{n}.npy"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(1)
        part = path.with_suffix(".part")
        shape = (n, LENGTH, 4)
        maps = np.lib.format.open_memmap(part, mode="w+", dtype=np.float32, shape=shape)
        for start in range(0, n, 5_000):
            block = maps[start : start + 5_000]
            block[:] = rng.standard_normal(block.shape, dtype=np.float32)
        del maps
        part.rename(path)
    return path


def inputs(n: int) -> tuple[Library, Table, AttributionMaps, Clustering]:
    library, table, clustering = library_of(n)
    maps = AttributionMaps(np.load(maps_file(n), mmap_mode="r"))
    warm_up()
    return library, table, maps, clustering


def ours_msm(n: int) -> Action:
    given = inputs(n)
    return lambda: msm_frame(MetaExplainer().run(*given))


def ours_background(n: int) -> Action:
    given = inputs(n)
    return lambda: MetaExplainer().run(*given).foregrounds


def all_logos(explanation: Explanation) -> list[np.ndarray]:
    kinds = ("average", "foreground", "contribution", "pwm", "enrichment", "frequency")
    return [explanation.logos(kind) for kind in kinds]


def ours_logos(n: int) -> Action:
    given = inputs(n)
    return lambda: all_logos(MetaExplainer().run(*given))


def ours_meta(n: int) -> Action:
    """All three of the above at once."""
    given = inputs(n)

    def action() -> None:
        explanation = MetaExplainer().run(*given)
        msm_frame(explanation)
        all_logos(explanation)

    return action


def meta_in_parts(n: int) -> dict[str, float]:
    """The pass beside reading the file, what follows it, and a lasso of half of the sequences."""
    library, table, maps, clustering = inputs(n)
    ids, rows = np.unique(clustering.labels, return_inverse=True)
    sums = cluster_sums(library, maps, rows, len(ids))

    def after() -> None:
        explanation = MetaExplainer().explain(library, table, maps, ids, rows, sums)
        msm_frame(explanation)
        all_logos(explanation)

    selected = np.random.default_rng(2).permutation(n)[: n // 2]
    return {
        "read_s": _best(lambda: _read(maps_file(n))),
        "pass_s": _best(lambda: cluster_sums(library, maps, rows, len(ids))),
        "after_s": _best(after),
        "lasso_half_s": _best(
            lambda: subset_sums(library, maps, selected, clusters=sums, rows=rows)
        ),
    }


def _best(action: Action) -> float:
    """Fewest seconds of five."""
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return round(min(seconds), 4)


def _read(path: Path) -> None:
    """Read the file into memory once, in blocks of 16 MB."""
    block = bytearray(1 << 24)
    with path.open("rb", buffering=0) as file:
        while file.readinto(block):
            pass


class _NoLogos:
    """Stands in for the peer's drawing of logos."""

    def __init__(self, *values: object, **options: object) -> None:
        pass

    def process_all(self) -> None:
        pass


def peer_explainer(n: int) -> Any:
    from seam import meta_explainer

    library, table, clustering = library_of(n)
    strings = pd.Series(indices_to_strings(library.sequences), dtype=object)
    frame = pd.DataFrame({"Sequence": strings, "DNN": table.activity})
    mock.patch.object(meta_explainer, "BatchLogo", _NoLogos).start()
    labels = types.SimpleNamespace(cluster_labels=clustering.labels)
    maps = np.load(maps_file(n))
    return meta_explainer.MetaExplainer(labels, frame, maps, mut_rate=RATE)


def peer_msm(n: int) -> Action:
    return peer_explainer(n).generate_msm


def peer_background(n: int) -> Action:
    peer = peer_explainer(n)
    return lambda: peer.compute_background(mut_rate=RATE, process_logos=False)


def peer_logos(n: int) -> Action:
    peer = peer_explainer(n)

    def action() -> None:
        for kind in ("average", "pwm", "enrichment"):
            peer.generate_logos(logo_type=kind)

    return action


def peer_meta(n: int) -> Action:
    peer = peer_explainer(n)

    def action() -> None:
        peer.generate_msm()
        peer.compute_background(mut_rate=RATE, process_logos=False)
        peer.generate_logos(logo_type="average", background_separation=True)
        for kind in ("pwm", "enrichment"):
            peer.generate_logos(logo_type=kind)

    return action


def ours_identify(n: int) -> Action:
    """Sites, states of every sequence, interactions with 400 resamplings, driver mutations."""
    library, table, maps, clustering = inputs(n)
    explanation = MetaExplainer().run(library, table, maps, clustering)

    def action() -> dict[str, float]:
        start = time.perf_counter()
        bare = Identifier().run(explanation)
        alone = time.perf_counter() - start
        sites = Identifier().run(explanation, library=library, table=table)
        exact = sum(
            site.positions == tuple(range(a, b))
            for site, (a, b) in zip(sites.sites, SPANS, strict=False)
        )
        return {
            "sites_found": len(bare.sites),
            "sites_exact": exact,
            "as_the_peer_s": round(alone, 4),
        }

    return action


def peer_identify(n: int) -> Action:
    """The peer's sites, binding matrix, assignments and interactions: no sequence is looked at."""
    from seam import identifier

    peer = peer_explainer(n)
    peer.sort_method = peer.cluster_order = None
    msm = peer.generate_msm()
    # it fills tables of integers with fractions, which pandas 3 refuses: start them as floats
    frame, series = pd.DataFrame, pd.Series
    as_float = types.SimpleNamespace(**{**vars(pd)})
    as_float.DataFrame = lambda data, **o: frame(0.0 if isinstance(data, int) else data, **o)
    as_float.Series = lambda data, **o: series(0.0 if isinstance(data, int) else data, **o)
    mock.patch.object(identifier, "pd", as_float).start()

    def action() -> None:
        sites_of_peer = identifier.Identifier(msm, peer)
        peer.revels = sites_of_peer.revels
        sites_of_peer.cluster_msm_covariance(n_clusters=N_SITES)
        active = {name: list(range(0, N_CLUSTERS, 2)) for name in sites_of_peer.tfbs_clusters}
        peer.active_clusters_by_tfbs = active
        sites = sites_of_peer.get_tfbs_positions(active)
        assignments = sites_of_peer.get_binding_config_assignments(sites)
        sites_of_peer.get_epistatic_params(sites, assignments)

    return action


BENCHMARKS = {
    "msm": Benchmark(ours_msm, peer_msm, default_n=20_000, repeats=3),
    "background": Benchmark(ours_background, peer_background, default_n=20_000),
    "logos": Benchmark(ours_logos, peer_logos, default_n=20_000),
    "meta": Benchmark(ours_meta, peer_meta, default_n=20_000, extra=meta_in_parts),
    "identify": Benchmark(ours_identify, peer_identify, default_n=20_000),
}
