"""Two sites moved apart and turned: activity over distance and orientation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from seam_core.experiments.designs import Positions, Setting, put_in
from seam_core.experiments.questions import Questions, mean_and_error

if TYPE_CHECKING:
    import pandas as pd

FARTHEST = 60
MOST_DRAWS = 50
_COMPLEMENT = str.maketrans("ACGTU", "TGCAA")


def spacing_frame(
    questions: Questions,
    setting: Setting,
    sites: Sequence[tuple[str, Positions]],
    alphabet: str,
    n_draws: int,
) -> pd.DataFrame:
    """Activity of each pair in shuffled backgrounds, by the letters between the two sites.

    The first site of a pair stays where it is; the second moves, and is also turned round (its
    reverse complement; reversed where the alphabet has no complement).
    """
    import pandas as pd

    n = min(n_draws, MOST_DRAWS)
    rows, blocks = [], []
    for (one, first), (other, second) in combinations(sites, 2):
        for distance in _distances(first, second, len(setting.reference)):
            for turned in (False, True):
                rows.append((f"{one}+{other}", distance, turned))
                blocks.append((first, second, distance, turned))

    def made() -> Iterator[np.ndarray]:
        for first, second, distance, turned in blocks:
            yield _placed(setting, first, second, distance, turned, alphabet, n)

    answers = questions.answers(made(), "Moving sites").reshape(len(rows), n)
    means, errors = mean_and_error(answers)
    return pd.DataFrame(
        {
            "sites": np.array([row[0] for row in rows], dtype=object),
            "distance": np.array([row[1] for row in rows], dtype=np.int64),
            "orientation": np.array(
                ["second turned" if row[2] else "as found" for row in rows], dtype=object
            ),
            "activity": means,
            "se": errors,
        }
    )


def _distances(first: Positions, second: Positions, length: int) -> range:
    """Letters between the two that the sequence has room for."""
    span = second[-1] + 1 - second[0]
    return range(min(FARTHEST, length - first[-1] - 1 - span) + 1)


def _placed(
    setting: Setting,
    first: Positions,
    second: Positions,
    distance: int,
    turned: bool,
    alphabet: str,
    n: int,
) -> np.ndarray:
    rows = put_in(setting.backgrounds[:n], first, setting.reference)
    start = first[-1] + 1 + distance
    offsets = np.array(second) - second[0]
    letters = setting.reference[list(second)]
    if turned:
        offsets = offsets[-1] - offsets
        letters = complement(letters, alphabet)
    rows[:, start + offsets] = letters
    return rows


def complement(letters: np.ndarray, alphabet: str) -> np.ndarray:
    """Letters of the other strand; the same where there is none."""
    if set(alphabet) not in ({*"ACGT"}, {*"ACGU"}):
        return letters
    partner = alphabet.translate(_COMPLEMENT)
    if "U" in alphabet:
        partner = partner.replace("T", "U")
    table = np.array([alphabet.index(letter) for letter in partner], dtype=np.int8)
    return table[letters]
