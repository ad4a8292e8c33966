"""What a Keras model takes and gives, as it says itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seam_core.frameworks.framework import is_made_of
from seam_core.frameworks.keras.runtime import import_tensorflow
from seam_core.oracles.explained import named_outputs
from seam_core.validate import InputError


def owns(model: Any) -> bool:
    """Is it a Keras model, or a class of such?"""
    return is_made_of(model, ("keras", "tf_keras"), "Model")


def is_h5_of_keras_3(path: Path) -> bool:
    """Was it written by Keras 3, whose .h5 files lack operations and models of somebody's own?"""
    import h5py

    with suppress(OSError), h5py.File(path) as file:
        return str(file.attrs.get("keras_version", "")).startswith("3")
    return False


@dataclass(frozen=True)
class ModelInput:
    """An input of a model.

    shape : with the batch axis; None where the model does not say
    dtype : "float32", "int32", ...
    """

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str = "float32"


# The signature that programs are saved with where their maker names none.
USUAL_SIGNATURE = "serving_default"


class SavedProgram:
    """A SavedModel, called by its signature: the usual one, or the only one.

    One without signatures, as TensorFlow Hub shares Enformer, is called by the only function
    that it was saved with: `model.predict_on_batch`.

    Parameters
    ----------
    program : what `tf.saved_model.load` gives; it holds the weights

    Raises
    ------
    InputError
        None of several signatures or functions is the usual one; or there is none.
    """

    def __init__(self, program: Any) -> None:
        self.program = program
        named = dict(program.signatures) or _functions_of(program)
        if USUAL_SIGNATURE not in named and len(named) != 1:
            raise InputError("model", *_of_no_one_signature(program, sorted(named)))
        self._called = named.get(USUAL_SIGNATURE) or next(iter(named.values()))
        given, by_name = self._called.structured_input_signature
        flat = (*given, *(by_name[name] for name in sorted(by_name)))
        self.takes = [ModelInput(spec.name, tuple(spec.shape), spec.dtype.name) for spec in flat]
        self._n_given = len(given)

    def __call__(self, *inputs: Any) -> Any:
        """Its outputs, of inputs in the order of `takes`."""
        given, rest = inputs[: self._n_given], self.takes[self._n_given :]
        by_name = {each.name: value for each, value in zip(rest, inputs[len(given) :], strict=True)}
        return self._called(*given, **by_name)


def _functions_of(program: Any) -> dict[str, Any]:
    """Functions that a program was saved with and that take tensors alone, by their path.

    Those of the program itself; where it has none, of what it holds, and so on down.
    """
    level = {"": program}
    while level:
        held = {
            f"{path}.{name}".lstrip("."): each
            for path, holder in level.items()
            for name, each in vars(holder).items()
            if not name.startswith("_") and name != "signatures"
        }
        functions = {
            path: each.concrete_functions[0]
            for path, each in held.items()
            if len(getattr(each, "concrete_functions", ())) == 1
            and _takes_tensors(each.concrete_functions[0])
        }
        if functions:
            return functions
        level = {
            path: each
            for path, each in held.items()
            if is_made_of(each, ("tensorflow",), "AutoTrackable")
        }
    return {}


def _takes_tensors(function: Any) -> bool:
    given, by_name = function.structured_input_signature
    return all(hasattr(spec, "shape") for spec in (*given, *by_name.values()))


def _of_no_one_signature(program: Any, names: list[str]) -> tuple[str, str]:
    """What a program with none that is called unasked has, and what is expected."""
    if not names:
        expected = "one that is saved with signatures=, which say what it takes"
        return "a SavedModel without signatures", expected
    kind, one = "signatures", f"program.signatures['{names[0]}']"
    if not program.signatures:
        kind, one = "functions", f"program.{names[0]}"
    return f"a SavedModel of the {kind} {', '.join(names)}", (
        f"one that calls the one to explain {USUAL_SIGNATURE}: "
        f"tf.saved_model.save(program, folder, {{'{USUAL_SIGNATURE}': {one}}})"
    )


def is_saved_model(model: Any) -> bool:
    """Is it called by its signature?"""
    return isinstance(model, SavedProgram)


def as_given(model: Any, inputs: list[Any]) -> Any:
    """The inputs in the order of `model_inputs`, in the lists and dicts that the model takes."""
    wanted = getattr(model, "input", None) if getattr(model, "inputs", None) else None
    if isinstance(wanted, (dict, list, tuple)):
        return import_tensorflow().nest.pack_sequence_as(wanted, inputs)
    return inputs if len(inputs) > 1 else inputs[0]


def model_inputs(model: Any) -> list[ModelInput]:
    """The inputs in the model's order; those of a SavedModel, which has none, by their names."""
    if is_saved_model(model):
        return list(model.takes)
    inputs = getattr(model, "inputs", None)
    if not inputs:  # a subclassed model, which may remember what it was built for
        built: dict[str, Any] = getattr(model, "get_build_config", dict)() or {}
        shape: Any = built.get("input_shape")
        sequences = isinstance(shape, (list, tuple)) and len(shape) == 3
        # of as many sequences as it was first called with, which it is not held to
        return [ModelInput("input", (None, *shape[1:]) if sequences else None)]
    return [
        ModelInput(tensor.name.split(":")[0], tuple(tensor.shape), _type_name(tensor.dtype))
        for tensor in inputs
    ]


def is_looked_up(model: Any, given: ModelInput) -> bool | None:
    """Are the input's numbers indices of an embedding? None where the model does not say."""
    if "int" in given.dtype:
        return len(given.shape or ()) == 2
    layers = getattr(model, "layers", None)
    if layers is None:
        return None
    return any(
        type(layer).__name__ == "Embedding" and _reads(layer, given.name) for layer in layers
    )


def _reads(layer: Any, name: str) -> bool:
    try:
        return str(layer.input.name).split(":")[0] == name
    except (AttributeError, ValueError):  # called more than once, or not by the model
        return False


def _type_name(dtype: Any) -> str:
    return dtype if isinstance(dtype, str) else dtype.name


def keras_outputs(model: Any, outputs: Any) -> dict[str, Any]:
    """What a model puts out, or its symbolic outputs, by name; of a SavedModel in their order."""
    if is_saved_model(model):
        return dict(sorted(named_outputs(outputs).items()))
    names = list(getattr(model, "output_names", []) or [])
    parts = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    flat = all(hasattr(part, "shape") for part in parts)
    if flat and len(names) == len(parts) == len(set(names)):
        return dict(zip(names, parts, strict=True))
    return named_outputs(outputs if len(parts) > 1 else parts[0])
