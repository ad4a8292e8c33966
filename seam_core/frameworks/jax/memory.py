"""What a map takes in memory of a JAX function, as XLA plans its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.validate import FOREIGN, SeamError

# Sequences that it is planned for: of one, much is done in another way.
ROWS = 4


def bytes_of_map(oracle: Any, length: int) -> int | None:
    """Bytes that XLA needs for a gradient of one sequence, beside the weights.

    Nothing is computed, but compiled. None where the function cannot be traced, and of tokens.

    Parameters
    ----------
    oracle : a `JaxOracle`
    """
    import jax

    if oracle.traced is None or oracle.needs_component:
        return None
    given = jax.ShapeDtypeStruct((ROWS, length, oracle.n_letters), np.float32)
    try:
        with oracle.placed():
            planned = jax.jit(oracle.traced).lower(given).compile().memory_analysis()
    except (SeamError, *FOREIGN):
        return None
    if planned is None:  # a device that does not say
        return None
    parts = ("temp_size_in_bytes", "argument_size_in_bytes", "output_size_in_bytes")
    return sum(getattr(planned, part) for part in parts) // ROWS
