"""The gradient of a Keras network whose layers compute in bfloat16, with weights in float32."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seam_core.frameworks.bfloat16 import check_processor
from seam_core.frameworks.keras.runtime import (
    device_scope,
    import_keras,
    import_tensorflow,
    runs_on_cpu,
)
from seam_core.validate import OracleError, cause_of


@contextmanager
def half_gradients(oracle: Any) -> Iterator[None]:
    """While it lasts, the gradients of a `KerasOracle` are in bfloat16.

    Raises `OracleError` where the processor has none, and of models that cannot be made a second
    time, layer by layer.
    """
    if runs_on_cpu(oracle.device):
        check_processor()
    usual = oracle.traced_gradient
    oracle.traced_gradient = oracle.kept.get("half gradient", lambda: _half_gradient(oracle))
    try:
        yield
    finally:
        oracle.traced_gradient = usual


def _half_gradient(oracle: Any) -> Any:
    keras, tf = import_keras(), import_tensorflow()
    if not isinstance(oracle.model, keras.Model):
        raise OracleError("only models of Keras 3 have gradients in it")
    half = copy.copy(oracle)  # explains the same number
    try:
        with device_scope(oracle.device):
            half.network = keras.models.clone_model(oracle.model, clone_function=_in_half)
            half.network.set_weights(oracle.model.get_weights())
    # what layers of other people raise when they are made a second time
    except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
        raise OracleError(f"the model cannot be made again with it ({cause_of(error)})") from error
    spec = tf.TensorSpec([oracle.fixed_batch, oracle.length, oracle.n_letters], tf.float32)
    return tf.function(half.value_and_gradient, input_signature=[spec], autograph=False)


def _in_half(layer: Any) -> Any:
    return layer.__class__.from_config({**layer.get_config(), "dtype": "mixed_bfloat16"})
