"""A table of measurements as the model: what a run on it must be told, in one message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seam_core import models
from seam_core.oracles.tables import Lack, lacks_of, most_active, refuse_lacks
from seam_core.parameters import OracleParameters
from seam_core.pipeline.config import RunConfig
from seam_core.readers.tables import read_frame
from seam_core.registry import ATTRIBUTIONS

# Libraries that start from a reference.
_AROUND_REFERENCE = ("local", "two_hot", "generator")


def is_table(asked: OracleParameters) -> bool:
    """Whether the model that is asked for is a table, told before it is opened."""
    from seam_core.frameworks.load import framework_by_suffix
    from seam_core.frameworks.plain import TABLE

    by_name = asked.framework == "auto" and framework_by_suffix(Path(asked.model)) is TABLE
    return asked.framework == TABLE.name or by_name


def check_measured(config: RunConfig, order: Sequence[str]) -> None:
    """Raise one `InputError` for all that a run on a table needs and was not told.

    What the table tells by itself (columns of usual names, the letters) need not be said.
    """
    path = Path(models.locate(config.oracle.model))
    if not path.is_file():
        return
    frame, source = read_frame(path, field="model"), str(path)
    lacks = lacks_of(frame, config.oracle, source)
    if "attributer" in order and ATTRIBUTIONS.get(config.attributer.method).needs_gradient:
        words = f"no gradient, which the method {config.attributer.method} takes"
        lacks.append(Lack(words, "--method ism"))
    around = config.mutagenizer.library in _AROUND_REFERENCE
    if "mutagenizer" in order and around and not config.sequence.strip():
        letters = most_active(frame, config.oracle, source)
        words = f"no reference (the most active sequence is {letters})" if letters else ""
        lacks.append(Lack(words or "no reference", f"--sequence {letters or 'LETTERS'}"))
    refuse_lacks(lacks, frame, source)
