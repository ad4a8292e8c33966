"""Oracles: whatever answers "how active is this sequence?"."""

from seam_core.oracles.adapters import Adapter, load_adapter
from seam_core.oracles.check import check_oracle
from seam_core.oracles.checked import ModelCheck
from seam_core.oracles.function import FunctionOracle
from seam_core.oracles.predict import (
    check_fits,
    predict_backgrounds,
    predict_library,
    prepare,
    show,
)
from seam_core.oracles.protocol import DifferentiableOracle, Oracle, ProfileOracle

__all__ = [
    "Adapter",
    "DifferentiableOracle",
    "FunctionOracle",
    "ModelCheck",
    "Oracle",
    "ProfileOracle",
    "check_fits",
    "check_oracle",
    "load_adapter",
    "predict_backgrounds",
    "predict_library",
    "prepare",
    "show",
]
