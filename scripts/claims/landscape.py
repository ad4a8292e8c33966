"""Recipes 4 and 5: a complete measured landscape."""

from __future__ import annotations

import numpy as np

from scripts.claims.checks import PAIRS, Sessions, claim
from seam_core.session import Session


def landscape_tree(sessions: Sessions) -> list[str]:
    session = sessions[""]
    record, activity = session.explanation, session.table.activity
    halves = _halves(session.linkage.matrix)
    low, high = sorted((np.median(activity[part]), len(part)) for part in halves)
    spread = np.mean(record.activity_quartiles[:, 3] - record.activity_quartiles[:, 1])
    whole = np.subtract(*np.percentile(activity, [75, 25]))
    mean = record.entropy.mean(axis=0)
    darkest, brightest = np.argsort(mean)[:2], np.argsort(mean)[-2:]
    both, pairing = _paired_ends(session)
    chance = both * len(PAIRS) / 16
    return [
        claim(
            low[0] < -1 < high[0],
            "The tree first parts what does not splice from what may: one half "
            f"({low[1]:,} sequences) has a median activity of {low[0]:.1f}, the other of "
            f"{high[0]:.1f}.",
        ),
        claim(
            spread < whole / 2,
            f"Inside a cluster activity varies by {spread:.2f} (mean interquartile range), over "
            "all "
            f"sequences by {whole:.2f}.",
        ),
        claim(
            set(darkest) == {0, 7},
            "The first and the last column of the matrix are the darkest: mechanisms hold to these "
            "letters most.",
        ),
        claim(
            pairing > 1.2 * chance,
            f"In {pairing} of the {both} clusters that hold to a letter at both ends, the two "
            "can pair "
            "(C and G, A and U, or the wobble pair G and U); by chance it would be "
            f"{chance:.0f}. The "
            "ends of the eight letters face each other in the folded RNA.",
        ),
        claim(
            mean[brightest].min() > mean.mean(),
            f"Columns {' and '.join(map(str, sorted(brightest.tolist())))} are the brightest: what "
            "stands there hardly tells one mechanism from another.",
        ),
    ]


def _halves(matrix: np.ndarray) -> list[np.ndarray]:
    from scipy.cluster.hierarchy import fcluster

    labels = fcluster(matrix, 2, "maxclust")
    return [np.flatnonzero(labels == one) for one in (1, 2)]


def _paired_ends(session: Session) -> tuple[int, int]:
    """Clusters whose first and last letter are 80 % one letter; those of them that can pair."""
    counts = session.explanation.letter_counts
    share = counts / counts.sum(axis=2, keepdims=True)
    rows = np.flatnonzero((share[:, 0].max(axis=1) > 0.8) & (share[:, -1].max(axis=1) > 0.8))
    alphabet = session.explanation.alphabet
    ends = [alphabet[share[r, 0].argmax()] + alphabet[share[r, -1].argmax()] for r in rows]
    return len(rows), sum(pair in PAIRS for pair in ends)


def landscape_space(sessions: Sessions) -> list[str]:
    session = sessions[""]
    activity, record = session.table.activity, session.explanation
    places = session.embedding.coordinates[:, :2]
    design = np.c_[places, np.ones(len(places))]
    fit = design @ np.linalg.lstsq(design, activity, rcond=None)[0]
    r2 = 1 - ((activity - fit) ** 2).sum() / ((activity - activity.mean()) ** 2).sum()
    fittest = np.argsort(activity)[-1_500:]
    letters = session.library.sequences
    ends = [f"{'ACGT'[row[0]]}{'ACGT'[row[-1]]}" for row in letters[fittest]]
    pairing = np.mean([pair in PAIRS for pair in ends])
    sixth = np.mean(letters[fittest, 5] == "ACGT".index("C"))
    return [
        claim(
            r2 > 0.2,
            "One continent and hardly an island: fitness rises from one side to the other, so "
            "that a "
            f"plane over the picture explains {r2:.0%} of it.",
        ),
        claim(
            abs(np.median(record.sizes) - 328) < 80,
            "K-means cuts such a continent into patches of about "
            f"{np.median(record.sizes):.0f} sequences; a border between two patches is not a "
            "border "
            "between two mechanisms.",
        ),
        claim(
            pairing > 1.5 * len(PAIRS) / 16,
            f"Of the 1,500 fittest sequences {pairing:.0%} have a first and a last letter that "
            "can pair "
            f"(by chance {len(PAIRS) / 16:.0%}): either half may change if the other follows.",
        ),
        claim(sixth > 0.5, f"{sixth:.0%} of them have a C in the sixth place (position 5)."),
    ]
