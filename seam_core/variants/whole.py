"""A file of variants through a session: read, placed, answered, written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.intervals import Interval, same_chromosome
from seam_core.motifs import Motif
from seam_core.parameters import VariantParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.projection import Projector
from seam_core.readers.genome import Genome
from seam_core.session import Session
from seam_core.validate import InputError
from seam_core.variants.ahead import one_ahead
from seam_core.variants.asked import Asked
from seam_core.variants.interpreter import Answer, Interpreter, check_session
from seam_core.variants.motif_hits import MotifHits
from seam_core.variants.placing import Ground
from seam_core.variants.reading import Counts
from seam_core.variants.results import results
from seam_core.variants.table import variants_frame
from seam_core.variants.verdicts import PRESERVES

if TYPE_CHECKING:
    import pandas as pd

MOST_LISTED = 2_000
"""Alleles that a page shows at most, of those answered and of the others: the largest effects, and
the first."""
MOST_SHOWN = 8
"""Variants whose maps are kept for pictures: those with the largest effects."""


@dataclass(eq=False)
class Interpreted:
    """What became of the alleles of one file, and what pages show of them.

    shown : the row and answer of the largest effects, with their maps, the largest first
    """

    interpreter: Interpreter
    counts: Counts
    n: int = 0
    answered: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[int, Answer]] = field(default_factory=list)
    _ranked: list[pd.DataFrame] = field(default_factory=list)
    _left: list[pd.DataFrame] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        """Those with the largest effects and some that were not answered; numbered as in the table
        of all."""
        import pandas as pd

        parts = [*self._ranked, *self._left]
        return pd.concat(parts).sort_index() if parts else variants_frame(self.interpreter, [])

    def take(self, batch: Sequence[Answer], frame: pd.DataFrame) -> None:
        """More answers with their table; what no page shows is let go."""
        numbered = enumerate(batch, self.n)
        self.shown = sorted(
            [*self.shown, *((row, each) for row, each in numbered if each.map is not None)],
            key=lambda each: -abs(each[1].effect),
        )[:MOST_SHOWN]
        frame = frame.set_axis(range(self.n, self.n + len(frame)))
        self.n += len(frame)
        self.answered += sum(answer.answered for answer in batch)
        self.verdicts.update(each.verdict for each in batch if each.verdict)
        self.reasons.update(each.allele.outcome for each in batch if each.allele.outcome)
        told = frame["outcome"] == ""
        self._ranked = _kept([*self._ranked, frame[told]], largest=True)
        self._left = _kept([*self._left, frame[~told]], largest=False)

    def _names(self) -> str:
        """The chromosomes of the file, where none of them is the sequence's."""
        locus, names = self.interpreter.ground.locus, sorted(self.counts.names)
        if locus is None or any(same_chromosome(name, locus.chromosome) for name in names):
            return ""
        more = ", ..." if len(names) > 5 else ""
        return f": none is on {locus.chromosome}, but on {', '.join(names[:5])}{more}"

    def told(self) -> list[str]:
        """What became of the rows, in lines."""
        counts = self.counts
        lines = [f"{counts.rows:,} rows read" + (", by the index" if counts.indexed else "")]
        if counts.other_chromosomes:
            lines.append(f"{counts.other_chromosomes:,} rows on other chromosomes{self._names()}")
        if counts.outside:
            lines.append(f"{counts.outside:,} rows outside the window")
        lines.append(f"{self.answered:,} of {self.n:,} alleles answered")
        lines += [f"  {n:,} {verdict}" for verdict, n in self.verdicts.most_common()]
        lines += [f"  {n:,} not answered: {why}" for why, n in self.reasons.most_common()]
        return lines


def _kept(frames: list[pd.DataFrame], *, largest: bool) -> list[pd.DataFrame]:
    """The rows that a page may show: the first, or those of the largest effects."""
    import pandas as pd

    there = [frame for frame in frames if len(frame)]
    if sum(map(len, there)) <= 2 * MOST_LISTED:
        return there
    frame = pd.concat(there)
    if largest:
        order = np.argsort(-frame["effect"].abs().to_numpy(), kind="stable")
        frame = frame.iloc[order]
    return [frame.head(MOST_LISTED)]


def ground_of(
    session: Session, genome: Path | str | None = None, locus: Interval | None = None
) -> Ground:
    """The sequence of a session, with the genome that flanks are taken from.

    Raises `InputError` for a session without a reference, and for another genome.
    """
    library = session.library
    if library is None or library.reference is None:
        raise InputError("session", "no reference sequence", "a session around a sequence")
    place = locus if locus is not None else session.locus
    if place is not None:
        place.check_length(library.length)
    if genome is not None and place is None:
        raise InputError("--genome", str(genome), "a session with a locus, or the option --locus")
    opened = None if genome is None else Genome(genome)
    return Ground(library.reference, library.alphabet, place, opened)


def interpret(
    projector: Projector,
    ground: Ground,
    path: Path | str,
    out: Path,
    parameters: VariantParameters | None = None,
    *,
    motifs: Callable[[], Sequence[Motif]] = tuple,
    labels: Mapping[int, str] | None = None,
    progress: Progress = SILENT,
) -> Interpreted:
    """Answer all alleles of a file into files of the folder `out`, see `results`.

    Memory does not grow with their number.

    Raises `InputError` for a file that cannot be read, one of another assembly, and where the
    results cannot be written: then none are.

    Parameters
    ----------
    motifs : gives known ones, to name what was changed; called while the model answers the first
    labels : mechanism -> the user's name for it
    """
    wanted = parameters or VariantParameters()
    check_session(projector)
    counts = Counts()
    asked = Asked(path, ground, wanted, counts)
    interpreted = Interpreted(Interpreter(projector, ground, wanted), counts)
    answers = interpreted.interpreter.answers(
        asked, progress=PartOfProgress(progress, 0.0, 0.95, "variants")
    )
    with results(out, interpreted.interpreter, labels) as take, one_ahead(answers) as batches:
        known = motifs()
        named = MotifHits(known) if known else None
        for each in batches:
            batch = [_named(answer, ground.reference, named) for answer in each]
            interpreted.take(batch, take(batch))
    return interpreted


def _named(answer: Answer, reference: np.ndarray, named: MotifHits | None) -> Answer:
    """With the known motifs at what was changed, where a site was."""
    if named is None or answer.sequence is None or answer.site_verdict in ("", PRESERVES):
        return answer
    return replace(answer, motifs=named.before_and_after(reference, answer.sequence))


def kept(session: Session, interpreted: Interpreted, frame: pd.DataFrame) -> Session:
    """The session with the table of all alleles, and the maps of the largest effects.

    Raises `InputError` where its sites were not tested on the model: variants lie with that.
    """
    rows = np.full(len(frame), -1)
    rows[[row for row, _ in interpreted.shown]] = np.arange(len(interpreted.shown))
    interpreter = interpreted.interpreter
    shape = interpreter.reference.maps.shape[1:]
    maps = [each.map for _, each in interpreted.shown if each.map is not None]
    letters = [each.sequence.letters for _, each in interpreted.shown if each.sequence is not None]
    length = len(interpreter.ground.reference)
    return session.with_findings(
        variants=frame.assign(map=rows),
        variant_maps=np.array(maps, np.float32).reshape(-1, *shape),
        variant_letters=np.array(letters, np.int8).reshape(-1, length),
    )
