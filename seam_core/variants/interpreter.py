"""Alleles -> activity, map, mechanism, sites and verdicts, a batch at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from seam_core.experiments.controls import FLOOR
from seam_core.parameters import VariantParameters
from seam_core.progress import SILENT, Progress
from seam_core.projection import Projection, Projector
from seam_core.projection.mechanisms import Assigned
from seam_core.records import Site
from seam_core.sequences import is_diploid
from seam_core.session import Session
from seam_core.validate import InputError
from seam_core.variants.ahead import one_ahead
from seam_core.variants.alleles import Allele
from seam_core.variants.placing import Ground
from seam_core.variants.questions import SiteQuestions
from seam_core.variants.sites import Fate, fates
from seam_core.variants.spread import NO_EFFECT, LibraryEffect, LibraryEffects, around
from seam_core.variants.strengths import Usual, contributions, usual_strengths
from seam_core.variants.verdicts import (
    PRESERVES,
    gains_or_loses,
    mechanism_verdict,
    site_verdict,
)
from seam_core.variants.windows import Altered, altered

if TYPE_CHECKING:
    import pandas as pd

_MOST_TIMES_FLOOR = 3.0
BATCH = 256
"""Alleles answered together: few enough that tables are written meanwhile."""


class Alleles(Protocol):
    """Alleles, as many as it says, that can be gone through."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Allele]: ...


@dataclass(frozen=True, eq=False)
class Answer:
    """All that is known of one allele.

    allele : with `outcome` where it could not be answered; everything else is as empty then
    sequence : its letters and where they come from; None too where a long list leaves them out
    map : (W, A) float32
    place : (Z,) in the embedding, or None
    mechanism, nearest : that it is in, and the nearest, which it may not have moved to
    moved : share of the way to the nearest mechanism's mean map; NaN where that is the reference's
    moved_interval, confidence_interval, percentile_interval : ends of the 95 % intervals of these,
        from the library's maps
    motifs : the known motif at what was changed, before and after
    """

    allele: Allele
    sequence: Altered | None = None
    activity: float = np.nan
    effect: float = np.nan
    library: LibraryEffect = NO_EFFECT
    apart: dict[str, float] = field(default_factory=dict)
    map: np.ndarray | None = None
    map_change: float = np.nan
    place: np.ndarray | None = None
    mechanism: int | None = None
    nearest: int | None = None
    moved: float = np.nan
    moved_interval: tuple[float, float] = (np.nan, np.nan)
    confidence: float = np.nan
    confidence_interval: tuple[float, float] = (np.nan, np.nan)
    percentile: float = np.nan
    percentile_interval: tuple[float, float] = (np.nan, np.nan)
    second: int | None = None
    outside: bool = False
    fates: tuple[Fate, ...] = ()
    site_verdict: str = ""
    mechanism_verdict: str = ""
    motifs: tuple[str, str] = ("", "")

    @property
    def answered(self) -> bool:
        return bool(self.allele.edits)

    @property
    def verdict(self) -> str:
        """Both verdicts: "disrupts, reprograms"."""
        return f"{self.site_verdict}, {self.mechanism_verdict}" if self.site_verdict else ""


