"""What is slow the first time, done in a worker thread before the window needs it."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import TYPE_CHECKING

from seam_core.sequences import DNA

if TYPE_CHECKING:
    from seam_core.progress import Progress

# what reading a session needs
_READERS = ("seam_core.store", "pandas", "pyarrow.parquet")
# what showing it needs, slow ones last
_RESULT = (
    "seam_gui.tabs.table_tab",
    "seam_gui.tabs.explore_tab",
    "seam_core.glyphs",
    "seam_core.meta_explainer",
)
# what the other tabs need
_REST = (
    "seam_gui.tabs.attribution_tab",
    "seam_gui.tabs.cluster_tab",
    "seam_gui.tabs.identify_tab",
    "scipy.optimize",
    "seam_core.recipes",
    "seam_core.batch.tables",
    "seam_gui.windows.recipes.dialog",
    "seam_gui.windows.comparison.window",
    "seam_gui.windows.loci.window",
    "seam_gui.windows.loci.dialog",
)


def prepare_reading(progress: Progress) -> None:
    """Import what reads a session."""
    _import(_READERS, progress)


def prepare_result(progress: Progress) -> None:
    """Import what the first opened session needs, draw the first letters, load the rasteriser."""
    from seam_gui.views import rasteriser

    prepare_reading(progress)
    _import(_RESULT, progress)
    # not beside the making of the window: both would wait for the interpreter
    rasteriser.warm_up(wait=True)
    from seam_core import glyphs

    for letter in DNA:
        progress.update(0, 1, letter)
        glyphs.glyph(letter)


def prepare_all(progress: Progress) -> None:
    """What all tabs need."""
    prepare_result(progress)
    _import(_REST, progress)


def _import(names: tuple[str, ...], progress: Progress) -> None:
    """What modules make stays for good: the collector, which stops every thread, passes it by."""
    if all(name in sys.modules for name in names):
        return
    gc.disable()
    try:
        for name in names:
            progress.update(0, 1, name)
            importlib.import_module(name)
    finally:
        gc.enable()
    gc.freeze()
