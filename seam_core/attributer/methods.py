"""From parameters to what computes the maps of a batch."""

from __future__ import annotations

from seam_core.attributer.batches import Method
from seam_core.attributer.declared import AttributionJob
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import capabilities_of, rows_in_memory
from seam_core.registry import ATTRIBUTIONS

# Sequences at once beyond which a processor is the slower: with 128 of 1,024 letters PyTorch takes
# half as long again a map of a small network with attention as with 64.
MOST_ON_CPU = 64


def usual_batch(method: str, oracle: Oracle, length: int) -> int:
    """Sequences at a time where the user does not say, as far as memory allows."""
    known, record = capabilities_of(oracle), ATTRIBUTIONS.get(method)
    largest = record.largest_batch
    if known.device == "CPU":
        largest = min(largest, MOST_ON_CPU)
    return known.largest_batch or rows_in_memory(
        oracle, length, largest, on_cpu=record.largest_on_cpu
    )


def batches_at_once(method: str, oracle: Oracle) -> int:
    """How many batches are best computed side by side."""
    together = ATTRIBUTIONS.get(method).side_by_side
    return capabilities_of(oracle).batches_at_once if together else 1


def prepared(job: AttributionJob) -> Method:
    """The method that the job's parameters name, for rows of its library."""
    record = ATTRIBUTIONS.get(job.parameters.method)
    with ATTRIBUTIONS.calling(record.name):
        method: Method = record.prepare(job)
    return method
