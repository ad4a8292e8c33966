"""The lock file holds what pyproject.toml asks for, and no more than one version of anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from seam_core.toml import parse_toml

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("cluster", "motifs", "batch", "variants")  # those of `make setup`
FOR = {"python_version": "3.11", "sys_platform": "linux", "platform_machine": "x86_64"}


@pytest.fixture(scope="module")
def locked():
    """Name -> version of what the lock file pins."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    assert len(dict(pins)) == len(pins)
    assert text.count("--hash=sha256:") >= len(pins)
    return dict(pins)


def asked():
    project = parse_toml((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]


@pytest.mark.parametrize("line", asked())
def test_the_lock_satisfies_what_is_asked_for(line, locked):
    wanted = Requirement(line)
    if wanted.marker is None or wanted.marker.evaluate(FOR):
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert wanted.specifier.contains(locked[name], prereleases=True)


@pytest.mark.parametrize("line", asked())
def test_every_dependency_has_a_floor(line):
    assert any(each.operator in (">=", "==") for each in Requirement(line).specifier)


def test_the_extras_are_those_of_the_setup():
    setup = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    assert f'extras="{",".join(EXTRAS)}"' in setup
    lock = (ROOT / "scripts" / "lock.sh").read_text(encoding="utf-8")
    assert re.findall(r"--extra (\w+)", lock) == list(EXTRAS)
