"""docs/architecture.md names every room, and none that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def rooms(package):
    """Its modules and folders, as the map writes them."""
    modules = {path.name for path in (ROOT / package).glob("*.py")}
    folders = {f"{path.parent.name}/" for path in (ROOT / package).glob("*/__init__.py")}
    return {name for name in modules | folders if not name.startswith("__")}


def section(package):
    """The part of the map about it."""
    return TEXT.split(f"## {package}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("package", ["seam_core", "seam_gui"])
def test_every_room_is_on_the_map(package):
    assert rooms(package) - set(re.findall(r"`([\w/]+(?:\.py|/))`", section(package))) == set()


@pytest.mark.parametrize("package", ["seam_core", "seam_gui"])
def test_rooms_on_the_map_exist(package):
    rows = [line.split("|")[1] for line in section(package).splitlines() if line.startswith("| `")]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", " ".join(rows))
    assert named
    assert [name for name in named if not (ROOT / package / name).exists()] == []
