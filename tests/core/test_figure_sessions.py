"""Figures of several sessions: what they show is what they were given."""

from __future__ import annotations

import numpy as np
import pytest

from seam_core import comparison
from seam_core.figures import correspondence_heatmap, matched_logos, save_figure, sessions_scatter
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def pair():
    return [make_session(200, 40, 5, seed=seed, n_sites=2) for seed in (1, 1)]


def test_the_heat_map_outlines_the_matched_pairs(pair, tmp_path):
    found = comparison.correspond(*pair)
    matched = list(zip(found.pairs["left"], found.pairs["right"], strict=True))
    figure = correspondence_heatmap(
        found.score, found.left_ids, found.right_ids, matched=matched, names=("a", "b")
    )
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), found.score)
    assert len(axes.lines) == len(matched)
    assert axes.get_ylabel() == "Cluster, a"
    assert save_figure(figure, tmp_path / "x.svg").is_file()
    with pytest.raises(InputError, match="values"):
        correspondence_heatmap(found.score, found.left_ids[1:], found.right_ids)


def test_points_take_the_colour_of_their_session(pair):
    found = comparison.shared_embedding(pair, most=60)
    axes = sessions_scatter(found.embedding, found.session, ["a", "b"]).axes[0]
    colors = axes.collections[0].get_facecolor()
    assert len(colors) == 120
    assert len(np.unique(colors, axis=0)) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_logos_of_matched_clusters_stand_side_by_side(pair):
    records = [session.explanation for session in pair]
    ids = records[0].ids[:2].tolist()
    figure = matched_logos(*records, [(ids[0], ids[0]), (ids[1], ids[1])], same_heights=True)
    grid = np.array(figure.axes).reshape(2, 2)
    for line in grid:
        assert line[0].get_ylim() == line[1].get_ylim()
    assert str(ids[1]) in grid[1, 0].get_ylabel()
