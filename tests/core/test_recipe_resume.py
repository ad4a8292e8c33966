"""Recipes that were stopped or killed go on: finished runs stay, the one under way continues."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import pipeline, recipes, store
from seam_core.cli import main
from seam_core.parameters import OracleParameters
from tests.core.test_recipes import ORACLE, small
from tests.waiting import wait_until

# of two columns; says in a file which of them it was asked for, as often as it was asked
COUNTING = """
import os
import time
import numpy as np

def heads(one_hot):
    time.sleep(float(os.environ.get("SEAM_TEST_SLEEP", "0")))
    with open(os.environ["SEAM_TEST_ASKED"], "a") as asked:
        asked.write(f"{len(one_hot)}\\n")
    rows = one_hot.reshape(len(one_hot), -1)
    weights = np.random.default_rng(0).normal(size=(rows.shape[1], 2))
    return np.tanh(rows @ weights).astype(np.float32)
"""
TWO_RUNS = """
[recipe]
title = "Two columns"
combine = "{combine}"

[mutagenizer]
n_sequences = 60

[attributer]
method = "ism"
batch_size = 4

[clusterer]
embedding = "pca"
clustering = "kmeans"
n_clusters = 4

[experimenter]
experiments = false

[[variant]]
name = "first"
oracle = {{ column = 0 }}

[[variant]]
name = "second"
oracle = {{ column = 1 }}
"""


@pytest.fixture
def two_runs(tmp_path, monkeypatch):
    """The command for a recipe of two runs, and how many sequences its oracle was asked for."""
    (tmp_path / "counting.py").write_text(COUNTING)
    asked = tmp_path / "asked.txt"
    monkeypatch.setenv("SEAM_TEST_ASKED", str(asked))

    def command(combine, out, *more):
        (tmp_path / "two.toml").write_text(TWO_RUNS.format(combine=combine))
        given = ["run", "--recipe", tmp_path / "two.toml", "--sequence", "ACGTTGCA" * 3]
        given += ["--model", f"{tmp_path / 'counting.py'}:heads", "--out", out, "--quiet", *more]
        return [str(argument) for argument in given]

    def count():
        return sum(map(int, asked.read_text().split())) if asked.exists() else 0

    return command, count


def killed_when(command, condition):
    """Run a command slowly in a process, and kill it with no warning once `condition` holds."""
    environment = {**os.environ, "SEAM_TEST_SLEEP": "0.02"}
    process = subprocess.Popen([sys.executable, "-m", "seam_core", *command], env=environment)
    wait_until(condition, process=process)
    process.kill()
    process.wait()


@pytest.mark.parametrize("combine", ["task", "compare"])
def test_a_killed_recipe_goes_on_in_the_run_that_was_under_way(two_runs, tmp_path, combine, capsys):
    command, count = two_runs
    assert main(command(combine, tmp_path / "calm")) == 0
    calm, out = count(), tmp_path / "killed"
    parent = out if combine == "compare" else tmp_path / ".killed.variants"
    second = parent / (".second.unfinished" if combine == "compare" else ".1.unfinished")
    journal = second / "maps.npy.journal"
    killed_when(command(combine, out), lambda: journal.exists() and journal.stat().st_size > 60 * 5)
    before = count()
    first = parent / ("first" if combine == "compare" else "0")
    written = (first / "manifest.json").stat().st_mtime_ns
    capsys.readouterr()
    assert main(command(combine, out)) == 0
    assert "going on with the run first: finished before" in capsys.readouterr().out
    # neither the first run nor the finished half of the second is asked for again
    assert count() - before < 0.3 * calm
    if combine == "compare":
        assert (first / "manifest.json").stat().st_mtime_ns == written
    for name in ("first", "second") if combine == "compare" else ("",):
        whole, again = store.load(tmp_path / "calm" / name), store.load(out / name)
        np.testing.assert_array_equal(whole.maps.maps, again.maps.maps)
        np.testing.assert_array_equal(whole.clustering.labels, again.clustering.labels)
        pd.testing.assert_frame_equal(whole.table.frame, again.table.frame)
    left = {entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")}
    assert left == set()
    assert main(command(combine, out)) == 2  # it is finished
    assert "--overwrite" in capsys.readouterr().err


def test_a_recipe_stopped_after_its_runs_were_joined_goes_on_there(
    two_runs, tmp_path, monkeypatch, capsys
):
    command, count = two_runs
    assert main(command("task", tmp_path / "calm")) == 0

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        for module in (pipeline, pipeline.engine):  # as if every stage took long
            patched.setattr(module, "SAVE_AFTER_S", 0.0)
        patched.setattr("seam_core.meta_explainer.MetaExplainer.run", stop)
        assert main(command("task", tmp_path / "out")) == 130
    before = count()
    capsys.readouterr()
    # other settings are another run's
    assert main(command("task", tmp_path / "out", "--n-clusters=3")) == 2
    assert "a folder with a session" in capsys.readouterr().err
    monkeypatch.setattr("seam_core.clusterer.Clusterer.cluster", stop)  # it is there
    assert main(command("task", tmp_path / "out")) == 0
    assert "meta_explainer, identifier" in capsys.readouterr().out
    assert count() == before
    whole, again = store.load(tmp_path / "calm"), store.load(tmp_path / "out")
    np.testing.assert_array_equal(whole.clustering.labels, again.clustering.labels)
    assert recipes.of_session(again) == recipes.of_session(whole)


def test_another_model_of_the_same_name_is_asked_again(tmp_path):
    """Measured again since: nothing of the earlier run's is kept."""
    recipe = recipes.load("landscape_tree")
    letters = ["".join(word) for word in itertools.product("ACGT", repeat=3)]

    def measure(seed):
        values = np.random.default_rng(seed).normal(size=len(letters))
        frame = pd.DataFrame({"Sequence": letters, "Activity": values})
        frame.to_csv(tmp_path / "landscape.csv", index=False)

    measure(1)
    config = small(recipe, OracleParameters(str(tmp_path / "landscape.csv")))
    before = ("mutagenizer", "attributer", "compiler")
    pipeline.run(config, folder=tmp_path / "out", stages=before)
    left = ("clusterer", "meta_explainer", "identifier", "experimenter")
    assert recipes.started(recipe, config, tmp_path / "out") == {"": left}
    measure(2)
    assert recipes.started(recipe, config, tmp_path / "out") == {}


