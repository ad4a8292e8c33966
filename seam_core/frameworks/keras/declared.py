"""Keras as a framework; TensorFlow is imported when a model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seam_core.frameworks.framework import Framework
from seam_core.frameworks.keras.structure import owns
from seam_core.oracles.protocol import Oracle
from seam_core.parameters import OracleParameters


def _load(parameters: OracleParameters, *, base: Path | None, device: str, model: Any) -> Oracle:
    from seam_core.frameworks.keras.oracle import load_keras_oracle

    return load_keras_oracle(parameters, base=base, device=device, model=model)


KERAS = Framework(
    name="keras",
    label="Keras and TensorFlow",
    suffixes=(".keras", ".h5", ".hdf5", ".json"),
    owns=owns,
    load=_load,
    packages=("tensorflow", "keras"),
)
