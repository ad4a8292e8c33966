"""Batches in the window: results opened, one locus after the other; a batch started and stopped."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from seam_core.batch import Locus, open_batch
from seam_core.batch import run as run_module
from seam_core.batch.log import Log
from seam_core.batch.tables import collect_tables
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.intervals import Interval
from seam_gui.look.theme import theme
from seam_gui.windows.loci.table_page import TablePage
from tests.gui.batches import cells, letters, settings, settle
from tests.gui.test_keyboard import check_tab_key_of_window


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Three loci, one of them failed, made without a cluster."""
    place = tmp_path_factory.mktemp("batches")
    out = place / "made"
    config = reproducible(settings(place))
    loci = [
        Locus("first", letters(0), Interval("chr2R", 1000, 1030)),
        Locus("second", letters(1), Interval("chr3L", 500, 530, "-")),
        Locus("third", error="interval: got chr9:0-30; expected positions within chr2R"),
    ]
    jobs = [Job(locus, config.to_dict(), str(out), "", full=True) for locus in loci]
    run_module._prepare(out, jobs)
    with Log(out) as log:
        log.begin(1, 3)
        for job in jobs[:2]:
            result = run_locus(job)
            assert not result["error"], result["error"]
            log.add(result)
        log.end()
    collect_tables(out)
    return out


@pytest.fixture
def loci(window, finished, qtbot):
    window.door.answers["open_folder"] = finished
    window.trigger("open_batch")
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    yield tool
    tool.close()


def test_the_tables_over_the_loci(window, loci):
    table = loci.pages["loci"].table
    assert [cells(table, row)["state"] for row in range(3)] == ["done", "done", "failed"]
    first = cells(table, 0)
    assert first["chromosome"] == "chr2R"
    assert first["n_sequences"] == "150"
    assert first["n_clusters"] == "4"
    assert cells(table, 2)["n_sites"] == ""
    sites = loci.pages["sites"].table
    batch = open_batch(loci.folder)
    assert len(sites.frame.rows) == len(batch.sites)
    assert "3 loci" in window.find("loci_how_far", QLabel).text()


def test_the_tab_key_reaches_every_control(window, loci):
    check_tab_key_of_window(window, loci)


def test_a_locus_shows_what_was_kept_of_it(window, loci, qtbot):
    loci.pages["loci"].select("second")
    settle(window, qtbot)
    shown = loci.locus.shown
    assert shown.name == "second"
    assert window.find("locus_title", QLabel).text() == "second"
    facts = window.find("locus_facts", QLabel).text()
    assert "chr3L:501-530 (-)" in facts
    assert "4 clusters" in facts
    tables = loci.batch.locus("second").tables
    frame = tables["logos"].to_pandas()
    matrix = window.find("locus_mean").logo.matrix
    np.testing.assert_array_equal(matrix.ravel(), frame["reference_cluster_mean"])
    assert window.find("locus_background").logo.matrix.shape == (30, 4)
    clusters = tables["clusters"].to_pandas()
    msm = window.find("locus_msm")
    assert msm.matrix.ids.tolist() == clusters["cluster"].tolist()
    long = tables["msm"].to_pandas()
    cell = long[(long["Cluster"] == clusters["cluster"][2]) & (long["Position"] == 11)]
    assert msm.matrix.values[2, 11] == cell["Entropy"].iloc[0]
    window.find("locus_quantity", QComboBox).setCurrentIndex(2)
    assert msm.matrix.values[2, 11] == cell["Consensus"].iloc[0]
    sites = tables["sites"].to_pandas()
    assert [site.name for site in loci.locus.axis.sites] == sites["site"].tolist()
    assert loci.locus.tables["configurations"].frame.rowCount() > 0


def test_a_failed_locus_says_why(window, loci, qtbot):
    loci.pages["loci"].select("third")
    settle(window, qtbot)
    assert loci.locus.shown is None
    assert "third failed" in window.find("locus_empty_title", QLabel).text()
    assert "got chr9:0-30" in window.find("locus_empty_hint", QLabel).text()


def test_the_whole_session_opens_in_the_main_window(window, loci, qtbot):
    loci.pages["loci"].select("first")
    settle(window, qtbot)
    window.click("locus_open")
    window.settle()
    assert not window.door.errors, window.door.errors
    assert window.state.session.name == "first"
    assert len(window.state.session.library) == 150


def test_a_locus_is_taken_to_the_library_with_its_settings_and_seed(window, loci, qtbot):
    loci.pages["loci"].select("first")
    settle(window, qtbot)
    window.click("locus_again")
    config = window.state.config
    manifest = loci.batch.locus("first").manifest
    assert config.sequence == letters(0)
    assert config.name == "first"
    assert config.mutagenizer.seed == manifest["seed"]
    assert config.clusterer.n_clusters == 4


