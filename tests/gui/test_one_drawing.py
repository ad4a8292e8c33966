"""The figure of what is shown has the rows, colours, order and scale of the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.quiver import Quiver
from PyQt5.QtGui import QColor

from seam_core import curation as curations
from seam_core import store
from seam_core.figures import overview
from seam_core.handwork import as_curated, saved_in
from seam_core.pictures import DIM, HIDDEN, density_levels, drawn_rows, faded
from seam_core.point_marks import cluster_name, usual_size
from seam_core.selection import Clusters
from seam_gui.look.theme import theme
from seam_gui.pictures.figure_calls import figure_calls
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
    "labelled",
    "sorted",
    "dark",
    "density",
    "close",
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
    if state in ("labelled", "all_at_once"):
        curate(explore, curations.label, 2, "both sites")
    if state == "sorted":
        choose(explore, "msm_order", "similarity")
    if state == "dark":
        theme().set_mode("dark")
    if state == "density":
        choose(explore, "scatter_colour", "density")
    if state in ("random", "all_at_once"):
        choose(explore, "scatter_order", "random")
        choose(explore, "logo_letters", "mutants")
    if state == "descending":
        choose(explore, "scatter_order", "descending")
        explore.trigger("star")
        explore.trigger("star")  # hidden
    if state == "close":
        explore.find("scatter_size").setValue(9)
        explore.trigger("next_names")
        explore.trigger("star")  # with its name
        (left, right), (low, high) = tab(explore).scatter.view.shown_range()
        tab(explore).scatter.view.show_range(((left, (left + right) / 2), (low, high)))
    explore.settle()
    tab(explore).equipment.names.place_again()  # as a timer does, once the picture stands still


@pytest.fixture(params=STATES)
def shown(request, explore):
    theme().set_mode("light")
    bring(explore, request.param)
    return explore


def figure_of(explore, name):
    return figure_calls(tab(explore).exports.shown())[name].make()


def as_bytes(colors):
    return np.round(255 * np.asarray(colors)[:, :3]).astype(int)


def assert_density(image, counts):
    """Squares in the colours that the screen gives to as many points; white without any."""
    colours = as_bytes(np.asarray(image.get_array()).reshape(-1, 4))
    wanted = theme().sequential()[density_levels(counts)].reshape(-1, 3)
    wanted = np.where((counts == 0).reshape(-1, 1), 255, wanted)
    np.testing.assert_array_equal(colours, wanted)


def check_names(shown, axes):
    """Clusters and the reference are named in the figure where they are on the screen."""
    view = tab(shown).scatter.view
    places = [
        (item.toPlainText(), item.pos().x(), item.pos().y())
        for item in tab(shown).equipment.names.items
    ]
    star = (float(view.points.x[view.reference]), float(view.points.y[view.reference]))
    if view.star == "named":
        places.append(("reference", *star))
    marks = [(text.get_text(), *(text.xy if text.get_text() == "reference" else
             text.get_position())) for text in axes.texts]  # fmt: skip
    assert sorted(marks) == [pytest.approx(place) for place in sorted(places)]
    stars = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "*"]
    assert [pytest.approx(place) for place in stars] == ([] if view.star == "hidden" else [star])


def check_scatter(shown):
    view = tab(shown).scatter.view
    points = view.points
    order = points.order if len(points.order) else None
    rows = drawn_rows(points.state, order)
    screen = view.colours[points.codes].astype(int)
    pale = faded(view.colours, (255, 255, 255))[points.codes]
    screen = np.where((points.state == DIM)[:, None], pale, screen)
    figure = figure_of(shown, "scatter")
    if tab(shown).scatter.colour_by == "density":
        counts = np.histogram2d(
            points.x, points.y, figure.axes[0].images[0].get_array().shape[1::-1]
        )
        assert_density(figure.axes[0].images[0], counts[0].T)
        check_names(shown, figure.axes[0])
        return
    drawn = figure.axes[0].collections[0]
    places = np.stack([points.x, points.y], axis=1)[rows]
    np.testing.assert_allclose(np.asarray(drawn.get_offsets()), places, rtol=1e-5)
    np.testing.assert_array_equal(as_bytes(drawn.get_facecolors()), screen[rows])
    assert len(rows) == (points.state != HIDDEN).sum()
    check_names(shown, figure.axes[0])
    pixels = view.marker or usual_size(len(rows), 4.6 * 4.0 * 96**2)
    assert drawn.get_sizes() == pytest.approx((pixels * 72 / 96) ** 2)
    if view.sight is not None:
        assert figure.axes[0].get_xlim() == pytest.approx(view.sight[0])
        assert figure.axes[0].get_ylim() == pytest.approx(view.sight[1])


@pytest.mark.parametrize("kind", ["box", "compact", "bar", "occupancy"])
def test_clusters_beside_each_other(explore, kind):
    bring(explore, "all_at_once")
    comparison = tab(explore).comparison
    choose(explore, "comparison_kind", kind)
    comparison.refresh()
    data = comparison.plot.data
    axes = figure_of(explore, "comparison").axes[0]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == [cluster_name(i, {2: "both sites"}) for i in data.ids] == list(data.names)
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


def check_matrix(shown):
    matrix = tab(shown).msm.view.matrix
    axes = figure_of(shown, "msm").axes[0]
    image = axes.images[0]
    first, stop = tab(shown).axis.window()
    columns = slice(first - matrix.start, stop - matrix.start)
    np.testing.assert_allclose(image.get_array(), matrix.values[:, columns])
    assert image.get_clim() == pytest.approx(matrix.limits)
    names = {} if shown.state.curation is None else shown.state.curation.names
    rows = [cluster_name(i, names) for i in matrix.ids]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == rows == list(matrix.names)
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


def check_tree(shown):
    view = tab(shown).tree.view
    axes = figure_of(shown, "dendrogram").axes[0]
    lines = np.array(axes.collections[0].get_segments())
    colours = as_bytes(axes.collections[0].get_edgecolors())
    bars = lines[:, 0, 1] == lines[:, 1, 1]
    heights = lines[bars][:, 0, 1]
    np.testing.assert_allclose(heights, [merge[3] for merge in view.merges])
    grey = as_bytes([to_rgb("#8a93a3")])[0]
    screen = [view.branch_colours.get(merge[0], tuple(grey)) for merge in view.merges]
    np.testing.assert_array_equal(colours[bars], screen)
    above = lines[:, :, 1].max(axis=1) > view.cut * (1 + 1e-9)
    assert (colours[above] == grey).all()
    assert not above.all()
    picture = view.grab().toImage()
    top = int(view.y_of(view.cut)) - 3
    seen = {picture.pixel(x, y) for y in range(top) for x in range(picture.width())}
    assert not seen & {QColor(*colour).rgb() for colour in view.branch_colours.values()}
    top = axes.get_ylim()[1]
    at = heights[len(heights) // 2]
    share = axes.transData.transform((0, at))[1] - axes.transData.transform((0, 0))[1]
    whole = axes.transData.transform((0, top))[1] - axes.transData.transform((0, 0))[1]
    area = view._area()
    assert share / whole == pytest.approx((area.bottom() - view.y_of(at)) / area.height())
    cut = [line.get_ydata()[0] for line in axes.lines]
    assert cut == pytest.approx([view.cut])


def content(figure):
    """All that a picture shows, its size and titles apart."""
    found = []
    for axes in figure.axes:
        for each in axes.collections:
            found += [np.asarray(each.get_offsets()), each.get_facecolors(), each.get_edgecolors()]
            if isinstance(each, Quiver):
                found += [each.U, each.V]
            found += [path.vertices for path in each.get_paths()][:500]
        for image in axes.images:
            found += [np.asarray(image.get_array()), np.array(image.get_clim())]
            found.append(image.cmap(np.linspace(0, 1, 9)))
        for patch in axes.patches:
            found += [patch.get_path().vertices, np.array(patch.get_facecolor())]
        found += [np.array(line.get_xydata(), dtype=float) for line in axes.lines]
        texts = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
        found += [text.get_text() for text in texts]
        found += [axes.get_xlabel(), axes.get_ylabel()]
    return found


def assert_same(figure, other, what):
    one, two = content(figure), content(other)
    assert len(one) == len(two), what
    for left, right in zip(one, two, strict=True):
        if isinstance(left, str):
            assert left == right, what
        else:
            np.testing.assert_allclose(left, right, err_msg=what, equal_nan=True)


OF_EXPLORE = {
    "scatter": "embedding_shown",
    "msm": "msm",
    "comparison": "cluster_activity",
    "dendrogram": "dendrogram",
}
OF_IDENTIFY = {
    "covariance": "site_covariance",
    "tree": "site_dendrogram",
    "configuration": "configuration_matrix",
    "pairs": "epistasis",
    "drivers": "driver_mutations",
}


def check_reports_and_exports(shown, folder):
    """From a session saved and read again, as `seam report` and `seam export` do."""
    saved = as_curated(shown.state.session_to_save(), shown.state.curation)
    drawn = figure_calls(tab(shown).exports.shown())
    assert_same(drawn["scatter"].make(), overview.draw(saved, "embedding_shown"), "selected")
    tab(shown).clear()  # the others show all sequences, whatever is selected
    choose(shown, "comparison_kind", "box")
    shown.settle()
    store.save(shown.state.session_to_save(), folder)
    saved = store.load(folder)
    read = as_curated(saved, saved_in(saved).curation)
    drawn = figure_calls(tab(shown).exports.shown())
    for ours, theirs in OF_EXPLORE.items():
        assert_same(drawn[ours].make(), overview.draw(read, theirs), theirs)
    names = {} if shown.state.curation is None else shown.state.curation.names
    for name in ("cluster_activity", "cluster_occupancy", "msm", "configuration_matrix"):
        words = [text for text in content(overview.draw(read, name)) if isinstance(text, str)]
        for cluster, text in names.items():
            assert cluster_name(cluster, {cluster: text}) in words, name
    shown.show_tab("Identify")
    shown.settle()
    stale = shown.state.curation is not None and shown.state.curation.stale
    assert shown.find("identify_stale").isVisible() == stale  # the sites lie where they were
    shown.find("configuration_binary").setChecked(False)
    drawn = shown.tab("Identify").pictures.drawings()
    for ours, theirs in OF_IDENTIFY.items():
        if ours in drawn:
            assert_same(drawn[ours].make(), overview.draw(read, theirs), theirs)
    assert set(OF_IDENTIFY) <= set(drawn)


def check_reopened(shown, folder):
    before = tab(shown).shown().manner
    shown.window.files.new()
    shown.settle()
    choose(shown, "scatter_order", "original")
    tab(shown).scatter.view.set_star("star")
    choose(shown, "msm_order", "arranged")
    shown.open(folder)
    shown.show_tab("Explore")
    shown.settle()
    after = tab(shown).shown().manner
    names = "labels colours hidden colour_by order axes letters marker naming star sight"
    for name in names.split():
        assert getattr(after, name) == getattr(before, name), name


def test_screen_figure_report_and_export_are_one(shown, tmp_path):
    check_scatter(shown)
    check_matrix(shown)
    check_tree(shown)
    check_reports_and_exports(shown, tmp_path / "kept")
    check_reopened(shown, tmp_path / "kept")
