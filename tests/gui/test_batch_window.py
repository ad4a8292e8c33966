"""Batches started, followed and stopped from the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tomli_w
from PyQt5.QtWidgets import QLabel, QLineEdit, QPushButton

from seam_core import recipes, trust
from seam_core.batch import Locus, read_loci
from seam_core.batch import run as run_module
from seam_core.batch.log import Log, log_file
from seam_core.batch.worker import run_locus
from seam_core.cli import main
from seam_core.parameters import BatchParameters
from seam_core.stages import PARTS
from seam_gui.windows.loci.window import LociWindow
from tests.core.batches import tree
from tests.gui.batches import cells, letters, settings, settle


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
    window, tmp_path, qtbot, monkeypatch, watch, capsys
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
    request = window.batches._requests[out]
    assert request.how == BatchParameters(workers=1, time_limit=200, wait=60)
    assert "--wait" not in request.arguments(tmp_path)  # of a scheduler, and there is none
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
    told_otherwise_is_the_same(tmp_path, window.state.config, capsys)


def told_otherwise_is_the_same(folder, config, capsys):
    """The window's batch told by a configuration file, then by options: all of it is done."""
    values = {part: getattr(config, part).to_dict() for part in PARTS}
    of_file = {k: {n: v for n, v in own.items() if v is not None} for k, own in values.items()}
    of_file["batch"] = {"workers": 1, "time_limit": 200, "wait": 60}
    (folder / "told.toml").write_text(tomli_w.dumps(of_file))
    options = ["--recipe=local_sites", "--workers=1", "--n-sequences=150", "--method=ism"]
    options += ["--clustering=kmeans", "--cluster-on=maps", "--embedding=pca", "--n-clusters=4"]
    options += ["--n-sites=1", "--n-bootstrap=10", f"--model={config.oracle.model}"]
    before = tree(folder / "out")
    for how in (["--config", str(folder / "told.toml")], options):
        given = ["batch", str(folder / "loci.fa"), "--out", str(folder / "out"), *how]
        assert main([*given, "--quiet", "--trust-model"]) == 0
        assert "3 of them before" in capsys.readouterr().out
        assert tree(folder / "out") == before


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
    from seam_core.cli.options import parameters_from
    from seam_gui.work.batches import BatchRequest

    request = BatchRequest(
        tmp_path / "a.fa",
        tmp_path / "out",
        "",
        "m",
        how=BatchParameters(
            scheduler="tls://host:8786",
            wait=60,
            memory_limit=2000,
            tls_ca="ca.pem",
            tls_cert="cert.pem",
            tls_key="key.pem",
            shard="2/3",
            fail_on="any",
        ),
    )
    options = build_parser().parse_args(request.arguments(tmp_path / "s.toml"))
    assert parameters_from(options, BatchParameters) == request.how
    plain = BatchRequest(tmp_path / "a.fa", tmp_path / "out", "", "m").arguments(tmp_path / "s")
    assert not [word for word in plain if "limit" in word or "scheduler" in word]


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
