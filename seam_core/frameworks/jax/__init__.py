"""JAX functions as oracles."""
