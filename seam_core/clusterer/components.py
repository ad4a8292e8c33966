"""Principal components of maps, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from seam_core.clusterer.inputs import ROWS_PER_BLOCK
from seam_core.progress import SILENT, Progress
from seam_core.validate import InputError

# up to so many features the whole spectrum comes from the covariance matrix (72 MB, seconds)
FULL_SPECTRUM_FEATURES = 3000


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Axes of largest variance.

    mean : (F,) float64
    axes : (D, F) float32, orthonormal rows; the largest loading of each is positive
    variance_ratio : (R,) float64 share of the variance of each component known, R >= D
    """

    mean: np.ndarray
    axes: np.ndarray
    variance_ratio: np.ndarray

    @property
    def kept(self) -> float:
        """Share of the variance that the D axes keep, 0..1."""
        return float(self.variance_ratio[: len(self.axes)].sum())

    def scores(self, rows: np.ndarray, progress: Progress = SILENT) -> np.ndarray:
        """(N, F) rows to (N, D) float32 scores; also places new maps among old ones."""
        if rows.shape[1] != self.axes.shape[1]:
            raise InputError(
                "maps",
                f"{rows.shape[1]} numbers a map",
                f"{self.axes.shape[1]}, as in the maps that the axes were made from",
            )
        scores = np.empty((len(rows), len(self.axes)), np.float32)
        mean = self.mean.astype(rows.dtype)
        with _one_blas_thread():
            for start in range(0, len(rows), ROWS_PER_BLOCK):
                block = rows[start : start + ROWS_PER_BLOCK] - mean
                scores[start : start + ROWS_PER_BLOCK] = block @ self.axes.T
                progress.update(start, len(rows), "principal components")
        return scores


def principal_axes(
    rows: np.ndarray, n_components: int, *, seed: int = 0, progress: Progress = SILENT
) -> PrincipalAxes:
    """The leading principal axes of (N, F) rows.

    Up to 3,000 features the eigenvectors of the covariance matrix, with the whole spectrum;
    beyond, a randomised range finder with power iterations (Halko, Martinsson, Tropp 2011,
    doi:10.1137/090771806), whose spectrum ends at the components asked for. Sums are float64 over
    blocks of float32 products.

    Raises `InputError` when more components are asked for than there are features or maps.
    """
    n, n_features = rows.shape
    if not 1 <= n_components <= min(n, n_features):
        raise InputError(
            "n_components", n_components, f"1 to {min(n, n_features)}, for {n} maps of {n_features}"
        )
    mean = np.zeros(n_features)
    for start in range(0, n, ROWS_PER_BLOCK):
        mean += rows[start : start + ROWS_PER_BLOCK].sum(axis=0, dtype=np.float64)
    mean /= n
    with _one_blas_thread():
        if n_features <= FULL_SPECTRUM_FEATURES:
            variances, axes = _from_covariance(rows, mean, progress)
            total = variances.sum()
        else:
            variances, axes, total = _from_random_range(rows, mean, n_components, seed, progress)
    variances, axes = variances[: min(n, n_features)], axes[:n_components]
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)[:, None]
    ratio = variances / total if total > 0 else np.zeros_like(variances)
    return PrincipalAxes(mean, np.ascontiguousarray(axes, np.float32), ratio)


def _one_blas_thread() -> AbstractContextManager[object]:
    """BLAS rounds otherwise on another number of threads, and UMAP makes another picture of it."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="blas")


def _centred_blocks(
    rows: np.ndarray, mean: np.ndarray, progress: Progress, step: tuple[int, int]
) -> Iterator[tuple[int, np.ndarray]]:
    mean = mean.astype(rows.dtype)
    done, passes = step
    for start in range(0, len(rows), ROWS_PER_BLOCK):
        progress.update(done * len(rows) + start, passes * len(rows), "principal components")
        yield start, rows[start : start + ROWS_PER_BLOCK] - mean


def _from_covariance(
    rows: np.ndarray, mean: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    covariance = np.zeros((rows.shape[1],) * 2)
    for _, block in _centred_blocks(rows, mean, progress, (0, 2)):
        covariance += block.T @ block
    variances, vectors = np.linalg.eigh(covariance)
    return np.maximum(variances[::-1], 0.0), vectors.T[::-1]


def _from_random_range(
    rows: np.ndarray, mean: np.ndarray, n_components: int, seed: int, progress: Progress
) -> tuple[np.ndarray, np.ndarray, float]:
    n, n_features = rows.shape
    width = min(n_components + 10, n, n_features)
    basis = np.random.default_rng(seed).standard_normal((n_features, width))
    power_iterations = 4
    total = 0.0
    for iteration in range(power_iterations):
        basis, _ = np.linalg.qr(basis)
        image = np.zeros((n_features, width))
        total = 0.0
        for _, block in _centred_blocks(rows, mean, progress, (iteration, power_iterations + 1)):
            image += block.T @ (block @ basis.astype(block.dtype))
            total += float(np.einsum("ij,ij->", block, block, dtype=np.float64))
        basis, small = image, basis.T @ image
    # Rayleigh-Ritz on the last orthonormal basis: small = Q' C Q, image = C Q
    variances, turn = np.linalg.eigh((small + small.T) / 2)
    axes, _ = np.linalg.qr(image @ turn[:, ::-1])
    return np.maximum(variances[::-1][:n_components], 0.0), axes.T[:n_components], total
