"""What the programs of the bundle start: `seam` the command, any other name the window.

`PROGRAM -m MODULE ...` runs a module of ours, as an interpreter would: the application starts its
engine and its batches so.
"""

import multiprocessing
import os
import runpy
import sys

OURS = ("seam_core", "seam_gui")


def main() -> None:
    """Run the module that the command line asks for, or that goes by the program's name."""
    program, *arguments = sys.argv
    name = os.path.splitext(os.path.basename(program))[0]
    module = "seam_core" if name == "seam" else "seam_gui"
    if len(arguments) > 1 and arguments[0] == "-m" and arguments[1].split(".")[0] in OURS:
        module, arguments = arguments[1], arguments[2:]
    sys.argv = [program, *arguments]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
