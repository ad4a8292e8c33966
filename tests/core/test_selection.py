"""Selections: gestures, modes, the query language, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.path import Path
from scipy.cluster.hierarchy import cut_tree, linkage

from seam_core import selection as sel
from seam_core.validate import InputError


@pytest.fixture
def landscape() -> sel.Landscape:
    rng = np.random.default_rng(3)
    points = rng.normal(size=(60, 3)).astype(np.float32)
    activity = rng.normal(size=60)
    activity[5] = np.nan
    return sel.Landscape(
        60,
        labels=np.repeat(np.array([-1, 2, 7], dtype=np.int32), 20),
        coordinates=points,
        columns={
            "Activity": activity,
            "Hamming": rng.integers(0, 9, 60),
            "my score": rng.normal(size=60),
            "Task": np.array(["a", "b", "c"] * 20, dtype=object),
        },
        sequences=rng.integers(0, 4, (60, 12)).astype(np.int8),
        reference=np.zeros(12, dtype=np.int8),
        linkage=linkage(points, "ward"),
    )


def ask(landscape: sel.Landscape, text: str) -> np.ndarray:
    return sel.select(landscape, sel.Query(text)).mask


@pytest.mark.parametrize("mode", sel.MODES)
def test_modes_are_set_operations(landscape, mode):
    first = sel.select(landscape, sel.Clusters((2,)))
    second = sel.Query("Hamming > 3")
    got = sel.select(landscape, second, mode, first)
    a, b = set(first.indices), set(np.flatnonzero(landscape.columns["Hamming"] > 3))
    expected = {"replace": b, "add": a | b, "remove": a - b, "intersect": a & b, "except": b - a}[
        mode
    ]
    assert set(got.indices) == expected
    assert got.count == len(expected)
    assert len(got.steps) == (1 if mode == "replace" else 2)
    assert first.count == 20, "the old selection stays as it was"


def test_noise_is_selected_like_any_cluster(landscape):
    assert sel.select(landscape, sel.Clusters((-1,))).indices.tolist() == list(range(20))


def test_clusters_names_whole_clusters_only(landscape):
    two = sel.select(landscape, sel.Clusters((2,)))
    both = sel.select(landscape, sel.Clusters((7, 2)), "add", two)
    assert both.clusters() == (2, 7)
    assert sel.select(landscape, sel.Query("Hamming > 3"), "intersect", both).clusters() == ()
    assert sel.select(landscape, sel.Clusters((-1,)), "replace", both).clusters() == (-1,)


@pytest.mark.parametrize("seed", range(4))
def test_polygon_equals_matplotlib(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(3000, 2)).astype(np.float32)
    vertices = rng.normal(size=(9, 2)) * 1.5  # crosses itself: odd-even rule
    lasso = sel.Polygon(tuple(map(tuple, vertices.tolist())))
    got = sel.select(sel.Landscape(3000, coordinates=points), lasso).mask
    # matplotlib fills by the winding rule; a polygon without crossings has one answer
    angle = np.sort(rng.uniform(0, 2 * np.pi, 40))
    star = np.stack([np.cos(angle), np.sin(angle)], 1) * rng.uniform(0.3, 2, (40, 1))
    simple = sel.inside_polygon(points[:, 0], points[:, 1], star)
    assert np.array_equal(simple, Path(star).contains_points(points))
    crossings = np.zeros(len(points), dtype=int)
    for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        spans = (points[:, 1] > y0) != (points[:, 1] > y1)
        with np.errstate(all="ignore"):
            x = x0 + (points[:, 1] - y0) / (y1 - y0) * (x1 - x0)
        crossings += spans & (points[:, 0] < x)
    assert np.array_equal(got, crossings % 2 == 1)


def test_points_at_the_height_of_a_corner_are_counted_once():
    """Both on a grid, so that most points are level with some corner."""
    grid = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2)
    corners = np.array([(2, 3), (9, 3), (9, 6), (6, 6), (6, 10), (2, 10)], dtype=float)
    inside = sel.inside_polygon(grid[:, 0], grid[:, 1], corners)
    x, y = grid.T
    wanted = (x >= 2) & (y >= 3) & (((x < 9) & (y < 6)) | ((x < 6) & (y < 10)))
    assert np.array_equal(inside, wanted)
    flat = corners * (1, 0)
    assert not sel.inside_polygon(x, y, flat).any()


def test_polygon_of_two_points_selects_nothing(landscape):
    assert sel.select(landscape, sel.Polygon(((0.0, 0.0), (1.0, 1.0)))).count == 0


def test_rectangle_uses_the_axes_it_was_drawn_on(landscape):
    box = sel.Rectangle((-0.5, 0.0), (0.5, 9.0), axes=(2, 1))
    points = landscape.coordinates
    expected = (np.abs(points[:, 2]) <= 0.5) & (points[:, 1] >= 0)
    assert np.array_equal(sel.select(landscape, box).mask, expected)


def test_branch_is_a_subtree(landscape):
    halves = cut_tree(landscape.linkage, 2).ravel()
    for child in landscape.linkage[-1, :2]:
        mask = sel.select(landscape, sel.Branch(int(child))).mask
        assert len(np.unique(halves[mask])) == 1
        assert mask.sum() == np.count_nonzero(halves == halves[mask][0])
    assert sel.select(landscape, sel.Branch(2 * 60 - 2)).count == 60


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("Activity > 0.3 and Hamming <= 4", "(a > 0.3) & (h <= 4)"),
        ("activity>0.3 AND hamming<=4", "(a > 0.3) & (h <= 4)"),
        ("not (Hamming = 3) or Activity < -1", "~(h == 3) | (a < -1)"),
        ("2 < Hamming <= 5", "(h > 2) & (h <= 5)"),
        ("Cluster in (2, -1)", "(c == 2) | (c == -1)"),
        ("Cluster not in [7]", "c != 7"),
        ("abs(Activity) * 2 > Hamming - 1", "abs(a) * 2 > h - 1"),
        ("`my score` > 0", "s > 0"),
        ("Task = 'b' and Index < 30", "(t == 'b') & (i < 30)"),
        ('Task in ("a", "c")', "t != 'b'"),
        ("Letter[3] == 'T'", "q[:, 3] == 3"),
        ("Letter[3] != Reference[3]", "q[:, 3] != 0"),
        ("Axis2 >= 0", "p[:, 1] >= 0"),
        ("1 > 0", "h > -1"),
    ],
)
def test_query_answers_as_numpy_does(landscape, text, python):
    columns = landscape.columns
    names = {
        "a": columns["Activity"],
        "h": columns["Hamming"],
        "s": columns["my score"],
        "t": columns["Task"],
        "c": landscape.labels,
        "q": landscape.sequences,
        "p": landscape.coordinates,
        "i": np.arange(60),
        "abs": np.abs,
    }
    assert np.array_equal(ask(landscape, text), eval(python, names))


def test_labels_are_asked_for(landscape):
    named = replace(landscape, names={2: "DRE", 7: "AP-1, both"})
    assert np.array_equal(ask(named, 'Label == "DRE"'), landscape.labels == 2)
    assert np.array_equal(ask(named, "label in ('AP-1, both', 'DRE')"), landscape.labels > 0)
    assert np.array_equal(ask(named, 'Label = ""'), landscape.labels == -1)
    assert not ask(landscape, 'Label == "DRE"').any()
    with pytest.raises(InputError, match="'Label'"):
        ask(replace(named, labels=None), 'Label == "DRE"')


def test_nan_is_never_inside(landscape):
    assert not ask(landscape, "Activity > -100")[5]
    assert not ask(landscape, "Activity <= -100")[5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Activity >",
        "Activity",
        "Activty > 3",
        "__import__('os').system('true')",
        "Activity.__class__ == 3",
        "(lambda: True)()",
        "[x for x in Activity] > 3",
        "Activity > 'three'",
        "Task > 3",
        "Task + 1 > 3",
        "Hamming and Activity > 3",
        "Letter[99] == 'A'",
        "Letter[Hamming] == 'A'",
        "Activity[0] > 3",
        "Hamming ** 9999 > 3",
        "open('x') > 3",
        "f'{Activity}' == 'x'",
        "True",
        "not Hamming",
        "(" * 300 + "1" + ")" * 300,
        "Activity > " + "1" * 5000,
        "Activity" + "+1" * 900 + " > 3",
        "-" * 1900 + "Activity > 3",
        "not " * 480 + "(Activity > 3)",
        "-(Activity > 3) > 0",
        "(Activity > 3) - (Hamming > 2) > 0",
    ],
)
def test_query_refuses_what_it_does_not_know(landscape, text):
    if text == "True":
        assert ask(landscape, text).all()
        return
    with pytest.raises(InputError, match="query") as caught:
        ask(landscape, text)
    assert len(str(caught.value)) < 400


def test_misspelt_column_is_answered_with_the_names(landscape):
    with pytest.raises(InputError, match=r"Activty.*Activity.*Hamming"):
        ask(landscape, "Activty > 3")


def test_missing_records_are_named():
    with pytest.raises(InputError, match="no coordinates"):
        sel.select(sel.Landscape(4), sel.Rectangle((0, 0), (1, 1)))


def test_kept_selection_goes_through_json_and_repeats(landscape):
    gestures = [
        (sel.Query("Hamming > 2"), "replace"),
        (sel.Polygon(((-1.0, -1.0), (1.0, -1.0), (0.0, 2.0)), (0, 2)), "add"),
        (sel.Rectangle((-0.2, -9.0), (0.2, 9.0)), "remove"),
        (sel.Clusters((2, 7)), "intersect"),
        (sel.Rows((0, 4)), "add"),
        (sel.Branch(90), "add"),
        (sel.Everything(), "intersect"),
    ]
    selection = None
    for gesture, mode in gestures:
        selection = sel.select(landscape, gesture, mode, selection)
    again = sel.from_dict(json.loads(json.dumps(sel.to_dict(selection))))
    assert np.array_equal(again.mask, selection.mask)
    assert again.steps == selection.steps
    assert np.array_equal(sel.repeat(again.steps, landscape).mask, selection.mask)
    assert "cluster" in selection.describe() or "everything" in selection.describe()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"n": 3, "indices": [5], "steps": []},
        {"n": 3, "indices": [], "steps": [{"kind": "magic", "mode": "add"}]},
        {"n": 3, "indices": [], "steps": [{"kind": "query", "mode": "xor", "text": "1 > 0"}]},
        {"n": 3, "indices": [], "steps": [{"kind": "query", "mode": "add"}]},
    ],
)
def test_broken_files_are_refused(broken):
    with pytest.raises(InputError):
        sel.from_dict(broken, "selections.json")


def test_rows_outside_are_refused(landscape):
    with pytest.raises(InputError, match="0 to 59"):
        sel.select(landscape, sel.Rows((60,)))
