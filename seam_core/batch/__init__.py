"""The same analysis at many loci, on any Dask cluster; needs `dask.distributed`."""

from seam_core.batch.cluster import Cluster
from seam_core.batch.log import BatchProgress, batch_progress, last_question
from seam_core.batch.run import BatchResult, collect, run_batch
from seam_core.batch.tables import Batch, Reader, is_batch, open_batch
from seam_core.readers.loci import Locus, read_loci

__all__ = [
    "Batch",
    "BatchProgress",
    "BatchResult",
    "Cluster",
    "Locus",
    "Reader",
    "batch_progress",
    "collect",
    "is_batch",
    "last_question",
    "open_batch",
    "read_loci",
    "run_batch",
]
