"""The conda recipe and the Dockerfile say what pyproject.toml says, and name files that exist.

Neither conda nor docker is needed: what is tested is that they do not fall behind.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seam_core import __version__
from seam_core.toml import parse_toml

ROOT = Path(__file__).parents[2]
ON_CONDA = {"PyQt5": "pyqt", "matplotlib": "matplotlib-base"}
ELSEWHERE = {"squid-nn"}  # on PyPI alone; docs/elsewhere.md says how it is installed


@pytest.fixture(scope="module")
def project() -> dict:
    return parse_toml((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def recipe() -> str:
    return (ROOT / "packaging" / "conda" / "meta.yaml").read_text(encoding="utf-8")


def section(recipe: str, name: str) -> set[str]:
    """The items of a list of the recipe, as `name floor`."""
    block = re.search(rf"(?m)^  {name}:\n((?:    - .*\n)+)", recipe)
    assert block is not None
    return {item.split(",")[0] for item in re.findall(r"(?m)^    - (.*)$", block[1])}


def test_the_recipe_requires_what_the_package_does(project, recipe):
    wanted = {f"python {project['requires-python']}"}
    for requirement in project["dependencies"]:
        name, floor = re.match(r"([\w.-]+)(>=[\d.]+)", requirement).groups()
        if name not in ELSEWHERE:
            wanted.add(f"{ON_CONDA.get(name, name)} {floor}")
    assert section(recipe, "run") == wanted


def test_the_recipe_has_the_version_and_the_commands(project, recipe):
    assert f'"SEAMSCOPE_VERSION", "{__version__}"' in recipe
    commands = project["scripts"] | project["gui-scripts"]
    assert section(recipe, "entry_points") == {f"{k} = {v}" for k, v in commands.items()}


def test_the_dockerfile_copies_what_there_is_and_what_the_wheel_needs():
    text = (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8")
    let_in = (ROOT / "packaging" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    copied = [
        name
        for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", text)
        for name in line.split()[:-1]
    ]
    copied.append("requirements.lock")
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in let_in, name
    needed = {"pyproject.toml", "setup.py", "README.md", "LICENSE", "demo_data", "resources"}
    assert needed | {"seam_core", "seam_gui", "MANIFEST.in"} <= set(copied)


def test_the_dockerfile_has_the_python_that_the_lock_is_for():
    text = (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8")
    locked = re.search(r"--python-version ([\d.]+)", (ROOT / "scripts/lock.sh").read_text("utf-8"))
    assert locked is not None
    assert set(re.findall(r"(?m)^FROM python:([\d.]+)-slim", text)) == {locked[1]}
