"""Ward's tree without the distance matrix: the tree is SciPy's."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from benchmarks.data import DATA, deepstarr_maps
from seam_core.clusterer import (
    check_linkage,
    cut_linkage,
    linkage_by,
    merging,
    tiles,
    ward_linkage,
)
from seam_core.clusterer import ward as ward_module
from seam_core.clusterer.coordinates import choose_coordinates
from seam_core.clusterer.tiles import rounds
from seam_core.progress import Cancelled
from seam_core.records import AttributionMaps
from seam_core.validate import InputError, MemoryBudgetError


@pytest.fixture(autouse=True)
def only_lists(monkeypatch):
    """Small inputs take the way of large ones: lists of candidates down to a few clusters."""
    monkeypatch.setitem(ward_module.ward_merges.__kwdefaults__, "tail", 5)
    monkeypatch.setattr(ward_module, "CAPACITY", 32)
    monkeypatch.setattr(ward_module, "LISTED", 8)


def blobs(n, n_features, seed=0, spread=3.0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(9, n_features)) * spread
    return centres[rng.integers(0, 9, n)] + rng.normal(size=(n, n_features))


def assert_same_tree(rows, rtol=1e-12):
    ours = check_linkage(ward_linkage(rows))
    theirs = linkage(np.asarray(rows, np.float64).reshape(len(rows), -1), "ward")
    np.testing.assert_array_equal(ours[:, :2], theirs[:, :2])
    np.testing.assert_array_equal(ours[:, 3], theirs[:, 3])
    np.testing.assert_allclose(ours[:, 2], theirs[:, 2], rtol=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "n_features"), [(2, 3), (3, 3), (40, 1), (700, 5), (900, 300)])
def test_tree_is_scipys(n, n_features, dtype):
    assert_same_tree(blobs(n, n_features).astype(dtype))


@pytest.mark.parametrize("seed", range(2))
def test_short_lists_never_lose_a_neighbour(seed, monkeypatch):
    monkeypatch.setattr(ward_module, "CAPACITY", 16 + 16 * seed)
    monkeypatch.setattr(ward_module, "LISTED", 6)
    monkeypatch.setattr(ward_module, "FEWEST_RENEWED", 10)
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(1500, 40)) * np.linspace(2, 0.1, 40) * rng.gamma(2, 1, (1500, 1))
    assert_same_tree(rows.astype(np.float32))


def falling(n, n_features, seed=0):
    """Blobs whose variance falls from axis to axis, so that few principal axes hold most."""
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n_features, n_features)))
    return blobs(n, n_features, seed) * np.linspace(3, 0.02, n_features) ** 2 @ turn


def test_heads_never_come_out_further_than_they_are():
    rows = falling(400, 300)
    coordinates = choose_coordinates(rows, rotate=True)
    assert coordinates.n_leading < 200
    heads, tails, rests, norms = (part.astype(np.float64) for part in coordinates.place(rows))
    squares = squareform(pdist(rows, "sqeuclidean")) / coordinates.unit
    by_heads = norms[:, None] + norms - 2 * heads @ heads.T
    whole = by_heads + 2 * (np.outer(rests[:, 0], rests[:, 0]) - tails @ tails.T)
    apart = ~np.eye(400, dtype=bool)
    assert (by_heads <= squares)[apart].all()
    assert (whole <= squares)[apart].all()
    np.testing.assert_allclose(whole[apart], squares[apart], rtol=1e-4)
    assert (rests[:, -1] == 0).all()
    assert (np.diff(rests, axis=1) <= 0).all()


@pytest.mark.parametrize("kind", ["plain", "outlier", "offset", "near-duplicates", "heavy tails"])
def test_leading_axes_lose_no_neighbour(kind):
    rows, rng, rtol = falling(500, 200), np.random.default_rng(7), 1e-11
    if kind == "outlier":
        rows[17] *= 1e7
    elif kind == "offset":
        rows, rtol = rows + 1e4, 1e-9
    elif kind == "near-duplicates":
        rows, rtol = np.repeat(rows[:20], 25, axis=0), 1e-8
        rows += 1e-6 * rng.normal(size=rows.shape)
    elif kind == "heavy tails":
        rows *= rng.lognormal(0, 4, (500, 1))
    assert_same_tree(rows, rtol=rtol)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 7])
def test_rounds_have_every_pair_once_and_no_one_twice(n):
    seen = []
    for pairs in rounds(n):
        ends = [end for i, j in pairs for end in {i, j}]
        assert len(ends) == len(set(ends))
        seen += pairs
    assert sorted(seen) == [(i, j) for i in range(n) for j in range(i, n)]


def test_lists_on_several_tiles(monkeypatch):
    monkeypatch.setattr(tiles, "TILE", 64)
    rows = falling(700, 150).astype(np.float32)
    assert_same_tree(rows, rtol=1e-11)
    first = ward_linkage(rows, n_threads=1)
    np.testing.assert_array_equal(ward_linkage(rows, n_threads=3), first)


def test_dense_end_gives_the_same_tree(monkeypatch):
    rows = blobs(600, 20)
    lists_only = ward_linkage(rows)
    monkeypatch.setitem(ward_module.ward_merges.__kwdefaults__, "tail", 300)
    np.testing.assert_allclose(ward_linkage(rows), lists_only, rtol=1e-12)
    monkeypatch.setitem(ward_module.ward_merges.__kwdefaults__, "tail", 1000)
    np.testing.assert_allclose(ward_linkage(rows), lists_only, rtol=1e-12)


def test_maps_have_any_shape_and_layout(tmp_path):
    maps = blobs(300, 40).astype(np.float32).reshape(300, 10, 4)
    tree = ward_linkage(maps)
    assert_same_tree(maps)
    np.save(tmp_path / "maps.npy", maps)
    mapped = np.load(tmp_path / "maps.npy", mmap_mode="r")
    np.testing.assert_array_equal(ward_linkage(AttributionMaps(mapped)), tree)
    strided = np.repeat(maps, 2, axis=2)[:, :, ::2]
    assert not strided.flags.c_contiguous
    np.testing.assert_array_equal(ward_linkage(strided), tree)


def test_half_precision():
    half = blobs(200, 8).astype(np.float16)
    np.testing.assert_array_equal(ward_linkage(half), ward_linkage(half.astype(np.float32)))


def test_far_outlier_does_not_blunt_the_rest():
    rows = blobs(400, 30)
    rows[17] += 1e7
    assert_same_tree(rows)


def test_large_common_offset():
    assert_same_tree(blobs(400, 30) + 1e4, rtol=1e-9)


def test_heavy_tailed_scales():
    rng = np.random.default_rng(5)
    assert_same_tree(rng.standard_cauchy((400, 12)) * rng.lognormal(0, 6, (400, 1)))


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_extreme_units(scale):
    assert_same_tree(blobs(200, 6) * scale)


def test_near_duplicates_are_told_apart():
    rng = np.random.default_rng(6)
    rows = np.repeat(blobs(12, 25), 40, axis=0)
    rows += 1e-6 * rng.normal(size=rows.shape)
    assert_same_tree(rows, rtol=1e-8)


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_identical_maps(order):
    distinct = blobs(60, 10)
    which = np.repeat(np.arange(60), 10)
    if order == "shuffled":
        which = np.random.default_rng(0).permutation(which)
    rows = distinct[which]
    rows[rows < -3] *= -0.0
    tree = check_linkage(ward_linkage(rows))
    n_distinct = len(np.unique(rows, axis=0))
    assert (tree[:, 2] == 0).sum() == 600 - n_distinct
    theirs = linkage(rows, "ward")
    np.testing.assert_allclose(cophenet(tree), cophenet(theirs), rtol=1e-9, atol=1e-6)


def heights_are_those_of_the_merges(rows, tree):
    """Each height is Ward's distance of the two clusters merged, and no merge was nearer."""
    n = len(rows)
    members = [[i] for i in range(n)]
    alive = set(range(n))
    for row, (a, b, height, _) in enumerate(tree):
        a, b = int(a), int(b)
        live = sorted(alive)
        sizes = np.array([len(members[i]) for i in live], float)
        centres = np.array([rows[members[i]].mean(axis=0) for i in live])
        squares = ((centres[:, None] - centres) ** 2).sum(-1)
        ward = np.sqrt(2 * np.outer(sizes, sizes) / np.add.outer(sizes, sizes) * squares)
        own = ward[live.index(a), live.index(b)]
        np.fill_diagonal(ward, np.inf)
        assert height == pytest.approx(own, rel=1e-9)
        assert own == pytest.approx(ward.min(), rel=1e-9)
        members.append(members[a] + members[b])
        alive -= {a, b}
        alive.add(n + row)


