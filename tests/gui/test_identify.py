"""Identify in the real window: sites, their edits, configurations and interactions."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QFontMetrics, QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QComboBox, QTabWidget

from seam_core.exports.sites import write_meme
from seam_core.identifier import Identifier
from seam_core.intervals import parse_interval
from seam_gui.state.settings import Settings
from seam_gui.tabs.identify.motif_choice import MotifChoice
from seam_gui.views.epistasis_view import Term
from seam_gui.views.site_table import (
    CLUSTERS,
    EFFECT,
    LENGTH,
    LETTERS,
    MOTIF,
    NAME,
    PLACE,
    START,
    STOP,
)
from seam_gui.widgets.frame_table import FrameTable
from tests.gui.exploring import surface


def tab(identify):
    return identify.tab("Identify")


def cells(identify, column):
    model = tab(identify).results.table.sites
    return [model.index(row, column).data() for row in range(model.rowCount())]


def edit(identify, row, column, text):
    model = tab(identify).results.table.sites
    model.setData(model.index(row, column), text)
    identify.settle()


def test_table_lists_the_sites(identify):
    session = identify.state.session
    assert cells(identify, NAME) == [site.name for site in session.sites.sites]
    assert cells(identify, START) == [str(site.start) for site in session.sites.sites]
    letters = "".join("ACGT"[i] for i in session.library.reference)
    for site, shown in zip(session.sites.sites, cells(identify, LETTERS), strict=True):
        assert shown == letters[site.start : site.stop]
    epistasis = session.sites.epistasis
    first = epistasis[epistasis["sites"] == "A"].iloc[0]
    assert cells(identify, EFFECT)[0].startswith(f"{first['estimate']:.3g}")


@pytest.mark.parametrize("strand", ["", "(-)"])
def test_places_in_the_genome_are_listed_where_they_are_known(identify, strand):
    session, table = identify.state.session, tab(identify).results.table
    assert table.isColumnHidden(PLACE)
    end = 1000 + len(session.library.reference)
    locus = parse_interval(f"chr2R:1001-{end}{strand}")
    identify.state.change("Locus", session=replace(session, locus=locus))
    identify.settle()
    assert not table.isColumnHidden(PLACE)
    site = session.sites.sites[0]
    first = end - site.stop + 1 if strand else 1001 + site.start
    length = site.stop - site.start
    assert cells(identify, PLACE)[0] == f"chr2R:{first}-{first + length - 1}{strand}"


def test_columns_are_as_wide_as_their_words(identify):
    table = tab(identify).results.table
    for column in (LETTERS, EFFECT):
        words = max(map(table.fontMetrics().horizontalAdvance, cells(identify, column)))
        assert table.columnWidth(column) > words
    assert table.columnViewportPosition(EFFECT) + table.columnWidth(EFFECT) <= table.width()


def test_bounds_are_edited_in_place_and_undone(identify):
    old = identify.state.session.sites
    edit(identify, 0, START, str(old.sites[0].start + 2))
    edit(identify, 0, STOP, str(old.sites[0].stop + 1))
    site = identify.state.session.sites.sites[0]
    assert (site.start, site.stop) == (old.sites[0].start + 2, old.sites[0].stop + 1)
    assert cells(identify, LENGTH)[0] == str(len(old.sites[0].positions) - 1)
    session = identify.state.session
    fresh = Identifier(session.sites.parameters).describe(
        session.explanation, session.sites.sites, library=session.library, table=session.table
    )
    np.testing.assert_allclose(session.sites.activity, fresh.activity)
    assert tab(identify).msm.axis.sites == session.sites.sites
    identify.trigger("undo")
    identify.trigger("undo")
    identify.settle()
    assert identify.state.session.sites is old


@pytest.mark.parametrize("wrong", ["x", "-3", "", "999"])
def test_bounds_that_cannot_be_are_refused(identify, wrong):
    said = []
    identify.state.status_message.connect(said.append)
    old = identify.state.session.sites
    edit(identify, 0, STOP, wrong)
    assert identify.state.session.sites is old
    assert said


def test_rename_and_taken_names(identify):
    edit(identify, 0, NAME, "DREF")
    assert cells(identify, NAME)[0] == "DREF"
    said = []
    identify.state.status_message.connect(said.append)
    edit(identify, 1, NAME, "DREF")
    assert "free name" in said[-1]
    assert "DREF" in set(identify.state.session.sites.epistasis["sites"])


def test_a_long_name_covers_no_other(identify):
    long = "a name that nobody gives to a site"
    edit(identify, 0, NAME, long)
    for name in ("identify_msm", "covariance_view"):
        view = identify.find(name)
        first, second, *_ = view.named_sites(QFontMetrics(view.font()))
        assert first[0].name == long
        assert first[1].startswith("a name that")
        assert len(first[1]) < 20
        middles = [view.x_of((site.start + site.stop - 1) / 2) for site, *_ in (first, second)]
        assert first[2] < middles[0] < first[2] + first[3]  # above its site
        assert second[2] < middles[1] < second[2] + second[3]


def test_add_at_the_brush_remove_join_split(identify):
    n = len(identify.state.session.sites.sites)
    view = tab(identify).msm
    start, stop = QPoint(int(view.x_of(2)), 60), QPoint(int(view.x_of(6)), 60)
    QTest.mousePress(surface(view), Qt.LeftButton, Qt.NoModifier, start)
    for point in (QPoint(start.x() + 12, 60), stop):
        move = QMouseEvent(
            QMouseEvent.MouseMove, QPointF(point), Qt.NoButton, Qt.LeftButton, Qt.NoModifier
        )
        QApplication.sendEvent(surface(view), move)
    QTest.mouseRelease(surface(view), Qt.LeftButton, Qt.NoModifier, stop)
    assert tab(identify).axis.brush == (2, 7)
    identify.click("site_add")
    identify.settle()
    sites = identify.state.session.sites.sites
    assert len(sites) == n + 1
    assert sites[0].positions == (2, 3, 4, 5, 6)
    tab(identify).results.table.selectRow(0)
    identify.click("site_split")
    identify.settle()
    assert len(identify.state.session.sites.sites) == n + 2
    table = tab(identify).results.table
    table.selectRow(0)
    index = table.sites.index(1, 0)
    QTest.mouseClick(
        table.viewport(), Qt.LeftButton, Qt.ShiftModifier, table.visualRect(index).center()
    )
    identify.click("site_join")
    identify.settle()
    assert len(identify.state.session.sites.sites) == n + 1
    tab(identify).results.table.selectRow(0)
    identify.click("site_remove")
    identify.settle()
    assert len(identify.state.session.sites.sites) == n
    said = []
    identify.state.status_message.connect(said.append)
    tab(identify).results.table.clearSelection()
    identify.click("site_remove")
    assert said == ["Mark the sites to remove in the table first"]


def test_covariance_reads_the_pair_in_both_shapes(identify):
    view, sites = tab(identify).covariance, identify.state.session.sites
    for shape in ("square", "triangle"):
        combo = identify.find("covariance_shape", QComboBox)
        combo.setCurrentText(shape)
        view.grab()
        area, unit = view.plot_rect(), view.pixels_per_position()
        i, j = 14, 40
        if shape == "square":
            first = area.top() + (i - view.axis.low) * unit
            point = QPointF(area.left() + (j - view.axis.low) * unit, first)
        else:
            middle = area.left() + ((i + j) / 2 - view.axis.low) * unit
            point = QPointF(middle, area.bottom() - (j - i) / 2 * unit)
        assert view.pair_at(point) == (i, j)
        assert f"{sites.covariance[i, j]:.3g}" in view.pair_text((i, j))


def test_covariance_is_coloured_as_the_exported_figure_is(identify):
    view, recipe = tab(identify).covariance, tab(identify).pictures.drawings()["covariance"]
    drawn = recipe.make().axes[0].images[0]
    assert view.levels == pytest.approx(drawn.get_clim())


def test_dragging_the_cut_finds_other_sites(identify):
    view, old = tab(identify).tree, identify.state.session.sites
    heights = np.sort(old.linkage[:, 2])
    target = float(heights[-2:].mean())
    QTest.mousePress(
        surface(view), Qt.LeftButton, Qt.NoModifier, QPoint(200, round(view.y_of(view.cut)))
    )
    move = QMouseEvent(
        QMouseEvent.MouseMove,
        QPointF(200, view.y_of(target)),
        Qt.NoButton,
        Qt.LeftButton,
        Qt.NoModifier,
    )
    QApplication.sendEvent(surface(view), move)
    QTest.mouseRelease(
        surface(view), Qt.LeftButton, Qt.NoModifier, QPoint(200, round(view.y_of(target)))
    )
    identify.settle()
    sites = identify.state.session.sites
    assert sites is not old
    assert sites.cut_height == pytest.approx(target, rel=0.05)
    assert len(sites.sites) == 1
    identify.trigger("undo")
    assert identify.state.session.sites is old


def test_configurations_select_their_cluster(identify):
    identify.find("identify_pages", QTabWidget).setCurrentIndex(1)
    identify.settle()
    view, sites = tab(identify).results.configuration, identify.state.session.sites
    spot = view.centre_of(0, 0).toPoint()
    said = view.cell_text(0, 0)
    assert f"cluster {sites.cluster_ids[0]}" in said
    assert ("not shown" in said) != bool(sites.active[0, 0])
    QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, spot)
    assert identify.state.selection.clusters() == (int(sites.cluster_ids[0]),)
    assert tab(identify).msm._chosen == {int(sites.cluster_ids[0])}
    identify.find("configuration_binary").click()
    assert "activity" in view.cell_text(0, 0)
    view.grab()


def test_interactions_are_drawn_with_their_uncertainty(identify):
    identify.find("identify_pages", QTabWidget).setCurrentIndex(2)
    identify.settle()
    view = tab(identify).results.epistasis
    terms = {term.name: term for term in view._terms}
    frame = identify.state.session.sites.epistasis.set_index("sites")
    assert set(terms) == {name for name in frame.index if "+" in name}
    pair = terms["A+B"]
    assert pair.estimate == pytest.approx(frame.loc["A+B", "estimate"])
    assert "interval" in pair.words()
    missing = Term("A+C", 2, float("nan"), float("nan"), float("nan"), False)
    assert "not represented" in missing.words()
    view.set_terms((pair, missing))
    view.grab()
    tab(identify).results.pairs.grab()
    for page in range(3, 6):
        identify.find("identify_pages", QTabWidget).setCurrentIndex(page)
        identify.settle()
    assert identify.find("configurations_table").frame.rowCount() == 8


def test_sites_are_exported(identify, door, tmp_path):
    door.answers["save_file"] = tmp_path / "sites.csv"
    identify.click("site_export")
    identify.settle()
    written = pd.read_csv(tmp_path / "sites.csv", dtype=str).to_dict("records")
    shown = [row.texts() for row in identify.find("site_table").sites.sites]
    assert len(written) == len(shown) == 3
    for file, screen in zip(written, shown, strict=True):
        assert [file["Site"], file["Start"], file["Stop"], file["Length"]] == [
            screen[column] for column in (NAME, START, STOP, LENGTH)
        ]
        assert (file["Letters"], file["Clusters"]) == (screen[LETTERS], screen[CLUSTERS])
        numbers = re.findall(r"-?[\d.]+", screen[EFFECT].replace("\N{MINUS SIGN}", "-"))
        effects = [float(file[name]) for name in ("Effect", "Effect low", "Effect high")]
        assert [float(number) for number in numbers] == pytest.approx(effects, rel=0.02, abs=0.01)


def test_nothing_yet(window):
    window.show_tab("Identify")
    window.settle()
    assert window.find("identify_empty").isVisible()
    window.tab("Identify").grab()


@pytest.fixture
def own_motifs(identify, tmp_path):
    """A MEME file with the session's first site in it."""
    from seam_core import motifs

    session = identify.state.session
    first = motifs.site_motifs(session.explanation, session.sites)[0]
    path = tmp_path / "own.meme"
    write_meme([replace(first, name="mine", alternate="")], path)
    return path


