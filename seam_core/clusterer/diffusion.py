"""Diffusion maps and PHATE: pictures from random walks between neighbouring maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.clusterer.declared import EmbeddingMethod, Job
from seam_core.progress import PartOfProgress, Progress
from seam_core.validate import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_LANDMARKS = 1000


def kernel(neighbors: np.ndarray, distances: np.ndarray, power: float = 2.0) -> csr_matrix:
    """(N, N) symmetric affinities exp(-(d / s)^power), s the distance to the last neighbour.

    neighbors, distances : (N, k) nearest others, nearest first. Each direction has its own s; the
    affinity is the mean of both, 1 on the diagonal.
    """
    from scipy.sparse import coo_matrix, diags

    n, n_neighbors = neighbors.shape
    widths = np.maximum(distances[:, -1:], np.finfo(np.float64).tiny)
    values = np.exp(-((distances / widths) ** power))
    rows = np.repeat(np.arange(n), n_neighbors)
    directed = coo_matrix((values.ravel(), (rows, neighbors.ravel())), shape=(n, n)).tocsr()
    return ((directed + directed.T) / 2 + diags(np.ones(n))).tocsr()


def diffusion_map(affinities: csr_matrix, n_components: int, time: int, seed: int) -> np.ndarray:
    """(N, n_components) float32 diffusion coordinates after `time` steps (0: one).

    The density of the maps is divided out (alpha = 1; Coifman and Lafon 2006,
    doi:10.1016/j.acha.2006.04.006), so that the picture shows the shape and not where the maps
    are dense. Eigenvectors of the walk but the constant one, each times its eigenvalue^time; the
    largest entry of each is positive.
    """
    from scipy.sparse import diags
    from scipy.sparse.linalg import eigsh

    density = np.asarray(affinities.sum(axis=1)).ravel()
    without_density = diags(1 / density) @ affinities @ diags(1 / density)
    degree = np.asarray(without_density.sum(axis=1)).ravel()
    root = np.sqrt(degree)
    symmetric = diags(1 / root) @ without_density @ diags(1 / root)
    start = np.random.default_rng(seed).random(len(root))
    if len(root) <= n_components + 2:
        raise InputError("maps", f"{len(root)} maps", f"{n_components + 3} or more")
    values, vectors = eigsh(symmetric, k=n_components + 1, which="LA", v0=start, tol=1e-6)
    order = np.argsort(values)[::-1][1:]
    coordinates = vectors[:, order] / root[:, None] * np.sqrt(degree.sum())
    coordinates *= np.clip(values[order], 0, None) ** max(time, 1)
    largest = np.abs(coordinates).argmax(axis=0)
    coordinates *= np.sign(coordinates[largest, np.arange(n_components)])
    return coordinates.astype(np.float32)


def phate(
    affinities: csr_matrix,
    rows: np.ndarray,
    n_components: int,
    time: int,
    seed: int,
    progress: Progress,
) -> np.ndarray:
    """(N, n_components) float32 PHATE coordinates.

    Moon et al. 2019, doi:10.1038/s41587-019-0336-3.

    Walks go by way of landmarks (K-means groups of the rows) above 1,000 maps; `time` 0 takes the
    knee of the von Neumann entropy; potential distances are scaled by SMACOF from their classical
    solution. Maps lie at the mean of the landmarks that their walk reaches.
    """
    from scipy.sparse import diags
    from scipy.spatial.distance import cdist

    degree = np.asarray(affinities.sum(axis=1)).ravel()
    walk = diags(1 / degree) @ affinities
    to_landmarks, between, weights = _landmark_walk(walk, degree, rows, seed)
    steps = time or _entropy_knee(between, weights)
    reached = np.linalg.matrix_power(between, steps)
    potential = -np.log(reached + 1e-7)
    distances = cdist(potential, potential)
    places = _smacof(distances, _classical(distances, n_components), progress)
    return np.asarray(to_landmarks @ places, np.float32)


def _landmark_walk(
    walk: csr_matrix, degree: np.ndarray, rows: np.ndarray, seed: int
) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Chances to go from each map to each landmark, and from landmark to landmark.

    Third, how often a long walk is at each landmark: as often from one to another as back.
    """
    from scipy.sparse import csr_matrix, diags

    n = walk.shape[0]
    if n <= N_LANDMARKS:
        return diags(np.ones(n)).tocsr(), np.asarray(walk.todense()), degree
    from seam_core.clusterer.partitions import kmeans

    labels = kmeans(rows, N_LANDMARKS, seed=seed, quick=True)
    members = csr_matrix((np.ones(n), (np.arange(n), labels)))
    to_landmarks = (walk @ members).tocsr()
    mass = np.asarray(to_landmarks.sum(axis=0)).ravel()
    from_landmarks = diags(1 / mass) @ to_landmarks.T
    between = np.asarray((from_landmarks @ to_landmarks).todense())
    return to_landmarks, between / between.sum(axis=1, keepdims=True), mass


