"""Model files of Keras and TensorFlow, of every age, read without running code from them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.product import install_command
from seam_core.validate import InputError, MissingPackageError, first_line

# What broken files make the readers of h5py, zipfile, json and Keras raise.
READ_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError)
FORMATS = "a .keras or .h5 file, a .json with its weights beside it, or a SavedModel folder"


def read_model(path: Path, weights: Path | None = None) -> Any:
    """A callable Keras model from any of the formats that Keras and TensorFlow write.

    Parameters
    ----------
    path : `.keras`; `.h5` or `.hdf5` (whole model); `.json` (architecture); SavedModel folder
    weights : weights of a `.json`; by default the `.h5` file of the same name beside it

    Returns
    -------
    A Keras 3 model; a tf-keras model for files that Keras 3 cannot read, where tf-keras is
    installed; a `TFSMLayer` for a SavedModel.

    Raises
    ------
    InputError
        No such file, another format, a damaged file, or a Lambda layer (it holds Python code
        that would run on loading).
    """
    if not path.exists():
        raise InputError("model", "no such file", FORMATS, str(path))
    if path.is_dir():
        return _read_saved_model(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _read_architecture(path, weights or _weights_beside(path))
    if suffix == ".keras":
        _refuse_lambdas(_keras_archive_config(path), path)
    elif suffix in (".h5", ".hdf5"):
        _refuse_lambdas(_h5_config(path), path)
    else:
        raise InputError("model", f"a {suffix or 'nameless'} file", FORMATS, str(path))
    return _load_whole(path)


def _weights_beside(path: Path) -> Path:
    """The weights that go with an architecture file."""
    candidates = [path.with_suffix(".h5"), path.with_suffix(".weights.h5")]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise InputError(
        "weights",
        "no weights file beside the model",
        f"{candidates[0].name} in the same folder, or the option weights",
        str(path),
    )


def _read_architecture(path: Path, weights: Path) -> Any:
    keras = import_keras()
    if not weights.exists():
        raise InputError("weights", "no such file", "the weights of the model", str(weights))
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        config = json.loads(text)
    except ValueError as error:
        raise InputError("model", f"{error}", "a Keras model as JSON", str(path)) from error
    if not isinstance(config, dict) or "class_name" not in config:
        raise InputError("model", "JSON without class_name", "a Keras model as JSON", str(path))
    _refuse_lambdas(config, path)
    # Keras 2 called functional models "Model".
    names = {"Model": keras.Model, "Functional": keras.Model}
    try:
        model = keras.models.model_from_json(text, custom_objects=names)
    except READ_ERRORS as error:
        model = _with_tf_keras(
            lambda old: old.models.model_from_json(text, custom_objects={"Model": old.Model}),
            path,
            error,
        )
    try:
        model.load_weights(str(weights))
    except READ_ERRORS as error:
        raise InputError(
            "weights", first_line(error), f"weights that fit {path.name}", str(weights)
        ) from error
    return model


def _load_whole(path: Path) -> Any:
    keras = import_keras()
    try:
        return keras.models.load_model(str(path), compile=False, safe_mode=True)
    except READ_ERRORS as error:
        return _with_tf_keras(
            lambda old: old.models.load_model(str(path), compile=False, safe_mode=True),
            path,
            error,
        )


def _with_tf_keras(load: Any, path: Path, first_error: Exception) -> Any:
    """Second try, with the package that keeps Keras 2 alive."""
    try:
        import tf_keras
    except ImportError:
        raise InputError(
            "model",
            f"a file that Keras 3 cannot read ({first_line(first_error)})",
            f"a model of Keras 3; for one of Keras 2: {install_command('tf-keras')}",
            str(path),
        ) from first_error
    try:
        return load(tf_keras)
    except READ_ERRORS as error:
        raise InputError(
            "model",
            f"a file that neither Keras 3 ({first_line(first_error)}) "
            f"nor tf-keras ({first_line(error)}) can read",
            FORMATS,
            str(path),
        ) from error


def _read_saved_model(path: Path) -> Any:
    tf, keras = import_tensorflow(), import_keras()
    if not (path / "saved_model.pb").exists():
        raise InputError("model", "a folder without saved_model.pb", FORMATS, str(path))
    try:
        signatures = tf.saved_model.load(str(path)).signatures
        # `model.export` writes "serve" for Keras 3 and "serving_default" for all.
        endpoint = "serving_default" if "serving_default" in signatures else next(iter(signatures))
        return keras.layers.TFSMLayer(str(path), call_endpoint=endpoint)
    except (*READ_ERRORS, StopIteration, tf.errors.OpError) as error:
        raise InputError("model", first_line(error), "a SavedModel", str(path)) from error


def _keras_archive_config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InputError("model", "no Keras archive", "a .keras file", str(path)) from error


def _h5_config(path: Path) -> Any:
    try:
        import h5py
    except ImportError as error:  # TensorFlow brings it
        raise MissingPackageError("reading .h5 models needs h5py: pip install h5py") from error
    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
    except OSError as error:
        raise InputError("model", "no HDF5 file", "a Keras .h5 file", str(path)) from error
    if config is None:
        raise InputError(
            "model",
            "weights without an architecture",
            "a whole model, or the .json of the architecture with these weights beside it",
            str(path),
        )
    return json.loads(config)


def _refuse_lambdas(config: Any, path: Path) -> None:
    for name in _lambda_layers(config):
        raise InputError(
            "model",
            f"Lambda layer {name!r}, which holds Python code that would run on loading",
            "layers without code of their own (save the model with a built-in or custom layer "
            "in its place)",
            str(path),
        )


def _lambda_layers(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        if config.get("class_name") == "Lambda":
            yield str(config.get("config", {}).get("name", "?"))
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            yield from _lambda_layers(item)
