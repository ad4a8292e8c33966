"""The figure of what is shown has the rows, colours, order and scale of the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from seam_core import curation as curations
from seam_core.pictures import DIM, HIDDEN, drawn_rows, faded
from seam_core.selection import Clusters
from seam_gui.look.theme import theme
from seam_gui.pictures.recipes import recipes
from tests.gui.exploring import choose

STATES = (
    "plain",
    "greyed",
    "hidden",
    "coloured",
    "merged",
    "arranged",
    "colour_blind",
    "by_value",
    "by_text",
    "random",
    "descending",
    "all_at_once",
)


def tab(explore):
    return explore.tab("Explore")


def curate(explore, edit, *arguments):
    session = explore.state.session
    before = explore.state.curation or curations.start(session.clustering, session.explanation)
    after, change = edit(before, *arguments)
    explore.state.change(change.text, curation=after)
    explore.settle()


def bring(explore, state):
    """The window into one of `STATES`."""
    if state in ("greyed", "all_at_once"):
        tab(explore).select(Clusters((2,)))
    if state in ("hidden", "all_at_once"):
        curate(explore, curations.hide, [1])
    if state in ("coloured", "all_at_once"):
        curate(explore, curations.colour, [0, 2], "#12ab34")
    if state == "merged":
        curate(explore, curations.merge, [0, 1])
    if state in ("arranged", "all_at_once"):
        order = [int(i) for i in explore.state.session.explanation.ids]
        curate(explore, curations.reorder, order[::-1])
    if state in ("colour_blind", "all_at_once"):
        theme().set_colour_blind(True)
    if state in ("by_value", "descending"):
        choose(explore, "scatter_colour", "Activity")
    if state == "by_text":
        table = explore.state.session.table
        texts = np.where(table.frame["Activity"] > 0, "high", "low").astype(object)
        frame = table.frame.assign(Kind=texts)
        session = replace(explore.state.session, table=replace(table, frame=frame))
        explore.state.change("Another column", session=session)
        explore.settle()
        choose(explore, "scatter_colour", "Kind")
    if state in ("random", "all_at_once"):
        choose(explore, "scatter_order", "random")
    if state == "descending":
        choose(explore, "scatter_order", "descending")
    explore.settle()


@pytest.fixture(params=STATES)
def shown(request, explore):
    theme().set_mode("light")
    bring(explore, request.param)
    return explore


def figure_of(explore, name):
    return recipes(tab(explore).exports.shown())[name].make()


def as_bytes(colors):
    return np.round(255 * np.asarray(colors)[:, :3]).astype(int)


def test_scatter(shown):
    view = tab(shown).scatter.view
    points = view.points
    order = points.order if len(points.order) else None
    rows = drawn_rows(points.state, order)
    screen = view.colours[points.codes].astype(int)
    pale = faded(view.colours, (255, 255, 255))[points.codes]
    screen = np.where((points.state == DIM)[:, None], pale, screen)
    drawn = figure_of(shown, "scatter").axes[0].collections[0]
    places = np.stack([points.x, points.y], axis=1)[rows]
    np.testing.assert_allclose(np.asarray(drawn.get_offsets()), places, rtol=1e-5)
    np.testing.assert_array_equal(as_bytes(drawn.get_facecolors()), screen[rows])
    assert len(rows) == (points.state != HIDDEN).sum()


@pytest.mark.parametrize("kind", ["box", "compact", "bar", "occupancy"])
def test_clusters_beside_each_other(explore, kind):
    bring(explore, "all_at_once")
    comparison = tab(explore).comparison
    choose(explore, "comparison_kind", kind)
    comparison.refresh()
    data = comparison.plot.data
    axes = figure_of(explore, "comparison").axes[0]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == [str(i) for i in data.ids]
    assert 1 not in data.ids  # hidden
    if kind in ("bar", "occupancy"):
        colors = [patch.get_facecolor() for patch in axes.patches]
        lengths = [patch.get_width() for patch in axes.patches]
        wanted = data.quartiles[:, 2] if kind == "bar" else data.values
        np.testing.assert_allclose(lengths, wanted)
    elif kind == "box":
        colors = [patch.get_facecolor() for patch in axes.patches]
        np.testing.assert_allclose([p.get_x() for p in axes.patches], data.quartiles[:, 1])
    else:
        colors = axes.collections[1].get_facecolors()
        medians = np.asarray(axes.collections[1].get_offsets())[:, 0]
        np.testing.assert_allclose(medians, data.quartiles[:, 2])
    np.testing.assert_array_equal(as_bytes(colors), data.colours)
    if kind != "occupancy":
        reference = [line for line in axes.lines if to_rgb(line.get_color()) == to_rgb("#d7261e")]
        assert [line.get_xdata()[0] for line in reference] == [data.reference_value]
        activity = explore.state.session.table.activity
        assert data.reference_value == activity[tab(explore).scene.reference]


def test_matrix(shown):
    matrix = tab(shown).msm.view.matrix
    axes = figure_of(shown, "msm").axes[0]
    image = axes.images[0]
    first, stop = tab(shown).axis.window()
    columns = slice(first - matrix.start, stop - matrix.start)
    np.testing.assert_allclose(image.get_array(), matrix.values[:, columns])
    assert image.get_clim() == pytest.approx(matrix.limits)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [str(i) for i in matrix.ids]
    boxes = {
        (round(p.get_x() + 0.5), round(p.get_x() + p.get_width() + 0.5), p.get_y() + 0.5,
         p.get_y() + p.get_height() + 0.5)
        for p in axes.patches
    }  # fmt: skip
    screen = {
        (max(box.start, first), min(box.stop, stop), box.first, box.last)
        for box in matrix.boxes
        if box.start < stop and box.stop > first
    }
    assert boxes == screen


def test_a_box_stands_in_the_clusters_that_show_the_site(explore):
    sites = explore.state.session.sites
    matrix = tab(explore).msm.view.matrix
    covered = {site.name: set() for site in sites.sites}
    for box in matrix.boxes:
        covered[box.site] |= {int(i) for i in matrix.ids[box.first : box.last]}
    for column, site in enumerate(sites.sites):
        assert covered[site.name] == set(sites.cluster_ids[sites.active[:, column]].tolist())
    assert matrix.boxes


def test_tree(shown):
    view = tab(shown).tree.view
    axes = figure_of(shown, "dendrogram").axes[0]
    links = axes.collections[0]
    heights = np.array([segment[1, 1] for segment in links.get_segments()])
    np.testing.assert_allclose(heights, [merge[3] for merge in view.merges])
    grey = tuple(as_bytes([to_rgb("#8a93a3")])[0])
    screen = [view.branch_colours.get(merge[0], grey) for merge in view.merges]
    np.testing.assert_array_equal(as_bytes(links.get_edgecolors()), screen)
    top = axes.get_ylim()[1]
    at = heights[len(heights) // 2]
    share = axes.transData.transform((0, at))[1] - axes.transData.transform((0, 0))[1]
    whole = axes.transData.transform((0, top))[1] - axes.transData.transform((0, 0))[1]
    area = view._area()
    assert share / whole == pytest.approx((area.bottom() - view.y_of(at)) / area.height())
    cut = [line.get_ydata()[0] for line in axes.lines]
    assert cut == pytest.approx([view.cut])
