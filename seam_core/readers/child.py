"""The process that reads for `seam_core.readers.apart`, given READER PATH ...: what is read goes to
the standard output, why it is not to the standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable


def bigwig(path: str, chromosome: str, start: str, stop: str) -> bytes:
    """float64 of the positions that the file has, from `start` on; see `bigwig.signal_of`."""
    import pyBigWig

    from seam_core.intervals import same_chromosome

    first, last = int(start), int(stop)
    opened = pyBigWig.open(path)
    sizes = opened.chroms()
    names = [name for name in sizes if not chromosome or same_chromosome(chromosome, name)]
    last = min(last, sizes[names[0]]) if names else 0
    if first >= last:
        return b""
    return opened.values(names[0], first, last, numpy=True).astype("<f8").tobytes()


def hdf5(path: str) -> bytes:
    """Nothing, of a file whose first blocks can be followed."""
    import h5py

    with h5py.File(path, "r") as file:
        dict(file.attrs), list(file)
    return b""


READERS: dict[str, Callable[..., bytes]] = {"bigwig": bigwig, "hdf5": hdf5}


def main(reader: str, *arguments: str) -> None:
    """Write what `reader` finds."""
    _limit_work()
    sys.stdout.buffer.write(READERS[reader](*arguments))


def _limit_work() -> None:
    """Seconds of the processor, where the system counts them: a busy machine takes none."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        from seam_core.readers.apart import WORK_S

        resource.setrlimit(resource.RLIMIT_CPU, (WORK_S, WORK_S + 5))


if __name__ == "__main__":
    main(*sys.argv[1:])