def _entropy_knee(walk: np.ndarray, weights: np.ndarray, longest: int = 100) -> int:
    """Steps at which the entropy of the walk's spectrum bends from fast to slow decay."""
    root = np.sqrt(weights)
    # a walk that goes back as often as forth has the spectrum of a symmetric matrix
    spectrum = np.abs(np.linalg.eigvalsh(walk * root[:, None] / root))
    entropy = np.empty(longest)
    for steps in range(1, longest + 1):
        share = spectrum**steps
        share /= share.sum()
        entropy[steps - 1] = -(share[share > 0] * np.log(share[share > 0])).sum()
    # furthest from the straight line between the ends
    line = np.linspace(entropy[0], entropy[-1], longest)
    return int(np.argmax(line - entropy)) + 1


def _classical(distances: np.ndarray, n_components: int) -> np.ndarray:
    squared = distances**2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    leading = vectors[:, ::-1][:, :n_components]
    largest = np.abs(leading).argmax(axis=0)
    signs = np.where(leading[largest, np.arange(leading.shape[1])] < 0, -1.0, 1.0)
    return leading * signs * np.sqrt(np.clip(values[::-1][:n_components], 0, None))


def _smacof(
    distances: np.ndarray, places: np.ndarray, progress: Progress, n_rounds: int = 200
) -> np.ndarray:
    """Metric multidimensional scaling by majorisation (de Leeuw 1977)."""
    from scipy.spatial.distance import cdist

    n = len(places)
    before = np.inf
    for step in range(n_rounds):
        progress.update(step, n_rounds, "PHATE")
        present = cdist(places, places)
        stress = ((present - distances) ** 2).sum()
        if before - stress < 1e-6 * stress:
            break
        before = stress
        ratio = np.divide(distances, present, out=np.zeros_like(present), where=present > 0)
        places = (ratio.sum(axis=1)[:, None] * places - ratio @ places) / n
    return places


def _run_phate(job: Job) -> np.ndarray:
    settings = job.parameters
    affinities = kernel(*job.neighbors(settings.graph_neighbors), power=40.0)
    late = PartOfProgress(job.progress, 0.6, 1.0)
    return phate(
        affinities, job.rows, settings.n_components, settings.diffusion_time, settings.seed, late
    )


def _run_diffusion(job: Job) -> np.ndarray:
    settings = job.parameters
    affinities = kernel(*job.neighbors(settings.graph_neighbors, stop=0.8))
    return diffusion_map(affinities, settings.n_components, settings.diffusion_time, settings.seed)


PHATE = EmbeddingMethod(
    name="phate",
    label="PHATE",
    axis="PHATE",
    parameters=("diffusion_time", "graph_neighbors", "pca_before"),
    run=_run_phate,
    sentence=lambda embedding: (
        f"PHATE {{cite}} ({embedding.parameters.graph_neighbors} neighbours)"
    ),
    citation="Moon KR et al. Visualizing structure and transitions in high-dimensional biological "
    "data. Nature Biotechnology 37, 1482-1492 (2019).",
    packages=("scipy", "scikit-learn"),
)
DIFFUSION = EmbeddingMethod(
    name="diffusion",
    label="Diffusion map",
    axis="DC",
    parameters=("diffusion_time", "graph_neighbors", "pca_before"),
    run=_run_diffusion,
    sentence=lambda embedding: (
        f"diffusion maps {{cite}} ({embedding.parameters.graph_neighbors} neighbours)"
    ),
    citation="Coifman RR, Lafon S. Diffusion maps. Applied and Computational Harmonic Analysis 21, "
    "5-30 (2006).",
    packages=("scipy",),
)
