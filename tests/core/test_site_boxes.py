"""Where sites are boxed in pictures."""

import numpy as np
import pytest

from seam_core.records import Site
from seam_core.site_boxes import boxes_where, joined_runs, places_of, runs_of


def test_stretches_too_close_for_two_lines_are_one():
    runs = runs_of([1, 2, 4, 9, 10])
    assert joined_runs(runs, 0.0) == [(1, 3), (4, 5), (9, 11)]
    assert joined_runs(runs, 1.0) == [(1, 3), (4, 5), (9, 11)], "one position apart is far enough"
    assert joined_runs(runs, 1.5) == [(1, 5), (9, 11)]
    assert joined_runs(runs, 5.0) == [(1, 11)]
    assert joined_runs([], 5.0) == []


@pytest.mark.parametrize("gap", [0.0, 1.5, 5.0])
def test_boxes_of_the_same_rows_are_joined_as_their_stretches(gap):
    """Against the plain way: the stretches joined, a box for each and each run of rows."""
    site = Site("A", (1, 2, 4, 9, 10))
    other = Site("B", (3,))
    active = np.array([[1, 0], [1, 1], [0, 1], [1, 0]], dtype=bool)
    boxes = boxes_where((site, other), active)
    wanted = {
        (start, stop, first, last)
        for start, stop in joined_runs(runs_of(site.positions), gap)
        for first, last in ((0, 2), (3, 4))
    }
    found = places_of(boxes, "A", gap)
    assert found.shape == (4, len(wanted))
    assert set(map(tuple, found.T.tolist())) == wanted
    assert places_of(boxes, "none", gap).shape == (4, 0)