def test_tables_are_filtered_sorted_and_exported(window, loci, tmp_path, qtbot):
    page = loci.pages["loci"]
    field = window.find("loci_loci_filter", QLineEdit)
    field.setText("chr3")
    field.returnPressed.emit()
    assert [cells(page.table, 0)["locus"], page.table.frame.rowCount()] == ["second", 1]
    window.door.answers["save_file"] = tmp_path / "some.csv"
    window.click("loci_loci_export")
    settle(window, qtbot)
    assert pd.read_csv(tmp_path / "some.csv")["locus"].tolist() == ["second"]
    field.setText('n_clusters >= 4 and chromosome == "chr2R"')
    field.returnPressed.emit()
    assert [cells(page.table, 0)["locus"], page.table.frame.rowCount()] == ["first", 1]
    field.setText("n_clusters >")
    field.returnPressed.emit()
    assert window.find("loci_loci_wrong", QLabel).isVisible()
    field.clear()
    assert page.table.frame.rowCount() == 3
    page.table.sortByColumn(0, 1)
    assert [cells(page.table, row)["locus"] for row in range(3)] == ["third", "second", "first"]


def test_a_dropped_folder_of_a_batch_opens(window, finished, qtbot):
    window.files.open_dropped([finished])
    tool = settle(window, qtbot)
    window.files.open_dropped([finished / "batch.json"])  # a second time: the same window
    assert tool is window.find("loci_window")
    assert finished in window.settings.recent
    tool.close()


def test_a_batch_that_runs_elsewhere_is_followed(window, finished, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("seam_gui.windows.loci.window._LOOK_MS", 100)
    monkeypatch.setattr("seam_gui.windows.loci.window._FIRST_S", 0.0)
    shown, set_rows = [], TablePage.set_rows

    def recorded(page, rows):
        shown.append(len(rows.loci))
        set_rows(page, rows)

    monkeypatch.setattr(TablePage, "set_rows", recorded)
    out = tmp_path / "under_way"
    shutil.copytree(finished, out)
    for table in ("loci", "sites", "epistasis"):
        (out / f"{table}.parquet").unlink()
    aside = tmp_path / "second"
    (out / "finished" / "second.zip").rename(aside)
    with Log(out) as log:
        log.begin(1, 3)
        log.add({"name": "first", "error": ""})
        window.files.open_path(out)
        tool = settle(window, qtbot)
        said = window.find("loci_how_far", QLabel)
        assert said.text().startswith("2 of 3 loci")
        # what could be read at once came first: the failed one, which the list tells
        assert shown[:6] == [1, 0, 0, 3, shown[4], shown[5]]
        log.beat("no worker since 12:00:00; waiting for one")
        qtbot.waitUntil(lambda: "no worker since 12:00:00" in said.text())
        assert window.find("loci_bar").isVisible()
        assert not window.find("loci_cancel", QPushButton).isVisible()
        page = tool.pages["loci"]
        page.table.sortByColumn(0, 1)
        page.select("first")
        assert cells(page.table, 1)["state"] == "waiting"
        aside.rename(out / "finished" / "second.zip")
        log.add({"name": "second", "error": ""})
        qtbot.waitUntil(lambda: cells(page.table, 1)["state"] == "done")
        # the order and the chosen locus are the user's
        assert cells(page.table, 0)["locus"] == "third"
        assert page.table.selected_rows().tolist() == [0]
        log.end()
    qtbot.waitUntil(lambda: not window.find("loci_bar").isVisible())
    assert said.text() == "3 of 3 loci"
    tool.close()


def test_a_folder_that_is_no_batch_says_so(window, tmp_path, qtbot):
    (tmp_path / "batch.json").write_text("{")
    window.files.open_path(tmp_path)
    qtbot.waitUntil(lambda: bool(window.door.errors))
    assert "folder of a batch" in window.door.errors[-1][1]
    window.find("loci_window").close()


def test_keys_of_the_window(window, loci, qtbot):
    qtbot.keyClick(loci, Qt.Key_F1)
    assert window.find("help_text").toPlainText().startswith("Batches")
    qtbot.keyClick(loci, Qt.Key_Escape)
    assert loci.isVisible()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_draws_in_both_themes(window, loci, mode):
    theme().set_mode(mode)
    image = loci.grab().toImage()
    seen = {image.pixel(x, y) for x in range(0, 1200, 6) for y in range(0, 760, 6)}
    assert len(seen) > 30
