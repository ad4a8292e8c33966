"""Small made-up analyses with known sites, for tests that need records but no network.

The reference carries three motifs; a sequence shows a site as long as the motif is unmutated. Maps
are the motifs' templates where shown, a background and noise; activity is additive in the sites
with one interaction (A x B).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from seam_core.records import (
    AttributionMaps,
    Clustering,
    Embedding,
    Explanation,
    Library,
    Linkage,
    Site,
    Sites,
    Table,
)
from seam_core.sequences import DNA, hamming, one_hot
from seam_core.session import Session
from tests.judged import experiments, trust

MOTIFS = ("TATCGATA", "AGATAAGA", "TGACTCAT")
STRENGTHS = (2.0, 1.2, 0.8)
INTERACTION = 1.5
LINKAGE_LIMIT = 4_000


def make_session(
    n: int = 600,
    length: int = 60,
    clusters: int = 8,
    *,
    seed: int = 0,
    alphabet: str = DNA,
    rate: float = 0.06,
    start: int = 0,
    n_sites: int = 3,
) -> Session:
    """A Session with every record set, consistent and seeded.

    n sequences of `length` letters in about `clusters` clusters. Maps cover the positions from
    `start`. A linkage is made up to 4,000 sequences. Works for 100,000 x 249 in seconds.
    """
    rng = np.random.default_rng(seed)
    reference, spans = _reference(length, alphabet, rng, n_sites, start)
    library, shown = _library(reference, spans, n, rate, alphabet, rng)
    table = Table(
        pd.DataFrame(
            {
                "Activity": library.predictions.astype(np.float64),
                "Hamming": hamming(library.sequences, reference),
            }
        )
    )
    maps = _maps(library, shown, spans, start, rng)
    embedding = _embedding(maps, rng)
    linkage, clustering = _clustering(maps, embedding, clusters, rng)
    explanation = explain(library, table, maps, clustering, rate)
    sites = find(explanation, shown, spans, table)
    return Session(
        "made up",
        library,
        table,
        maps,
        embedding,
        linkage,
        clustering,
        explanation,
        sites,
        trust(sites.sites),
        experiments(sites.sites),
    )


def _reference(length, alphabet, rng, n_sites, start):
    reference = rng.integers(0, len(alphabet), length).astype(np.int8)
    gap = (length - start) // n_sites
    spans = []
    for index in range(n_sites):
        motif = MOTIFS[index % len(MOTIFS)]
        first = start + index * gap + max(0, (gap - len(motif)) // 2)
        spans.append((first, first + len(motif)))
        if alphabet == DNA:
            reference[first : first + len(motif)] = [DNA.index(letter) for letter in motif]
    return reference, spans


def _library(reference, spans, n, rate, alphabet, rng):
    mutated = rng.random((n, len(reference))) < rate
    mutated[0] = False
    shift = rng.integers(1, len(alphabet), (n, len(reference)), dtype=np.int8)
    sequences = np.where(mutated, (reference + shift) % len(alphabet), reference).astype(np.int8)
    shown = np.stack([~mutated[:, first:stop].any(axis=1) for first, stop in spans], axis=1)
    strengths = np.array([STRENGTHS[index % 3] for index in range(len(spans))])
    activity = shown @ strengths + rng.normal(0.0, 0.15, n)
    if len(spans) > 1:
        activity += INTERACTION * (shown[:, 0] & shown[:, 1])
    library = Library(sequences, alphabet, reference, activity.astype(np.float32))
    return library, shown


def _maps(library, shown, spans, start, rng):
    n, width, letters = len(library), library.length - start, library.n_letters
    background = rng.normal(0.0, 0.04, (width, letters)).astype(np.float32)
    maps = np.empty((n, width, letters), dtype=np.float32)
    for first in range(0, n, 5_000):
        block = maps[first : first + 5_000]
        block[:] = rng.normal(0.0, 0.05, block.shape)
        block += background
        for index, (begin, stop) in enumerate(spans):
            template = np.full((stop - begin, letters), -0.1, dtype=np.float32)
            bell = np.sin(np.linspace(0.6, np.pi - 0.6, stop - begin))
            here = library.reference[begin:stop]
            template[np.arange(stop - begin), here] = 0.5 * bell * STRENGTHS[index % 3]
            seen = shown[first : first + 5_000, index, None, None]
            block[:, begin - start : stop - start] += seen * template
    return AttributionMaps(maps, start)


def _embedding(maps, rng):
    flat = maps.maps.reshape(len(maps), -1)
    centre = flat[:2_000].mean(axis=0)
    _, scale, axes = np.linalg.svd(flat[:2_000] - centre, full_matrices=False)
    ratio = scale**2 / (scale**2).sum()
    coordinates = ((flat - centre) @ axes[:2].T).astype(np.float32)
    return Embedding(coordinates, "pca", variance_ratio=ratio[:20])


def _clustering(maps, embedding, clusters, rng):
    from scipy.cluster.hierarchy import fcluster
    from scipy.cluster.hierarchy import linkage as scipy_linkage

    if len(maps) <= LINKAGE_LIMIT:
        matrix = scipy_linkage(maps.maps.reshape(len(maps), -1), "ward")
        labels = fcluster(matrix, clusters, "maxclust") - 1
        height = float(matrix[-min(clusters, len(matrix)), 2])
        found = Clustering(labels.astype(np.int32), "ward", "linkage", cut_height=height)
        return Linkage(matrix, "ward"), found
    points = embedding.coordinates
    centres = points[rng.choice(len(points), clusters, replace=False)]
    labels = np.empty(len(points), dtype=np.int32)
    for first in range(0, len(points), 5_000):
        block = points[first : first + 5_000, None, :] - centres
        labels[first : first + 5_000] = (block**2).sum(axis=-1).argmin(axis=1)
    return None, Clustering(labels, "nearest", "embedding")


def explain(library, table, maps, clustering, rate) -> Explanation:
    """The plainest computing of an Explanation: one cluster after another."""
    ids = clustering.ids
    medians = [np.median(table.activity[clustering.labels == i]) for i in ids]
    ids = ids[np.argsort(medians, kind="stable")]
    window = slice(maps.start, maps.stop)
    letters, reference = library.n_letters, library.reference[window]
    rows = [clustering.labels == i for i in ids]
    sizes = np.array([row.sum() for row in rows])
    counts = np.stack(
        [
            np.stack([(library.sequences[row][:, window] == a).sum(axis=0) for a in range(letters)])
            for row in rows
        ]
    ).transpose(0, 2, 1)
    sums = np.stack([maps.maps[row].sum(axis=0, dtype=np.float64) for row in rows])
    share = counts / sizes[:, None, None]
    entropy = -np.sum(share * np.log2(np.where(share > 0, share, 1.0)), axis=2) + 0.0
    at_reference = np.take_along_axis(counts, reference[None, :, None].astype(int), axis=2)[..., 0]
    expected = background_entropy(rate, letters)
    entropic = (entropy > 0.5 * expected)[..., None]
    backgrounds = np.where(entropic, sums / sizes[:, None, None], 0.0)
    return Explanation(
        ids=ids.astype(np.int32),
        sizes=sizes.astype(np.int64),
        letter_counts=counts.astype(np.int64),
        map_sums=sums,
        activity_quartiles=np.stack(
            [np.percentile(table.activity[row], [0, 25, 50, 75, 100]) for row in rows]
        ),
        entropy=entropy,
        reference_mismatch=100.0 * (1.0 - at_reference / sizes[:, None]),
        consensus_match=100.0 * counts.max(axis=2) / sizes[:, None],
        cluster_backgrounds=backgrounds,
        background=backgrounds.mean(axis=0),
        background_scale=np.ones(len(ids)),
        mutation_rate=rate,
        alphabet=library.alphabet,
        reference=reference,
        start=maps.start,
        map_squares=np.stack(
            [np.square(maps.maps[row], dtype=np.float64).sum(axis=0) for row in rows]
        ),
        contribution_sums=np.stack([_contributions(library, maps, row) for row in rows]),
        reference_cluster=int(clustering.labels[0]),
    )


def _contributions(library, maps, row):
    letters = one_hot(library.sequences[row][:, maps.start : maps.stop], library.n_letters)
    return (maps.maps[row] * letters).sum(axis=0, dtype=np.float64)


def background_entropy(rate, letters) -> float:
    """H0: entropy in bits of a position that mutates at the library's rate."""
    share = np.array([1 - rate, *[rate / (letters - 1)] * (letters - 1)])
    return float(-np.sum(share * np.log2(share)))