class Interpreter:
    """Answers what alleles of a session's sequence do.

    Parameters
    ----------
    projector : with the session's model
    ground : the sequence, its place and genome

    Raises
    ------
    InputError
        A session without a reference sequence, or of diploid genotypes.
    """

    def __init__(
        self, projector: Projector, ground: Ground, parameters: VariantParameters | None = None
    ) -> None:
        self.projector, self.ground = projector, ground
        self.parameters = parameters or VariantParameters()
        session, library = projector.session, projector.library
        check_session(projector)
        self.sites = believed_sites(session)
        known = library.predictions if library.predictions is not None else None
        activity = session.table.activity if session.table is not None else known
        self.spread = 0.0 if activity is None else float(np.std(activity))
        self._effects = None if activity is None else LibraryEffects(library, activity)
        self.start = projector.maps.start

    @cached_property
    def reference(self) -> Projection:
        """That of the reference; the first maps of alleles are made meanwhile."""
        return self.projector.project(self.ground.reference[None])

    @cached_property
    def given(self) -> np.ndarray:
        """(W,) contributions of the reference's letters."""
        letters = self.ground.reference[None, self.start : self.projector.maps.stop]
        return contributions(self.reference.maps, letters)[0]

    @cached_property
    def _usual(self) -> Usual:
        library, maps = self.projector.library, self.projector.maps
        return usual_strengths(library, maps, self.sites, self.ground.reference)

    @cached_property
    def questions(self) -> SiteQuestions | None:
        """What asks the model about sites; looked at once the first maps are there, while the next
        are made."""
        if self.projector.oracle is None:
            return None
        return SiteQuestions(
            self.projector.oracle,
            replace(self.projector.library, reference=self.ground.reference),
            self.sites,
            self.spread,
            self.parameters.site_draws,
            self.parameters.seed,
            least_new=windows_do(self.projector.session),
        )

    @property
    def mechanism(self) -> int:
        """That of the reference."""
        return int(self.reference.mechanisms.ids[0])

    @cached_property
    def silent_below(self) -> float:
        """Effects of this size and less are none."""
        floor = self.parameters.silent_effect * self.spread
        quiet = self.questions.quiet_effect() if self.questions is not None else np.nan
        if not np.isfinite(quiet):
            return floor or FLOOR
        return float(np.clip(quiet, floor, _MOST_TIMES_FLOOR * floor))

    def answers(self, alleles: Alleles, *, progress: Progress = SILENT) -> Iterator[list[Answer]]:
        """Batch after batch, in order; memory does not grow with the number of alleles."""
        waiting, done = iter(alleles), 0
        batches = iter(lambda: list(itertools.islice(waiting, BATCH)), [])
        projections = map(self._projected, batches)
        meanwhile = one_ahead if self.projector.beside_others else nullcontext
        with meanwhile(projections) as coming:
            _ = self.reference, self.given, self._usual
            for answers, projected in coming:
                progress.update(done, len(alleles), "variants")
                yield self._answered(answers, projected)
                done += len(answers)
        progress.update(1, 1, "variants")

    def answer(self, alleles: Sequence[Allele]) -> list[Answer]:
        """What each does; those without a place, or without a sequence, keep their reason."""
        return self._answered(*self._projected(alleles))

    def _projected(self, alleles: Sequence[Allele]) -> tuple[list[Answer], Projection | None]:
        """Answers with their sequence, or why there is none, and what the model says of these."""
        answers: list[Answer] = []
        sequences: list[Altered] = []
        for allele in alleles:
            sequence = altered(self.ground, allele) if allele.edits else allele
            if isinstance(sequence, Altered):
                sequences.append(sequence)
                answers.append(Answer(allele, sequence))
            else:
                answers.append(Answer(sequence))
        if not sequences:
            return answers, None
        return answers, self.projector.project(np.stack([each.letters for each in sequences]))

    def _answered(self, answers: list[Answer], projected: Projection | None) -> list[Answer]:
        if projected is None:
            return answers
        answered = iter(self._interpreted(answers, projected))
        return [next(answered) if each.sequence is not None else each for each in answers]

    def _interpreted(self, answers: list[Answer], projected: Projection) -> Iterator[Answer]:
        open_ones = [each for each in answers if each.sequence is not None]
        window = slice(self.start, self.start + projected.maps.shape[1])
        given = contributions(projected.maps, projected.sequences[:, window])
        activity_ref = float(self.reference.activity[0])
        effects = projected.activity - activity_ref
        of_sites = fates(
            [each.sequence for each in open_ones if each.sequence is not None],
            given,
            self.given,
            self.start,
            self.sites,
            self._usual,
            self.parameters,
            self.questions,
        )
        does = self._may_leave(of_sites, effects)
        moved, error, kept = self._mechanisms(projected, does)
        for index, each in enumerate(open_ones):
            effect, site_fates = float(effects[index]), of_sites[index]
            told = projected.mechanisms
            second = int(kept.second[index])
            yield replace(
                each,
                activity=float(projected.activity[index]),
                effect=effect,
                library=self._library_effect(each.allele),
                apart={k: float(v[index]) for k, v in projected.apart.items()},
                map=projected.maps[index],
                map_change=float(np.linalg.norm(projected.maps[index] - self.reference.maps[0])),
                place=None if projected.places is None else projected.places[index],
                mechanism=int(kept.ids[index]),
                nearest=int(told.ids[index]),
                moved=float(moved[index]),
                moved_interval=around(float(moved[index]), float(error[index])),
                confidence=float(kept.confidence[index]),
                confidence_interval=_ends(kept.confidence_interval[index]),
                percentile=float(kept.percentile[index]),
                percentile_interval=_ends(kept.percentile_interval[index]),
                second=None if second == -2 else second,
                outside=bool(told.outside[index]),
                fates=tuple(site_fates),
                site_verdict=site_verdict(site_fates),
                mechanism_verdict=mechanism_verdict(
                    effect, self.silent_below, moved=int(kept.ids[index]) != self.mechanism
                ),
            )

    def _mechanisms(
        self, projected: Projection, does: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, Assigned]:
        """How far each went toward its nearest mechanism, with the standard error, and the
        mechanism that it is then in.

        does : (M,) bool, which may have left the reference's mechanism
        """
        mechanisms, told = self.projector.mechanisms, projected.mechanisms
        n = len(projected)
        reference_maps = np.repeat(self.reference.maps, n, axis=0)
        places = self.reference.places
        reference_places = None if places is None else np.repeat(places, n, axis=0)
        now = mechanisms.toward(projected.maps, projected.places, self.mechanism, told.ids)
        before = mechanisms.toward(reference_maps, reference_places, self.mechanism, told.ids)
        moved = now - before
        steps = None if reference_places is None else projected.places - reference_places
        error = mechanisms.toward_error(
            (projected.maps - reference_maps, steps), self.mechanism, told.ids
        )
        far = moved >= self.parameters.moved_above
        gone = (told.ids != self.mechanism) & far & does
        return moved, error, mechanisms.kept_at(told, np.where(gone, told.ids, self.mechanism))

    def _may_leave(self, of_sites: Sequence[Sequence[Fate]], effects: np.ndarray) -> np.ndarray:
        """(M,) bool: alleles that may have left the mechanism.

        Where sites were looked for, one must have come or gone: clusters may also part degrees of
        the same sites, or of none, and those are one mechanism.
        """
        if self.projector.session.sites is not None:
            return np.array([gains_or_loses(each) for each in of_sites], bool)
        changes = [site_verdict(each) != PRESERVES for each in of_sites]
        return (np.abs(effects) > self.silent_below) | np.array(changes, bool)

    def _library_effect(self, allele: Allele) -> LibraryEffect:
        return NO_EFFECT if self._effects is None else self._effects.of(allele.edits)


