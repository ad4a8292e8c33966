"""Which mechanism a map falls into, and how sure that is.

What "into" means follows from the clustering. Methods whose groups are round about their means
(Ward, complete and average linkage, k-means) give a map to the mechanism with the nearest mean map;
those that follow dense paths (single linkage, DBSCAN, HDBSCAN, Leiden) to that of the nearest
member. A clustering of the embedding, or of principal components, is followed there.

How sure: the library's own maps are placed the same way, each without itself. Their margins
between the nearest mechanism and the next tell how often such a margin is right (a rising
regression), and their distances how usual a distance is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.clusterer import PrincipalAxes, as_rows, principal_axes
from seam_core.findings import share_intervals
from seam_core.session import Session
from seam_core.validate import InputError

NO_MECHANISM = -2
"""In place of a second mechanism where there is but one; -1 is noise, as in clusterings."""

BY_MEMBERS = ("single", "dbscan", "hdbscan", "leiden")
_BLOCK = 1024
_MOST_CALIBRATED = 10_000
_MOST_PRODUCTS = 1e11
_MOST_MEMBERS = 500  # whose spread says how well a mean map is known


@dataclass(frozen=True, eq=False)
class Assigned:
    """The mechanisms of M maps.

    ids : (M,) int32 mechanism: that of the session for its own sequences, else the nearest
    distance : (M,) float64 to that mechanism: to its mean, or to its nearest member
    percentile : (M,) float64, percent of the mechanism's own members that are nearer to it
    second, second_distance : the nearest other mechanism; `NO_MECHANISM` and NaN without one
    confidence : (M,) float64, share of the library's maps with such a margin between the two (below
        0 where the second is nearer) whose own mechanism this is
    percentile_interval, confidence_interval : (M, 2) float64, the ends of the 95 % intervals of
        these (Wilson): of so many members, and of so many maps with about that margin
    outside : (M,) bool, farther from every mechanism than any of its own members
    distances : (M, K) float64 to every mechanism, in the order of `Mechanisms.ids`
    """

    ids: np.ndarray
    distance: np.ndarray
    percentile: np.ndarray
    second: np.ndarray
    second_distance: np.ndarray
    confidence: np.ndarray
    percentile_interval: np.ndarray
    confidence_interval: np.ndarray
    outside: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


class Mechanisms:
    """The mechanisms of a session, ready to take other maps.

    Parameters
    ----------
    session : with maps and a clustering

    Attributes
    ----------
    ids : (K,) int32
    rule : "means" or "members"
    agreement : share of the library's maps that, placed without themselves, fall into their own
        mechanism: how distinct the mechanisms are
    """

    def __init__(self, session: Session) -> None:
        clustering = session.clustering
        if clustering is None or session.maps is None:
            raise no_mechanisms(session)
        self.labels = np.asarray(clustering.labels)
        self.ids = clustering.ids.astype(np.int32)
        self.rule = "members" if clustering.method in BY_MEMBERS else "means"
        self._axes: PrincipalAxes | None = None
        parameters = clustering.parameters
        self.space = "maps"
        self._rows = as_rows(session.maps)
        if clustering.source == "embedding" and session.embedding is not None:
            self.space, self._rows = "embedding", as_rows(session.embedding.coordinates)
        elif clustering.source == "maps" and parameters and parameters.cluster_on == "pca":
            kept = min(parameters.cluster_components, *self._rows.shape)
            self._axes = principal_axes(self._rows, kept, seed=parameters.seed)
            self._rows = self._axes.scores(self._rows)
        order = np.argsort(self.labels, kind="stable")
        self._sorted = order
        self._column = np.searchsorted(self.ids, self.labels)
        self._starts = np.searchsorted(self.labels[order], self.ids)
        self._sizes = np.bincount(self._column, minlength=len(self.ids))
        self._means = self._mean_rows()
        self._calibrate()

    def assign(
        self, maps: np.ndarray, places: np.ndarray | None = None, members: np.ndarray | None = None
    ) -> Assigned:
        """The mechanism of each map.

        Parameters
        ----------
        maps : (M, W, A)
        places : (M, Z), for a clustering of the embedding
        members : (M,) row of the library that each is, -1 for none: these keep their mechanism
        """
        rows = self._in_space(maps, places)
        distances = self._distances(rows)
        own = np.full(len(rows), -1)
        if members is not None:
            own = np.where(members >= 0, self._column[np.maximum(members, 0)], -1)
        at = np.where(own >= 0, own, distances.argmin(axis=1))
        return self._assigned(distances, at)

    def kept_at(self, assigned: Assigned, ids: np.ndarray) -> Assigned:
        """The same maps in the mechanisms `ids` (M,), whichever is nearest."""
        return self._assigned(assigned.distances, np.searchsorted(self.ids, ids))

    def toward(
        self, maps: np.ndarray, places: np.ndarray | None, start: int, ids: np.ndarray
    ) -> np.ndarray:
        """(M,) float64 how far each map lies on the way from one mechanism's mean to another's.

        Parameters
        ----------
        maps, places : as for `assign`
        start : mechanism whose mean is 0
        ids : (M,) mechanism whose mean is 1, for each map; NaN where it is `start`
        """
        rows = self._in_space(maps, places).astype(np.float64)
        begin = self._means[np.searchsorted(self.ids, start)]
        way = self._means[np.searchsorted(self.ids, ids)] - begin
        length = np.einsum("mf,mf->m", way, way)
        along = np.einsum("mf,mf->m", rows - begin, way)
        return np.divide(along, length, out=np.full(len(rows), np.nan), where=length > 0)

    def toward_error(
        self, change: tuple[np.ndarray, np.ndarray | None], start: int, ids: np.ndarray
    ) -> np.ndarray:
        """(M,) standard errors of changes along the way between two mechanisms' means.

        The means are of so many maps each, and known as well as those agree; what is exact is the
        change. To first order in the means; NaN for `start` itself, and for mechanisms of one map.

        Parameters
        ----------
        change : maps (M, W, A) less where each began, and places (M, Z) less theirs
        start, ids : as for `toward`
        """
        steps = self._in_space(*change).astype(np.float64)
        if self._axes is not None:  # a difference has no mean to be taken off
            steps -= self._in_space(np.zeros_like(change[0][:1]), None)
        begin = self._means[np.searchsorted(self.ids, start)]
        variances = np.full(len(ids), np.nan)
        for other in np.unique(ids[ids != start]):
            own = np.flatnonzero(ids == other)
            way = self._means[np.searchsorted(self.ids, other)] - begin
            square = float(way @ way)
            if square == 0:
                continue
            along = steps[own] @ way
            slopes = steps[own] / square - 2.0 * np.outer(along, way) / square**2
            variances[own] = self._spread(start, slopes) + self._spread(int(other), slopes)
        return np.sqrt(variances)

    def _spread(self, mechanism: int, slopes: np.ndarray) -> np.ndarray:
        """(m,) variance of the mean map of a mechanism along each of (m, F) slopes."""
        (rows,) = np.nonzero(self.labels == mechanism)
        if len(rows) < 2:
            return np.full(len(slopes), np.nan)
        few = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST_MEMBERS)).astype(int)]
        members = np.asarray(self._rows[few], np.float64)
        return (members @ slopes.T).var(axis=0, ddof=1) / len(rows)

    def _in_space(self, maps: np.ndarray, places: np.ndarray | None) -> np.ndarray:
        """(M, F): what the clustering grouped, of these maps."""
        rows = places if self.space == "embedding" else as_rows(maps)
        assert rows is not None
        return rows if self._axes is None else self._axes.scores(rows)

    def _assigned(self, distances: np.ndarray, at: np.ndarray) -> Assigned:
        """Maps in the mechanisms of the columns `at` (M,)."""
        each = np.arange(len(distances))
        best = distances[each, at]
        others = distances.copy()
        others[each, at] = np.inf
        second = others.argmin(axis=1)
        apart = others[each, second]
        alone = len(self.ids) == 1
        percentile = np.array([self._percentile(k, d) for k, d in zip(at, best, strict=True)])
        return Assigned(
            ids=self.ids[at],
            distance=best,
            percentile=percentile,
            second=np.full(len(at), NO_MECHANISM) if alone else self.ids[second],
            second_distance=np.where(np.isfinite(apart), apart, np.nan),
            confidence=np.ones(len(at)) if alone else self._sure(best, apart),
            percentile_interval=self._interval_of_percentile(percentile, at),
            confidence_interval=self._interval_of_confidence(best, apart, alone=alone),
            outside=np.all(distances > self._farthest, axis=1),
            distances=distances,
        )

    def _percentile(self, column: int, distance: float) -> float:
        own = self._own[column]
        if len(own) == 0:
            return np.nan
        return 100.0 * float(np.searchsorted(own, distance)) / len(own)

    def _sure(self, best: np.ndarray, apart: np.ndarray) -> np.ndarray:
        margin = _margin(best, apart)
        return np.interp(margin, self._margins, self._shares)

    def _interval_of_percentile(self, percentile: np.ndarray, at: np.ndarray) -> np.ndarray:
        n = np.array([len(self._own[column]) for column in at], np.float64)
        ends = share_intervals(percentile / 100, np.maximum(n, 1))
        return np.where(n[:, None] > 0, 100 * np.stack(ends, axis=1), np.nan)

    def _interval_of_confidence(
        self, best: np.ndarray, apart: np.ndarray, *, alone: bool
    ) -> np.ndarray:
        if alone:
            return np.ones((len(best), 2))
        margin = _margin(best, apart)
        ends = [np.interp(margin, self._margins, each) for each in self._share_ends]
        return np.stack(ends, axis=1)

    def _mean_rows(self) -> np.ndarray:
        from scipy.sparse import csr_matrix

        sums = np.zeros((len(self.ids), self._rows.shape[1]))
        for first in range(0, len(self._rows), _BLOCK):
            column = self._column[first : first + _BLOCK]
            shape = (len(self.ids), len(column))
            members = csr_matrix((np.ones(len(column)), (column, np.arange(len(column)))), shape)
            sums += members @ self._rows[first : first + _BLOCK].astype(np.float64)
        return sums / self._sizes[:, None]

    def _distances(self, rows: np.ndarray, leave_out: np.ndarray | None = None) -> np.ndarray:
        """(M, K) float64 distances to each mechanism.

        leave_out : (M,) the row of the library that each is, which is left out of its mechanism
        """
        distances = np.empty((len(rows), len(self.ids)))
        for first in range(0, len(rows), _BLOCK):
            part = slice(first, first + _BLOCK)
            own = None if leave_out is None else leave_out[part]
            block = rows[part].astype(np.float64)
            to = self._to_means if self.rule == "means" else self._to_members
            distances[part] = to(block, own)
        return distances

    def _to_means(self, block: np.ndarray, own: np.ndarray | None) -> np.ndarray:
        distances = _lengths(block, self._means)
        if own is not None:
            each, column = np.arange(len(block)), self._column[own]
            sizes = self._sizes[column]
            # from the mean of n maps with this one to the mean of the n - 1 others
            farther = distances[each, column] * (sizes / np.maximum(sizes - 1, 1))
            distances[each, column] = np.where(sizes > 1, farther, np.inf)
        return distances

    def _to_members(self, block: np.ndarray, own: np.ndarray | None) -> np.ndarray:
        distances = np.full((len(block), len(self.ids)), np.inf)
        for first in range(0, len(self._sorted), 4 * _BLOCK):
            members = self._sorted[first : first + 4 * _BLOCK]
            lengths = _lengths(block, self._rows[members].astype(np.float64))
            if own is not None:
                lengths[own[:, None] == members] = np.inf
            columns = self._column[members]
            starts = np.flatnonzero(np.r_[True, np.diff(columns) > 0])
            nearest = np.minimum.reduceat(lengths, starts, axis=1)
            at = columns[starts]
            distances[:, at] = np.minimum(distances[:, at], nearest)
        return distances

    def _calibrate(self) -> None:
        """What margins and distances the library's own maps have, each placed without itself."""
        n, n_features = self._rows.shape
        most = _MOST_CALIBRATED
        if self.rule == "members":
            most = int(min(most, max(200, _MOST_PRODUCTS / (n * n_features))))
        sample = np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))
        distances = self._distances(self._rows[sample], sample)
        column = self._column[sample]
        each = np.arange(len(sample))
        own = distances[each, column]
        self._own = [np.sort(own[(column == k) & np.isfinite(own)]) for k in range(len(self.ids))]
        self._farthest = np.array([values[-1] if len(values) else 0.0 for values in self._own])
        nearest = distances.argmin(axis=1)
        self.agreement = float((nearest == column).mean())
        self._margins, self._shares = np.array([0.0]), np.array([1.0])
        self._share_ends = (self._shares, self._shares)
        if len(self.ids) > 1:
            best = distances[each, nearest]
            distances[each, nearest] = np.inf
            second = distances.argmin(axis=1)
            margin = _margin(best, distances[each, second])
            # the second, too: a sequence may be in a mechanism that is not the nearest
            right = np.r_[nearest == column, second == column]
            margins = np.r_[margin, -margin]
            self._margins, self._shares = rising_shares(margins, right)
            n = _behind(margins, self._margins, self._shares)
            self._share_ends = share_intervals(self._shares, n)