def find(explanation, shown, spans, table) -> Sites:
    """The planted sites as an Identifier would hand them on."""
    from scipy.cluster.hierarchy import linkage as scipy_linkage

    covariance = np.cov(explanation.entropy, rowvar=False)
    tree = scipy_linkage(covariance, "average")
    sites = tuple(
        Site("ABCDEFGHIJKLMNOP"[index], tuple(range(first, stop)))
        for index, (first, stop) in enumerate(spans)
    )
    expected = background_entropy(explanation.mutation_rate, len(explanation.alphabet))
    means = np.stack(
        [
            explanation.entropy[:, [p - explanation.start for p in site.positions]].mean(axis=1)
            for site in sites
        ],
        axis=1,
    )
    active = means < 0.5 * expected
    configurations, epistasis = interactions(explanation, sites, active, shown, table.activity)
    return Sites(
        sites=sites,
        covariance=covariance,
        linkage=tree,
        cut_height=float(np.median(tree[-8:, 2])),
        cluster_ids=explanation.ids,
        activity=np.clip(1.0 - means / expected, 0.0, 1.0),
        active=active,
        configurations=configurations,
        epistasis=epistasis,
        start=explanation.start,
        states=shown,
        drivers=drivers(explanation, sites),
    )


def interactions(explanation, sites, active, shown, activity):
    """The two tables of `Sites`, with intervals from the standard error."""
    names = ["+".join(sites[i].name for i in subset) or "none" for subset in _subsets(len(sites))]
    rows, terms = [], []
    for name, subset in zip(names, _subsets(len(sites)), strict=True):
        pattern = np.isin(np.arange(len(sites)), subset)
        chosen = activity[(shown == pattern).all(axis=1)]
        clusters = (active == pattern).all(axis=1)
        mean = chosen.mean() if len(chosen) else np.nan
        error = chosen.std(ddof=1) / np.sqrt(len(chosen)) if len(chosen) > 1 else np.nan
        closest = np.abs(active - pattern.astype(float)).sum(axis=1).argmin()
        rows.append(
            {
                "sites": name,
                "order": len(subset),
                "estimate": mean,
                "low": mean - 1.96 * error,
                "high": mean + 1.96 * error,
                "n": len(chosen),
                "represented": len(chosen) > 1,
                "n_clusters": int(clusters.sum()),
                "clusters_estimate": explanation.activity_quartiles[clusters, 2].mean()
                if clusters.any()
                else np.nan,
                "assigned_cluster": int(explanation.ids[closest]),
                "assigned_median": explanation.activity_quartiles[closest, 2],
                "assigned_shows": bool(clusters[closest]),
                "note": "" if len(chosen) > 1 else "not represented in the library",
            }
        )
    by_subset = dict(zip(_subsets(len(sites)), rows, strict=True))
    for name, subset in zip(names, _subsets(len(sites)), strict=True):
        parts = [(by_subset[part], (-1) ** (len(subset) - len(part))) for part in _parts(subset)]
        estimate = sum(sign * row["estimate"] for row, sign in parts)
        error = np.sqrt(sum(((row["high"] - row["low"]) / 3.92) ** 2 for row, _ in parts))
        terms.append(
            {
                "sites": name,
                "order": len(subset),
                "estimate": estimate,
                "low": estimate - 1.96 * error,
                "high": estimate + 1.96 * error,
                "p_value": float(np.exp(-0.5 * (estimate / error) ** 2)),
                "called": abs(estimate) > 3.0 * error,
                "n": min(row["n"] for row, _ in parts),
                "represented": all(row["represented"] for row, _ in parts),
                "authors_estimate": sum(sign * row["assigned_median"] for row, sign in parts),
                "note": "",
                "stability": 1.0,
            }
        )
    return pd.DataFrame(rows), pd.DataFrame(terms[1:])


def drivers(explanation, sites) -> pd.DataFrame:
    """A substitution table whose effects are made up, but for the signs."""
    rng = np.random.default_rng(1)
    rows = []
    for site in sites:
        for position in site.positions:
            reference = int(explanation.reference[position - explanation.start])
            for letter in range(len(explanation.alphabet)):
                if letter == reference:
                    continue
                effect = float(rng.normal(-1.0, 0.6))
                verdict = "breaks" if effect < -0.5 else "strengthens" if effect > 0.2 else "keeps"
                rows.append(
                    {
                        "site": site.name,
                        "position": position,
                        "reference": explanation.alphabet[reference],
                        "letter": explanation.alphabet[letter],
                        "verdict": verdict,
                        "enrichment": effect,
                        "effect": effect,
                        "low": effect - 0.2,
                        "high": effect + 0.2,
                        "n": 20,
                    }
                )
    return pd.DataFrame(rows)


def _subsets(n_sites):
    return [s for order in range(n_sites + 1) for s in combinations(range(n_sites), order)]


def _parts(subset):
    return [s for order in range(len(subset) + 1) for s in combinations(subset, order)]
