"""The one pass and what moves sequences between its rows, against sums written out plainly."""

from dataclasses import fields, replace

import numpy as np
import pytest

from seam_core.meta_explainer import (
    MetaExplainer,
    Sums,
    cluster_sums,
    rows_of,
    subset_sums,
    updated_sums,
    warm_up,
)
from seam_core.meta_explainer import sums as module
from seam_core.progress import Cancelled
from seam_core.records import AttributionMaps, Clustering, Library
from seam_core.validate import InputError


def plainly(library, maps, rows, n_clusters):
    """(sizes, counts, sums, squares, contributions) in float64, one cluster after the other."""
    hot = np.zeros((*library.sequences.shape, library.n_letters))
    known = library.sequences >= 0
    np.put_along_axis(hot, np.where(known, library.sequences, 0)[..., None], 1.0, axis=2)
    hot = (hot * known[..., None])[:, maps.start : maps.stop]
    values = np.asarray(maps.maps, dtype=np.float64)
    parts = []
    for k in range(n_clusters):
        mine = rows == k
        one, letters = values[mine], hot[mine]
        parts.append(
            (mine.sum(), letters.sum(0), one.sum(0), (one**2).sum(0), (one * letters).sum(0))
        )
    return [np.stack(part) for part in zip(*parts, strict=True)]


def assert_same(sums, expected):
    for item, values in zip(fields(Sums), expected, strict=True):
        np.testing.assert_allclose(getattr(sums, item.name), values, atol=1e-9, err_msg=item.name)


@pytest.fixture(params=[("ACGT", 0, 12), ("ACDEFGHIKLMNPQRSTVWY", 3, 9), ("ACGU", 2, 12)])
def inputs(request):
    alphabet, start, stop = request.param
    rng = np.random.default_rng(len(alphabet) + start)
    sequences = rng.integers(-1, len(alphabet), (300, 12)).astype(np.int8)
    values = rng.normal(size=(300, stop - start, len(alphabet))).astype(np.float32)
    return Library(sequences, alphabet), AttributionMaps(values, start), rng


@pytest.mark.parametrize("chunk", [7, 16_384])
def test_the_pass_equals_plain_sums(inputs, monkeypatch, chunk):
    monkeypatch.setattr(module, "CHUNK_ROWS", chunk)
    library, maps, rng = inputs
    rows = rng.integers(-1, 5, 300).astype(np.int32)
    assert_same(cluster_sums(library, maps, rows, 5), plainly(library, maps, rows, 5))


def test_the_pass_reads_a_file_in_any_layout(inputs, tmp_path):
    library, maps, rng = inputs
    rows = rng.integers(0, 3, 300)
    expected = plainly(library, maps, rows, 3)
    np.save(tmp_path / "c.npy", maps.maps)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(maps.maps))
    for name in ("c.npy", "fortran.npy"):
        on_disk = replace(maps, maps=np.load(tmp_path / name, mmap_mode="r"))
        assert_same(cluster_sums(library, on_disk, rows, 3), expected)


def test_result_does_not_depend_on_the_number_of_cores(inputs, monkeypatch):
    library, maps, rng = inputs
    rows = rng.integers(0, 3, 300)
    one = cluster_sums(library, maps, rows, 3)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    other = cluster_sums(library, maps, rows, 3)
    assert all((getattr(one, f.name) == getattr(other, f.name)).all() for f in fields(Sums))


@pytest.mark.parametrize("known", [True, False])
def test_a_selection(inputs, known):
    library, maps, rng = inputs
    rows = rng.integers(-1, 4, 300).astype(np.int32)
    clusters = cluster_sums(library, maps, rows, 4)
    selected = (rows == 2) | (rng.random(300) < 0.4)
    options = {"clusters": clusters, "rows": rows} if known else {}
    expected = plainly(library, maps, np.where(selected, 0, -1), 1)
    assert_same(subset_sums(library, maps, selected, **options), expected)
    assert_same(subset_sums(library, maps, np.flatnonzero(selected), **options), expected)


def test_whole_clusters_and_merges_read_no_map(inputs):
    library, maps, rng = inputs
    rows = rng.integers(0, 4, 300).astype(np.int32)
    clusters = cluster_sums(library, maps, rows, 4)
    gone = replace(maps, maps=np.full_like(maps.maps, np.nan))
    expected = plainly(library, maps, np.where(rows < 2, 0, -1), 1)
    assert_same(subset_sums(library, gone, rows < 2, clusters=clusters, rows=rows), expected)
    merged = np.array([0, 1, 0, 2])[rows].astype(np.int32)
    after = updated_sums(library, gone, clusters, rows, merged, 3)
    assert_same(after, plainly(library, maps, merged, 3))


def test_splits_and_moves(inputs):
    library, maps, rng = inputs
    rows = rng.integers(0, 4, 300).astype(np.int32)
    clusters = cluster_sums(library, maps, rows, 4)
    changed = rows.copy()
    changed[(rows == 1) & (rng.random(300) < 0.3)] = 4
    changed[rng.random(300) < 0.1] = -1
    changed[rng.random(300) < 0.1] = 0
    after = updated_sums(library, maps, clusters, rows, changed, 5)
    assert_same(after, plainly(library, maps, changed, 5))


def test_an_empty_selection_is_zeros(inputs):
    library, maps, _ = inputs
    nothing = subset_sums(library, maps, np.zeros(300, bool))
    assert nothing.sizes.tolist() == [0]
    assert not nothing.map_sums.any()


def test_update_equals_a_new_run(tmp_path):
    from tests.planted import analysis, planted

    library, table, maps, clustering = analysis(planted(0), 400, 8)
    explainer = MetaExplainer()
    before = explainer.run(library, table, maps, clustering)
    labels = clustering.labels.copy()
    labels[labels == 3] = 1
    labels[np.flatnonzero(labels == 0)[::3]] = 99
    after = Clustering(labels, "curated", "maps")
    ours = explainer.update(before, clustering, library, table, maps, after)
    expected = explainer.run(library, table, maps, after)
    for item in fields(expected):
        one, other = getattr(ours, item.name), getattr(expected, item.name)
        if isinstance(other, np.ndarray):
            np.testing.assert_allclose(one, other, atol=1e-9, err_msg=item.name)
        else:
            assert one == other
    assert (rows_of(ours, after) >= 0).all()


def test_cancel_leaves_what_was_given(inputs):
    class Stop:
        def update(self, done, total, message=""):
            raise Cancelled

    library, maps, _ = inputs
    with pytest.raises(Cancelled):
        cluster_sums(library, maps, np.zeros(300, np.int32), 1, progress=Stop())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": 11}, "maps"),
        ({"start": -1}, "maps"),
        ({"maps": np.zeros((299, 12, 4), np.float32)}, "maps"),
        ({"maps": np.zeros((300, 12, 5), np.float32)}, "maps"),
    ],
)
def test_sizes_that_disagree_are_named(change, field):
    library = Library(np.zeros((300, 12), np.int8))
    maps = replace(AttributionMaps(np.zeros((300, 12, 4), np.float32)), **change)
    with pytest.raises(InputError) as caught:
        cluster_sums(library, maps, np.zeros(300, np.int32), 1)
    assert caught.value.field == field


def test_warm_up_compiles():
    warm_up()
    warm_up(20)
