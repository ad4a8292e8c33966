"""What the window's tabs and tool windows import, done in a worker thread before they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seam_core.importing import importing_for_good
from seam_core.sequences import DNA
from seam_gui.shell.tab_pages import TAB_MODULES
from seam_gui.work.preparation import import_for_good, prepare_reading

if TYPE_CHECKING:
    from seam_core.progress import Progress

# what showing the first opened session needs, slow ones last
_RESULT = (
    TAB_MODULES["Table"],
    TAB_MODULES["Explore"],
    "seam_core.glyphs",
    "seam_core.meta_explainer",
)
_REST = (
    *TAB_MODULES.values(),
    "scipy.optimize",
    "seam_core.recipes",
    "seam_core.batch.tables",
    "seam_gui.windows.recipes.dialog",
    "seam_gui.windows.comparison.window",
    "seam_gui.windows.selections.window",
    "seam_core.contrast",
    "seam_gui.windows.loci.window",
    "seam_gui.windows.loci.dialog",
)


def prepare_result(progress: Progress) -> None:
    """Import what the first opened session needs, draw the first letters, load the rasteriser."""
    from seam_gui.views import rasteriser

    prepare_reading(progress)
    import_for_good(_RESULT, progress)
    # not beside the making of the window: both would wait for the interpreter
    rasteriser.warm_up(wait=True)
    from seam_core import glyphs

    with importing_for_good():  # the first letter imports matplotlib
        for letter in DNA:
            progress.update(0, 1, letter)
            glyphs.glyph(letter)


def prepare_all(progress: Progress) -> None:
    """What all tabs need."""
    prepare_result(progress)
    import_for_good(_REST, progress)
