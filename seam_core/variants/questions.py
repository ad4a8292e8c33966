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
from seam_core.experiments.designs import Positions, Setting, make_setting, others
from seam_core.experiments.questions import Questions, mean_and_error
from seam_core.records import Library, Site

KNOCK_OUT, PUT_IN, NOT_ASKED = "knock-out", "put in", "not asked"
_REFERENCE_DRAWS = 100
_QUIET_PLACES = 100
_QUIET_QUANTILE = 0.9


@dataclass(frozen=True)
class Answered:
    """What a site does in the variant beside what it does in the reference, by one experiment."""

    how: str = NOT_ASKED
    before: float = np.nan
    after: float = np.nan
    se: float = np.nan

    @property
    def share(self) -> float:
        """Of its effect that is left."""
        return self.after / self.before if self.before else np.nan

    @property
    def sure(self) -> bool:
        """Is the change told apart from chance?"""
        return bool(abs(self.after - self.before) >= SURE / 2 * self.se)


UNASKED = Answered()


class SiteQuestions:
    """Asks about the sites of one sequence, and of variants of it.

    Parameters
    ----------
    draws : random replacements behind each answer about a variant; 0: nothing is asked
    """

    def __init__(
        self,
        oracle: object,
        library: Library,
        sites: Sequence[Site],
        spread: float,
        draws: int,
        seed: int,
    ) -> None:
        assert library.reference is not None
        self.sites, self.draws, self.spread = sites, draws, spread
        self.reference = library.reference
        self._rng = np.random.default_rng(seed)
        self.questions = Questions(oracle, library.alphabet)  # type: ignore[arg-type]
        self._n_letters = len(library.alphabet)
        self.setting: Setting | None = None
        self._known: dict[Positions, tuple[float, float]] = {}
        self.how = [NOT_ASKED] * len(sites)
        self.before = np.full(len(sites), np.nan)
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
        for index, site in enumerate(self.sites):
            out = self.knocked_out(self.reference, site.positions, _REFERENCE_DRAWS)[0]
            put = self._put_in(self.reference, site.positions)[0]
            if abs(out) >= FLOOR * self.spread:
                self.how[index], self.before[index] = KNOCK_OUT, out
            elif abs(put) >= FLOOR * self.spread:
                self.how[index], self.before[index] = PUT_IN, put

    def knocked_out(self, letters: np.ndarray, positions: Positions, n: int) -> tuple[float, float]:
        """What the letters at these positions do: mean and standard error over n replacements."""
        if not positions:
            return 0.0, 0.0
        columns = list(positions)
        rows = np.tile(letters, (n, 1))
        own = letters[columns].astype(np.int64)
        rows[:, columns] = (own + self._letters[:n][:, columns]) % self._n_letters
        answers = self.questions.answers([letters[None], rows])
        mean, error = mean_and_error(answers[:1] - answers[1:])
        return float(mean), float(error)

    def _of_reference(self, positions: Positions) -> tuple[float, float]:
        """The same of the reference, asked once."""
        if positions not in self._known:
            self._known[positions] = self.knocked_out(self.reference, positions, self.draws)
        return self._known[positions]

    def _put_in(self, letters: np.ndarray, positions: Positions) -> tuple[float, float]:
        assert self.setting is not None
        if not positions:
            return 0.0, 0.0
        with_site = self.setting.backgrounds.copy()
        with_site[:, list(positions)] = letters[list(positions)]
        answers = self.questions.answers([self.setting.backgrounds, with_site])
        n = len(with_site)
        mean, error = mean_and_error(answers[n:] - answers[:n])
        return float(mean), float(error)

    def about(self, index: int, letters: np.ndarray, positions: Positions) -> Answered:
        """A site of the reference in a variant; `positions` are those of its letters there."""
        if not self.can_ask or self.how[index] == NOT_ASKED:
            return UNASKED
        before = float(self.before[index])
        if self.how[index] == PUT_IN:
            after, error = self._put_in(letters, positions)
        else:
            own = self.sites[index].positions
            after, error = self.knocked_out(letters, positions, self.draws)
            if len(positions) == len(own):
                # by the same letters, so that chance takes part in neither
                before = self._of_reference(own)[0]
        return Answered(self.how[index], before, after, error)

    def about_new(self, letters: np.ndarray, positions: Positions) -> Answered:
        """A stretch of a variant, beside the same positions of the reference."""
        if not self.can_ask:
            return UNASKED
        after, error = self.knocked_out(letters, positions, self.draws)
        before, before_error = self._of_reference(positions)
        return Answered(KNOCK_OUT, before, after, float(np.hypot(error, before_error)))

    def quiet_effect(self) -> float:
        """What a substitution outside of all sites does: the 90 % quantile of its size; NaN where
        it is not asked."""
        taken = {position for site in self.sites for position in site.positions}
        free = [p for p in range(len(self.reference)) if p not in taken]
        if not self.can_ask or not free:
            return np.nan
        places = self._rng.choice(free, min(_QUIET_PLACES, len(free)), replace=False)
        rows = np.tile(self.reference, (len(places), 1))
        rows[np.arange(len(places)), places] = others(
            self.reference[places], self._n_letters, self._rng
        )
        answers = self.questions.answers([self.reference[None], rows])
        return float(np.quantile(np.abs(answers[1:] - answers[0]), _QUIET_QUANTILE))
