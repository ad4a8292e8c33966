"""From parameters to what computes the maps of a batch."""

from __future__ import annotations

from seam_core.attributer.batches import Method
from seam_core.attributer.declared import AttributionJob
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import capabilities_of, rows_in_memory
from seam_core.registry import ATTRIBUTIONS


def usual_batch(method: str, oracle: Oracle, length: int) -> int:
    """Sequences at a time where the user does not say, as far as memory allows."""
    largest = capabilities_of(oracle).largest_batch
    record = ATTRIBUTIONS.get(method)
    return largest or rows_in_memory(
        oracle,
        length,
        record.largest_batch,
        on_cpu=record.largest_on_cpu,
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
