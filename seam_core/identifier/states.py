"""Which sites each sequence shows, by its own letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seam_core.identifier.activity import site_active, site_activity
from seam_core.identifier.covariance import NOISE
from seam_core.records import Explanation, Library, Site

LEAST_ENRICHMENT = 0.5
"""A letter is compatible with a site when clusters that show the site carry it at least this many
times as often as the library does."""

PSEUDOCOUNT = 0.5

LEAST_CLUSTER = 10
"""Letters are read from clusters of this many sequences or more: fewer have any by luck."""

LEAST_WEIGHT = 50
"""Sequences in such clusters below which only the usual letters show a site."""


def showing_clusters(
    explanation: Explanation,
    sites: Sequence[Site],
    activity: np.ndarray,
    active: np.ndarray,
) -> np.ndarray:
    """(K, S) bool: the clusters that a site's letters are read from.

    Those that are active at the site; where all or none are, those above the middle of the
    activities seen. Of these only the ones that keep every position that most of them keep: mean
    entropy passes a cluster whose sequences are all broken at one position. Noise shows nothing.
    """
    mechanisms = explanation.ids != NOISE
    showing = active.copy()
    for site in range(active.shape[1]):
        seen = activity[mechanisms, site]
        if active[mechanisms, site].all() or not active[mechanisms, site].any():
            middle = (seen.min(initial=1.0) + seen.max(initial=0.0)) / 2
            showing[:, site] = mechanisms & (activity[:, site] >= middle)
        columns = np.array(sites[site].positions) - explanation.start
        whole = showing[:, site] & _whole(explanation, columns, showing[:, site])
        if whole.any():
            showing[:, site] = whole
    return showing


def _whole(explanation: Explanation, columns: np.ndarray, showing: np.ndarray) -> np.ndarray:
    """(K,) bool: clusters that keep each position that the showing ones, by size, mostly keep."""
    counts = explanation.letter_counts[:, columns].astype(np.float64)
    usual = explanation.library_counts[columns].argmax(axis=1)
    if explanation.reference is not None:
        usual = np.where(explanation.reference[columns] >= 0, explanation.reference[columns], usual)
    same = np.take_along_axis(counts, usual[None, :, None], axis=2)[:, :, 0]
    lost = 1.0 - same / np.maximum(counts.sum(axis=2), 1)
    library_lost = np.average(lost, axis=0, weights=explanation.sizes)
    keeps = lost < LEAST_ENRICHMENT * library_lost
    if not showing.any():
        return showing
    mostly = np.average(keeps[showing], axis=0, weights=explanation.sizes[showing]) > 0.5
    return keeps[:, mostly].all(axis=1)


def compatible_letters(
    explanation: Explanation, sites: Sequence[Site], showing: np.ndarray
) -> list[np.ndarray]:
    """For each site, (positions, A) bool: letters that a sequence may have and show it.

    The reference letter (without one, the commonest in the clusters that show the site) is always
    compatible. It alone is where the clusters that show the site, those of a handful of sequences
    left out, are of fewer than `LEAST_WEIGHT` together.
    """
    letters = []
    large = explanation.sizes >= LEAST_CLUSTER
    for index, site in enumerate(sites):
        columns = np.array(site.positions) - explanation.start
        telling = showing[:, index] & large
        enrichment, shown = _enrichment(explanation, columns, telling)
        enough = explanation.sizes[telling].sum() >= LEAST_WEIGHT
        compatible = (enrichment >= LEAST_ENRICHMENT) & enough
        if not shown.any():
            _, shown = _enrichment(explanation, columns, showing[:, index])
        if not shown.any():
            shown = explanation.library_counts[columns]
        usual = shown.argmax(axis=1)
        if explanation.reference is not None:
            known = explanation.reference[columns]
            usual = np.where(known >= 0, known, usual)
        compatible[np.arange(len(columns)), usual] = True
        letters.append(compatible)
    return letters


def voted_letters(
    explanation: Explanation,
    sites: Sequence[Site],
    activity: np.ndarray,
    active: np.ndarray,
    replicates: Sequence[Explanation],
    multiplier: float,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Letters that show each site: those that most reclusterings say; else the clusters' own.

    Returns
    -------
    compatible : for each site, (positions, A) bool
    enrichment : for each site, (positions, A), of the clusters given
    """
    showing = showing_clusters(explanation, sites, activity, active)
    enrichment = letter_enrichment(explanation, sites, showing)
    if not replicates:
        return compatible_letters(explanation, sites, showing), enrichment
    each = [letters_of(one, sites, multiplier) for one in replicates]
    voted = [np.mean([own[s] for own in each], axis=0) >= 0.5 for s in range(len(sites))]
    return voted, enrichment


def letters_of(
    explanation: Explanation, sites: Sequence[Site], multiplier: float
) -> list[np.ndarray]:
    """For each site, (positions, A) bool: letters that show it by these clusters alone."""
    activity = site_activity(explanation, sites)
    active = site_active(explanation, sites, multiplier)
    return compatible_letters(
        explanation, sites, showing_clusters(explanation, sites, activity, active)
    )


def letter_enrichment(
    explanation: Explanation, sites: Sequence[Site], showing: np.ndarray
) -> list[np.ndarray]:
    """For each site, (positions, A) float64: log2 of letter shares, showing clusters over all."""
    columns = [np.array(site.positions) - explanation.start for site in sites]
    return [
        np.log2(_enrichment(explanation, where, showing[:, index])[0])
        for index, where in enumerate(columns)
    ]


def _enrichment(
    explanation: Explanation, columns: np.ndarray, showing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ratio of letter shares, showing clusters over library, and the counts of the former.

    The pseudocount is split by the library's shares, so that a letter not seen often enough to
    tell stays near 1.
    """
    everything = explanation.library_counts[columns].astype(np.float64)
    shown = explanation.letter_counts[showing][:, columns].sum(axis=0).astype(np.float64)
    expected = everything / np.maximum(everything.sum(axis=1, keepdims=True), 1)
    expected = expected * shown.sum(axis=1, keepdims=True)
    return (shown + PSEUDOCOUNT) / (expected + PSEUDOCOUNT), shown


def site_states(
    library: Library, sites: Sequence[Site], compatible: Sequence[np.ndarray]
) -> np.ndarray:
    """(N, S) bool: every position of the site has a compatible letter; unknown letters do not."""
    states = np.ones((len(library), len(sites)), dtype=bool)
    for index, site in enumerate(sites):
        for position, letters in zip(site.positions, compatible[index], strict=True):
            allowed = np.append(letters, False)
            states[:, index] &= allowed[library.sequences[:, position]]
    return states


def state_codes(states: np.ndarray) -> np.ndarray:
    """(N,) int64: bit s is set where the sequence shows site s."""
    return states.astype(np.int64) @ (1 << np.arange(states.shape[1], dtype=np.int64))
