"""A run cancelled in the window and started again goes on where it was, and the window says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtWidgets import QLabel

from seam_core import pipeline, recipes, trust
from seam_core.attributer import finished_maps
from seam_core.parameters import OracleParameters
from seam_gui.state.working_folder import WorkingFolder
from tests.core.test_recipe_resume import COUNTING, TWO_RUNS

# does not answer, so that it must be killed, while the file is there, and says so in another
STUCK = (
    COUNTING
    + """
def slow(one_hot):
    time.sleep(0.05)
    return heads(one_hot)[:, 0]

def both(one_hot):
    answers = heads(one_hot)
    stuck = os.environ["SEAM_TEST_STUCK"]
    while os.path.exists(stuck):
        open(stuck + ".reached", "w").close()
        time.sleep(0.05)
    return answers
"""
)


@pytest.fixture
def oracle(tmp_path, monkeypatch):
    """A model whose answers are counted, and the file that makes it stick."""
    (tmp_path / "counting.py").write_text(STUCK)
    trust.approve(trust.subject_of_code(str(tmp_path / "counting.py")))
    monkeypatch.setenv("SEAM_TEST_ASKED", str(tmp_path / "asked.txt"))
    monkeypatch.setenv("SEAM_TEST_STUCK", str(tmp_path / "stuck"))
    monkeypatch.setenv("SEAM_TEST_SLEEP", "0.01")

    def count():
        asked = tmp_path / "asked.txt"
        return sum(map(int, asked.read_text().split())) if asked.exists() else 0

    return tmp_path / "counting.py", tmp_path / "stuck", count


def settings(window, model):
    base = window.state.config
    config = replace(
        base,
        sequence="ACGTTGCA" * 3,
        oracle=OracleParameters(model=model),
        mutagenizer=base.mutagenizer.replace(n_sequences=80),
        attributer=base.attributer.replace(method="ism", batch_size=4),
        clusterer=base.clusterer.replace(embedding="pca", clustering="kmeans", n_clusters=4),
    )
    window.state.set_config(config)
    return config


def journals(window):
    return list(window.working.path.rglob("maps.npy.journal"))


def stop_half_way(window, qtbot, stuck, count):
    """Cancel while the model hangs: the engine process is killed after its time of grace.

    Returns what the status bar says then, and how many sequences the model was asked for.
    """
    window.click("library_run")
    qtbot.waitUntil(lambda: any(each.stat().st_size > 400 for each in journals(window)))
    stuck.touch()
    qtbot.waitUntil(stuck.with_name("stuck.reached").exists)
    said = stop(window, qtbot)
    stuck.unlink()
    assert journals(window)
    return said, count()


def stop(window, qtbot):
    """Cancel, and what the status bar says once nothing is written any more."""
    said = []
    window.window.statusBar().messageChanged.connect(said.append)
    window.click("job_cancel")
    window.settle()
    assert said == ["Stopping"]
    qtbot.waitUntil(lambda: len(said) > 1)
    assert not window.engine.busy
    return said[-1]


def kept_in(window):
    """(maps, of how many) that the journals hold, read as the engine does."""
    (file,) = (journal.with_suffix("") for journal in journals(window))
    found = finished_maps(file)
    return len(found.maps), found.total


def titles(window):
    """What the status bar says of the job while it runs to its end."""
    seen = set()
    window.jobs.job_progressed.connect(
        lambda job: seen.add(window.find("job_label", QLabel).text().split(" · ")[0])
    )
    window.click("library_run")
    window.settle()
    assert not window.door.errors, window.door.errors
    return seen


def test_the_same_analysis_goes_on(window, oracle, qtbot):
    file, stuck, count = oracle
    config = settings(window, f"{file}:both")
    before = window.state.session
    said, asked = stop_half_way(window, qtbot, stuck, count)
    maps, total = kept_in(window)
    assert 0 < maps < total == 80
    assert said == f"Stopped. {maps} of 80 maps are kept: the same run goes on from there."
    assert window.state.session is before
    assert titles(window) == {"Analysis, going on where it was stopped"}
    rest = count() - asked
    calm = pipeline.run(config)
    assert rest < 0.9 * (count() - asked - rest)
    made = window.state.session
    np.testing.assert_array_equal(made.maps.maps, calm.maps.maps)
    np.testing.assert_array_equal(made.clustering.labels, calm.clustering.labels)
    assert not journals(window)
    # it is finished: the next run is a new one
    window.show_tab("Library")
    window.settle()
    assert titles(window) == {"Analysis"}


def test_a_run_that_is_stopped_before_it_begins_is_not_said_to_be_stopping(explore):
    said = []
    explore.window.statusBar().messageChanged.connect(said.append)
    explore.state.run_requested.emit(("clusterer",))
    explore.trigger("cancel")  # while what it needs is written for the engine
    explore.settle()
    assert said[-1] == "Stopped before it began"
    assert not explore.engine.busy


def test_what_is_said_of_a_short_run_is_what_is_kept(window, oracle, qtbot):
    settings(window, f"{oracle[0]}:slow")
    window.click("library_run")
    qtbot.waitUntil(lambda: any(each.stat().st_size > 100 for each in journals(window)))
    said = stop(window, qtbot)  # at its next batch, as the model answers
    if journals(window):  # a machine so slow that it was no short run
        assert f"{kept_in(window)[0]} of 80 maps are kept" in said
        assert titles(window) == {"Analysis, going on where it was stopped"}
    else:
        assert said == "Stopped. Nothing is kept of a run this short: the same run begins anew."
        assert titles(window) == {"Analysis"}


def test_closing_asks_while_an_analysis_runs(window, oracle, qtbot):
    file, stuck, _ = oracle
    settings(window, f"{file}:both")
    stuck.touch()
    window.click("library_run")
    qtbot.waitUntil(lambda: window.find("job_cancel").isVisible())
    window.window.close()
    assert window.door.asked[-1] == "confirm"
    assert window.window.isVisible()
    window.click("job_cancel")
    window.settle()
    assert window.door.asked.count("confirm") == 1
    stuck.unlink()


def test_another_analysis_starts_afresh(window, oracle, qtbot):
    file, stuck, count = oracle
    config = settings(window, f"{file}:both")
    stop_half_way(window, qtbot, stuck, count)
    other = replace(config, mutagenizer=config.mutagenizer.replace(seed=5))
    window.state.set_config(other)
    assert titles(window) == {"Analysis"}
    calm = pipeline.run(other)
    np.testing.assert_array_equal(window.state.session.maps.maps, calm.maps.maps)


def test_a_recipe_of_several_runs_goes_on(window, oracle, tmp_path, qtbot):
    file, stuck, count = oracle
    (tmp_path / "two.toml").write_text(TWO_RUNS.format(combine="task"))
    recipe = recipes.load(tmp_path / "two.toml")
    window.files.open_dropped([tmp_path / "two.toml"])
    window.settle()
    given = {"sequence": "ACGTTGCA" * 3, "oracle": OracleParameters(model=f"{file}:both")}
    config = replace(window.state.config, **given)
    window.state.set_config(config)
    window.show_tab("Library")
    said, _ = stop_half_way(window, qtbot, stuck, count)
    assert said.endswith("maps are kept: the same run goes on from there.")
    assert titles(window) == {"Two columns, going on where it was stopped"}
    (calm,) = recipes.run(recipe, config, tmp_path / "calm").values()
    np.testing.assert_array_equal(window.state.session.maps.maps, calm.maps.maps)
    frame = window.state.session.table.frame
    assert list(frame["Task"].astype(str)) == ["first"] * 60 + ["second"] * 60


def test_the_folder_of_a_run_comes_again_only_for_the_same_unfinished_run():
    working = WorkingFolder()
    first = working.folder_of_run(("a", 1))
    assert working.folder_of_run(("a", 1)) == first
    second = working.folder_of_run(("b", 1))
    assert second != first
    for folder in (first, second, first.with_name(f".{first.name}.unfinished")):
        folder.mkdir()
    working.forget_runs(keep=[second / "maps.npy"])
    assert [path.name for path in working.path.glob("*run*")] == [second.name]
    assert working.folder_of_run(("b", 1)) not in (first, second)
    working.remove()
