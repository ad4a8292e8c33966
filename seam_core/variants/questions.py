"""The model asked whether a site was lost, weakened, strengthened or made.

A site is knocked out of the reference and of the variant by the same random letters, so that what
differs is the variant's doing. A site whose knock-out from the reference does nothing, as another
one does the same, is put into shuffled backgrounds instead, with its letters before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seam_core.experiments.controls import FLOOR, SURE
from seam_core.experiments.designs import Positions, Setting, make_setting
from seam_core.experiments.questions import Questions, mean_and_error
from seam_core.oracles.alike import WIDTHS, Alike
from seam_core.records import Library, Site

KNOCK_OUT, PUT_IN, NOT_ASKED = "knock-out", "put in", "not asked"
_REFERENCE_DRAWS = 100
_QUIET_PLACES = 200
_QUIET_QUANTILE = 0.9


@dataclass(frozen=True, slots=True)
class Answered:
    """What a site does in the variant beside what it does in the reference, by one experiment.

    before_se, after_se : standard errors of these over the draws
    se : that of the change, which chance takes no part in where both are asked by the same letters
    """

    how: str = NOT_ASKED
    before: float = np.nan
    after: float = np.nan
    se: float = np.nan
    before_se: float = np.nan
    after_se: float = np.nan

    @property
    def share(self) -> float:
        """Of its effect that is left."""
        return self.after / self.before if self.before else np.nan

    @property
    def sure(self) -> bool:
        """Is the change told apart from chance?"""
        return bool(abs(self.after - self.before) >= SURE / 2 * self.se)


UNASKED = Answered()
_Pair = tuple[Alike, Alike]


@dataclass(frozen=True, eq=False)
class Question:
    """What does a stretch of a variant do?

    site : number of the site that it is; None for one that the reference has not
    letters : (L,) of the variant; positions : of the stretch there
    """

    site: int | None
    letters: np.ndarray
    positions: Positions


class SiteQuestions:
    """Asks about the sites of one sequence, and of variants of it.

    Parameters
    ----------
    draws : random replacements behind each answer about a variant; 0: nothing is asked
    least_new : what knocking out a new site must do at least
    """

    def __init__(
        self,
        oracle: object,
        library: Library,
        sites: Sequence[Site],
        spread: float,
        draws: int,
        seed: int,
        *,
        least_new: float = 0.0,
    ) -> None:
        assert library.reference is not None
        self.sites, self.draws, self.spread = sites, draws, spread
        self.reference, self.least_new = library.reference, least_new
        self._rng = np.random.default_rng(seed)
        self.questions = Questions(oracle, library.alphabet)  # type: ignore[arg-type]
        self._n_letters = len(library.alphabet)
        self.setting: Setting | None = None
        self._known: dict[Positions, tuple[float, float]] = {}
        self.how = [NOT_ASKED] * len(sites)
        self.before, self.before_se = (np.full(len(sites), np.nan) for _ in range(2))
        # one set of random letters for all questions, so that they differ by the variant alone
        size = (max(draws, _REFERENCE_DRAWS), library.length)
        self._letters = self._rng.integers(1, self._n_letters, size)
        if draws and self.questions.any_sequence:
            window = range(library.length)
            self.setting = make_setting(
                self.questions, self.reference, library.sequences, window, draws, self._rng
            )
            self._look_at_sites()

    @property
    def can_ask(self) -> bool:
        return self.setting is not None

    def _look_at_sites(self) -> None:
        places = [site.positions for site in self.sites]
        out = self._effects([self._out(self.reference, p, _REFERENCE_DRAWS) for p in places])
        put = self._effects([self._put(self.reference, p) for p in places])
        for index in range(len(places)):
            if abs(out[index][0]) >= FLOOR * self.spread:
                self.how[index] = KNOCK_OUT
                self.before[index], self.before_se[index] = out[index]
            elif abs(put[index][0]) >= FLOOR * self.spread:
                self.how[index] = PUT_IN
                self.before[index], self.before_se[index] = put[index]

    def _out(self, letters: np.ndarray, positions: Positions, n: int) -> _Pair | None:
        """The sequence, and n of it with other letters at these positions."""
        if not positions:
            return None
        rows = self._replaced(letters, positions, n)
        like = self.reference
        if _apart(rows, like):  # a letter far from the site
            like = self._replaced(self.reference, positions, n)
        if _apart(rows, like):  # letters moved by others that were put in or taken out
            like = letters
        return Alike(letters[None], self.reference), Alike(rows, like)

    def _replaced(self, letters: np.ndarray, positions: Positions, n: int) -> np.ndarray:
        columns = list(positions)
        rows = np.tile(letters, (n, 1))
        own = letters[columns].astype(np.int64)
        rows[:, columns] = (own + self._letters[:n][:, columns]) % self._n_letters
        return rows

    def _put(self, letters: np.ndarray, positions: Positions) -> _Pair | None:
        """Backgrounds with the letters at these positions, and without."""
        assert self.setting is not None
        if not positions:
            return None
        without = self.setting.backgrounds
        with_site = without.copy()
        with_site[:, list(positions)] = letters[list(positions)]
        return Alike(with_site, without), Alike(without, without)

    def _effects(self, pairs: Sequence[_Pair | None]) -> list[tuple[float, float]]:
        """Mean and standard error of what the first has beyond the second, all asked together."""
        blocks = [block for pair in pairs if pair is not None for block in pair]
        answers = self.questions.answers(blocks)
        parts = iter(np.split(answers, np.cumsum([len(block.rows) for block in blocks])[:-1]))
        effects = []
        for pair in pairs:
            mean, error = (0.0, 0.0)
            if pair is not None:
                mean, error = map(float, mean_and_error(next(parts) - next(parts)))
            effects.append((mean, error))
        return effects

    def ask(self, questions: Sequence[Question]) -> list[Answered]:
        """An answer to each; the model is asked about all of them together."""
        if not self.can_ask:
            return [UNASKED] * len(questions)
        self._ask_of_reference(questions)
        put = [self._how(each) == PUT_IN for each in questions]
        after = self._effects(
            [
                self._put(each.letters, each.positions)
                if each_put
                else self._out(each.letters, each.positions, self.draws)
                for each, each_put in zip(questions, put, strict=True)
            ]
        )
        return [self._answered(*pair) for pair in zip(questions, after, strict=True)]

    def _how(self, question: Question) -> str:
        return KNOCK_OUT if question.site is None else self.how[question.site]

    def _same_letters(self, question: Question) -> Positions:
        """Positions of the reference whose letters chance must replace as in the variant."""
        if question.site is None:
            return question.positions
        own = self.sites[question.site].positions
        knocked = self.how[question.site] == KNOCK_OUT
        return own if knocked and len(question.positions) == len(own) else ()

    def _ask_of_reference(self, questions: Sequence[Question]) -> None:
        new = {self._same_letters(each) for each in questions} - set(self._known) - {()}
        wanted = sorted(new)
        pairs = [self._out(self.reference, positions, self.draws) for positions in wanted]
        self._known |= zip(wanted, self._effects(pairs), strict=True)

    def _answered(self, question: Question, after: tuple[float, float]) -> Answered:
        how = self._how(question)
        if how == NOT_ASKED:
            return UNASKED
        same = self._same_letters(question)
        if question.site is None:
            before = self._known.get(same, (0.0, 0.0))
            return Answered(
                how, before[0], after[0], float(np.hypot(after[1], before[1])), before[1], after[1]
            )
        # by the same letters where they are there, so that chance takes part in neither
        site = question.site
        known = (float(self.before[site]), float(self.before_se[site]))
        before = self._known[same] if same else known
        return Answered(how, before[0], *after, before[1], after[1])

    def quiet_effect(self) -> float:
        """What a substitution outside of all sites does: the 90 % quantile of its size; NaN where
        it is not asked. Of all substitutions at up to 200 positions, evenly spread: no chance."""
        taken = {position for site in self.sites for position in site.positions}
        free = [p for p in range(len(self.reference)) if p not in taken]
        if not self.can_ask or not free:
            return np.nan
        places = np.repeat(free[:: -(-len(free) // _QUIET_PLACES)], self._n_letters - 1)
        steps = np.resize(np.arange(1, self._n_letters), len(places))
        rows = np.tile(self.reference, (len(places), 1))
        rows[np.arange(len(places)), places] = (self.reference[places] + steps) % self._n_letters
        answers = self.questions.answers([self.reference[None], rows])
        return float(np.quantile(np.abs(answers[1:] - answers[0]), _QUIET_QUANTILE))


def _apart(rows: np.ndarray, like: np.ndarray) -> bool:
    """Do (n, L) rows differ from (L,) or (n, L) others in more than what is predicted by reach?"""
    differ = np.flatnonzero((rows != like).any(axis=0))
    return bool(len(differ)) and int(differ[-1] - differ[0]) >= WIDTHS[-1]