def _ends(interval: np.ndarray) -> tuple[float, float]:
    return float(interval[0]), float(interval[1])


def believed_sites(session: Session) -> tuple[Site, ...]:
    """The sites of a session but those that the model denies."""
    if session.sites is None:
        return ()
    judged = _judged_sites(session)
    denied = () if judged is None else set(judged["site"][judged["verdict"] == "not_confirmed"])
    return tuple(site for site in session.sites.sites if site.name not in denied)


def windows_do(session: Session) -> float:
    """What windows without a site do at most, where the model confirms no site; else 0: what is new
    then is measured by the sites."""
    judged = _judged_sites(session)
    if judged is None or not len(judged) or (judged["verdict"] == "confirmed").any():
        return 0.0
    limit = float(judged["control_limit"].median())
    return limit if np.isfinite(limit) else 0.0


def _judged_sites(session: Session) -> pd.DataFrame | None:
    experiments = session.experiments
    return experiments.sites if experiments is not None and experiments.asked else None


def check_session(projector: Projector) -> None:
    """Raise `InputError` for a session whose variants cannot be interpreted."""
    library = projector.library
    if library.reference is None:
        raise InputError(
            "session", "a library without a reference sequence", "one around a sequence, as local"
        )
    if is_diploid(library.alphabet):
        raise InputError(
            "session", "genotypes of two copies (two-hot)", "a session of sequences, not genotypes"
        )