@pytest.mark.parametrize("name", ["global_site", "local_space"])
def test_a_recipe_of_one_run_goes_on_after_its_last_saved_stage(
    name, tmp_path, capsys, monkeypatch
):
    """Lengths and windows that a run finds out by itself are not taken for other settings."""
    # maps this small would be written again
    monkeypatch.setattr("seam_core.store.encode._WORTH_LINKING", 0)
    (tmp_path / "two_heads.py").write_text(ORACLE)
    model, out = f"{tmp_path / 'two_heads.py'}:heads", tmp_path / "out"
    given = ["run", "--recipe", name, f"--model={model}", "--method=ism", "--n-sequences=50"]
    given += ["--embedding=pca", "--n-clusters=4", "--quiet", "--out", str(out)]
    recipe = recipes.load(name)
    config = small(recipe, OracleParameters(model=model), n_sequences=50)
    if name == "global_site":
        given.append("--sequence-length=40")
        length = config.mutagenizer.replace(sequence_length=40)
        config = replace(config, mutagenizer=length, name=recipe.title)
    else:
        given.append("--sequence=" + "ACGTTGCA" * 5)
        config = replace(config, sequence="ACGTTGCA" * 5)
    pipeline.run(config, folder=out, stages=("mutagenizer", "attributer", "compiler"))
    maps = (out / "maps.maps.npy").stat().st_mtime_ns
    assert main(given) == 0
    assert "clusterer, meta_explainer, identifier" in capsys.readouterr().out
    session = store.load(out)
    assert session.sites is not None
    assert recipes.of_session(session).title == recipe.title
    assert session.name == (recipe.title if name == "global_site" else "sequence")
    assert (out / "maps.maps.npy").stat().st_mtime_ns == maps
