"""The example package of docs/, as if it were installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from seam_core import registry
from seam_core.readers import read_toml

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "docs" / "example_plugin"
PACKAGE = "seam_example"


def install(folder: Path) -> None:
    """As pip would, without pip: the modules, and a dist-info with the entry points."""
    project = read_toml(EXAMPLE / "pyproject.toml")["project"]
    shutil.copytree(EXAMPLE / PACKAGE, folder / PACKAGE)
    info = folder / f"{PACKAGE}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
        for group, named in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))


def forget() -> None:
    """Look for entry points anew."""
    for each in registry.REGISTRIES:
        each.forget()
