"""The standard pictures of a session as files."""

from __future__ import annotations

import functools
from pathlib import Path

from seam_core.exports.material import Material
from seam_core.exports.record import Export
from seam_core.figures.overview import PICTURES, available, draw
from seam_core.figures.style import FORMATS, save_figure
from seam_core.session import Session

PREFIX = "picture-"


def _write(name: str, material: Material, path: Path) -> Path:
    return save_figure(draw(material.session, name), path)


def _enough(name: str, session: Session) -> bool:
    return name in available(session)


BY_NAME = {
    PREFIX + name.replace("_", "-"): Export(
        PREFIX + name.replace("_", "-"),
        picture.title,
        "A picture; the ending of the file's name chooses its format",
        picture.needs,
        tuple(f".{kind}" for kind in FORMATS),
        functools.partial(_write, name),
        enough=functools.partial(_enough, name),
    )
    for name, picture in PICTURES.items()
}
