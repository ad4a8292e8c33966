"""Puts demo_data and resources, which lie at the top of the source, into the wheel.

Everything else that setuptools needs is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

DATA = ("demo_data", "resources")


class BuildWithData(build_py):
    """Copies the data folders to `seam_core/data`, where an installed package looks for them."""

    def run(self):
        super().run()
        if self.editable_mode:  # the checkout itself is looked at
            return
        for name in DATA:
            target = Path(self.build_lib) / "seam_core" / "data" / name
            shutil.copytree(name, target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithData})
