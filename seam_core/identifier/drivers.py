"""Driver mutations: substitutions that break, keep or strengthen a site, or create a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.identifier.covariance import NOISE
from seam_core.records import Explanation, Library, Site

if TYPE_CHECKING:
    import pandas as pd

LEAST_SEQUENCES = 5
"""Sequences with a substitution below which its effect is not told."""

LEAST_GAIN = 0.1
"""A substitution strengthens a site when it adds this share of the site's own effect or more."""

CREATING_GAIN = 2.0
"""A substitution in a site creates it when it adds this many times what the site has without."""

CREATING_SHARE = 0.5
"""A substitution creates a site where it is the letter of this share of a cluster or more."""

COLUMNS = (
    "site",
    "position",
    "reference",
    "letter",
    "verdict",
    "enrichment",
    "effect",
    "low",
    "high",
    "n",
)


def driver_mutations(
    explanation: Explanation,
    library: Library,
    sites: Sequence[Site],
    compatible: Sequence[np.ndarray],
    enrichment: Sequence[np.ndarray],
    states: np.ndarray,
    activity: np.ndarray | None,
    without_site: Sequence[np.ndarray],
    fitted: np.ndarray,
) -> pd.DataFrame:
    """One row a substitution, columns as `Sites.drivers` documents.

    The effect of a substitution in a site is the mean activity of sequences that have it and are
    otherwise fit for the site, less that of sequences that show the site with its usual letter
    there; activities have what the other sites give taken off. Intervals are Welch's, 95 %.
    "breaks": the clusters that show the site avoid the letter, or it certainly takes away half of
    the site's effect; "strengthens": it certainly adds, `LEAST_GAIN` of it or more; "keeps":
    neither; "creates": it certainly adds `CREATING_GAIN` times what the site has without it, or,
    outside of sites, is the letter that a cluster is made of and changes activity.

    Parameters
    ----------
    compatible, enrichment : for each site, (positions, A)
    states : (N, S) bool
    activity : (N,), or None where only letters are known
    without_site : for each site, (N,) fitted activity of the sequences were the site gone
    fitted : (N,) fitted activity of all sites
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for index, site in enumerate(sites):
        rest = None if activity is None else activity - without_site[index]
        rows += _in_site(
            explanation, library, site, compatible[index], enrichment[index], states[:, index], rest
        )
    rest = None if activity is None else activity - fitted
    inside = {position for site in sites for position in site.positions}
    rows += _creating(explanation, library, inside, rest)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values(["position", "letter", "site"], ignore_index=True)


def _in_site(
    explanation: Explanation,
    library: Library,
    site: Site,
    compatible: np.ndarray,
    enrichment: np.ndarray,
    shows: np.ndarray,
    rest: np.ndarray | None,
) -> list[dict[str, Any]]:
    letters = library.sequences[:, list(site.positions)]
    fits = np.stack(
        [np.append(compatible[j], False)[letters[:, j]] for j in range(letters.shape[1])], axis=1
    )
    misfits = (~fits).sum(axis=1)
    site_effect = _difference(rest, shows, ~shows)[0]
    rows = []
    for j, position in enumerate(site.positions):
        usual = _usual_letter(explanation, position)
        others_fit = (misfits - ~fits[:, j]) == 0
        with_usual = others_fit & (letters[:, j] == usual)
        for letter in range(library.n_letters):
            if letter == usual:
                continue
            changed = others_fit & (letters[:, j] == letter)
            effect, low, high = _difference(rest, changed, with_usual)
            direction = np.sign(site_effect)
            least_gain, most_gain = sorted((low * direction, high * direction))
            verdict = "keeps"
            if not compatible[j, letter] or most_gain <= -0.5 * abs(site_effect):
                verdict = "breaks"
            elif least_gain > CREATING_GAIN * abs(site_effect):
                verdict = "creates"
            elif least_gain > 0 and effect * direction >= LEAST_GAIN * abs(site_effect):
                verdict = "strengthens"
            rows.append(
                {
                    "site": site.name,
                    "position": position,
                    "reference": library.alphabet[usual],
                    "letter": library.alphabet[letter],
                    "verdict": verdict,
                    "enrichment": enrichment[j, letter],
                    "effect": effect,
                    "low": low,
                    "high": high,
                    "n": int(changed.sum()),
                }
            )
    return rows


def _creating(
    explanation: Explanation, library: Library, inside: set[int], rest: np.ndarray | None
) -> list[dict[str, Any]]:
    """Substitutions outside of sites that are what a cluster is made of, and change activity."""
    counts = explanation.letter_counts[explanation.ids != NOISE]
    sizes = counts.sum(axis=2, keepdims=True)
    share = counts / np.maximum(sizes, 1)
    usual_share = explanation.library_counts / np.maximum(
        explanation.library_counts.sum(axis=1, keepdims=True), 1
    )
    made_of = (share >= CREATING_SHARE) & (sizes >= LEAST_SEQUENCES)
    made_of &= (usual_share < CREATING_SHARE / 2)[None]
    rows = []
    for column, letter in np.argwhere(made_of.any(axis=0)).tolist():
        position = column + explanation.start
        usual = _usual_letter(explanation, position)
        if position in inside or letter == usual:
            continue
        here = library.sequences[:, position]
        effect, low, high = _difference(rest, here == letter, here == usual)
        if rest is not None and not (low > 0 or high < 0):
            continue
        clusters = made_of[:, column, letter]
        ratio = share[clusters, column, letter].max() / usual_share[column, letter]
        rows.append(
            {
                "site": "",
                "position": position,
                "reference": library.alphabet[usual],
                "letter": library.alphabet[letter],
                "verdict": "creates",
                "enrichment": float(np.log2(ratio)),
                "effect": effect,
                "low": low,
                "high": high,
                "n": int((here == letter).sum()),
            }
        )
    return rows


def _usual_letter(explanation: Explanation, position: int) -> int:
    """The reference letter; without one, the library's commonest."""
    column = position - explanation.start
    if explanation.reference is not None and explanation.reference[column] >= 0:
        return int(explanation.reference[column])
    return int(explanation.library_counts[column].argmax())


def _difference(
    values: np.ndarray | None, first: np.ndarray, second: np.ndarray
) -> tuple[float, float, float]:
    """Difference of two means and its 95 % interval (Welch); NaN where either is of too few."""
    n_first, n_second = int(first.sum()), int(second.sum())
    if values is None or min(n_first, n_second) < LEAST_SEQUENCES:
        return np.nan, np.nan, np.nan
    a, b = values[first], values[second]
    difference = float(a.mean() - b.mean())
    half = 1.96 * float(np.sqrt(a.var(ddof=1) / n_first + b.var(ddof=1) / n_second))
    return difference, difference - half, difference + half
