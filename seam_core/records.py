"""What the stages hand on: frozen results, each with the parameters that made it.

N sequences of L positions over A letters; maps cover W positions from `start` (W = L without a
window); K clusters; S sites. Positions are 0-based, and `stop` is exclusive, everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core import logos
from seam_core.entropy import background_entropy
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    IdentifierParameters,
    MetaExplainerParameters,
    MutagenizerParameters,
)
from seam_core.registry import EMBEDDINGS
from seam_core.sequences import DNA, encode, n_channels

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Library:
    """Sequences as letter indices, and what the oracle predicts for them.

    sequences : (N, L) int8, positions in `alphabet`, -1 unknown
    predictions : (N,) float32, or None before the oracle was asked
    reference : (L,) int8, or None where there is none
    backgrounds : (N, L) int8, the background each sequence's pattern was put into, where one was
    lineage : where the library was found by a search, DataFrame with one row a sequence:
        `generation`, `parent` (row of the nearest ancestor in the library; -1: none), `activity`
    trajectory : DataFrame with one row a generation of that search: `generation`, `evaluated`,
        and the `lowest`, `median` and `highest` activity in it
    left_out : sequences that were drawn and are not here: a table of measurements lacks them, or
        too many of their single substitutions
    """

    sequences: np.ndarray
    alphabet: str = DNA
    reference: np.ndarray | None = None
    predictions: np.ndarray | None = None
    parameters: MutagenizerParameters | None = None
    backgrounds: np.ndarray | None = None
    lineage: pd.DataFrame | None = None
    trajectory: pd.DataFrame | None = None
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def length(self) -> int:
        """L, positions in a sequence."""
        return self.sequences.shape[1]

    @property
    def n_letters(self) -> int:
        """A, channels of the model's input: letters in the alphabet (4 for diploid genotypes)."""
        return n_channels(self.alphabet)

    def encode(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, L, A) float32: what the model takes for these rows, one-hot or two-hot."""
        return encode(self.sequences[start:stop], self.alphabet)


@dataclass(frozen=True, eq=False)
class Table:
    """One row a sequence, in the library's order.

    frame : pandas DataFrame with `Activity`, and where defined `Spread` (over the folds of an
        ensemble), `Hamming`, `GIA`, `Task` and other columns of the user's. Sequences are the
        library's, not repeated here.
    """

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def activity(self) -> np.ndarray:
        """(N,) float64."""
        return self.frame["Activity"].to_numpy(dtype=np.float64)


@dataclass(frozen=True, eq=False)
class AttributionMaps:
    """One attribution map a sequence.

    maps : (N, W, A) float32, may be memory-mapped read-only
    start : position of the sequence that the maps' first row belongs to
    completeness_error : (N,) |sum of the map - difference explained|, where the method defines it
    ran : what the method said of how it ran, such as the number of backgrounds that there were
    imputed : (N, W, A) bool, entries that a table of measurements lacks and that were estimated;
        None where there are none
    """

    maps: np.ndarray
    start: int = 0
    parameters: AttributerParameters | None = None
    completeness_error: np.ndarray | None = None
    ran: dict[str, Any] = field(default_factory=dict)
    imputed: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.maps)

    @property
    def stop(self) -> int:
        """End (exclusive) of the positions covered."""
        return self.start + self.maps.shape[1]


@dataclass(frozen=True, eq=False)
class Embedding:
    """Mechanism space for the eye.

    coordinates : (N, Z) float32
    method : "umap", "pca", ... or "imported"
    variance_ratio : (components,) share of the variance a principal component explains, if known
    """

    coordinates: np.ndarray
    method: str
    parameters: ClustererParameters | None = None
    variance_ratio: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.coordinates)

    def axis_name(self, component: int) -> str:
        """What an axis (from 0) is called: "UMAP 1"; "Axis 1" of an imported embedding."""
        method = EMBEDDINGS.find(self.method)
        return f"{'Axis' if method is None else method.axis} {component + 1}"


@dataclass(frozen=True, eq=False)
class Linkage:
    """A tree of the maps in SciPy's format: (N - 1, 4) float64."""

    matrix: np.ndarray
    method: str
    parameters: ClustererParameters | None = None

    @property
    def n_leaves(self) -> int:
        """N."""
        return len(self.matrix) + 1


