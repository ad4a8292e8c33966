"""The Attributer: one attribution map a sequence."""

from seam_core.attributer.attributer import Attributer, oracle_of_sequences
from seam_core.attributer.batches import BatchMaps
from seam_core.attributer.declared import AttributionJob, AttributionMethod, Beside
from seam_core.attributer.journal import Finished, finished_maps

__all__ = [
    "Attributer",
    "AttributionJob",
    "AttributionMethod",
    "BatchMaps",
    "Beside",
    "Finished",
    "finished_maps",
    "oracle_of_sequences",
]
