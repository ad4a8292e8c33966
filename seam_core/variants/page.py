"""The page of a file of variants: lollipops above the logo, logo pairs, and the table."""

from __future__ import annotations

from pathlib import Path

from seam_core import __version__
from seam_core.exports.files import write_text
from seam_core.importing import importing_for_good
from seam_core.product import TITLE
from seam_core.report import html
from seam_core.report.variant_section import VariantPictures, variant_parts
from seam_core.variants.whole import Interpreted


def get_ready() -> None:
    """Import what draws: a second that the model's work can hide."""
    with importing_for_good():
        import matplotlib.backends.backend_svg
        import matplotlib.figure  # noqa: F401


def write_page(interpreted: Interpreted, path: Path) -> Path:
    """Write the answers as one HTML page that needs no network."""
    interpreter = interpreted.interpreter
    session = interpreter.projector.session
    parts = [
        f"<h1>Variants of {html.escape(session.name)}</h1>",
        html.paragraph(f"Made by {TITLE} {__version__}.", kind="muted"),
        html.facts(
            [
                ("variants answered", html.shown(interpreted.answered)),
                ("activity of the reference", f"{float(interpreter.reference.activity[0]):.3g}"),
                ("mechanism of the reference", str(interpreter.mechanism)),
                ("effects below are silent", f"{interpreter.silent_below:.3g}"),
            ]
        ),
        *[html.paragraph(line.strip()) for line in interpreted.told()],
        *variant_parts(_pictures(interpreted)),
    ]
    page = html.PAGE.format(
        version=__version__,
        title=html.escape(f"Variants of {session.name}"),
        style=html.CSS,
        links="",
        body="\n".join(parts),
    )
    return write_text(path, page, what="variants")


def _pictures(interpreted: Interpreted) -> VariantPictures:
    interpreter = interpreted.interpreter
    shown = tuple(
        (row, each.map, each.sequence.letters)
        for row, each in interpreted.shown
        if each.map is not None and each.sequence is not None
    )
    return VariantPictures(
        interpreted.frame,
        interpreter.ground.reference,
        interpreter.reference.maps[0],
        interpreter.start,
        interpreter.ground.alphabet,
        interpreter.sites,
        shown,
    )
