"""A JAX function as an oracle: its gradient and DeepLIFT's multipliers are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from seam_core.oracles.array_ops import ArrayOps
from seam_core.oracles.capabilities import Kept
from seam_core.oracles.explained import named_outputs
from seam_core.oracles.function import FunctionOracle
from seam_core.oracles.layouts import TOKENS, laid_out
from seam_core.oracles.protocol import Oracle
from seam_core.oracles.reductions import ProfileComponent
from seam_core.parameters import OracleParameters
from seam_core.validate import FOREIGN, InputError, MissingPackageError, SeamError, said_by


def load_jax_oracle(model: Any, parameters: OracleParameters) -> Oracle:
    """The oracle of a function of JAX arrays, or of an object whose `predict` is one."""
    if model is None:
        raise InputError("model", repr(parameters.model), "module:function", parameters.model)
    try:
        import jax  # noqa: F401
    except ImportError as error:
        raise MissingPackageError("JAX models need JAX: pip install jax") from error
    return JaxOracle.from_parameters(model, parameters)


class JaxOracle(FunctionOracle):
    """A `FunctionOracle` whose function JAX can trace.

    A `gradient` or `multipliers` that the object has itself is asked instead of what is made here.
    """

    def __init__(self, function: Callable[[np.ndarray], Any], **given: Any) -> None:
        super().__init__(function, **given)
        self._kept = Kept()
        if self.layout == TOKENS:  # no gradient flows to indices
            return
        if not hasattr(self, "gradient"):
            self.gradient = self._traced_gradient
        if not hasattr(self, "multipliers"):
            self.multipliers = self._traced_multipliers

    def scalar(self, sequences: Any) -> Any:
        """JAX arrays, (n, L, A) to (n,): the number explained."""
        ops, n = jax_ops(), len(sequences)
        given = laid_out(sequences, self.layout, ops)
        outputs = named_outputs(self.function(given))
        if n == 1 and any(value.shape[:1] != (1,) for value in outputs.values()):
            # a batch of one is squeezed away by some
            twice = named_outputs(self.function(ops.joined([given, given], 0)))
            outputs = {name: value[:1] for name, value in twice.items() if value.shape[:1] == (2,)}
        numbers = self.explained.reduced(self.explained.output(outputs, n, ops), ops)
        return numbers.astype("float32")

    def _traced_gradient(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, L, A) to predictions (n,) and gradients (n, L, A)."""
        import jax

        def both(sequences: Any) -> tuple[Any, Any]:
            numbers, back = jax.vjp(self.scalar, sequences)
            return numbers, back(jax.numpy.ones_like(numbers))[0]

        with self._tracing():
            numbers, gradients = self._compiled("gradient", both)(inputs)
        return np.asarray(numbers), np.asarray(gradients)

    def _traced_multipliers(
        self, sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `seam_core.oracles.capabilities.Multipliers`."""
        from seam_core.frameworks.jax.rescale import multipliers_of_jax

        with self._tracing():
            make = multipliers_of_jax(self.scalar, self.source)
            answers = self._compiled("multipliers", make)(sequences, references)
        ours, theirs, slopes = map(np.asarray, answers)
        return ours, theirs, slopes

    def _compiled(self, name: str, function: Any) -> Any:
        """The function compiled for the number that is explained now."""
        import jax

        return self._kept.get(f"{name} {self.explained.bins}", lambda: jax.jit(function))

    def set_component(self, component: ProfileComponent) -> None:
        """Project on this component from now on."""
        super().set_component(component)
        self._kept.forget()

    @contextmanager
    def _tracing(self) -> Iterator[None]:
        try:
            yield
        except SeamError:
            raise
        except FOREIGN as error:
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
