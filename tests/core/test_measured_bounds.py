"""Bounds of sites in tables: every sequence was measured once, with noise, and some were not."""

from itertools import product

import numpy as np
import pytest

from seam_core.experiments.bounds import (
    Level,
    _strong,
    position_effects,
    positions_that_matter,
    quiet_level,
)
from seam_core.experiments.designs import Setting, make_setting
from seam_core.experiments.questions import Questions
from seam_core.oracles.gaps import FilledTable

ALL = np.array(list(product(range(4), repeat=9)), dtype=np.int8)
EVERY, SITE, NOISE = tuple(range(9)), (2, 3, 4, 5, 6, 7), 0.15
WORD, WEIGHTS = np.array([0, 2, 2, 0, 2, 2]), np.array([0.7, 1, 1.1, 1.1, 1, 0.7])


def movable(rows: np.ndarray) -> np.ndarray:
    """A word that may lie at four places and binds in a graded way, as Shine-Dalgarno's."""
    binding = [((rows[:, at : at + 6] == WORD) * WEIGHTS).sum(axis=1) for at in range(4)]
    return 4 / (1 + np.exp(-2.2 * (np.max(binding, axis=0) - 3.6)))


def asked(seed: int, share: float) -> tuple[Questions, Setting]:
    """Questions to a table of the movable word, and their setting."""
    rng = np.random.default_rng(seed)
    reference = np.concatenate([rng.integers(0, 4, 2), WORD, rng.integers(0, 4, 1)]).astype(np.int8)
    kept = (rng.random(len(ALL)) < share) | (reference == ALL).all(axis=1)
    rows = ALL[kept]
    activity = movable(rows) + rng.normal(0, NOISE, len(rows))
    questions = Questions(FilledTable(rows, activity), "ACGT")
    library = rows[rng.permutation(len(rows))[:3_000]]
    return questions, make_setting(questions, reference, library, range(9), 300, rng)


@pytest.mark.parametrize("share", [0.93, 0.98])
@pytest.mark.parametrize("seed", range(1, 5))
def test_letters_of_a_site_that_may_move_are_found_or_said_to_be_open(seed, share):
    questions, setting = asked(seed, share)
    rng = np.random.default_rng(seed)
    quiet = quiet_level(questions, setting, [SITE], rng)
    told = positions_that_matter(questions, setting, EVERY, SITE, quiet, rng)
    assert told is not None
    assert {*told.positions} <= {*SITE}
    assert {*SITE} - {*told.positions} <= {*told.unsure}
    assert len(told.positions) >= 5


def test_the_level_of_quiet_positions_has_an_error_of_its_own():
    """As others draws have it; a letter within it of the level is open."""
    questions, setting = asked(1, 0.93)
    told = [
        quiet_level(questions, setting, [SITE], np.random.default_rng(seed)) for seed in range(8)
    ]
    spread = np.std([level.least for level in told], ddof=1)
    assert 0.4 < np.median([level.error for level in told]) / spread < 2.5
    size, error = np.array([0.0, 0.0, 0.45, 1, 1, 1, 1, 1, 0.0]), np.full(9, 0.01)
    assert _strong(size, error, EVERY, SITE, Level(0.5, 0.04)).unsure == (2,)
    assert _strong(size, error, EVERY, SITE, Level(0.5, 0.01)).unsure == ()
    within = _strong(size * 0.33, error, EVERY, SITE, Level(0.04, 0.04))
    assert within.unsure == ()  # what the site's own letters do is the higher bar


def test_errors_of_letters_hold_the_noise_of_what_was_measured_once():
    """With the region whole a letter's effect is that of three sequences and the reference, however
    often these are drawn."""
    beyond = []
    for seed in range(12):
        questions, setting = asked(seed, 1.0)
        rng = np.random.default_rng(seed)
        whole, _ = position_effects(questions, setting, EVERY, (EVERY, EVERY), 120, rng)
        rows = np.tile(setting.reference, (9, 3, 1))
        for position in EVERY:
            rows[position, :, position] = (setting.reference[position] + np.arange(1, 4)) % 4
        without = movable(rows.reshape(-1, 9)).reshape(9, 3).mean(axis=1)
        truth = movable(setting.reference[None]) - without
        beyond.append(np.abs(whole.mean - truth) / whole.error)
    assert np.mean(np.array(beyond) < 2) > 0.9
    assert np.median(beyond) > 0.2  # nor are they far too large


def test_a_letter_whose_replacements_were_not_drawn_is_asked_again():
    """Of a site that is bound or not, no letter shows but where all others are whole; of one letter
    two of the three replacements were not measured there."""
    reference = np.zeros(9, dtype=np.int8)
    site = (0, 1, 2, 3, 5, 6, 7, 8)
    rng = np.random.default_rng(0)
    lacking = ((reference != ALL).sum(axis=1) == 1) & (ALL[:, 3] > 1)
    lacking |= ((reference != ALL).sum(axis=1) == 2) & (ALL[:, 3] > 1) & (ALL[:, 4] > 0)
    rows = ALL[~lacking]
    activity = 4.0 * (rows[:, site] == 0).all(axis=1) + rng.normal(0, 0.05, len(rows))
    questions = Questions(FilledTable(rows, activity), "ACGT")
    setting = make_setting(questions, reference, rows[:3_000], range(9), 300, rng)
    first, _ = position_effects(questions, setting, EVERY, (EVERY, EVERY), 12, rng)
    assert np.isnan(first.mean[3])
    told = positions_that_matter(questions, setting, EVERY, site, Level(0.05), rng)
    assert told is not None
    assert told.positions == site
