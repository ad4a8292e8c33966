"""What is done to a site, and the sequences that ask for it: three kinds of paired comparison.

Each returns, for every set of positions, one difference a draw: activity with the site less
activity without it. Means over draws are the effects; their spread gives the standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from seam_core.experiments.questions import LEAST_ANSWERED, Block, Questions
from seam_core.oracles.alike import WIDTHS, Alike
from seam_core.sequences import UNKNOWN
from seam_core.shuffles import dinucleotide_shuffles

Positions = tuple[int, ...]
SHORT = 20
MOST_PAIRS, NOISE_CONTEXTS = 200, 30

CONTEXTS = 4
"""Times as many contexts as draws: what a few draws leave open is asked again with more."""


def apart(first: Positions, second: Positions) -> int:
    """From a position of one site to the nearest of another; 0 where they overlap."""
    return min(abs(p - q) for p in first for q in second)


@dataclass(frozen=True, eq=False)
class Setting:
    """What all experiments at one locus share.

    reference : (L,) int8
    activity : what the model answers for it
    contexts : (C, L) int8, sequences of the library
    backgrounds : (R, L) int8, shuffles of the reference that keep its dinucleotides
    n_letters : letters of the alphabet
    window : positions that sites may have
    noise : standard deviation of one answer's noise; 0 of a model
    """

    reference: np.ndarray
    activity: float
    contexts: np.ndarray
    backgrounds: np.ndarray
    n_letters: int
    window: range
    noise: float = 0.0


def make_setting(
    questions: Questions,
    reference: np.ndarray,
    sequences: np.ndarray,
    window: range,
    n_draws: int,
    rng: np.random.Generator,
) -> Setting:
    """Contexts drawn from the library, backgrounds shuffled from the reference."""
    n_letters = len(questions.alphabet)
    n_contexts = max(n_draws, min(CONTEXTS * n_draws, len(sequences)))
    rows = rng.choice(len(sequences), n_contexts, replace=len(sequences) < n_contexts)
    backgrounds = shuffles(reference, n_draws, n_letters, rng)
    activity = float(questions.answers([reference[None]])[0])
    contexts = np.ascontiguousarray(sequences[rows], dtype=np.int8)
    noise = 0.0
    if not questions.any_sequence:
        noise = _noise(questions, np.vstack([reference, contexts[:NOISE_CONTEXTS]]), n_letters, rng)
    return Setting(reference, activity, contexts, backgrounds, n_letters, window, noise)


def _noise(
    questions: Questions, rows: np.ndarray, n_letters: int, rng: np.random.Generator
) -> float:
    """Standard deviation of what was measured by itself, from what two replaced letters do beyond
    the sum over both, by its median; 0 where too little was measured to tell."""
    pairs = np.array(list(combinations(range(rows.shape[1]), 2)))
    pairs = rng.permutation(pairs)[:MOST_PAIRS]
    shifts = np.array(list(product(range(n_letters), repeat=2)))
    known = []
    for pair in pairs:
        drawn = np.repeat(rows[:, None], len(shifts), axis=1)
        drawn[:, :, pair] = (drawn[:, :, pair] + shifts) % n_letters
        answers = questions.answers([drawn.reshape(-1, rows.shape[1])], "Noise of measurements")
        table = answers.reshape(len(rows), n_letters, n_letters)[:, 1:, 1:]
        beyond = np.diff(np.diff(table, axis=1), axis=2)
        known.append(np.abs(beyond[np.isfinite(beyond)]))
    sizes = np.concatenate(known) if known else np.empty(0)
    return float(np.median(sizes) / 0.6745 / 2) if len(sizes) >= LEAST_ANSWERED else 0.0


def shuffles(letters: np.ndarray, n: int, n_letters: int, rng: np.random.Generator) -> np.ndarray:
    """(n, L): shuffles that keep the dinucleotides; random letters where the sequence is short.

    The shuffles of few letters are few, and many are the sequence itself.
    """
    if len(letters) < SHORT:
        return rng.integers(0, n_letters, (n, len(letters)), dtype=np.int8)
    drawn = rng.integers(0, n_letters, letters.shape, dtype=np.int8)
    known = np.where(letters == UNKNOWN, drawn, letters).astype(np.int8)
    return dinucleotide_shuffles(known[None], n_letters, n, list(rng.spawn(1)))[0]


def others(letters: np.ndarray, n_letters: int, rng: np.random.Generator) -> np.ndarray:
    """For each letter one of the others, each as often; any letter in place of an unknown one.

    Of the n rows of an (n, P) array each other letter of a column has its equal part: what a
    letter does by itself falls out of means over rows.
    """
    shift = np.resize(np.arange(1, n_letters), letters.shape[0])
    shift = np.broadcast_to(shift.reshape(-1, *[1] * (letters.ndim - 1)), letters.shape)
    shift = rng.permuted(shift, axis=0)
    changed = (letters.astype(np.int64) + shift) % n_letters
    return np.where(letters == UNKNOWN, rng.integers(0, n_letters, letters.shape), changed).astype(
        np.int8
    )


def replaced(
    base: np.ndarray,
    positions: Positions,
    own: np.ndarray,
    n: int,
    n_letters: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """(n, L): `base` with letters at `positions` that are none of `own`.

    Parameters
    ----------
    base : (L,) or (n, L)
    own : (L,) letters that the site has
    """
    rows = np.array(np.broadcast_to(base, (n, base.shape[-1])))
    columns = list(positions)
    rows[:, columns] = others(np.tile(own[columns], (n, 1)), n_letters, rng)
    return rows


def necessity(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    n: int,
    rng: np.random.Generator,
    bases: Sequence[np.ndarray] | None = None,
    note: str = "Knocking out",
) -> np.ndarray:
    """(S, n): the sequence less the same with the site replaced.

    Parameters
    ----------
    bases : another sequence a site in place of the reference
    """
    own = bases if bases is not None else [setting.reference] * len(sites)

    def blocks() -> Iterator[Block]:
        for base, site in zip(own, sites, strict=True):
            yield base[None]
            yield Alike(replaced(base, site, base, n, setting.n_letters, rng), base)

    answers = questions.answers(blocks(), note).reshape(len(sites), n + 1)
    return answers[:, :1] - answers[:, 1:]


def in_context(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    n: int,
    rng: np.random.Generator,
    around: Sequence[Positions] | None = None,
    note: str = "Knocking out among mutations",
    apart: bool = False,
) -> np.ndarray:
    """(S, m): the site whole less the site replaced, the rest mutated as in the library.

    m is n, or as many contexts as there are.

    Parameters
    ----------
    around : positions restored to the reference's letters in both, besides the site's own
    apart : each site among other contexts, so that chance among a few is not that of all
    """
    answers = with_and_without(questions, setting, sites, n, rng, around, note, apart)
    return answers[:, 0] - answers[:, 1]


def with_and_without(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    n: int,
    rng: np.random.Generator,
    around: Sequence[Positions] | None,
    note: str,
    apart: bool = False,
) -> np.ndarray:
    """(S, 2, m): answers with the site whole and replaced; `in_context` is their difference."""
    n = min(n, len(setting.contexts))

    def blocks() -> Iterator[Block]:
        for index, site in enumerate(sites):
            drawn = setting.contexts[_taken(index if apart else 0, n, len(setting.contexts))]
            whole = drawn.copy()
            kept = list(site if around is None else (*site, *around[index]))
            whole[:, kept] = setting.reference[kept]
            like = drawn if max(kept) - min(kept) < WIDTHS[-1] else whole
            yield Alike(whole, like)
            out = replaced(whole, site, setting.reference, n, setting.n_letters, rng)
            yield Alike(out, like)

    return questions.answers(blocks(), note).reshape(len(sites), 2, n)


def sufficiency(
    questions: Questions,
    setting: Setting,
    sites: Sequence[Positions],
    n: int,
    contents: Sequence[np.ndarray] | None = None,
    note: str = "Putting in",
) -> np.ndarray:
    """(S, n): shuffled backgrounds with the site put in less the backgrounds as they are.

    Parameters
    ----------
    contents : (L,) letters to put in at each site's positions, in place of the reference's; each
        into other backgrounds, so that chance among a few is not that of all
    """
    n, n_all = min(n, len(setting.backgrounds)), len(setting.backgrounds)
    own = range(len(sites)) if contents is not None else [0] * len(sites)
    at = np.array([_taken(index, n, n_all) for index in own], dtype=int).reshape(len(sites), n)
    whole = setting.backgrounds[: n if contents is None else n_all]
    letters = contents if contents is not None else [setting.reference] * len(sites)

    def blocks() -> Iterator[Block]:
        yield whole
        for site, content, rows in zip(sites, letters, at, strict=True):
            yield Alike(put_in(whole[rows], site, content), whole[rows])

    answers = questions.answers(blocks(), note)
    return answers[len(whole) :].reshape(len(sites), n) - answers[at]


def put_in(backgrounds: np.ndarray, site: Positions, letters: np.ndarray) -> np.ndarray:
    """(n, L): backgrounds that have the (L,) letters at a site's positions."""
    rows = backgrounds.copy()
    rows[:, list(site)] = letters[list(site)]
    return rows


def _taken(index: int, n: int, n_all: int) -> np.ndarray:
    """(n,) the `index`-th n of `n_all`, from the first again after the last."""
    return (index * n + np.arange(n)) % n_all


def strange(setting: Setting, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, L) sequences with none of the reference's letters, and so with none of its sites."""
    everywhere = tuple(range(len(setting.reference)))
    x = setting.reference
    return replaced(x, everywhere, x, n, setting.n_letters, rng)
