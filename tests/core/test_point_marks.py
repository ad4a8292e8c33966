"""Names of clusters at their points, sizes of points, and what is in sight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seam_core.findings import terms_in_words
from seam_core.manner import Manner, manner_of
from seam_core.pictures import NOT_GIVEN, by_column, names_of, rows_named
from seam_core.point_marks import FEW, LETTER, NameMark, name_marks, sight_of, usual_size, with_room

IDS = np.array([-1, 0, 0, 0, 2, 2])
POINTS = np.array([[9.0, 9.0], [0, 0], [2, 1], [4, 5], [1, 1], [3, 3]])
LABELS = {2: "both sites"}


@pytest.mark.parametrize(
    ("naming", "wanted"),
    [
        ("few", ["0", "2 both sites"]),
        ("all", ["0", "2 both sites"]),
        ("labelled", ["both sites"]),
        ("off", []),
    ],
)
def test_names(naming, wanted):
    assert [mark.text for mark in name_marks(POINTS, IDS, LABELS, naming)] == wanted


def test_a_name_is_at_the_median_of_what_is_drawn():
    (first, second) = name_marks(POINTS, IDS, {}, "all")
    assert (first.place, second.place) == ((2.0, 1.0), (2.0, 2.0))
    left_out = np.arange(6) == 3
    assert name_marks(POINTS, IDS, {}, "all", left_out=left_out)[0].place == (1.0, 0.5)
    assert [mark.cluster for mark in name_marks(POINTS, IDS, {}, "all", hidden=[0])] == [2]


def test_many_clusters_are_named_where_they_have_a_label():
    ids = np.arange(FEW + 1)
    marks = name_marks(np.zeros((FEW + 1, 2)), ids, {7: "a" * 60}, "few")
    assert [mark.cluster for mark in marks] == [7]
    assert len(marks[0].text) == 25
    assert marks[0].text.endswith("…")


def test_names_that_would_cover_larger_ones_are_ids_or_wait_for_the_zoom():
    marks = [
        NameMark(0, "0 none of the sites", (5.0, 5.0), 20),
        NameMark(1, "1 both sites", (5.0, 5.1), 30),
        NameMark(2, "2 one site", (6.0, 5.1), 10),
    ]
    whole, near = ((0.0, 10.0), (0.0, 10.0)), ((4.0, 8.0), (4.5, 5.5))
    assert [mark.text for mark in with_room(marks, "few", whole)] == ["1 both sites", "2"]
    assert [mark.text for mark in with_room(marks, "few", near)] == [m.text for m in marks]
    for naming in ("all", "labelled"):
        assert with_room(marks, naming, whole) == marks


def test_no_name_lies_on_the_reference():
    marks = [
        NameMark(0, "0 A DRE1", (5.0, 5.2), 30),
        NameMark(1, "1", (5.0, 4.9), 20),
        NameMark(2, "2", (6.2, 5.0), 10),
    ]
    sight, star = ((0.0, 10.0), (0.0, 10.0)), (5.0, 5.0)
    above, below, right = with_room(marks, "few", sight, star)
    assert (above.text, above.place) == ("0 A DRE1", pytest.approx((5.0, 5.495)))
    assert (below.text, below.place) == ("1", pytest.approx((5.0, 4.505)))
    assert right == marks[2]
    assert with_room(marks, "few", sight, star, "named")[2].place[1] > 5.4  # not on its name
    assert with_room(marks[:1], "few", sight, star, "hidden") == marks[:1]


def test_no_name_lies_on_an_arrow():
    """Each name keeps half its width, or its height, away from every point of both arrows."""
    start, ends = (2.0, 2.0), [(8.0, 8.0), (8.0, 2.0)]
    marks = [
        NameMark(0, "0 on the slope", (5.0, 5.0), 30),
        NameMark(1, "1", (5.0, 2.0), 20),
        NameMark(2, "2 away", (2.0, 8.0), 10),
    ]
    sight = ((0.0, 10.0), (0.0, 10.0))
    before = with_room(marks, "few", sight, start, "hidden")
    assert before == marks
    placed = with_room(marks, "few", sight, start, "hidden", ends=ends)
    assert [mark.cluster for mark in placed] == [0, 1, 2]
    assert placed[2] == marks[2]
    for mark in placed:
        for end in ends:
            along = np.linspace(start, end, 500)
            across, up = np.abs(along - mark.place).T
            free = (across > LETTER[0] * 10 * len(mark.text) / 2) | (up > LETTER[1] * 10)
            assert free.all(), mark


def test_no_name_is_moved_out_of_sight():
    """The arrow runs through the whole name, whose cluster lies at the lower edge."""
    sight = ((0.0, 10.0), (0.0, 10.0))
    mark = NameMark(0, "0 at the edge", (5.0, 0.4), 30)
    wall = NameMark(1, "1 above, more points", (5.0, 1.3), 40)
    placed = with_room([mark, wall], "few", sight, (1.0, 0.5), "hidden", ends=[(9.0, 0.5)])
    assert all(each.place[1] >= 0.225 for each in placed), placed


def test_names_are_wholly_in_sight_and_larger_letters_take_more_room():
    marks = [NameMark(0, "0 a long name", (9.9, 5.0), 20), NameMark(1, "1", (20.0, 5.0), 9)]
    sight = ((0.0, 10.0), (0.0, 10.0))
    for naming in ("few", "all"):
        inside, beyond = with_room(marks, naming, sight)
        assert inside.place == (pytest.approx(10 - 13 * 0.14 / 2), 5.0)
        assert beyond == marks[1]  # not in sight: stays where it is
    (low,) = with_room([NameMark(0, "0 low", (5.0, 0.05), 20)], "few", sight)
    assert low.place == (5.0, pytest.approx(0.45 / 2))
    two = [NameMark(0, "0", (5.0, 5.0), 20), NameMark(1, "1", (5.3, 5.0), 9)]
    assert with_room(two, "few", sight) == two
    assert with_room(two, "few", sight, letter=(0.05, 0.1)) == two[:1]


def test_few_points_fill_a_large_picture():
    assert usual_size(100, 1200**2) > usual_size(100, 600**2) > usual_size(300_000, 600**2)


@pytest.mark.parametrize("wrong", [None, "all", [[0, 1]], [[1, 0], [0, 1]], [[0, "x"], [0, 1]]])
def test_what_is_no_part_of_a_picture_is_all_of_it(wrong):
    assert sight_of(wrong) is None


def test_saved_with_the_session():
    manner = Manner(
        marker=7.0, star="named", naming="off", letter=(0.03, 0.1), sight=((0.0, 1.0), (2.0, 3.0))
    )
    assert manner_of({"pictures": manner.to_dict()}) == manner
    assert (
        manner_of({"pictures": {"marker": "large", "naming": 3, "star": ["x"], "letter": [2, "a"]}})
        == Manner()
    )
    assert manner_of({"pictures": {"starred": False}}).star == "hidden"  # of a former version


def test_terms_without_an_interval_were_not_tested():
    terms = pd.DataFrame({"low": [0.1, np.nan], "called": [True, False]})
    assert terms_in_words(terms)["called"].tolist() == [True, "not tested"]


def test_a_missing_value_of_text_is_named_as_such_and_can_be_hidden():
    task = np.array(["b", None, "a", np.nan, "b"], dtype=object)
    codes, names = names_of(task)
    assert [names[code] for code in codes] == ["b", NOT_GIVEN, "a", NOT_GIVEN, "b"]
    colouring = by_column("Task", task)
    assert colouring.legend.names == ("a", "b", NOT_GIVEN)
    hidden = rows_named({"Task": task}, {"Task": (NOT_GIVEN,)})
    assert hidden.tolist() == [False, True, False, True, False]
