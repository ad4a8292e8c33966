"""A framework: files of another kind as models."""

from pathlib import Path

import numpy as np

from seam_core.frameworks.framework import Framework
from seam_core.oracles import FunctionOracle


def load_weights(parameters, *, base: Path | None, device: str, model) -> FunctionOracle:
    """A linear model: (L, A) weights as NumPy saved them."""
    weights = np.load(Path(base or ".") / parameters.model, allow_pickle=False)
    return FunctionOracle(lambda one_hot: np.einsum("nla,la->n", one_hot, weights))


LINEAR = Framework(name="linear", label="Linear weights", suffixes=(".linear",), load=load_weights)
