"""Bounds of sites are dragged in every picture that shows them, and undone."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import QPoint

from seam_core.pictures import outliers_of
from tests.gui.exploring import choose, drag, tab


def site_of(window, name):
    return next(site for site in window.state.session.sites.sites if site.name == name)


def edge(view, place, y):
    return QPoint(round(view.x_of(place - 0.5)), round(y))


def drag_edge(window, view, place, to, y):
    drag(view, [edge(view, place, y), edge(view, place, y) + QPoint(3, 0), edge(view, to, y)])
    window.settle()


def middle_of_box(view, name):
    box = next(box for box in view.matrix.boxes if box.site == name)
    area = view.cell_rect()
    return area.top() + (box.first + 0.5) / len(view.matrix.ids) * area.height()


def heights(window, name):
    explore, identify = window.tab("Explore"), window.tab("Identify")
    covariance = identify.covariance
    site = site_of(window, name)
    middle = covariance.x_of((site.start + site.stop - 1) / 2) - covariance.plot_rect().left()
    return {
        "logo": (explore.logos.attribution, explore.logos.attribution.plot_rect().top() - 2),
        "msm": (explore.msm.view, middle_of_box(explore.msm.view, name)),
        "identify_msm": (identify.msm, middle_of_box(identify.msm, name)),
        "covariance": (covariance, covariance.plot_rect().top() + middle),
    }


@pytest.mark.parametrize("where", ["logo", "msm", "identify_msm", "covariance"])
def test_an_edge_is_dragged_and_the_site_is_the_users(explore, where):
    explore.show_tab("Identify")
    explore.settle()
    explore.show_tab("Identify" if where in ("identify_msm", "covariance") else "Explore")
    explore.settle()
    before = explore.state.session.sites
    site = before.sites[1]
    view, y = heights(explore, site.name)[where]
    drag_edge(explore, view, site.stop, site.stop + 2, y)
    now = site_of(explore, site.name)
    assert (now.start, now.stop) == (site.start, site.stop + 2)
    drag_edge(explore, view, site.start, site.start + 1, y)
    assert site_of(explore, site.name).start == site.start + 1
    explore.trigger("undo")
    explore.trigger("undo")
    assert explore.state.session.sites is before


def test_a_site_keeps_one_position_and_a_brush_is_a_brush(explore):
    view = tab(explore).msm.view
    site = explore.state.session.sites.sites[0]
    y = middle_of_box(view, site.name)
    drag_edge(explore, view, site.stop, site.start - 5, y)
    now = site_of(explore, site.name)
    assert (now.start, now.stop) == (site.start, site.start + 1)
    start, stop = edge(view, 20.5, y), edge(view, 24.5, y)
    drag(view, [start, start + QPoint(9, 0), stop])
    assert tab(explore).axis.brush == (20, 25)


def test_outliers_are_those_of_matplotlibs_boxes():
    from matplotlib.cbook import boxplot_stats

    rng = np.random.default_rng(0)
    values, labels = rng.standard_t(2, 500), rng.integers(0, 4, 500)
    values[7] = np.nan
    ids = np.array([3, 0, 2])
    groups = [values[(labels == i) & np.isfinite(values)] for i in ids]
    quartiles = np.array([np.percentile(group, (0, 25, 50, 75, 100)) for group in groups])
    found = outliers_of(values, labels, ids, quartiles)
    for row, wanted in enumerate(boxplot_stats(groups)):
        np.testing.assert_allclose(
            np.sort(found.values[found.rows == row]), np.sort(wanted["fliers"])
        )
        np.testing.assert_allclose(found.whiskers[row], (wanted["whislo"], wanted["whishi"]))


def test_outliers_are_drawn_when_asked_for_and_in_the_figure(explore):
    from PyQt5.QtWidgets import QDockWidget

    from seam_gui.pictures.figure_calls import figure_calls

    explore.find("dock_comparison", QDockWidget).raise_()
    explore.settle()
    plot = tab(explore).comparison.plot
    assert plot.data.outliers is None
    explore.click("comparison_outliers")
    assert len(plot.data.outliers.values)
    plot.grab()
    recipe = figure_calls(tab(explore).exports.shown())["comparison"]
    drawn = recipe.make().axes[0].collections
    assert any(len(part.get_offsets()) == len(plot.data.outliers.values) for part in drawn)
    choose(explore, "comparison_kind", "occupancy")
    assert plot.data.outliers is None
    assert not explore.find("comparison_outliers").isEnabled()