def test_sites_are_compared_with_the_motifs_chosen_and_the_choice_is_remembered(
    identify, own_motifs
):
    choice = identify.find("site_motifs", QComboBox)
    assert choice.currentText() == "JASPAR, all"
    identify.door.answers["open_file"] = own_motifs
    choose(choice, "MEME file…")
    assert choice.currentText() == "own.meme"
    identify.click("site_match")
    identify.settle()
    assert not identify.door.errors
    assert cells(identify, MOTIF)[0].startswith("mine  (q ")
    assert MotifChoice().currentText() == "own.meme"  # as at the next start
    choose(choice, "JASPAR, insects")
    identify.settle()  # matches that are shown follow
    assert tab(identify).results.matches["name"].nunique() > 1
    assert Settings().motif_source == "insects"


def test_motifs_are_those_of_the_genome_until_the_user_chooses(qtbot):
    choice = MotifChoice()
    qtbot.addWidget(choice)
    choice.set_genome(["insects"])
    assert choice.currentText() == "JASPAR, insects (of the genome)"
    assert choice.source == "insects"
    choose(choice, "JASPAR, all")
    assert (choice.source, choice.currentText()) == ("", "JASPAR, all")
    choice.set_genome([])
    assert (choice.source, choice.currentText()) == ("", "JASPAR, all")


