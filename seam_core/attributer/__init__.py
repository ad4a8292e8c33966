"""The Attributer: one attribution map a sequence."""

from seam_core.attributer.attributer import Attributer, oracle_of_sequences
from seam_core.attributer.journal import Finished, finished_maps

__all__ = ["Attributer", "Finished", "finished_maps", "oracle_of_sequences"]