def test_exact_ties_give_a_ward_tree():
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), -1).reshape(-1, 3)
    tree = check_linkage(ward_linkage(grid))
    heights_are_those_of_the_merges(grid, tree)


def test_more_ties_than_a_list_is_long():
    corners = np.eye(80)
    tree = check_linkage(ward_linkage(corners))
    heights_are_those_of_the_merges(corners, tree)
    letters = np.eye(4)[np.random.default_rng(1).integers(0, 4, (120, 6))].reshape(120, -1)
    heights_are_those_of_the_merges(letters, check_linkage(ward_linkage(letters)))


def test_constant_maps_are_one_cluster():
    tree = check_linkage(ward_linkage(np.full((50, 8), 0.3)))
    assert (tree[:, 2] == 0).all()
    assert cut_linkage(tree, 10).n_clusters == 1


def test_one_and_two_maps():
    assert ward_linkage(np.ones((1, 5))).shape == (0, 4)
    np.testing.assert_allclose(ward_linkage(np.array([[0.0], [3.0]])), [[0, 1, 3, 2]])


def test_result_does_not_depend_on_threads_or_repeats():
    rows = blobs(500, 40).astype(np.float32)
    first = ward_linkage(rows, n_threads=1)
    for n_threads in (1, 2, 3):
        np.testing.assert_array_equal(ward_linkage(rows, n_threads=n_threads), first)


