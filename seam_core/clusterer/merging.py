"""Rounds of reciprocal-nearest-neighbour merges on lists of candidates: the kernels.

Each live cluster sits in a slot and has a list of candidates with lower bounds of its squared Ward
distances to them; whoever is not in the list is at least as far as the list's limit. Candidates
are named by node (0 .. U-1 the distinct maps, then one node a merge). Ward is reducible: a merged
pair is nowhere nearer than the nearer of the two, so that a bound stays valid for the cluster that
a candidate has become part of.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seam_core.clusterer.candidates import keep_nearest
from seam_core.clusterer.exact import ward_squared

STALE, CERTAIN, EXHAUSTED, DEAD = 0, 1, 2, 3

# bounds worked out in float64 are shrunk by more than that arithmetic can err
SHRINK = 1.0 - 1e-13


@njit(nogil=True, cache=True)
def _live_node(parents: np.ndarray, node: int) -> int:
    while parents[node] != node:
        node = parents[node]
    return node


@njit(nogil=True, cache=True)
def _entry(places: np.ndarray, own_ids: np.ndarray, node: int) -> int:
    """Where a hash table (-1: empty, else a place in `own_ids`) has `node` or room for it."""
    mask = places.shape[0] - 1
    entry = (node * 2654435761) & mask
    while places[entry] >= 0 and own_ids[places[entry]] != node:
        entry = (entry + 1) & mask
    return entry


@njit(nogil=True, cache=True)
def _hash_table(capacity: int) -> np.ndarray:
    size = 1
    while size < 4 * capacity:
        size *= 2
    return np.empty(size, np.int32)


@njit(nogil=True, cache=True)
def follow_merges(
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
    parents: np.ndarray,
    slot: int,
    itself: int,
    places: np.ndarray,
) -> None:
    """Replace the dead in a list by what they became; each once, with its smallest bound."""
    own_ids, own_bounds, limit = ids[slot], bounds[slot], limits[slot]
    n_dead = 0
    for at in range(filled[slot]):
        n_dead += parents[own_ids[at]] != own_ids[at]
    if n_dead == 0:
        return
    kept = 0
    places[:] = -1
    for at in range(filled[slot]):
        node = _live_node(parents, own_ids[at])
        if node == itself:
            continue
        bound = own_bounds[at]
        if node != own_ids[at]:
            # it joined others, which may be as near as those not listed
            bound = min(bound, limit)
        entry = _entry(places, own_ids, node)
        earlier = places[entry]
        if earlier >= 0:
            own_bounds[earlier] = min(own_bounds[earlier], bound)
        else:
            places[entry] = kept
            own_ids[kept] = node
            own_bounds[kept] = bound
            kept += 1
    filled[slot] = kept


@njit(nogil=True, cache=True)
def find_nearest(
    slots: np.ndarray,
    nodes: np.ndarray,
    parents: np.ndarray,
    slot_of: np.ndarray,
    maps: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    sizes: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
    nearest: np.ndarray,
    distances: np.ndarray,
    status: np.ndarray,
) -> None:
    """Nearest neighbour of each of `slots`, decided in float64, or EXHAUSTED.

    Candidates are measured in the order of their bounds until none can be nearer. Where the list
    does not settle it, `distances` holds the limit, which the true one cannot be below.
    """
    measured = np.empty(ids.shape[1], np.bool_)
    places = _hash_table(ids.shape[1])
    for slot in slots:
        follow_merges(ids, bounds, filled, limits, parents, slot, nodes[slot], places)
        n_listed = filled[slot]
        measured[:n_listed] = False
        best, best_node = np.inf, -1
        while True:
            nextup, lowest = -1, np.inf
            for i in range(n_listed):
                if not measured[i] and bounds[slot, i] < lowest:
                    nextup, lowest = i, bounds[slot, i]
            if nextup < 0 or lowest > best or lowest > limits[slot]:
                break
            node = ids[slot, nextup]
            exact = ward_squared(maps, centroids, where, sizes, slot, slot_of[node])
            measured[nextup] = True
            bounds[slot, nextup] = max(lowest, exact * SHRINK)
            if exact < best or (exact == best and node < best_node):
                best, best_node = exact, node
        if best <= limits[slot] and best_node >= 0:
            nearest[slot], distances[slot], status[slot] = best_node, best, CERTAIN
        else:
            nearest[slot], distances[slot], status[slot] = -1, limits[slot], EXHAUSTED


@njit(nogil=True, cache=True)
def match_reciprocal(
    nearest: np.ndarray,
    distances: np.ndarray,
    status: np.ndarray,
    slot_of: np.ndarray,
) -> np.ndarray:
    """(P, 2) pairs of slots that are each other's nearest.

    `a` and its nearest `b` merge when nobody can be nearer to `b` than `a` is. With ties `b` may
    have settled on another at the same distance: the lower slot takes its choice first. The
    closest pair of all always qualifies, so that no tie can stop the rounds.
    """
    n_slots = nearest.shape[0]
    pairs = np.empty((n_slots // 2, 2), np.int64)
    taken = np.zeros(n_slots, np.bool_)
    n_pairs = 0
    for a in range(n_slots):
        if status[a] != CERTAIN or taken[a]:
            continue
        b = slot_of[nearest[a]]
        if not taken[b] and distances[a] <= distances[b]:
            taken[a] = taken[b] = True
            pairs[n_pairs, 0] = a
            pairs[n_pairs, 1] = b
            n_pairs += 1
    return pairs[:n_pairs]


@njit(nogil=True, cache=True)
def place_centroids(
    pairs: np.ndarray,
    where: np.ndarray,
    targets: np.ndarray,
    free: np.ndarray,
    n_free: int,
) -> int:
    """Choose the centroid row that each pair writes to; returns how many rows are free then."""
    for p in range(pairs.shape[0]):
        a, b = pairs[p]
        if where[a] < 0:
            targets[p] = ~where[a]
        elif where[b] < 0:
            targets[p] = ~where[b]
        else:
            n_free -= 1
            targets[p] = free[n_free]
    # only now: a row given back must not be written before its pair was read
    for p in range(pairs.shape[0]):
        a, b = pairs[p]
        if where[a] < 0 and where[b] < 0:
            free[n_free] = ~where[b]
            n_free += 1
    return n_free


@njit(nogil=True, cache=True)
def _write_centroid(
    maps: np.ndarray, centroids: np.ndarray, left: int, right: int, share: float, target: int
) -> None:
    for k in range(centroids.shape[1]):
        a = np.float64(maps[left, k]) if left >= 0 else centroids[~left, k]
        b = np.float64(maps[right, k]) if right >= 0 else centroids[~right, k]
        centroids[target, k] = a + share * (b - a)


@njit(nogil=True, cache=True)
def merge_pairs(
    pairs: np.ndarray,
    targets: np.ndarray,
    nodes: np.ndarray,
    parents: np.ndarray,
    node_sizes: np.ndarray,
    distances: np.ndarray,
    maps: np.ndarray,
    centroids: np.ndarray,
    where: np.ndarray,
    sizes: np.ndarray,
    ids: np.ndarray,
    bounds: np.ndarray,
    filled: np.ndarray,
    limits: np.ndarray,
) -> None:
    """Centroid and list of each merged pair, into the slot of its first member.

    The new list is both old ones, with Lance and Williams's formula on their bounds (a candidate
    of one only is at least as far from the other as that one's limit); the new limit is the least
    that the formula gives for a cluster of any size in neither.
    """
    capacity = ids.shape[1]
    joint_ids = np.empty((1, 2 * capacity), ids.dtype)
    joint_bounds = np.empty((1, 2 * capacity))
    count = np.zeros(1, filled.dtype)
    limit = np.empty(1)
    places = _hash_table(capacity)
    for p in range(pairs.shape[0]):
        a, b = pairs[p]
        gap = distances[a]
        size_a, size_b = sizes[a], sizes[b]
        whole = size_a + size_b
        limit_a, limit_b = max(limits[a], gap), max(limits[b], gap)
        of_one = ((size_a + 1.0) * limit_a + (size_b + 1.0) * limit_b - gap) / (whole + 1.0)
        of_many = limit_a + limit_b - gap
        limit[0] = min(of_one, of_many) * SHRINK

        follow_merges(ids, bounds, filled, limits, parents, a, nodes[a], places)
        follow_merges(ids, bounds, filled, limits, parents, b, nodes[b], places)
        count[0] = 0
        for side in range(2):
            one, other = (a, b) if side == 0 else (b, a)
            size_one, size_other = sizes[one], sizes[other]
            other_limit = limit_b if side == 0 else limit_a
            places[:] = -1
            for at in range(filled[other]):
                places[_entry(places, ids[other], ids[other, at])] = at
            for at in range(filled[one]):
                node = ids[one, at]
                if node == nodes[other]:
                    continue
                match = places[_entry(places, ids[other], node)]
                if match >= 0 and side == 1:
                    continue
                far = bounds[other, match] if match >= 0 else other_limit
                size = node_sizes[node]
                near = max(bounds[one, at], gap)
                far = max(far, gap)
                bound = ((size_one + size) * near + (size_other + size) * far - size * gap) / (
                    whole + size
                )
                if bound * SHRINK < limit[0]:
                    joint_ids[0, count[0]] = node
                    joint_bounds[0, count[0]] = bound * SHRINK
                    count[0] += 1
        if count[0] >= capacity:
            keep_nearest(joint_ids, joint_bounds, count, limit, 0, capacity - 1)
        ids[a, : count[0]] = joint_ids[0, : count[0]]
        bounds[a, : count[0]] = joint_bounds[0, : count[0]]
        filled[a] = count[0]
        limits[a] = limit[0]
        _write_centroid(maps, centroids, where[a], where[b], size_b / whole, targets[p])
        where[a] = ~targets[p]
        sizes[a] = whole


@njit(nogil=True, cache=True)
def record_merges(
    pairs: np.ndarray,
    n_nodes: int,
    nodes: np.ndarray,
    parents: np.ndarray,
    slot_of: np.ndarray,
    node_sizes: np.ndarray,
    sizes: np.ndarray,
    distances: np.ndarray,
    status: np.ndarray,
    children: np.ndarray,
    heights: np.ndarray,
) -> None:
    """Give each merged pair its node; after all lists of the round are made."""
    for p in range(pairs.shape[0]):
        a, b = pairs[p]
        node = n_nodes + p
        children[node, 0], children[node, 1] = nodes[a], nodes[b]
        heights[node] = distances[a]
        node_sizes[node] = sizes[a]
        parents[nodes[a]] = parents[nodes[b]] = node
        slot_of[node] = a
        nodes[a] = node
        status[a] = STALE
        status[b] = DEAD


@njit(nogil=True, cache=True)
def mark_stale(nearest: np.ndarray, parents: np.ndarray, status: np.ndarray) -> None:
    """Slots whose nearest has merged must look again."""
    for slot in range(nearest.shape[0]):
        if status[slot] == CERTAIN and parents[nearest[slot]] != nearest[slot]:
            status[slot] = STALE
