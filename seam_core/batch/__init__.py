"""The same analysis at many loci, on any Dask cluster; needs `dask.distributed`."""

from seam_core.batch.loci import Locus, read_loci
from seam_core.batch.run import BatchResult, run_batch
from seam_core.batch.tables import open_batch

__all__ = ["BatchResult", "Locus", "open_batch", "read_loci", "run_batch"]
