"""Processes of this product's own: they find the package that started them, and nothing else.

`python -m MODULE` would look for every library in the folder that the user works in first, and run
what is named like one there; `python -P` (3.11) would then miss a package that `sys.path` alone
knows. So this file is what an interpreter is given: `python interpreter.py MODULE ARGUMENT ...`.
"""

from __future__ import annotations

import os
import sys


def own_process(module: str) -> tuple[str, list[str]]:
    """The program and its first arguments that run `module` of this package or of the window."""
    if getattr(sys, "frozen", False):  # the bundle's programs take the place of an interpreter
        return sys.executable, ["-m", module]
    return sys.executable, [os.path.abspath(__file__), module]


def avoid_working_folder() -> None:
    """Let no Python that is started from here look for libraries in the working folder (3.11 on).

    Those that `multiprocessing` starts for Dask and for its tracker of resources would.
    """
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def _main() -> None:
    del sys.path[0]  # this file's folder, whose modules are no libraries
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    import runpy

    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
