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


# The signature that programs are saved with where their maker names none.
USUAL_SIGNATURE = "serving_default"


class SavedProgram:
    """A SavedModel, called by its signature: the usual one, or the only one.

    Parameters
    ----------
    program : what `tf.saved_model.load` gives, with one signature or more; it holds the weights
    """

    def __init__(self, program: Any) -> None:
        self.program = program
        named = dict(program.signatures)
        if USUAL_SIGNATURE not in named and len(named) > 1:
            raise InputError(
                "model",
                f"a SavedModel of the signatures {', '.join(sorted(named))}",
                f"one that calls the one to explain {USUAL_SIGNATURE}: "
                f"tf.saved_model.save(program, folder, {{'{USUAL_SIGNATURE}': "
                f"program.signatures['{min(named)}']}})",
            )
        self.signature = named.get(USUAL_SIGNATURE) or next(iter(named.values()))

    def __call__(self, **inputs: Any) -> Any:
        """Its outputs by name."""
        return self.signature(**inputs)


def is_saved_model(model: Any) -> bool:
    """Is it called by its signature?"""
    return isinstance(model, SavedProgram)


def as_given(model: Any, inputs: list[Any]) -> Any:
    """The inputs in the order of `model_inputs`, in the lists and dicts that the model takes."""
    wanted = getattr(model, "input", None) if getattr(model, "inputs", None) else None
    if isinstance(wanted, (dict, list, tuple)):
        return import_tensorflow().nest.pack_sequence_as(wanted, inputs)
    return inputs if len(inputs) > 1 else inputs[0]


@dataclass(frozen=True)
class ModelInput:
    """An input of a model.

    shape : with the batch axis; None where the model does not say
    dtype : "float32", "int32", ...
    """

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str = "float32"


def model_inputs(model: Any) -> list[ModelInput]:
    """The inputs in the model's order; those of a SavedModel, which has none, by their names."""
    if is_saved_model(model):
        _, keywords = model.signature.structured_input_signature
        return [
            ModelInput(name, tuple(spec.shape), spec.dtype.name)
            for name, spec in sorted(keywords.items())
        ]
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
