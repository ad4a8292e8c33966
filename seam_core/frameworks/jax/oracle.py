"""A JAX function as an oracle: its gradient and DeepLIFT's multipliers are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Any

import numpy as np

from seam_core.frameworks.jax.modules import function_of
from seam_core.frameworks.network import step_of_the_sequence
from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.capabilities import Kept, PlainCapabilities
from seam_core.oracles.explained import named_outputs
from seam_core.oracles.function import FunctionOracle
from seam_core.oracles.layouts import TOKENS, laid_out
from seam_core.oracles.protocol import Oracle, is_out_of_memory, no_memory
from seam_core.oracles.reductions import ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.validate import (
    FOREIGN,
    InputError,
    MissingPackageError,
    OracleError,
    SeamError,
    said_by,
)


def load_jax_oracle(model: Any, parameters: OracleParameters, *, device: str = "auto") -> Oracle:
    """The oracle of a function of JAX arrays, of a module, or of an object whose `predict` is one.

    Raises `InputError` for a module without parameters, and for a GPU that JAX does not see.
    """
    if model is None:
        raise InputError("model", repr(parameters.model), "module:function", parameters.model)
    try:
        import jax  # noqa: F401
    except ImportError as error:
        raise MissingPackageError("JAX models need JAX: pip install jax") from error
    oracle = JaxOracle.from_parameters(function_of(model, parameters.model), parameters)
    assert isinstance(oracle, JaxOracle)
    oracle.device = jax_device(device)
    return oracle


def jax_device(name: str) -> Any:
    """The device for "cpu" or "gpu"; None for "auto": the one that JAX takes by itself.

    Raises `InputError` where JAX sees none of that kind.
    """
    import jax

    if name == "auto":
        return None
    try:
        return jax.devices(name)[0]
    except RuntimeError as error:
        seen = ", ".join(sorted({each.platform for each in jax.devices()}))
        raise InputError("device", f"{name}, but JAX sees none", f"auto ({seen})") from error


class JaxCapabilities(PlainCapabilities):
    """Those of a `JaxOracle`."""

    def __init__(self, oracle: JaxOracle) -> None:
        super().__init__(oracle)
        self._oracle = oracle

    @property
    def device(self) -> str:  # type: ignore[override]
        import jax

        used = self._oracle.device or jax.devices()[0]
        return "CPU" if used.platform == "cpu" else "GPU"

    def bytes_per_sequence(self, length: int) -> int | None:
        from seam_core.frameworks.jax.memory import bytes_of_map

        oracle = self._oracle
        known: int | None = oracle.kept.get(f"bytes {length}", lambda: bytes_of_map(oracle, length))
        return known


class JaxOracle(FunctionOracle):
    """A `FunctionOracle` whose function JAX can trace.

    A `gradient` or `multipliers` that the object has itself is asked instead of what is made here.

    Attributes
    ----------
    traced : (n, L, A) to numbers (n,) and gradients, of JAX arrays; None where it has a gradient
        of its own, or takes tokens
    device : that it is asked on; None: as JAX has it
    """

    def __init__(self, function: Callable[[np.ndarray], Any], **given: Any) -> None:
        super().__init__(function, **given)
        self.kept = Kept()
        self.device: Any = None
        self.traced: Callable[[Any], tuple[Any, Any]] | None = None
        if self.layout == TOKENS:  # no gradient flows to indices
            return
        if not hasattr(self, "gradient"):
            self.traced = self._value_and_gradient
            self.gradient = self._traced_gradient
        if not hasattr(self, "multipliers"):
            self.multipliers = self._traced_multipliers

    @cached_property
    def capabilities(self) -> JaxCapabilities:
        """What it offers to attribution methods."""
        return JaxCapabilities(self)

    def placed(self) -> AbstractContextManager[Any]:
        """Where arrays are made on its device."""
        import jax

        return nullcontext() if self.device is None else jax.default_device(self.device)

    def scalar(self, sequences: Any) -> Any:
        """JAX arrays, (n, L, A) to (n,): the number explained."""
        ops, n = jax_ops(), len(sequences)
        given = laid_out(sequences, self.layout, ops)
        outputs = named_outputs(self.function(given))
        if n == 1 and any(value.shape[:1] != (1,) for value in outputs.values()):
            # a batch of one is squeezed away by some
            twice = named_outputs(self.function(ops.joined([given, given], 0)))
            outputs = {name: value[:1] for name, value in twice.items() if value.shape[:1] == (2,)}
        output = self.explained.output(outputs, n, ops, sequences.shape[1])
        numbers = self.explained.reduced(output, ops)
        return numbers.astype("float32")

    def _value_and_gradient(self, sequences: Any) -> tuple[Any, Any]:
        import jax

        numbers, back = jax.vjp(self.scalar, sequences)
        return numbers, back(jax.numpy.ones_like(numbers))[0]

    def _traced_gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A)."""
        with self._tracing(len(inputs)):
            numbers, gradients = self._compiled("gradient", self._value_and_gradient)(inputs)
            return np.asarray(numbers), np.asarray(gradients)

    def _asked(self, one_hot: np.ndarray) -> dict[str, np.ndarray]:
        with self.placed():
            return super()._asked(one_hot)

    def _traced_multipliers(
        self, sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `seam_core.oracles.capabilities.Multipliers`."""
        from seam_core.frameworks.jax.rescale import multipliers_of_jax

        with self._tracing(len(references)):
            make = multipliers_of_jax(self.scalar, self.source)
            answers = self._compiled("multipliers", make)(sequences, references)
            ours, theirs, slopes = map(np.asarray, answers)
        if np.isnan(slopes).any() and np.isfinite(ours).all() and np.isfinite(theirs).all():
            raise step_of_the_sequence("an operation as == or argmax", self.source)
        return ours, theirs, slopes

    def _compiled(self, name: str, function: Any) -> Any:
        """The function compiled for the number that is explained now."""
        import jax

        return self.kept.get(f"{name} {self.explained.bins}", lambda: jax.jit(function))

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        super().set_component(component)
        self.kept.forget()

    @contextmanager
    def _tracing(self, n: int) -> Iterator[None]:
        try:
            with self.placed():
                yield
        except SeamError:
            raise
        except FOREIGN as error:
            if is_out_of_memory(error):
                raise OracleError(no_memory(self.source, n)) from error
            got = f"what JAX cannot follow: {said_by(error)}"
            expected = (
                "a function of JAX arrays throughout (no np.asarray or float inside), or an object "
                "with predict and gradient, and multipliers for deepshap"
            )
            raise InputError("model", got, expected, self.source) from error


def jax_ops() -> ArrayOps:
    """What reductions need of JAX."""
    import jax
    import jax.numpy as jnp

    return ArrayOps(
        total=lambda array, axis: array.sum(axis=axis),
        mean=lambda array, axis: array.mean(axis=axis),
        softmax=lambda array, axis: jax.nn.softmax(array, axis=axis),
        held=jax.lax.stop_gradient,
        log=jnp.log,
        constant=lambda values, like: jnp.asarray(values, like.dtype),
        turned=lambda array: jnp.moveaxis(array, 1, 2),
        flipped=jnp.flip,
        expanded=jnp.expand_dims,
        flat=lambda array: array.reshape(len(array), -1),
        widened=lambda array: array.astype("float32") if array.dtype.itemsize == 2 else array,
        tokens=lambda array: array.argmax(axis=2),
        joined=lambda arrays, axis: jnp.concatenate(arrays, axis=axis),
    )
