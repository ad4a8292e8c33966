"""DeepLIFT's rescale rule for TensorFlow graphs.

The network is traced twice in one graph, for the sequences and for their references. Gradients
are then taken through the references' half with the rules of `tensorflow_rules` in place of
derivatives; a rule looks up what the other half holds. Gradients of linear operations need no
rule: they depend on weights and shapes, not on which half they are taken in.

Source: Shrikumar, Greenside, Kundaje, ICML 2017; products and quotients are split evenly between
their factors, which keeps the sum of the contributions equal to the difference explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from seam_core.frameworks.keras.rescale_rules import HALVES, RULES, Halves
from seam_core.frameworks.keras.runtime import device_scope
from seam_core.frameworks.network import step_of_the_sequence, without_rule
from seam_core.oracles.capabilities import Multipliers
from seam_core.validate import InputError

LINEAR = (
    *("AddN", "AddV2", "Add", "BatchToSpaceND", "BiasAdd", "BroadcastTo", "Cast", "ConcatV2"),
    *(
        "Conv2D",
        "Conv3D",
        "AvgPool",
        "Conv2DBackpropInput",
        "DepthwiseConv2dNative",
        "Einsum",
        "ExpandDims",
    ),
    *("GatherV2", "Identity", "IdentityN", "MatMul", "BatchMatMulV2", "BatchMatMulV3", "Mean"),
    *("MirrorPad", "Mul", "Neg", "Pack", "Pad", "PadV2", "PreventGradient", "RealDiv"),
    *("Reshape", "ResizeNearestNeighbor", "ReverseV2", "Slice", "SpaceToBatchND", "Split"),
    *("SplitV", "Squeeze", "StopGradient", "StridedSlice", "Sub", "Sum", "Tile", "Transpose"),
    *("Unpack", "EnsureShape", "Snapshot", "CheckNumerics", "FusedBatchNormV3"),
    *("Select", "SelectV2"),  # by what is the same for all sequences
)
# Linear in each argument; with two that depend on the sequence there is no rule.
BILINEAR = ("MatMul", "BatchMatMulV3", "Conv2D", "Conv2DBackpropInput", "Conv3D")
LOOPS = ("While", "StatelessWhile")
# Operations whose outputs do not depend on the numbers that they are given.
UNRELATED = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike")


def multiplier_function(scalar: Callable[[Any], Any], length: int | None, n_letters: int) -> Any:
    """A graph function of DeepLIFT multipliers.

    Parameters
    ----------
    scalar : (n, L, A) tensor to (n,) tensor, made of TensorFlow operations

    Returns
    -------
    A function (sequences (n, L, A), references (n R, L, A), R after R for each sequence) ->
    (predictions (n,), predictions of the references (n R,), multipliers (n R, L, A), and of each
    of the steps whether it is the same in both halves), and the steps once that is traced: the
    operations that make truth or whole numbers of numbers, where a contribution depends on them.

    Raises
    ------
    InputError
        When it is first traced, for an operation that there is no rule for; names it.
    """
    import tensorflow as tf

    overrides = _registered(tf)
    steps: list[Any] = []
    spec = tf.TensorSpec([None, length, n_letters], tf.float32)

    @tf.function(input_signature=[spec, spec], autograph=False)
    def multipliers(sequences: Any, references: Any) -> tuple[Any, Any, Any, Any]:
        graph = sequences.graph
        sequences, references = tf.identity(sequences), tf.identity(references)
        with graph.gradient_override_map(overrides):
            at_references = scalar(references)
        at_sequences = scalar(sequences)
        theirs = _between(references, at_references)
        ours = _between(sequences, at_sequences)
        read = _steps_read(theirs, references, at_references)
        _forget_custom_gradients(theirs)
        if [op.type for op in ours] != [op.type for op in theirs]:
            raise InputError(
                "method", "deepshap, for a model that differs from call to call", "another method"
            )
        twins = {their.name: our for their, our in zip(theirs, ours, strict=True)}
        n = tf.shape(sequences)[0]
        repeats = tf.shape(references)[0] // n
        rows = tf.repeat(tf.range(n), repeats)
        moved = _between(references, at_references, ends=(*UNRELATED, "StopGradient"))
        moving = frozenset(op.name for op in (references.op, *moved))
        HALVES[graph] = Halves(references, twins, repeats, rows, moving)
        (gradients,) = tf.gradients(
            at_references, references, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        alike = [
            _alike(twins[each.op.name].outputs[each.value_index], each, repeats) for each, _ in read
        ]
        steps[:] = [step for _, step in read]
        return at_sequences, at_references, gradients, tf.stack([True, *alike])[1:]

    return multipliers, steps


def multipliers_of_keras(oracle: Any) -> Multipliers:
    """The same on arrays, for a `KerasOracle` and on its device."""
    masking = [each.name for each in _layers(oracle) if type(each).__name__ == "Masking"]
    if masking:
        raise step_of_the_sequence(f"the layer {masking[0]} (Masking)")
    with device_scope(oracle.device):
        function, steps = multiplier_function(oracle.scalar, oracle.length, oracle.n_letters)
        with _written_out(oracle):
            function.get_concrete_function()  # raises now, and not in the first batch

    def multipliers(
        sequences: np.ndarray, references: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        with device_scope(oracle.device):
            values = function(sequences, references)
            ours, theirs, gradients, alike = (each.numpy() for each in values)
        for step in (step for step, same in zip(steps, alike, strict=True) if not same):
            raise _refused_step(step)
        return ours, theirs, gradients

    return multipliers


def _layers(oracle: Any) -> list[Any]:
    """All layers, those of models within too; none of a SavedModel."""
    return list(getattr(oracle.network, "_flatten_layers", lambda: ())())


@contextmanager
def _written_out(oracle: Any) -> Iterator[None]:
    """Layers are traced in operations that rules are known for.

    Recurrent ones step by step, as there is no rule for a loop; of models of open length they
    cannot be. tf-keras's layer normalisation without the operation that does it at once.
    """
    changes: dict[str, bool] = {"_fused": False}
    if oracle.length is not None:
        changes |= {"unroll": True, "_could_use_gpu_kernel": False}  # the second is tf-keras's
    found = [(each, name) for each in _layers(oracle) for name in changes if hasattr(each, name)]
    found = [(layer, name) for layer, name in found if not _is_fixed(layer, name)]
    before = [getattr(layer, name) for layer, name in found]
    for layer, name in found:
        setattr(layer, name, changes[name])
    try:
        yield
    finally:
        for (layer, name), value in zip(found, before, strict=True):
            setattr(layer, name, value)


def _is_fixed(layer: Any, name: str) -> bool:
    """Batch normalisation in one operation has numbers that were learnt, and is linear."""
    return name == "_fused" and type(layer).__name__ != "LayerNormalization"


def _registered(tf: Any) -> dict[str, str]:
    """Operation -> name of the gradient that TensorFlow is told of, once a process."""
    names = {name: f"SeamRescale{name}" for name in RULES}
    if not _registered_once:
        for name, rule in RULES.items():
            tf.RegisterGradient(names[name])(rule)
        _registered_once.append(True)
    return names


_registered_once: list[bool] = []


def _between(start: Any, end: Any, ends: Sequence[str] = UNRELATED) -> list[Any]:
    """The operations through which `end` depends on `start`, in order of making.

    ends : types of operations that depend on nothing
    """
    reached = {start.op.name}
    forward = []
    for op in start.graph.get_operations():
        if op.name in reached or op.type in ends:
            continue
        if any(tensor.op.name in reached for tensor in op.inputs):
            reached.add(op.name)
            forward.append(op)
    needed = {end.op.name}
    between = []
    for op in reversed(forward):
        if op.name in needed:
            between.append(op)
            needed.update(tensor.op.name for tensor in op.inputs)
    return between[::-1]


def _steps_read(operations: list[Any], start: Any, end: Any) -> list[tuple[Any, Any]]:
    """What must be the same in both halves: (tensor, the step that it was made by).

    A step makes truth or whole numbers of numbers. Where what a gradient flows through is made
    with the help of one, the difference that it makes would be nobody's contribution. `InputError`
    for an operation on the gradient's way without a rule.
    """
    varying = {start.name} | {made.name for op in operations for made in op.outputs}
    flowing = {start.name}  # what a gradient flows through
    steps: dict[str, Any] = {}  # of what is made of a step
    read = []
    for op in operations:
        of_steps = [given for given in op.inputs if given.name in steps]
        step = steps[of_steps[0].name] if of_steps else op
        flows = op.type != "StopGradient" and any(given.name in flowing for given in op.inputs)
        for made in op.outputs:
            if made.dtype.is_integer or made.dtype.is_bool:
                steps[made.name] = step
            elif flows:
                flowing.add(made.name)
            elif of_steps:
                steps[made.name] = step
        if any(made.name in flowing for made in op.outputs):
            read += [(given, steps[given.name]) for given in of_steps]
            _check_rule(op, [given.name in varying - steps.keys() for given in op.inputs])
    if end.name in steps:
        raise _refused_step(steps[end.name])
    return read


def _refused_step(step: Any) -> InputError:
    return step_of_the_sequence(f"the operation {step.type} ({step.name})")


def _alike(ours: Any, theirs: Any, repeats: Any) -> Any:
    """Is what a step made of each sequence that of all its references?"""
    import tensorflow as tf

    ours = tf.repeat(ours, repeats, axis=0) if ours.shape.rank else ours
    same = tf.reduce_all(tf.equal(tf.shape(ours), tf.shape(theirs)))
    return tf.cond(same, lambda: tf.reduce_all(tf.equal(ours, theirs)), lambda: False)


def _check_rule(op: Any, varying: list[bool]) -> None:
    """Raise `InputError` for an operation that no rule is known for.

    varying : which of its inputs depend on the sequence
    """
    n_varying = sum(varying)
    known = op.type in RULES or op.type in LINEAR or (n_varying == 1 and _calls_linear(op))
    if op.type == "DivNoNan":
        known = not varying[1]
    if op.type == "FusedBatchNormV3":  # of the sequence's own mean and deviation
        known = not op.get_attr("is_training")
    if not known or (op.type in BILINEAR and n_varying > 1):
        if op.type in LOOPS or op.type.startswith("TensorList"):
            length = (
                "a Keras model (.keras, .h5) that says its length, as keras.Input((600, 4)) does"
            )
            raise without_rule(f"a recurrent layer, or another loop ({op.name})", length)
        if op.type.endswith("PartitionedCall"):
            hidden = f"calls that cannot be looked into, as a SavedModel's ({op.name})"
            raise without_rule(hidden, "the Keras model (.keras, .h5) that it was made of")
        raise without_rule(f"the operation {op.type} ({op.name})")


def _calls_linear(op: Any) -> bool:
    """Is it a call of a function of linear operations? Keras compiles grouped convolutions so."""
    if op.type not in ("PartitionedCall", "StatefulPartitionedCall"):
        return False
    name = op.get_attr("f").name
    inside = next(f for f in op.graph.as_graph_def().library.function if f.signature.name == name)
    plain = ("Const", "NoOp", "ReadVariableOp")
    return all(node.op in LINEAR or node.op in plain for node in inside.node_def)


def _forget_custom_gradients(operations: list[Any]) -> None:
    """Look inside functions with a gradient of their own, such as TensorFlow's silu.

    Such a function ends in an identity that carries its gradient; here it is one as any other.
    """
    from tensorflow.core.framework import attr_value_pb2

    for op in operations:
        if op.type in ("Identity", "IdentityN") and "_gradient_op_type" in op.node_def.attr:
            op._set_attr("_gradient_op_type", attr_value_pb2.AttrValue(s=op.type.encode()))
