"""Batches in the window: results opened, one locus after the other; a batch started and stopped."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from seam_core import recipes, trust
from seam_core.batch import Locus, open_batch, read_loci
from seam_core.batch import run as run_module
from seam_core.batch.log import Log, log_file
from seam_core.batch.tables import collect_tables
from seam_core.batch.worker import Job, reproducible, run_locus
from seam_core.intervals import Interval
from seam_core.parameters import BatchParameters, OracleParameters
from seam_gui.look.theme import theme
from seam_gui.windows.loci.window import LociWindow
from tests.core.test_batch import ORACLE


def settings(folder):
    (folder / "batch_oracle.py").write_text(ORACLE)
    trust.approve(trust.subject_of_code(str(folder / "batch_oracle.py")))
    base = recipes.load("local_sites").config
    return replace(
        base,
        oracle=OracleParameters(model=f"{folder / 'batch_oracle.py'}:reads_ap1"),
        mutagenizer=base.mutagenizer.replace(n_sequences=150),
        attributer=base.attributer.replace(method="ism"),
        clusterer=base.clusterer.replace(
            clustering="kmeans", cluster_on="maps", embedding="pca", n_clusters=4
        ),
        identifier=base.identifier.replace(n_sites=1, n_bootstrap=10),
    )


def letters(seed):
    rng = np.random.default_rng(seed)
    random = "".join(np.array(list("ACGT"))[rng.integers(0, 4, 23)])
    return random[:8] + "TGACTCA" + random[8:]


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


def settle(window, qtbot):
    tool = window.find("loci_window")
    qtbot.waitUntil(lambda: tool.batch is not None and not tool.jobs.busy)
    window.settle()
    qtbot.waitUntil(lambda: not tool.jobs.busy)
    return tool


@pytest.fixture
def loci(window, finished, qtbot):
    window.door.answers["open_folder"] = finished
    window.trigger("open_batch")
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    yield tool
    tool.close()


def cells(table, row):
    model = table.frame
    return {column.name: model.data(model.index(row, i)) for i, column in enumerate(model.columns)}


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


def fill_dialog(window, tmp_path, n=3):
    text = "".join(f">locus_{i}\n{letters(i)}\n" for i in range(n))
    (tmp_path / "loci.fa").write_text(text + ">bad\nACGTN\n")
    window.state.set_config(settings(tmp_path))
    window.trigger("new_batch")
    window.find("batch_loci").set_value(str(tmp_path / "loci.fa"))
    window.find("batch_loci").edited.emit()
    window.settle()
    window.find("batch_out", QLineEdit).setText(str(tmp_path / "out"))


def test_a_batch_is_started_followed_stopped_and_goes_on(
    window, tmp_path, qtbot, monkeypatch, watch
):
    monkeypatch.setattr("seam_gui.windows.loci.window._LOOK_MS", 150)
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.2")
    fill_dialog(window, tmp_path)
    assert "4 loci, 1 of which cannot be run" in window.find("batch_found", QLabel).text()
    window.find("batch_workers").setValue(1)
    window.find("batch_time_limit").setValue(200)
    window.click("batch_more")
    window.find("batch_wait").setValue(60)
    out = tmp_path / "out"
    with watch:
        window.click("batch_start")
        window.settle()
        qtbot.waitUntil(lambda: log_file(out).is_file() and '"name"' in log_file(out).read_text())
    assert window.batches.is_running(out)
    assert window.batches._requests[out].how == BatchParameters(workers=1, time_limit=200, wait=60)
    window.click("loci_cancel")
    qtbot.waitUntil(lambda: not window.batches.running)
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    states = list(tool.batch.states)
    assert "done" in states
    assert "waiting" in states
    qtbot.waitUntil(lambda: window.find("loci_go_on").isVisible())
    assert "stopped before its end" in window.find("loci_how_far", QLabel).text()
    window.click("loci_go_on")
    qtbot.waitUntil(lambda: not window.batches.running)
    qtbot.waitUntil(lambda: "waiting" not in tool.batch.states)
    assert list(tool.batch.states) == ["done", "done", "done", "failed"]
    assert len(read_loci(tmp_path / "loci.fa")) == 4
    tool.close()
    watch.check()


def test_a_recipe_whose_runs_are_compared_is_batched_run_by_run(window, tmp_path, qtbot):
    from tests.core.test_batch_loci import RECIPE

    (tmp_path / "two.toml").write_text(RECIPE)
    window.state.set_recipe(recipes.load(tmp_path / "two.toml"))
    fill_dialog(window, tmp_path, n=1)
    assert "a result each of plain, log" in window.find("batch_settings", QLabel).text()
    window.find("batch_workers").setValue(1)
    window.click("batch_start")
    window.settle()
    qtbot.waitUntil(lambda: bool(window.batches.running))
    qtbot.waitUntil(lambda: not window.batches.running)
    tool = settle(window, qtbot)
    assert not window.door.errors, window.door.errors
    qtbot.waitUntil(lambda: "waiting" not in tool.batch.states)
    names = [cells(tool.pages["loci"].table, row)["locus"] for row in range(4)]
    assert names == ["locus_0 plain", "locus_0 log", "bad plain", "bad log"]
    tool.close()


def test_a_recipe_whose_runs_are_joined_is_one_result_a_locus(window, tmp_path, qtbot):
    from tests.core.test_batch_loci import JOINED

    (tmp_path / "joined.toml").write_text(JOINED)
    recipe = recipes.load(tmp_path / "joined.toml")
    model = settings(tmp_path).oracle.model
    config = replace(recipe.config, oracle=recipe.config.oracle.replace(model=model))
    jobs = run_module._jobs_of([Locus("one", letters(0))], config, recipe, tmp_path / "out", False)
    run_module._prepare(tmp_path / "out", jobs)
    assert not run_locus(jobs[0])["error"]
    window.door.answers["open_folder"] = tmp_path / "out"
    window.trigger("open_batch")
    tool = settle(window, qtbot)
    tool.pages["loci"].select("one")
    settle(window, qtbot)
    assert "separation of the runs" in window.find("locus_facts", QLabel).text()
    window.click("locus_again")
    assert window.state.recipe.variants == recipe.variants
    assert window.state.config.sequence == letters(0)
    window.trigger("new_batch")
    words = window.find("batch_settings", QLabel).text()
    assert "one result of genomic, synthetic together" in words
    window.click("batch_close")
    tool.close()


def test_a_batch_whose_model_runs_code_asks_and_goes_on(window, tmp_path, qtbot, monkeypatch):
    """The batch ended with the question in its log; a yes starts it again."""
    from seam_gui.work.batches import BatchRequest, _Run

    question = {"field": "model", "subject": "file 0 of a test", "why": "a pickled module",
                "expected": "--trust-model", "source": "m.pt"}  # fmt: skip
    out = tmp_path / "out"
    with Log(out) as log:
        log.begin(0, 1)
        log.add({"trust": question})
    started = []
    monkeypatch.setattr(window.batches, "start", started.append)
    request = window.batches._requests[out] = BatchRequest(tmp_path / "a.fa", out, "", "m.pt")

    class Ended:
        def exitCode(self):
            return 2

        def exitStatus(self):
            return 0

        def readAllStandardError(self):
            return b"seam: m.pt: model: got a pickled module"

        def deleteLater(self):
            pass

    monkeypatch.setattr("seam_gui.work.batches.sip.isdeleted", lambda process: False)
    for answer in (False, True):
        window.door.answers["confirm"] = answer
        run = window.batches._runs[out] = _Run(Ended())
        window.batches._ended(out, run)
        assert window.door.asked[-1] == "confirm"
        assert started == ([request] if answer else [])
    assert trust.is_approved("file 0 of a test")
    window.door.errors.clear()
    # asked and answered: the same question is not put again
    run = window.batches._runs[out] = _Run(Ended())
    window.batches._ended(out, run)
    assert started == [request]
    window.door.errors.clear()


def test_a_batch_that_cannot_run_says_why(window, tmp_path, qtbot):
    fill_dialog(window, tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    window.click("batch_start")
    qtbot.waitUntil(lambda: bool(window.door.errors))
    assert "other files" in window.door.errors[0][1]
    window.settle()
    window.find("loci_window").close()


def test_what_the_dialog_misses_is_said(window, tmp_path):
    window.trigger("new_batch")
    assert "Choose a model" in window.find("batch_wrong", QLabel).text()
    assert not window.find("batch_start").isEnabled()
    window.click("batch_close")
    window.state.set_config(settings(tmp_path))
    window.state.set_recipe(recipes.load("global_programs"))
    window.trigger("new_batch")
    window.settle()
    wrong = window.window.findChildren(QLabel, "batch_wrong")[-1]
    assert "reads no sequence" in wrong.text()
    window.window.findChildren(QPushButton, "batch_close")[-1].click()
    window.state.set_recipe(None)
    window.settle()


def test_a_file_without_loci_says_so_in_the_dialog(window, tmp_path):
    fill_dialog(window, tmp_path)
    (tmp_path / "loci.bed").write_text("chr1\t0\t30\n")
    window.find("batch_loci").set_value(str(tmp_path / "loci.bed"))
    window.find("batch_loci").edited.emit()
    window.settle()
    assert "--genome: got nothing" in window.find("batch_wrong", QLabel).text()
    window.click("batch_close")


def test_closing_asks_while_a_batch_runs(window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setenv("SEAM_TEST_SLEEP", "1")
    fill_dialog(window, tmp_path)
    window.click("batch_start")
    qtbot.waitUntil(lambda: bool(window.batches.running))
    window.window.close()
    assert window.door.asked[-1] == "confirm"
    assert window.window.isVisible()
    # its own window is closed unasked: the batch goes on, and is found again
    qtbot.waitUntil(lambda: bool(window.findChildren(LociWindow)))
    window.find("loci_window").close()
    assert "goes on" in window.window.statusBar().currentMessage()
    qtbot.waitUntil(lambda: not window.findChildren(LociWindow))
    assert window.batches.is_running(tmp_path / "out")
    window.files.show_batch(tmp_path / "out")
    assert window.find("loci_cancel", QPushButton).isVisible()
    window.batches.shut_down()
    window.settle()
    window.find("loci_window").close()


def test_a_request_is_the_command_with_its_options(tmp_path):
    from seam_core.cli.main import build_parser
    from seam_gui.work.batches import BatchRequest

    request = BatchRequest(
        tmp_path / "a.fa",
        tmp_path / "out",
        "",
        "m",
        scheduler="tcp://host:8786",
        time_limit=60,
        memory_limit=2000,
    )
    options = build_parser().parse_args(request.arguments(tmp_path / "s.toml"))
    assert (options.scheduler, options.time_limit, options.memory_limit) == (
        "tcp://host:8786",
        60.0,
        2000.0,
    )
    plain = BatchRequest(tmp_path / "a.fa", tmp_path / "out", "", "m").arguments(tmp_path / "s")
    assert not [word for word in plain if "limit" in word or "scheduler" in word]


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


def test_help_and_dialog_agree_on_which_recipes_run(window, monkeypatch):
    from pathlib import Path

    import seam_gui.shell.help as pages
    from seam_core import recipes
    from seam_core.validate import InputError
    from seam_gui.windows.loci.dialog import _problem
    from seam_gui.windows.recipes.form import use

    said = " ".join((Path(pages.__file__).parent / "batches.md").read_text().split())
    assert "Only a recipe that reads no sequence cannot be batched" in said
    for name in recipes.names():
        recipe = recipes.load(name)
        use(window.state, recipe)
        oracle = window.state.config.oracle
        window.state.set_parameters("oracle", oracle.replace(model="model.keras"))
        runs = "sequence" in recipe.needs
        assert (_problem(window.state) == "") == runs, name
        if not runs:
            with pytest.raises(InputError, match="reads no sequence"):
                recipes.check_batch(recipe)