def test_products_by_torch_give_the_same_tree():
    rows = blobs(500, 40).astype(np.float32)
    np.testing.assert_array_equal(ward_linkage(rows, device="torch"), ward_linkage(rows))


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (np.empty((0, 3, 4)), r"shape \(0, 3, 4\)"),
        (np.ones(5), "shape"),
        (np.array([["a", "b"]]), "real numbers"),
        (np.array([[1.0, np.nan], [0, 0]]), r"nan at index \(0, 1\)"),
        (np.array([[1.0, 0], [np.inf, 0]]), r"inf at index \(1, 0\)"),
    ],
)
def test_bad_maps(maps, message):
    with pytest.raises(InputError, match=message):
        ward_linkage(maps)


def test_memory_limit_says_what_it_would_need():
    rows = blobs(400, 50)
    with pytest.raises(MemoryBudgetError, match=r"ward linkage of 400 maps needs .* GB"):
        ward_linkage(rows, memory_limit_gb=1e-4)
    with pytest.raises(MemoryBudgetError, match="choose Ward or single"):
        linkage_by(blobs(6_000, 8), "average", memory_limit_gb=0.1)


@pytest.mark.slow
def test_tree_of_a_real_networks_maps():
    if not (DATA / "deepstarr").exists():
        pytest.skip(f"DeepSTARR is not at {DATA}; set SEAM_DATA")
    assert_same_tree(deepstarr_maps(1500))


class CancelAt:
    def __init__(self, call):
        self.left = call
        self.fractions = []

    def update(self, done, total, message=""):
        self.fractions.append(done / total)
        self.left -= 1
        if self.left == 0:
            raise Cancelled


@pytest.mark.parametrize("method", ["ward", "average", "single"])
def test_cancel_at_any_moment(method):
    rows = blobs(300, 10)
    kept = rows.copy()
    whole = CancelAt(-1)
    tree = linkage_by(rows, method, progress=whole)
    assert whole.fractions
    for call in range(1, len(whole.fractions) + 1, max(1, len(whole.fractions) // 12)):
        with pytest.raises(Cancelled):
            linkage_by(rows, method, progress=CancelAt(call))
    np.testing.assert_array_equal(rows, kept)
    np.testing.assert_array_equal(linkage_by(rows, method), tree)


def test_progress_never_goes_back():
    whole = CancelAt(-1)
    ward_linkage(blobs(600, 10), progress=whole)
    assert (np.diff(whole.fractions) >= -1e-12).all()
    assert whole.fractions[-1] <= 1.0


@pytest.mark.parametrize("method", ["single", "average", "complete"])
def test_other_linkages_are_scipys(method):
    rows = blobs(150, 6)
    ours = check_linkage(linkage_by(rows.astype(np.float32), method))
    theirs = linkage(rows.astype(np.float32).astype(np.float64), method)
    np.testing.assert_array_equal(ours[:, :2], theirs[:, :2])
    np.testing.assert_allclose(ours[:, 2:], theirs[:, 2:], rtol=1e-9)


def test_average_linkage_without_fastcluster(monkeypatch):
    rows = blobs(80, 6)
    with_it = linkage_by(rows, "average")
    monkeypatch.setitem(__import__("sys").modules, "fastcluster", None)
    np.testing.assert_allclose(linkage_by(rows, "average"), with_it)
    np.testing.assert_allclose(cophenet(with_it), cophenet(linkage(pdist(rows), "average")))


def test_bound_of_one_that_joined_others_is_at_most_the_limit():
    """A listed candidate beyond the limit may merge with one that is not listed, at the limit."""
    ids = np.array([[1, 2]], np.int32)
    bounds = np.array([[5.0, 9.0]])
    filled = np.array([2], np.int32)
    parents = np.array([0, 1, 4, 4, 4])
    merging.follow_merges(
        ids, bounds, filled, np.array([6.0]), parents, 0, 0, np.empty(8, np.int32)
    )
    np.testing.assert_array_equal(ids, [[1, 4]])
    np.testing.assert_array_equal(bounds, [[5.0, 6.0]])
