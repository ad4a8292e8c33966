"""What a map takes in memory of a Keras model, from the graph of its gradient."""

from __future__ import annotations

from typing import Any

from seam_core.frameworks.keras.runtime import import_tensorflow
from seam_core.validate import FOREIGN, SeamError

# Operations whose output is their input, and those that may write over an input of its size.
VIEWS = ("Identity", "Reshape", "Squeeze", "ExpandDims", "StopGradient", "PreventGradient")
IN_PLACE = (
    *("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Sigmoid", "Tanh", "Softplus", "Softmax", "Exp"),
    *("BiasAdd", "AddV2", "AddN", "Sub", "Mul", "RealDiv", "Neg", "ReluGrad", "EluGrad"),
)


def bytes_of_map(oracle: Any, length: int) -> int | None:
    """Most bytes of tensors that a gradient (else a prediction) of one sequence holds at once.

    Beside the weights. Nothing is computed: operations are gone through in the graph's order, a
    tensor is held until the last that reads it. None where the model does not answer.

    Parameters
    ----------
    oracle : a `KerasOracle`
    """
    tf = import_tensorflow()
    rows = oracle.fixed_batch or 1
    traced = oracle.value_and_gradient if oracle.has_gradient else oracle.scalar
    try:
        function = tf.function(traced, autograph=False).get_concrete_function(
            tf.TensorSpec((rows, length, oracle.n_letters), tf.float32)
        )
    except (SeamError, *FOREIGN):
        return None
    return _most_held(function.graph, function.inputs[0], function.outputs) // rows or None


def _most_held(graph: Any, given: Any, ends: list[Any]) -> int:
    operations = _between(graph, given, ends)
    source: dict[Any, Any] = {}

    def held(tensor: Any) -> Any:
        """The tensor whose bytes it is."""
        return source.get(tensor.ref(), tensor.ref())

    last: dict[Any, int] = {}
    for index, operation in enumerate(operations):
        if operation.type in VIEWS:
            source[operation.outputs[0].ref()] = held(operation.inputs[0])
        last.update((held(each), index) for each in operation.inputs)
    last.update((held(each), len(operations)) for each in ends)
    sizes: dict[Any, int] = {}
    now = peak = 0
    for index, operation in enumerate(operations):
        over = {held(each) for each in operation.inputs}
        over = {each for each in over if each in sizes and last[each] == index}
        for made in operation.outputs if operation.type not in VIEWS else ():
            if made.ref() not in last:
                continue
            size = (made.shape.num_elements() or 0) * made.dtype.size
            same = [each for each in over if sizes[each] == size]
            if same and operation.type in IN_PLACE:
                over.discard(same[0])
                now -= sizes.pop(same[0])
            sizes[made.ref()] = size
            now += size
        peak = max(peak, now)
        now -= sum(sizes.pop(each) for each in over)
    return peak


def _between(graph: Any, given: Any, ends: list[Any]) -> list[Any]:
    """The operations that `ends` are made of and that depend on `given`, in the graph's order."""
    needed, todo = set(), [each.op for each in ends]
    while todo:
        operation = todo.pop()
        if operation.name not in needed:
            needed.add(operation.name)
            todo.extend(each.op for each in operation.inputs)
    following = {given.op.name}
    kept = []
    for operation in graph.get_operations():
        if operation.name in needed and any(e.op.name in following for e in operation.inputs):
            following.add(operation.name)
            kept.append(operation)
    return kept
