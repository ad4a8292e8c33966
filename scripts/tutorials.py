"""Run the notebooks of docs/tutorials from nothing and keep what they show: `make tutorials`.

    .venv-docs/bin/python scripts/tutorials.py [NAME ...]

A cell that fails, an assertion too, ends it, and the notebook stays as it was. What is kept has no
times and no messages of libraries, so that only what changed is another file.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "docs" / "tutorials"
NAMES = ("toy", "published", "landscape", "profile", "loci", "variants")
LIMIT_S = 900  # a cell


def kernel_environment() -> None:
    """The kernel finds the application's packages behind those of this environment."""
    paths = [os.environ.get("PYTHONPATH", ""), os.environ.get("BORROWED", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def run(path: Path) -> None:
    """Execute a notebook in an empty folder and write it back."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        options = {"timeout": LIMIT_S, "kernel_name": "python3", "record_timing": False}
        NotebookClient(notebook, resources=resources, **options).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


def main() -> None:
    """The notebooks named, or all."""
    kernel_environment()
    for name in sys.argv[1:] or NAMES:
        began = time.perf_counter()
        run(FOLDER / f"{name}.ipynb")
        print(f"tutorial {name}: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
