"""Model files of Keras and TensorFlow, of every age; what would run code is asked for first."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from seam_core import trust
from seam_core.families import Signature, recognised
from seam_core.frameworks.keras.lambdas import LAMBDA, is_chrombpnet_counts, log_sum_exp
from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.frameworks.keras.structure import SavedProgram, is_h5_of_keras_3
from seam_core.product import install_command
from seam_core.readers.apart import read_apart
from seam_core.readers.door import check_claim, refused, text_of
from seam_core.readers.kinds import kind_of
from seam_core.readers.settings import parse_json
from seam_core.validate import InputError, MissingPackageError, cause_of

# What broken files make the readers of h5py, zipfile, json and Keras raise.
READ_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError)
# Layers that hold Python code, or name a function of TensorFlow's to call.
# A TFSMLayer runs a SavedModel.
RUN_CODE = (
    *("Lambda", "TFOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty", "TFSMLayer"),
)
KNOWN_MODULES = ("keras", "tf_keras", "builtins", "tensorflow")
MISSING = re.compile(
    r"Could not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|function): '?([\w>]+)"
)
# Of what is no layer, such as an activation: Keras writes its code, and reads it as a name.
LAMBDA_NAMED = re.compile(r"identifier: \{'value': \['|Expected 'config' to be a dict for module")
FORMATS = "a .keras or .h5 file, a .json with its weights beside it, or a SavedModel folder"
# What else TensorFlow and Keras have written, by suffix: what it is, and what to give in its place.
OTHERS = {
    ".yaml": ("an architecture as YAML", "the same as JSON (model.to_json()), with its weights"),
    ".pb": ("a graph by itself", "the folder of a SavedModel"),
    ".tflite": ("a TensorFlow Lite file", "the model that it was made of"),
}
OTHERS[".yml"] = OTHERS[".yaml"]


def read_model(
    path: Path, weights: Path | None = None, layers: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    """A callable Keras model from any of the formats that Keras and TensorFlow write.

    Parameters
    ----------
    path : `.keras`; `.h5` or `.hdf5` (whole model); `.json` (architecture); SavedModel folder
    weights : weights of a `.json`; by default the `.h5` file of the same name beside it
    layers : classes and functions that the model is made of and Keras does not know, by name

    Returns
    -------
    A Keras 3 model; a tf-keras model for files that Keras 3 cannot read, where tf-keras is
    installed; a `SavedProgram` for a SavedModel.

    Raises
    ------
    InputError
        No such file, another format, a damaged file, a layer that Keras does not know.
    TrustError
        A file that runs code when it is opened: SavedModels, Lambda layers.
    """
    if not path.exists():
        raise InputError("model", "no such file", FORMATS, str(path))
    if path.is_file() and path.suffix.lower() == ".json":
        return _read_architecture(path, weights, layers)
    if path.is_file() and path.suffix.lower() in OTHERS:
        raise InputError("model", *OTHERS[path.suffix.lower()], str(path))
    if weights is not None:
        raise InputError("weights", weights, "nothing: the model has its own", str(path))
    if path.is_dir():
        return _read_saved_model(path)
    config = read_config(path)
    known = is_chrombpnet_counts(list(layers_in(config)))
    safe = check_config(config, path, {**layers, LAMBDA: None} if known else layers)
    layers = _as_registered(config, layers)

    def load(keras: Any) -> Any:
        formulas = {LAMBDA: log_sum_exp(keras)} if known else {}
        return keras.models.load_model(
            str(path), compile=False, safe_mode=safe, custom_objects={**layers, **formulas}
        )

    return _either(load, path)


def read_config(path: Path) -> Any:
    """What a model is made of, as its file says; nothing of it is made."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _json_config(text_of(path, "model", "a Keras model as JSON"), path)
    if suffix == ".keras":
        return _keras_archive_config(path)
    if suffix in (".h5", ".hdf5"):
        return _h5_config(path)
    raise refused(kind_of(path), "model", FORMATS, path)


# what the JSON beside Calico's weights holds, of networks that only their own code builds
_OF_CALICO = {"model", "train"}
_PORT = "a Keras model as JSON: take their PyTorch port (seam models borzoi, seam models basenji2)"


def _json_config(text: str, path: Path) -> dict[str, Any]:
    config = parse_json(text, "model", path)
    if isinstance(config, dict) and set(config) >= _OF_CALICO:
        raise InputError("model", "the settings of a Basenji or Borzoi network", _PORT, str(path))
    if not isinstance(config, dict) or "class_name" not in config:
        raise InputError("model", "JSON without class_name", "a Keras model as JSON", str(path))
    return config


