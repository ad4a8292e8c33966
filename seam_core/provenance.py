"""What a reader needs to make a result again: files, versions, time and memory."""

from __future__ import annotations

import functools
import platform
import sys
from importlib import metadata
from pathlib import Path

from seam_core import __version__
from seam_core.parameters import OracleParameters
from seam_core.product import NAME
from seam_core.store.files import sha256_of

# The packages whose version can change a result.
PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "numba",
    "umap-learn",
    "tensorflow",
    "keras",
    "torch",
)


def package_versions() -> dict[str, str]:
    """Name -> version of Python, this package and those that compute; absent ones are left out."""
    return {
        "python": platform.python_version(),
        NAME: __version__,
        **{name: version for name in PACKAGES if (version := _version_of(name))},
    }


@functools.cache
def _version_of(package: str) -> str:
    """Version of an installed package, read once a process; "" where it is absent."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # kilobytes on Linux, bytes on macOS
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def input_files(oracle: OracleParameters, model: Path | None, sequence: str) -> dict[str, Path]:
    """Role -> file of what a run reads: the model, its weights and the FASTA file."""
    files: dict[str, Path] = {}
    if model is not None:
        files["model"] = model
        weights = Path(oracle.weights) if oracle.weights else model.with_suffix(".h5")
        if model.suffix == ".json" and weights.is_file():
            files["weights"] = weights
    if "\n" not in sequence and len(sequence) < 4096 and Path(sequence).is_file():
        files["sequence"] = Path(sequence)
    return files


def described_inputs(files: dict[str, Path]) -> dict[str, dict[str, str]]:
    """Role -> path and SHA-256 of each file or folder."""
    return {
        role: {"path": str(path), "sha256": sha256_of(path)}
        for role, path in files.items()
        if path.exists()
    }
