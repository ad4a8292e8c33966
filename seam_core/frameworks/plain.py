"""Models without a framework: Python objects and tables of measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core.frameworks.framework import Framework
from seam_core.oracles.function import FunctionOracle
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError


def _load_object(
    parameters: OracleParameters, *, base: Path | None, device: str, model: Any
) -> Oracle:
    if isinstance(model, Oracle):  # answers with one number a sequence already
        for name, usual in (("head", "0"), ("reduction", "none")):
            value = getattr(parameters, name)
            if value != usual:
                expected = f"{usual}: the object says itself what it predicts"
                raise InputError(name, repr(value), expected, parameters.model)
        return model
    return FunctionOracle.from_parameters(model, parameters)


def _load_table(
    parameters: OracleParameters, *, base: Path | None, device: str, model: Any
) -> Oracle:
    from seam_core.oracles.tables import load_table_oracle

    return load_table_oracle(parameters, base=base)


FUNCTION = Framework(name="function", label="Python function or object", load=_load_object)
TABLE = Framework(
    name="table",
    label="Table of measurements",
    suffixes=(".csv", ".tsv", ".txt", ".pq", ".parquet"),
    load=_load_table,
)
