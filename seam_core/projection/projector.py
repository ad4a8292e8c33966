"""Letters, a session and its model -> activity, map, place and mechanism of each sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from seam_core.attributer import Attributer, Beside, oracle_of_sequences
from seam_core.attributer.methods import batches_at_once
from seam_core.oracles import Oracle, prepare
from seam_core.oracles.predict import automatic_batch
from seam_core.parameters import AttributerParameters
from seam_core.progress import SILENT, Progress
from seam_core.projection.answers import answers_apart
from seam_core.projection.mechanisms import Assigned, Mechanisms, no_mechanisms
from seam_core.projection.places import Places
from seam_core.records import Library
from seam_core.sequences import encode
from seam_core.session import Session
from seam_core.validate import InputError, check_shape

BATCH = 512
"""Sequences at a time, whose maps are held together."""


@dataclass(frozen=True, eq=False)
class Projection:
    """M sequences in the space of a session.

    sequences : (M, L) int8
    members : (M,) int64 row of the library that is the same sequence, -1 for none
    activity : (M,) float64
    maps : (M, W, A) float32, of the positions that the session's maps cover
    start : the position of the sequence that the maps' first row belongs to
    places : (M, Z) float32 in the embedding, or None where the session has none
    mechanisms : the mechanism of each map, and how sure that is
    apart : "forward", "reverse", "fold 1", ... -> (M,) float32, where the model has several
    """

    sequences: np.ndarray
    members: np.ndarray
    activity: np.ndarray
    maps: np.ndarray
    start: int
    places: np.ndarray | None
    mechanisms: Assigned
    apart: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sequences)


class Projector:
    """Answers for sequences as the session would have, had they been in its library.

    Maps are made by the Attributer with the parameters of the session's maps. What the library
    holds is not asked again: a sequence of the library has its activity, map, place and mechanism.
    What comes out for a sequence does not depend on which others are projected with it.

    Parameters
    ----------
    session : library, maps and clustering; with the user's clusters where these should count (see
        `seam_core.handwork.as_curated`)
    oracle : the model of the session; None: only sequences of the library can be projected
    ask_again : ask the model about sequences of the library too

    Raises
    ------
    InputError
        The session lacks something, or its maps were made elsewhere, so that it is not known how.
    """

    def __init__(
        self, session: Session, oracle: Oracle | None = None, *, ask_again: bool = False
    ) -> None:
        library, maps = session.library, session.maps
        if library is None:
            raise InputError("session", "no sequences", "a session with maps and clusters")
        if maps is None or session.clustering is None:
            raise no_mechanisms(session)
        self.session, self.library, self.maps = session, library, maps
        self._oracle, self._asked, self._ask_again = oracle, oracle, ask_again
        if oracle is not None:
            self._asked = oracle_of_sequences(oracle, self.parameters, library)
            prepare(self._asked, library)
        self._rows = {hash(row.tobytes()): at for at, row in _backwards(library.sequences)}
        self._beside = Beside(library, np.zeros(0, np.int64))

    @cached_property
    def mechanisms(self) -> Mechanisms:
        """The session's, ready to take maps; made when the first are there, or before."""
        return Mechanisms(self.session)

    @cached_property
    def places(self) -> Places:
        """In the session's embedding; made as `mechanisms` are."""
        return Places(self.maps, self.session.embedding)

    @property
    def oracle(self) -> Oracle | None:
        """What answers for sequences like the library's, in the context that the session names."""
        return self._asked

    @property
    def beside_others(self) -> bool:
        """May the model be asked other things while maps are made?"""
        maps = self.maps.parameters
        return (
            maps is not None
            and self._asked is not None
            and (batches_at_once(maps.method, self._asked) > 1)
        )

    @property
    def parameters(self) -> AttributerParameters:
        """How the session's maps were made, on the positions that they cover.

        Raises `InputError` where they were made elsewhere.
        """
        parameters = self.maps.parameters
        if parameters is None:
            raise InputError(
                "session",
                "attribution maps that were made elsewhere",
                "maps made here, so that it is known how: other sequences need the same",
            )
        return parameters.replace(map_start=self.maps.start, map_stop=self.maps.stop)

    def members(self, sequences: np.ndarray) -> np.ndarray:
        """(M,) int64 row of the library that each (M, L) sequence is, -1 for none."""
        members = np.full(len(sequences), -1, np.int64)
        for index, row in enumerate(np.ascontiguousarray(sequences, np.int8)):
            at = self._rows.get(hash(row.tobytes()), -1)
            if at >= 0 and np.array_equal(self.library.sequences[at], row):
                members[index] = at
        return members

    def project(self, sequences: np.ndarray, *, progress: Progress = SILENT) -> Projection:
        """Activity, map, place and mechanism of each sequence; all are held at once.

        Parameters
        ----------
        sequences : (M, L) int8, letters of the session's alphabet, none unknown

        Raises
        ------
        InputError
            Another length; unknown letters; no model, and a sequence that the library lacks.
        OracleError
            The model failed.
        """
        check_shape(sequences, (None, self.library.length), "sequences")
        sequences = np.ascontiguousarray(sequences, np.int8)
        members = self.members(sequences)
        new = np.ones(len(sequences), bool) if self._ask_again else members < 0
        maps = np.empty((len(sequences), *self.maps.maps.shape[1:]), np.float32)
        activity = np.empty(len(sequences))
        kept = members[~new]
        maps[~new] = self.maps.maps[kept]
        activity[~new] = self._known_activity(kept)
        if new.any():
            rows = np.maximum(members[new], 0)
            maps[new], activity[new] = self._made(sequences[new], rows, progress)
        places = self.places.of(maps, members)
        mechanisms = self.mechanisms.assign(maps, places, members)
        apart = self._apart(sequences)
        start = self.maps.start
        return Projection(sequences, members, activity, maps, start, places, mechanisms, apart)

    def in_batches(
        self, blocks: Iterable[np.ndarray], *, progress: Progress = SILENT
    ) -> Iterator[Projection]:
        """A projection a block of (m, L) sequences; memory does not grow with their number."""
        for block in blocks:
            for first in range(0, len(block), BATCH):
                yield self.project(block[first : first + BATCH], progress=progress)

    def predict(self, sequences: np.ndarray) -> np.ndarray:
        """(M,) float64: the activity alone, asked of the model. Raises as `project` does."""
        if self._asked is None:
            raise _no_model()
        size = automatic_batch(self.library.length)
        parts = [
            self._asked.predict(encode(sequences[first : first + size], self.library.alphabet))
            for first in range(0, len(sequences), size)
        ]
        return np.concatenate(parts).astype(np.float64) if parts else np.empty(0)

    def _known_activity(self, rows: np.ndarray) -> np.ndarray:
        known = self.library.predictions
        if known is not None:
            return known[rows].astype(np.float64)
        table = self.session.table
        return np.full(len(rows), np.nan) if table is None else table.activity[rows]

    def _made(
        self, sequences: np.ndarray, rows: np.ndarray, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray]:
        """Maps and activities of sequences that are asked about; the same one is asked once."""
        if self._oracle is None:
            raise _no_model()
        distinct, first, inverse = np.unique(
            sequences, axis=0, return_index=True, return_inverse=True
        )
        library = Library(distinct, self.library.alphabet, self.library.reference)
        beside = Beside(self.library, rows[first], self._beside.known)
        maps, predictions = Attributer(self._oracle, self.parameters).run(
            library, beside=beside, progress=progress
        )
        inverse = inverse.reshape(-1)  # numpy 2.0 gave it another axis
        return maps.maps[inverse], predictions[inverse].astype(np.float64)

    def _apart(self, sequences: np.ndarray) -> dict[str, np.ndarray]:
        if self._asked is None:
            return {}
        size = automatic_batch(self.library.length)
        parts = [
            answers_apart(self._asked, encode(sequences[i : i + size], self.library.alphabet))
            for i in range(0, len(sequences), size)
        ]
        names = parts[0] if parts else {}
        return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _backwards(sequences: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """From the last to the first, so that the first of several that are the same is kept."""
    for at in range(len(sequences) - 1, -1, -1):
        yield at, np.ascontiguousarray(sequences[at], np.int8)


def _no_model() -> InputError:
    return InputError("model", "none", "the session's model, for sequences that it does not hold")