def _weights_beside(path: Path) -> Path:
    """The weights that go with an architecture file."""
    suffixes = (".h5", ".weights.h5", ".hdf5", ".weights.hdf5")
    candidates = [path.with_suffix(suffix) for suffix in suffixes]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise InputError(
        "weights",
        "no weights file beside the model",
        f"{candidates[0].name} in the same folder, or the option weights",
        str(path),
    )


def _read_architecture(path: Path, weights: Path | None, layers: Mapping[str, Any]) -> Any:
    text = text_of(path, "model", "a Keras model as JSON")
    config = _json_config(text, path)
    weights = weights or _weights_beside(path)
    if not weights.exists():
        raise InputError("weights", "no such file", "the weights of the model", str(weights))
    safe = check_config(config, path, layers)
    layers = _as_registered(config, layers)

    def load(keras: Any) -> Any:
        # Keras 2 called functional models "Model".
        names = {"Model": keras.Model, "Functional": keras.Model, **layers}
        with nullcontext() if safe else _lambdas_allowed(keras):
            return keras.models.model_from_json(text, custom_objects=names)

    model = _either(load, path)
    try:
        with warnings.catch_warnings(record=True) as warned:
            model.load_weights(str(weights))
        # Where they were not read the error says why; what only training needs is not missed.
        for each in (each for each in warned if "optimizer" not in str(each.message)):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    except READ_ERRORS as error:
        raise InputError(
            "weights", cause_of(error), f"weights that fit {path.name}", str(weights)
        ) from error
    return model


def _lambdas_allowed(keras: Any) -> Any:
    """Only after the user's yes."""
    keras.config.enable_unsafe_deserialization()
    return nullcontext()


def _either(load: Callable[[Any], Any], path: Path) -> Any:
    """What Keras 3 reads, or else tf-keras, the package that keeps Keras 2 alive."""
    try:
        keras = import_keras()
        with warnings.catch_warnings():
            # advice for whoever writes a model; here a file is opened that somebody wrote
            warnings.filterwarnings("ignore", "Do not pass an `input_shape`", UserWarning)
            return load(keras)
    except READ_ERRORS as error:
        return _with_tf_keras(load, path, error)


def _explain_missing_layer(error: Exception, path: Path) -> None:
    """Raise `InputError` where the file is made of a class or function that Keras does not know."""
    if LAMBDA_NAMED.search(str(error)):
        got = "a lambda in the place of a function, which Keras cannot read back"
        named = "the model saved with a named function there, and --import file.py that has it"
        raise InputError("model", got, named, str(path)) from error
    match = MISSING.search(str(error))
    name = next(filter(None, match.groups())) if match else ""
    if name and not _is_kerass_own(name):
        raise _missing_layer(name, path) from error


def _is_kerass_own(name: str) -> bool:
    """Is it Keras's, and its file of another Keras?"""
    keras = import_keras()
    operation = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()  # NotEqual is keras.ops.not_equal
    known = (keras, name), (keras.layers, name), (keras.ops, operation)
    return name == "Functional" or any(hasattr(*each) for each in known)


def _missing_layer(name: str, path: Path) -> InputError:
    """Of what was registered the package is said too: crested>gelu is perhaps of crested."""
    package, registered, _ = name.partition(">")
    perhaps = f"; perhaps --import {package}" if registered else ""
    return InputError(
        "model",
        f"{name}, a layer or function that Keras does not know",
        f"--import MODULE or --import file.py, where it is defined (its code runs){perhaps}",
        str(path),
    )


def _with_tf_keras(load: Any, path: Path, first_error: Exception) -> Any:
    """Second try, with the package that keeps Keras 2 alive."""
    try:
        import tf_keras
    except ImportError:
        _explain_missing_layer(first_error, path)
        raise InputError(
            "model",
            f"a file that Keras 3 cannot read ({cause_of(first_error)})",
            f"a model of Keras 3; for one of Keras 2: {install_command('tf-keras')}",
            str(path),
        ) from first_error
    try:
        return load(tf_keras)
    except READ_ERRORS as error:
        for each in (first_error, error):
            _explain_missing_layer(each, path)
        got = (
            f"a file that neither Keras 3 ({cause_of(first_error)}) "
            f"nor tf-keras ({cause_of(error)}) can read"
        )
        expected = FORMATS
        if is_h5_of_keras_3(path):
            cause = cause_of(first_error).split(". ")[0]
            got = f"an .h5 file of Keras 3 that Keras 3 cannot read ({cause})"
            expected = "the same model saved as .keras, which brings back all of it"
        raise InputError("model", got, expected, str(path)) from error


