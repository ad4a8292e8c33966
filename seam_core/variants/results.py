"""The files of a run, written batch after batch; none is there before all are whole."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.exports.files import made_folder
from seam_core.exports.parts import parquet_in_parts
from seam_core.exports.tables import table_in_parts
from seam_core.readers.tables import read_parquet
from seam_core.variants.interpreter import Answer, Interpreter
from seam_core.variants.table import sites_frame, variants_frame
from seam_core.variants.vcf import VcfRows

if TYPE_CHECKING:
    import pandas as pd

FILES = ("variants.parquet", "variants.csv", "variant_sites.csv", "variants.vcf.gz")
Take = Callable[[Sequence[Answer]], "pd.DataFrame"]


@contextlib.contextmanager
def results(
    out: Path, interpreter: Interpreter, labels: Mapping[int, str] | None = None
) -> Iterator[Take]:
    """What takes answers, writes them into the files of `out`, and gives their table.

    `variants.parquet`, `variants.csv`, `variant_sites.csv`, `variants.vcf.gz` with its index.

    Raises `InputError` where they cannot be written.
    """
    made_folder(out, what="--out")
    session, locus = interpreter.projector.session, interpreter.ground.locus
    vcf, n = VcfRows(), 0
    alone: dict[str, float] | None = {} if interpreter.parameters.combine else None
    with contextlib.ExitStack() as stack:
        parquet, table, sites = (
            stack.enter_context(open_parts(out / name, what="variants"))
            for open_parts, name in zip(
                (parquet_in_parts, table_in_parts, table_in_parts), FILES, strict=False
            )
        )
        sites(sites_frame([]))

        def take(answers: Sequence[Answer]) -> pd.DataFrame:
            nonlocal n
            frame = variants_frame(interpreter, answers, labels, alone)
            n += len(frame)
            parquet(frame)
            table(frame)
            sites(sites_frame(answers))
            vcf.add(session.name, locus, interpreter, answers)
            return frame

        yield take
        if not n:
            take([])
        vcf.write(out / FILES[-1])


def table_of(out: Path) -> pd.DataFrame:
    """The table of all alleles in a folder of results."""
    return read_parquet(out / FILES[0], "variants")