def no_mechanisms(session: Session) -> InputError:
    """What a session lacks to have mechanisms."""
    lacking = "clusters" if session.maps is not None else "attribution maps"
    return InputError("session", f"no {lacking}", "a session with maps and clusters")


def _lengths(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    squares = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)
    return np.sqrt(np.maximum(squares - 2.0 * left @ right.T, 0.0))


def _margin(best: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """How much farther the next mechanism is: 0 at the border, 1 on the mechanism; (M,).

    Negative where the session's own mechanism of a sequence is not the nearest.
    """
    with np.errstate(invalid="ignore"):
        margin = (apart - best) / (apart + best)
    return np.where(np.isfinite(margin), margin, np.where(np.isinf(apart), 1.0, 0.0))


def rising_shares(margins: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m,) margins, rising, and the share of right ones at each: isotonic regression.

    What lies between two margins of one share is left out.

    margins : (N,) any numbers; right : (N,) bool
    """
    from scipy.optimize import isotonic_regression

    edges, group, n = np.unique(margins, return_inverse=True, return_counts=True)
    shares = isotonic_regression(np.bincount(group, right) / n, weights=n).x
    kept = np.ones(len(edges), dtype=bool)
    kept[1:-1] = (shares[1:-1] != shares[:-2]) | (shares[1:-1] != shares[2:])
    return edges[kept], shares[kept]


def _behind(margins: np.ndarray, edges: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """How many margins each of the rising shares (m,), which begin and end at `edges`, is of."""
    ordered = np.sort(margins)
    first = edges[np.searchsorted(shares, shares, "left")]
    last = edges[np.searchsorted(shares, shares, "right") - 1]
    n = np.searchsorted(ordered, last, "right") - np.searchsorted(ordered, first, "left")
    return np.maximum(n, 1)