def test_a_file_of_motifs_that_is_none_is_told(identify, tmp_path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("nothing of the kind")
    identify.door.answers["open_file"] = wrong
    choose(identify.find("site_motifs", QComboBox), "MEME file…")
    identify.click("site_match")
    identify.settle()
    QApplication.processEvents()
    assert "MEME" in identify.door.errors[-1][1]


def test_no_file_chosen_keeps_the_choice(identify):
    choice = identify.find("site_motifs", QComboBox)
    choose(choice, "JASPAR, plants")
    choose(choice, "MEME file…")
    assert choice.currentText() == "JASPAR, plants"


def test_tables_of_results_are_written_as_csv(identify, tmp_path):
    pages = identify.find("identify_pages", QTabWidget)
    for name in ("configurations", "epistasis", "drivers"):
        pages.setCurrentWidget(identify.find(f"{name}_table").parentWidget())
        identify.door.answers["save_file"] = tmp_path / f"{name}.csv"
        identify.click(f"{name}_csv")
        identify.settle()
        written = pd.read_csv(tmp_path / f"{name}.csv")
        frame = getattr(identify.state.session.sites, name)
        assert list(written.columns) == list(frame.columns)
        assert len(written) == len(frame)


def choose(combo, text):
    """As from its list."""
    index = combo.findText(text)
    assert index >= 0
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def test_tables_of_results_are_written_for_people(identify):
    tables = [t for t in identify.tab("Identify").findChildren(FrameTable) if t.frame.columns]
    assert tables
    for table in tables:
        model = table.model()
        for column in range(model.columnCount()):
            assert "_" not in model.headerData(column, Qt.Horizontal, Qt.DisplayRole)
            if model.rowCount():
                assert model.index(0, column).data() not in ("True", "False")
        text = table.frame.as_text(np.arange(1), list(range(model.columnCount())))
        names = [column.name for column in table.frame.columns]
        assert text.splitlines()[0].split("\t") == names
