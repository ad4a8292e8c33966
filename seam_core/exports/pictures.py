"""The standard pictures of a session as files."""

from __future__ import annotations

import functools
from pathlib import Path

from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.figures.overview import Picture, draw
from seam_core.figures.overview import pictures as every_picture
from seam_core.figures.style import FORMATS, save_figure

PREFIX = "picture-"


def _write(name: str, material: Material, path: Path) -> Path:
    return save_figure(draw(material.session, name), path)


def by_name() -> dict[str, Export]:
    """The standard pictures and those of other packages, by the name of the export."""
    return {
        one.name: one for one in (_export(name, each) for name, each in every_picture().items())
    }


def _export(name: str, picture: Picture) -> Export:
    return Export(
        PREFIX + name.replace("_", "-"),
        picture.title,
        "A picture; the ending of the file's name chooses its format",
        picture.needs,
        tuple(f".{kind}" for kind in FORMATS),
        functools.partial(_write, name),
        enough=picture.enough,
    )
