"""Options and fixtures of all tests."""

from __future__ import annotations

import atexit
import importlib.abc
import os
import shutil
import sys
import tempfile

import pytest

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
QT_PACKAGES = ("PyQt5", "PyQt6", "PySide2", "PySide6", "pyqtgraph")


class WithoutQt(importlib.abc.MetaPathFinder):
    """Makes Qt unimportable, as on a machine where it is not installed."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] in QT_PACKAGES:
            raise ModuleNotFoundError(f"No module named {fullname!r} (--without-qt)")
        return None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-qt", action="store_true", help="make Qt unimportable: the engine needs none"
    )


def _folder(prefix: str) -> str:
    """One that goes with this process."""
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        for name in THREADS:  # a worker for each core: threads beside them would only wait
            os.environ.setdefault(name, "1")
    # what tests agree to is not the user's
    os.environ.setdefault("SEAM_STATE", _folder("seam-tests-"))
    # the user's own log stays as it is
    os.environ["XDG_STATE_HOME"] = _folder("seam-state-")
    # JAX, which some tests import, would set it lower for the processes that they start
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # the tests that load TensorFlow themselves need what seam_core.frameworks.keras.runtime does
    sys.modules.setdefault("triton", None)
    if config.getoption("--without-qt"):
        sys.meta_path.insert(0, WithoutQt())
