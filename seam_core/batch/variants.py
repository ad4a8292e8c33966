"""The variants of a file at each locus of a batch; one table and one VCF over all loci."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core import store
from seam_core.batch.parts import fingerprints, session_folder
from seam_core.exports.files import replacing, write_text
from seam_core.exports.tables import write_table
from seam_core.oracles import Oracle
from seam_core.parameters import VariantParameters
from seam_core.progress import SILENT, Progress
from seam_core.readers.loci import Locus
from seam_core.readers.settings import read_object
from seam_core.validate import SeamError

if TYPE_CHECKING:
    import pandas as pd

FOLDER, STATE = "variants", "answered.json"


def answer_variants(
    out: Path,
    names: Sequence[str],
    file: Path | str,
    genome: Path | str | None = None,
    parameters: VariantParameters | None = None,
    *,
    progress: Progress = SILENT,
) -> dict[str, str]:
    """Answer the variants of `file` at each locus; name -> error of those where that failed.

    A locus whose variants were answered before, of the same file and session, is kept. Writes
    `variants.csv`, `variants.parquet` and `variants.vcf.gz` with its index into `out`; what is of
    one locus lies in `variants/LOCUS`.

    Parameters
    ----------
    names : of loci that are done, with their whole sessions
    """
    from seam_core.variants.vcf import merge_vcf

    settings = parameters or VariantParameters()
    failed: dict[str, str] = {}
    oracles: dict[str, Oracle] = {}
    folders: dict[str, Path] = {}
    made_from = fingerprints(out)
    for done, name in enumerate(names):
        progress.update(done, len(names), f"Variants of {name}")
        folder = out / FOLDER / Locus(name).folder
        try:
            session, key = session_folder(out, Locus(name)), _key(made_from[name], file, settings)
            _answered(session, key, folder, file, genome, settings, oracles)
            folders[name] = folder
        except SeamError as error:
            failed[name] = str(error)
    frame = _together(folders)
    with replacing(out / "variants.parquet", what="variants") as partial:
        frame.to_parquet(partial)
    write_table(frame, out / "variants.csv", what="variants")
    merge_vcf([f / "variants.vcf.gz" for f in folders.values()], out / "variants.vcf.gz")
    progress.update(1, 1, "Variants")
    return failed


def _answered(
    kept: Path,
    key: str,
    folder: Path,
    file: Path | str,
    genome: Path | str | None,
    parameters: VariantParameters,
    oracles: dict[str, Oracle],
) -> None:
    """Answer one locus, unless it was answered from the very same."""
    from seam_core.projection import Projector, check_model, oracle_of
    from seam_core.variants.whole import ground_of, interpret, write

    if (folder / STATE).is_file() and read_object(folder / STATE, "variants").get("key") == key:
        return
    session = store.load(kept)
    model = json.dumps(None if session.oracle is None else session.oracle.to_dict())
    if model not in oracles:
        oracles[model] = oracle_of(session)
    check_model(session, oracles[model])
    projector = Projector(session, oracles[model])
    effects = interpret(projector, ground_of(session, genome), file, parameters)
    write(effects, folder)
    write_text(folder / STATE, json.dumps({"key": key}) + "\n", what="variants")


def _key(made_from: str, file: Path | str, parameters: VariantParameters) -> str:
    digest = hashlib.sha256(json.dumps(parameters.to_dict(), sort_keys=True).encode())
    digest.update(made_from.encode())
    with open(file, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _together(folders: dict[str, Path]) -> pd.DataFrame:
    import pandas as pd

    from seam_core.variants import COLUMNS

    frames = []
    for name, folder in folders.items():
        frame = pd.read_parquet(folder / "variants.parquet")
        frame.insert(0, "locus", name)
        if len(frame):
            frames.append(frame)
    if not frames:
        return pd.DataFrame(columns=["locus", *COLUMNS])
    return pd.concat(frames, ignore_index=True)