@dataclass(frozen=True, eq=False)
class Clustering:
    """Which mechanism each sequence belongs to.

    labels : (N,) int32 cluster ids; -1 is noise, a group of its own, never an index
    method : "ward", "kmeans", ...
    source : what was clustered: "linkage", "maps", "embedding" or "imported"
    cut_height : height at which the tree was cut, where one was
    reason : why there are as many clusters as there are, where their number was chosen
    """

    labels: np.ndarray
    method: str
    source: str
    parameters: ClustererParameters | None = None
    cut_height: float | None = None
    reason: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def ids(self) -> np.ndarray:
        """(K,) sorted ids present, noise included."""
        return np.unique(self.labels)


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each cluster is, from per-cluster sums; row k of every array is cluster `ids[k]`.

    ids : (K,) int32, in the order chosen (by median activity, ...)
    sizes : (K,) int64
    letter_counts : (K, W, A) int64
    map_sums : (K, W, A) float64
    activity_quartiles : (K, 5) float64: minimum, 25 %, median, 75 %, maximum
    entropy : (K, W) float64, bits
    reference_mismatch : (K, W) float64, percent; NaN without a reference
    consensus_match : (K, W) float64, percent
    cluster_backgrounds : (K, W, A) float64: mean map at entropic positions, 0 elsewhere
    background : (W, A) float64: their mean
    background_scale : (K,) float64: a_k, all 1 unless adaptive
    mutation_rate : the rate that defines the background expectation
    start : position of the sequence that column 0 belongs to
    map_squares : (K, W, A) float64: sums of squared attributions, for spreads and variations
    contribution_sums : (K, W, A) float64: sums of map x one-hot, the part of present letters
    reference_cluster : id of the cluster that holds the reference, None where it is in none
    """

    ids: np.ndarray
    sizes: np.ndarray
    letter_counts: np.ndarray
    map_sums: np.ndarray
    activity_quartiles: np.ndarray
    entropy: np.ndarray
    reference_mismatch: np.ndarray
    consensus_match: np.ndarray
    cluster_backgrounds: np.ndarray
    background: np.ndarray
    background_scale: np.ndarray
    mutation_rate: float
    alphabet: str = DNA
    reference: np.ndarray | None = None
    start: int = 0
    parameters: MetaExplainerParameters | None = None
    map_squares: np.ndarray | None = None
    contribution_sums: np.ndarray | None = None
    reference_cluster: int | None = None

    @property
    def n_clusters(self) -> int:
        """K."""
        return len(self.ids)

    @property
    def mean_maps(self) -> np.ndarray:
        """(K, W, A) float64: average attribution map of each cluster."""
        return self.map_sums / np.maximum(self.sizes, 1)[:, None, None]

    @property
    def foregrounds(self) -> np.ndarray:
        """(K, W, A) float64: mean maps less the scaled average background."""
        return self.mean_maps - self.background_scale[:, None, None] * self.background

    @property
    def expected_entropy(self) -> float:
        """H0(r), bits: entropy of a position that only the mutation rate shapes."""
        return background_entropy(self.mutation_rate, len(self.alphabet))

    @property
    def medians(self) -> np.ndarray:
        """(K,) float64: median activity of each cluster."""
        return self.activity_quartiles[:, 2]

    @property
    def library_counts(self) -> np.ndarray:
        """(W, A) int64: letter counts of the whole library."""
        return self.letter_counts.sum(axis=0)

    def logos(self, kind: str = "average", *, centred: bool = False) -> np.ndarray:
        """(K, W, A) float64: the clusters' logos; `kind` is one of `seam_core.logos.KINDS`.

        Raises `InputError` for a kind that is unknown or whose sums this record was made without.
        """
        matrices = logos.make(
            kind,
            letter_counts=self.letter_counts,
            library_counts=self.library_counts,
            map_sums=self.map_sums,
            sizes=self.sizes,
            contribution_sums=self.contribution_sums,
            background=self.background,
            background_scale=self.background_scale,
        )
        return logos.centre(matrices) if centred else matrices

    def row_of(self, cluster_id: int) -> int:
        """Row of a cluster id; KeyError when there is no such cluster."""
        (rows,) = np.nonzero(self.ids == cluster_id)
        if len(rows) == 0:
            raise KeyError(cluster_id)
        return int(rows[0])


@dataclass(frozen=True)
class Site:
    """A binding site (TFBS): positions 0-based, `stop` exclusive, possibly with gaps."""

    name: str
    positions: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.positions[0]

    @property
    def stop(self) -> int:
        return self.positions[-1] + 1


@dataclass(frozen=True, eq=False)
class Sites:
    """Binding sites, which clusters show them, and how they interact.

    sites : S sites, in order of `start`
    covariance : (W, W) float64 of the MSM's entropy columns over clusters
    linkage : (W - 1, 4) float64, average linkage of the covariance's rows
    cut_height : where that tree was cut
    activity : (K, S) float64 in 0..1; row k is cluster `cluster_ids[k]`
    active : (K, S) bool, the binary configuration matrix
    configurations : DataFrame, one row a subset of sites. Columns: `sites` ("A+B", "none"),
        `order`; `estimate`, `low`, `high`, `n`: mean activity of the sequences that show these
        sites and no others, its bootstrap interval and their number; `represented`; `n_clusters`,
        `clusters_estimate`: clusters that show the configuration and their sequences' mean of
        medians; `assigned_cluster`, `assigned_median`, `assigned_shows`: the authors' choice of one
        cluster, its median, and whether it shows the configuration; `note`, in words
    epistasis : DataFrame, one row a subset of one site or more. Columns: `sites`, `order`;
        `estimate`, `low`, `high`, `p_value`: the interaction and its bootstrap interval, at the
        level at which terms are called; `called`: significant after correction for the number of
        terms, where the interval leaves out zero and nowhere else; `n`, the sequences of the
        rarest configuration it rests on; `represented`; `authors_estimate`: Moebius inversion of
        the authors' one-cluster medians; `note`, in words; `stability`: share of
        reclusterings that call the term alike
    drivers : DataFrame, one row a substitution, or None without a library. Columns: `site`
        ("" outside of sites), `position`, `reference`, `letter`, `verdict` ("breaks", "keeps",
        "strengthens", "creates"), `enrichment` (log2), `effect`, `low`, `high` on activity, `n`
    states : (N, S) bool, which sites each sequence shows by its own letters, None without a library
    scores : (N, S) float32, how much of each site a sequence shows, 1 as the reference and 0 as
        the one that loses most: a sum over positions, of what the letters do to the activity. None
        without a library and a table
    constants : thresholds that sites were found with and that are no parameters, by name; see
        `seam_core.identifier.detection`
    stability : (S,) float64, share of reclusterings of the maps that have each site; None where
        they were not clustered again, NaN for a site that clusters did not propose (it was found by
        experiment). Below 0.5 a site or a term is unstable
    """

    sites: tuple[Site, ...]
    covariance: np.ndarray
    linkage: np.ndarray
    cut_height: float
    cluster_ids: np.ndarray
    activity: np.ndarray
    active: np.ndarray
    configurations: pd.DataFrame
    epistasis: pd.DataFrame
    start: int = 0
    parameters: IdentifierParameters | None = None
    drivers: pd.DataFrame | None = None
    states: np.ndarray | None = None
    constants: dict[str, float] = field(default_factory=dict)
    stability: np.ndarray | None = None
    scores: np.ndarray | None = None

    def stability_of(self, index: int) -> float | None:
        """Share of the reclusterings that have a site; None where it is not known."""
        share = math.nan if self.stability is None else float(self.stability[index])
        return None if math.isnan(share) else share


LARGEST_ID = 1_000_000
"""No cluster has a larger id: colours and counts are made of all ids up to the largest."""
NO_SITES = "none"
"""What a configuration of no sites is called; no site is called so."""
PERSISTENT = 0.5
"""Share of the reclusterings below which a site or a term is unstable."""


@dataclass(frozen=True)
class Provenance:
    """How a session came to be: what a reader needs to make it again.

    inputs : role -> {"path", "sha256"} of each file read; "note" where not all of it was taken as
        it is
    versions : package -> version
    timings_s : stage -> seconds
    packages : stage -> the packages that took part in it
    """

    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    packages: dict[str, list[str]] = field(default_factory=dict)
