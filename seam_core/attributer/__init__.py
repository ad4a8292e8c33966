"""The Attributer: one attribution map a sequence."""

from seam_core.attributer.attributer import Attributer
from seam_core.attributer.journal import Finished, finished_maps

__all__ = ["Attributer", "Finished", "finished_maps"]
