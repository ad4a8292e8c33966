"""Keras and TensorFlow models as oracles."""

from seam_core.frameworks.keras.files import read_model
from seam_core.frameworks.keras.oracle import KerasOracle, load_keras_oracle

__all__ = ["KerasOracle", "load_keras_oracle", "read_model"]
