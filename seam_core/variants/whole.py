"""A file of variants through a session: read, placed, answered, written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core.exports.files import made_folder
from seam_core.exports.tables import write_parquet, write_table
from seam_core.intervals import Interval
from seam_core.motifs import Motif
from seam_core.parameters import VariantParameters
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.projection import Projector
from seam_core.readers.genome import Genome
from seam_core.session import Session
from seam_core.validate import InputError
from seam_core.variants.alleles import Allele
from seam_core.variants.interpreter import Answer, Interpreter, check_session
from seam_core.variants.motif_hits import MotifHits
from seam_core.variants.placing import Ground, check_assembly, place_rows
from seam_core.variants.reading import Counts, read_variants, same_chromosome
from seam_core.variants.table import sites_frame, variants_frame
from seam_core.variants.together import haplotypes, pairs
from seam_core.variants.vcf import write_vcf
from seam_core.variants.verdicts import PRESERVES

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 8
"""Variants whose maps are kept for pictures: those with the largest effects."""


@dataclass(eq=False)
class Interpreted:
    """All answers of one session about one file.

    answers : without their maps and sequences, kilobytes each
    shown : answers with maps and their rows among `answers`, the largest effects first
    """

    interpreter: Interpreter
    counts: Counts
    answers: list[Answer] = field(default_factory=list)
    shown: list[tuple[int, Answer]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return sum(answer.answered for answer in self.answers)

    def take(self, batch: Sequence[Answer]) -> None:
        """More answers; only the maps and sequences that pictures show stay in memory."""
        numbered = enumerate(batch, len(self.answers))
        self.shown = sorted(
            [*self.shown, *((row, each) for row, each in numbered if each.map is not None)],
            key=lambda each: -abs(each[1].effect),
        )[:MOST_SHOWN]
        self.answers += [replace(each, map=None, sequence=None) for each in batch]

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
        lines.append(f"{self.answered:,} of {len(self.answers):,} alleles answered")
        verdicts = Counter(each.verdict for each in self.answers if each.verdict)
        lines += [f"  {n:,} {verdict}" for verdict, n in verdicts.most_common()]
        reasons = Counter(each.allele.outcome for each in self.answers if each.allele.outcome)
        lines += [f"  {n:,} not answered: {reason}" for reason, n in reasons.most_common()]
        return lines


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


def alleles_of(
    path: Path | str, ground: Ground, parameters: VariantParameters, counts: Counts | None = None
) -> list[Allele]:
    """The alleles of a file that touch the window, then haplotypes and pairs as wanted.

    Raises `InputError` for a file that cannot be read, and one of another assembly.
    """
    rows = list(read_variants(path, ground.locus, counts))
    alleles = list(place_rows(rows, ground))
    check_assembly(alleles, str(path))
    together = haplotypes(rows, alleles) if parameters.haplotypes else []
    if parameters.combine:
        together += pairs(alleles)
    return [*alleles, *together]


def interpret(
    projector: Projector,
    ground: Ground,
    path: Path | str,
    parameters: VariantParameters | None = None,
    *,
    motifs: Sequence[Motif] = (),
    progress: Progress = SILENT,
) -> Interpreted:
    """Answer all alleles of a file; memory grows with the rows in the window, not with their maps.

    motifs : known ones, to name what was changed
    """
    wanted = parameters or VariantParameters()
    check_session(projector)
    counts = Counts()
    alleles = alleles_of(path, ground, wanted, counts)
    interpreted = Interpreted(Interpreter(projector, ground, wanted), counts)
    named = MotifHits(motifs) if motifs else None
    for batch in interpreted.interpreter.answers(
        alleles, progress=PartOfProgress(progress, 0.0, 0.95, "variants")
    ):
        interpreted.take([_named(each, ground.reference, named) for each in batch])
    return interpreted


def _named(answer: Answer, reference: np.ndarray, named: MotifHits | None) -> Answer:
    """With the known motifs at what was changed, where a site was."""
    if named is None or answer.sequence is None or answer.site_verdict in ("", PRESERVES):
        return answer
    return replace(answer, motifs=named.before_and_after(reference, answer.sequence))


def tables(
    interpreted: Interpreted, labels: dict[int, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of alleles, and that of the sites which they change."""
    frame = variants_frame(interpreted.interpreter, interpreted.answers, labels)
    return frame, sites_frame(interpreted.answers)


def kept(
    session: Session, interpreted: Interpreted, labels: dict[int, str] | None = None
) -> Session:
    """The session with the table of alleles, and the maps of the largest effects.

    Raises `InputError` where its sites were not tested on the model: variants lie with that.
    """
    frame, _ = tables(interpreted, labels)
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


def write(interpreted: Interpreted, out: Path, labels: dict[int, str] | None = None) -> list[Path]:
    """`variants.parquet`, `variants.csv`, `variant_sites.csv`, `variants.vcf.gz` with its index.

    Raises `InputError` where they cannot be written.
    """
    frame, sites = tables(interpreted, labels)
    session = interpreted.interpreter.projector.session
    made_folder(out, what="--out")
    write_parquet(frame, out / "variants.parquet", what="variants")
    write_table(frame, out / "variants.csv", what="variants")
    write_table(sites, out / "variant_sites.csv", what="variants")
    locus = interpreted.interpreter.ground.locus
    vcf = out / "variants.vcf.gz"
    write_vcf([(session.name, locus, interpreted.interpreter, interpreted.answers)], vcf)
    names = ("variants.parquet", "variants.csv", "variant_sites.csv", "variants.vcf.gz")
    return [out / name for name in names]
