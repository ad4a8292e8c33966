"""Sessions of one cluster, of noise alone, without clusters; panels in little room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtWidgets import QDockWidget, QLabel

from seam_core import store
from seam_core.meta_explainer import MetaExplainer
from seam_core.selection import Clusters
from tests.factories import make_session
from tests.gui.exploring import tab


def of_labels(session, labels):
    clustering = replace(session.clustering, labels=labels, cut_height=None)
    explainer = MetaExplainer(session.explanation.parameters)
    made = explainer.run(session.library, session.table, session.maps, clustering)
    return session.with_record("clustering", clustering).with_record("explanation", made)


def none_at_all(session):
    return session.with_record("clustering", None)


def one(session):
    return of_labels(session, np.zeros(len(session.library), int))


def noise(session):
    return of_labels(session, np.full(len(session.library), -1))


@pytest.mark.parametrize(
    ("make", "facts", "name", "logo"),
    [
        (one, "1 cluster ", "0", ""),
        (noise, "0 clusters", "noise", ""),
        (none_at_all, "", "", "No clusters yet"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_every_view_of_few_clusters(window, tmp_path, make, facts, name, logo):
    """Whatever fails while a view is painted fails the test, by pytest-qt."""
    store.save(make(make_session(120, 40, 4, seed=3)), tmp_path / "s")
    window.open(tmp_path / "s")
    for each in window.tab_names:
        window.show_tab(each)
        window.settle()
    assert facts in window.find("cluster_facts", QLabel).text()
    window.show_tab("Explore")
    for dock in window.window.findChildren(QDockWidget):
        dock.raise_()
        window.settle()
    panels = tab(window).panels
    ticks = panels.comparison.plot.plot.getAxis("bottom").tickStrings([0], 1, 1)
    assert ticks == [name]
    shown = panels.logos.attribution
    assert (shown.logo is None) == bool(logo)
    assert not logo or shown._empty.startswith(logo)


def test_where_all_is_hidden_every_view_says_so_and_show_all_brings_it_back(explore):
    here = tab(explore)
    panels, view, ids = here.panels, here.scatter.view, here.scene.order
    panels.docks[5].raise_()
    here.curator.hide_only(ids)
    explore.settle()
    for words in (here.msm.view._empty, panels.comparison.plot._empty):
        assert "hidden" in words
        assert "Show all" in words
    assert here.msm.view.matrix is None
    assert len(panels.comparison.plot.data.ids) == 0
    hidden = view.grab().toImage()
    here.curator.hide_only(ids[1:])
    explore.settle()
    assert view.grab().toImage() != hidden
    explore.trigger("cluster_show_all")
    explore.settle()
    assert here.msm.view.matrix is not None
    assert view._item.some_shown


def test_rows_and_letters_keep_their_room_in_a_flat_window(explore):
    explore.window.resize(1366, 768)
    tab(explore).select(Clusters((0, 1, 2)))
    explore.settle()
    assert explore.window.height() == 768
    assert explore.find("msm_view").cell_rect().height() >= 60
    for name in ("attribution_logo", "sequence_logo", "cluster_logo_0"):
        assert explore.find(name).plot_rect().height() >= 22
    explore.find("dock_statistics", QDockWidget).raise_()
    explore.settle()
    for name in ("match_profile", "spread_profile"):
        assert explore.find(name).plot_rect().height() >= 40
