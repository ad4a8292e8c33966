"""DeepLIFT's rescale rule for JAX functions.

The operations that a function comes to (its jaxpr) are done for sequences and references side by
side, and beside both for a change of the input, which is passed on by the rules of `rescale_rules`.
These are linear in it: their transpose (`jax.vjp`) gives the multipliers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seam_core.frameworks.jax.rescale_rules import HELD, RULES, Call, Pair, held, without_steps
from seam_core.frameworks.network import without_rule
from seam_core.validate import UnreachedError

# Operations that are done by doing those that they hold, and under which name they hold them.
INLINED = (
    *("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint"),
    *("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"),
)
HOLDS = ("jaxpr", "call_jaxpr", "fun_jaxpr")
LOOPS = ("scan", "while", "cond")


def multipliers_of_jax(scalar: Callable[[Any], Any], source: str = "") -> Callable[..., Any]:
    """DeepLIFT multipliers of a function of JAX arrays, (n, L, A) to (n,).

    Returns
    -------
    A function of JAX arrays (sequences (n, L, A), references (n R, L, A)) -> predictions (n,),
    theirs (n R,), multipliers (n R, L, A). It raises `InputError` for an operation that there is no
    rule for, named, and where no gradient reaches the letters.
    """
    import jax
    import jax.numpy as jnp

    def multipliers(sequences: Any, references: Any) -> tuple[Any, Any, Any]:
        repeats = len(references) // len(sequences)
        x = jnp.repeat(sequences, repeats, axis=0)
        # a function of its own: JAX keeps what it traced of one that it knows
        made = jax.make_jaxpr(lambda given: scalar(given))(references)

        def moved(change: Any) -> tuple[Any, tuple[Any, Any]]:
            (number,) = evaluated(made.jaxpr, made.consts, [Pair(x, references, change)])
            if number.t is None:
                raise UnreachedError(source)
            return number.t, (number.x, number.r)

        nothing = jnp.zeros_like(references)
        _, back, (ours, theirs) = jax.vjp(moved, nothing, has_aux=True)
        return ours[::repeats], theirs, back(jnp.ones_like(theirs))[0]

    return multipliers


def evaluated(jaxpr: Any, constants: Any, inputs: list[Pair]) -> list[Pair]:
    """What the operations of a jaxpr give for its inputs."""
    known = dict(zip(jaxpr.constvars, [Pair(each, each) for each in constants], strict=True))
    known.update(zip(jaxpr.invars, inputs, strict=True))

    def read(atom: Any) -> Pair:
        return Pair(atom.val, atom.val) if hasattr(atom, "val") else known[atom]

    for operation in jaxpr.eqns:
        outputs = _applied(operation, [read(each) for each in operation.invars])
        known.update(zip(operation.outvars, outputs, strict=True))
    return [read(each) for each in jaxpr.outvars]


def _applied(operation: Any, given: list[Pair]) -> list[Pair]:
    name, several = operation.primitive.name, operation.primitive.multiple_results
    if name in INLINED:
        inner = next(operation.params[key] for key in HOLDS if key in operation.params)
        closed = hasattr(inner, "consts")
        return evaluated(inner.jaxpr if closed else inner, inner.consts if closed else (), given)

    def do(*values: Any) -> list[Any]:
        answer = operation.primitive.bind(*values, **operation.params)
        return list(answer) if several else [answer]

    call = Call(name, operation.params, do)
    if all(each.constant for each in given):
        return [Pair(value, value) for value in do(*(each.x for each in given))]
    chosen = name == "select_n" and given[0].compared is not None
    if name in HELD or (all(each.t is None for each in given) and not chosen):
        return held(call, given)
    if name not in RULES:
        loop = "a loop written out (no scan, while or cond over the sequence)"
        raise without_rule(f"the operation {name}", loop if name in LOOPS else "")
    return without_steps(given, RULES[name](call, given))