def _read_saved_model(path: Path) -> Any:
    tf = import_tensorflow()
    if not (path / "saved_model.pb").exists():
        weights = any(path.glob("*.index"))
        what = "weights alone (a TensorFlow checkpoint)" if weights else "no saved_model.pb"
        raise InputError("model", f"a folder with {what}", FORMATS, str(path))
    trust.require_for_file(path, "a SavedModel: a program, which may read and write files")
    try:
        program = tf.saved_model.load(str(path))
    except (*READ_ERRORS, tf.errors.OpError) as error:
        raise InputError("model", cause_of(error), "a SavedModel", str(path)) from error
    try:
        return SavedProgram(program)
    except InputError as error:
        raise InputError("model", error.got, error.expected, str(path)) from error


def _keras_archive_config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            member = archive.getinfo("config.json")
            check_claim(member.file_size, path.stat().st_size, "model", path)
            return parse_json(archive.read(member).decode("utf-8"), "model", path)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise InputError("model", "no Keras archive", "a .keras file", str(path)) from error


def _architecture_of(path: Path) -> str:
    """What a file of weights needs beside it, in words; of a known family its port."""
    made_of = path.stem.removesuffix(".weights") + ".json"
    if (path.parent / made_of).exists():
        return f"{made_of}, their architecture, as the model: it takes the weights beside it"
    family = recognised(Signature(weights=h5_shapes(path)))
    if family is not None:
        return f"the file of {family.label}: {family.model} (seam models {family.name})"
    return (
        f"the architecture too: {made_of} beside it (model.to_json()); or "
        f"--model networks.py:make_model --weights {path.name}, a function that makes the model; "
        "or the whole model (model.save)"
    )


def h5_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays in an HDF5 file by name; nothing of one that cannot be read."""
    import h5py

    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            shapes[name] = tuple(item.shape)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(note)
    except READ_ERRORS:
        return {}
    return shapes


@lru_cache(maxsize=8)
def _look_through(path: Path, _mtime_ns: int, _size: int) -> None:
    """Raise `InputError` for HDF5 that cannot be followed; a process each file, once."""
    read_apart("hdf5", path, field="model", expected="a Keras .h5 file")


def _h5_config(path: Path) -> Any:
    try:
        import h5py
    except ImportError as error:  # TensorFlow brings it
        raise MissingPackageError("reading .h5 models needs h5py: pip install h5py") from error
    # libhdf5 may follow the blocks of a damaged file for ever
    if path.is_file() and kind_of(path) == "hdf5":
        status = path.stat()
        _look_through(path, status.st_mtime_ns, status.st_size)
    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
            version = str(file.attrs.get("keras_version", ""))
    except OSError as error:
        raise InputError("model", "no HDF5 file", "a Keras .h5 file", str(path)) from error
    if config is None:
        got = "weights without an architecture"
        raise InputError("model", got, _architecture_of(path), str(path))
    if version.startswith(("0.", "1.")):
        raise InputError(
            "model",
            f"a file of Keras {version}",
            "one of Keras 2 or 3: open it with Keras 2.2 or older (pip install 'keras<2.3' in an "
            "environment of its own) and save it again",
            str(path),
        )
    text = config.decode("utf-8", "replace") if isinstance(config, bytes) else str(config)
    return parse_json(text, "model", path)


def check_config(config: Any, path: Path, layers: Mapping[str, Any]) -> bool:
    """Look at what a model is made of before it is made; True: nothing in it runs code.

    Raises
    ------
    TrustError
        A layer with Python code of its own, or one that may call any of TensorFlow's functions.
    InputError
        A class of a module that was not imported.
    """
    safe = True
    for kind, item in layers_in(config):
        name = str((item.get("config") or {}).get("name", "?"))
        if kind in RUN_CODE and kind not in layers:
            safe = False
            trust.require_for_file(path, f"{kind} layer {name!r}")
        module = item.get("module")
        foreign = isinstance(module, str) and module.split(".")[0] not in KNOWN_MODULES
        registered = item.get("registered_name")
        if foreign and kind not in layers and not _is_registered(registered):
            raise _missing_layer(str(registered or kind), path)
    return safe


def _as_registered(config: Any, layers: Mapping[str, Any]) -> dict[str, Any]:
    """The layers also under the names that the file knows them by, such as Lab>Attention."""
    registered = dict(layers)
    for kind, item in layers_in(config):
        name = item.get("registered_name")
        if isinstance(name, str) and kind in layers:
            registered[name] = layers[kind]
    return registered


def _is_registered(name: Any) -> bool:
    import keras

    return keras.saving.get_registered_object(str(name)) is not None


def layers_in(config: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(class, configuration) of everything that a model is made of; of any depth.

    Of a function, whose configuration is its name alone, a dict of that name.
    """
    todo = [config]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if isinstance(item.get("class_name"), str):
                config = item.get("config")
                named = {"config": {"name": config}} if isinstance(config, str) else {}
                yield item["class_name"], {**item, **named}
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
