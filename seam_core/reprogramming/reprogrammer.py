"""The Reprogrammer: ways from the reference to other mechanisms, every step asked of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seam_core.design.verified import Answers, answers_of
from seam_core.experiments.robustness import reprogramming_frame
from seam_core.parameters import ReprogrammerParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.reprogramming.asking import side_by_side
from seam_core.reprogramming.shrinking import Change, costs, differences, ordered, shrink
from seam_core.sequences import is_diploid
from seam_core.validate import InputError

if TYPE_CHECKING:
    import pandas as pd

    from seam_core.projection import Projector

FEWEST, LIKELIEST = "fewest", "likeliest"


@dataclass(frozen=True, eq=False)
class Reprogramming:
    """Ways from the reference to other mechanisms.

    paths : DataFrame, one row a step, step 0 being the reference: `mechanism` that the way leads
        to; `path` ("fewest", "likeliest"); `step`; `position`, `before`, `after` (-1 and "" at step
        0); `activity`; `step_mechanism`, `confidence` and `outside`, as the model's map says;
        `log_likelihood` of the substitutions so far
    maps : (rows, W, A) float32, the map of each step
    start : position of the sequence that the maps' first row belongs to
    singles : DataFrame, one row a single substitution of the reference: `position`, `before`,
        `after`, `activity`, `mechanism`, `confidence`, `outside`, `leaves`; empty where not asked
    missing : mechanisms to which no way was found
    n_asked : sequences that the model was asked about
    """

    paths: pd.DataFrame
    maps: np.ndarray
    start: int
    singles: pd.DataFrame
    missing: tuple[int, ...]
    n_asked: int
    parameters: ReprogrammerParameters

    def least(self) -> pd.DataFrame:
        """`mechanism`, `substitutions`: the least number found for each."""
        fewest = self.paths[self.paths["path"] == FEWEST]
        last = fewest.groupby("mechanism", sort=False)["step"].max().reset_index()
        return last.rename(columns={"step": "substitutions"})


class Reprogrammer:
    """Takes back substitutions of a mechanism's own sequences until no more can be.

    Raises `InputError` for a session without a reference, or genotypes of two copies.

    Parameters
    ----------
    projector : of the session, with its model
    """

    def __init__(
        self, projector: Projector, parameters: ReprogrammerParameters | None = None
    ) -> None:
        self.projector = projector
        self.parameters = parameters or ReprogrammerParameters()
        library = projector.library
        if library.reference is None or is_diploid(library.alphabet):
            got = "no reference" if library.reference is None else "genotypes of two copies"
            raise InputError("session", got, "a session with a reference to start from")
        self.reference = np.asarray(library.reference, np.int8)
        self.n_asked = 0

    def run(self, progress: Progress = SILENT) -> Reprogramming:
        """Find the ways.

        Raises `InputError` for a mechanism that there is not.
        """
        here = self._ask(self.reference[None])
        own = int(here.mechanism[0])
        targets = self._targets(own)
        singles = None
        if self.parameters.single_substitutions:
            singles = self._singles(PartOfProgress(progress, 0.0, 0.4))
        progress.update(0.4, 1.0, "Taking substitutions back")
        changes = self._changes(targets, singles)
        progress.update(0.8, 1.0, "Ordering the steps")
        ways = [(*key, change) for key, change in changes.items()]
        activity = float(here.activity[0])
        walks = side_by_side(
            [ordered(change, self.reference, activity) for *_, change in ways], self._ask
        )
        steps = [(m, path, walk) for (m, path, _), walk in zip(ways, walks, strict=True)]
        paths, maps = self._walked(steps)
        there = {m for m, _, _ in steps}
        missing = tuple(m for m in targets if m not in there)
        progress.update(1, 1, "Found")
        return Reprogramming(
            paths,
            maps,
            self.projector.maps.start,
            _singles_frame(singles, self.reference, self.projector.library.alphabet, own),
            missing,
            self.n_asked,
            self.parameters,
        )

    def _ask(self, sequences: np.ndarray, progress: Progress = SILENT) -> Answers:
        projection = self.projector.project(sequences, progress=progress)
        self.n_asked += int((projection.members < 0).sum())
        return answers_of(projection)

    def _targets(self, own: int) -> list[int]:
        clustering = self.projector.session.clustering
        assert clustering is not None
        ids = [int(i) for i in clustering.ids if i >= 0]
        names = [part.strip() for part in self.parameters.targets.split(";") if part.strip()]
        for name in names:
            if not name.lstrip("-").isdigit() or int(name) not in ids:
                known = ", ".join(map(str, ids[:12])) + (", ..." if len(ids) > 12 else "")
                raise InputError("targets", name, f"clusters of the session: {known}")
            if int(name) == own:
                raise InputError("targets", f"{own}, the reference's own", "another one")
        if names:
            return [int(name) for name in names]
        near = reprogramming_frame(self.projector.library, clustering.labels)
        near = near[(near["cluster"] >= 0) & (near["cluster"] != own)]
        near = near.sort_values("distance", kind="stable")
        return [int(i) for i in near["cluster"][: self.parameters.n_nearest]]

    def _singles(self, progress: Progress) -> Answers:
        """Every single substitution of a known letter."""
        length, n_letters = len(self.reference), len(self.projector.library.alphabet)
        singles = np.repeat(self.reference[None], length * n_letters, axis=0)
        singles[np.arange(len(singles)), np.repeat(np.arange(length), n_letters)] = np.tile(
            np.arange(n_letters, dtype=np.int8), length
        )
        changed = (singles != self.reference).any(axis=1)
        known = np.repeat(self.reference >= 0, n_letters)
        return self._ask(singles[changed & known], progress)

    def _changes(
        self, targets: list[int], singles: Answers | None
    ) -> dict[tuple[int, str], Change]:
        """(mechanism, path) -> the best change that was found."""
        labels, library = self.projector.mechanisms.labels, self.projector.library
        jobs = []
        for mechanism in targets:
            (rows,) = np.nonzero(labels == mechanism)
            rows = rows[(library.sequences[rows] >= 0).all(axis=1)]
            distance = (library.sequences[rows] != self.reference).sum(axis=1)
            nearest = rows[np.argsort(distance, kind="stable")[: self.parameters.n_starts]]
            jobs += [(mechanism, library.sequences[row]) for row in nearest]
        searches, keys = [], []
        for mechanism, sequence in jobs:
            for path in (FEWEST, LIKELIEST):
                by_cost = path == LIKELIEST
                searches.append(
                    shrink(sequence, self.reference, mechanism, library.alphabet, by_cost=by_cost)
                )
                keys.append(mechanism)
        changes = side_by_side(searches, self._ask)
        every: dict[int, list[Change]] = {mechanism: [] for mechanism in targets}
        for mechanism, change in zip(keys, changes, strict=True):
            if change is not None:
                every[mechanism].append(change)
        self._add_singles(every, singles)
        return self._best(every)

    def _add_singles(self, every: dict[int, list[Change]], singles: Answers | None) -> None:
        if singles is None:
            return
        for row in np.flatnonzero(~singles.outside):
            mechanism = int(singles.mechanism[row])
            if mechanism in every:
                every[mechanism].append(differences(singles.sequences[row], self.reference))

    def _best(self, every: dict[int, list[Change]]) -> dict[tuple[int, str], Change]:
        alphabet = self.projector.library.alphabet
        best = {}
        for mechanism, changes in every.items():
            if not changes:
                continue
            cost = [float(costs(change, self.reference, alphabet).sum()) for change in changes]
            number = range(len(changes))
            fewest = min(number, key=lambda i: (len(changes[i]), cost[i]))
            likeliest = min(number, key=lambda i: (cost[i], len(changes[i])))
            best[mechanism, FEWEST] = changes[fewest]
            best[mechanism, LIKELIEST] = changes[likeliest]
        return best

    def _walked(self, steps: list[tuple[int, str, Change]]) -> tuple[pd.DataFrame, np.ndarray]:
        """Every step asked of the model, as rows and maps."""
        import pandas as pd

        alphabet = self.projector.library.alphabet
        rows, sequences = [], []
        for mechanism, path, walk in steps:
            cost = np.r_[0.0, np.cumsum(costs(walk, self.reference, alphabet))]
            for step in range(len(walk) + 1):
                position = -1 if step == 0 else int(walk.positions[step - 1])
                letters = ("", "")
                if step:
                    after = alphabet[walk.letters[step - 1]]
                    letters = (alphabet[self.reference[position]], after)
                rows.append((mechanism, path, step, position, *letters, -cost[step]))
                sequences.append(walk.applied(self.reference, np.arange(step)))
        names = ("mechanism", "path", "step", "position", "before", "after", "log_likelihood")
        frame = pd.DataFrame(rows, columns=names)
        if not rows:
            told: dict[str, list[float]] = {name: [] for name in _TOLD}
            return frame.assign(**told), np.zeros((0, *self.projector.maps.maps.shape[1:]))
        answers = self._ask(np.array(sequences))
        frame = frame.assign(
            activity=answers.activity,
            step_mechanism=answers.mechanism,
            confidence=answers.confidence,
            outside=answers.outside,
        )
        return frame[[*names[:-1], *_TOLD, names[-1]]], answers.maps


_TOLD = ("activity", "step_mechanism", "confidence", "outside")


def _singles_frame(
    singles: Answers | None, reference: np.ndarray, alphabet: str, own: int
) -> pd.DataFrame:
    import pandas as pd

    names = ("position", "before", "after", "activity", "mechanism", "confidence", "outside")
    if singles is None:
        return pd.DataFrame({name: [] for name in (*names, "leaves")})
    positions = (singles.sequences != reference).argmax(axis=1)
    letters = singles.sequences[np.arange(len(singles)), positions]
    return pd.DataFrame(
        {
            "position": positions,
            "before": [alphabet[i] for i in reference[positions]],
            "after": [alphabet[i] for i in letters],
            "activity": singles.activity,
            "mechanism": singles.mechanism,
            "confidence": singles.confidence,
            "outside": singles.outside,
            "leaves": (singles.mechanism != own) | singles.outside,
        }
    )
