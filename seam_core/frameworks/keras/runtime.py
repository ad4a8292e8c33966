"""TensorFlow and Keras, imported late and quietly."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import MetaPathFinder
from typing import Any

from seam_core.importing import importing_for_good
from seam_core.validate import InputError, MissingPackageError


def import_tensorflow() -> Any:
    """The tensorflow module, its start-up chatter silenced; Keras is told to compute with it.

    Raises `MissingPackageError` when TensorFlow is not installed, or when Keras was already
    imported with another backend (it cannot change afterwards).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        if "tensorflow" not in sys.modules:
            with _silent_stderr(), _left_out("sklearn", "matplotlib"), importing_for_good():
                import tensorflow  # noqa: F401
        import tensorflow as tf
    except ImportError as error:
        raise MissingPackageError(
            "Keras models need TensorFlow: pip install 'tensorflow>=2.18'"
        ) from error
    tf.get_logger().setLevel("ERROR")
    # Triton loaded after TensorFlow ends the process, since both bring an LLVM of their own
    # (github.com/tensorflow/tensorflow/issues/124205); PyTorch does without where it is not found
    sys.modules.setdefault("triton", None)  # type: ignore[arg-type]
    return tf


def import_keras() -> Any:
    """The keras module (version 3), with TensorFlow as its backend."""
    import_tensorflow()
    import keras

    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise MissingPackageError(
            f"Keras was started with the backend {backend}; "
            "start again with the environment variable KERAS_BACKEND=tensorflow"
        )
    return keras


def device_scope(device: str) -> AbstractContextManager[Any]:
    """The context in which a model is loaded and run on `device` ("auto", "cpu" or "gpu").

    "auto" takes the GPU when TensorFlow sees one. Raises `InputError` where "gpu" is asked for
    and there is none.
    """
    on_cpu = runs_on_cpu(device)
    if device == "gpu" and on_cpu:
        raise InputError("device", "gpu, but TensorFlow sees none", "cpu or auto")
    return import_tensorflow().device("/CPU:0" if on_cpu else "/GPU:0")


def runs_on_cpu(device: str) -> bool:
    """Whether `device_scope` of this device is the CPU's."""
    return device == "cpu" or not import_tensorflow().config.list_physical_devices("GPU")


def is_single_threaded() -> bool:
    """Was TensorFlow told to use one core, as workers of a batch are, or is there but one?"""
    told = import_tensorflow().config.threading.get_intra_op_parallelism_threads()
    return (told or int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")) or os.cpu_count()) == 1


@contextmanager
def _left_out(*packages: str) -> Iterator[None]:
    """Packages are as if not installed to what this thread imports.

    Keras looks for scikit-learn and matplotlib, for wrappers and pictures that no model is made
    of: a quarter of the time that TensorFlow takes to start.
    """
    thread = threading.get_ident()

    class Absent(MetaPathFinder):
        def find_spec(self, name: str, *_: Any) -> None:
            if threading.get_ident() == thread and name.partition(".")[0] in packages:
                raise ModuleNotFoundError(name, name=name)

    absent = Absent()
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keeps back what native code writes to the terminal, which no log level does."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
