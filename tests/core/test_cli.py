"""The `seam` command: options of every parameter, results, and one message for each mistake."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tomli_w

from seam_core import store
from seam_core.cli import main
from seam_core.cli.main import build_parser
from seam_core.cli.terminal import TerminalProgress
from seam_core.parameters import describe
from seam_core.parameters.naming import option_of
from seam_core.pipeline import RunConfig
from seam_core.progress import duration
from seam_core.sequences import indices_to_strings
from seam_core.stages import PARTS
from tests.core.test_pipeline import ORACLE, REFERENCE
from tests.waiting import LIMIT_S, wait_until

FAST = [
    "--method=ism",
    "--embedding=pca",
    "--n-clusters=5",
    "--n-sequences=200",
    "--quiet",
]


@pytest.fixture
def model(tmp_path):
    (tmp_path / "cli_oracle.py").write_text(ORACLE)
    return f"--model={tmp_path / 'cli_oracle.py'}:planted"


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def help_of(*arguments) -> str:
    command = [sys.executable, "-m", "seam_core", *arguments, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_every_parameter_of_every_stage_has_its_option():
    text = help_of("run")
    for cls in PARTS.values():
        for declared in describe(cls):
            assert option_of(declared.name) in text


def test_names_are_unique_across_stages_but_the_seed():
    names = [declared.name for cls in PARTS.values() for declared in describe(cls)]
    repeated = {name for name in names if names.count(name) > 1}
    assert repeated <= {"seed"}


def test_a_run_from_letters(model, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("run", model, "--sequence", REFERENCE, "--seed=3", "--out", out, *FAST) == 0
    summary = json.loads((out / "summary.json").read_text())
    asked = "n_sequences length n_clusters sites reference_activity timings_s peak_mb"
    assert set(summary) >= set(asked.split())
    assert (summary["n_sequences"], summary["length"]) == (200, len(REFERENCE))
    session = store.load(out)
    assert session.library.parameters.seed == 3
    assert session.clustering.parameters.seed == 3
    assert f"session: {out}" in capsys.readouterr().out


def test_a_run_from_fasta_and_a_configuration_file(model, tmp_path):
    (tmp_path / "two.fa").write_text(f">one\n{REFERENCE}\n>two\n{REFERENCE[::-1]}\n")
    config = RunConfig(sequence=str(tmp_path / "two.fa")).to_dict()
    config["mutagenizer"]["n_sequences"] = 77
    config = {k: {n: v for n, v in part.items() if v is not None} if isinstance(part, dict)
              else part for k, part in config.items()}  # fmt: skip
    (tmp_path / "c.toml").write_text(tomli_w.dumps(config))
    fast = [option for option in FAST if "n-sequences" not in option]
    given = ["--config", tmp_path / "c.toml", "--record=two", "--out", tmp_path / "out"]
    assert run("run", model, *given, *fast) == 0
    session = store.load(tmp_path / "out")
    assert session.name == "two"
    assert len(session.library) == 77


def test_stages_again_on_a_session(model, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run("run", model, "--sequence", REFERENCE, "--out", first, *FAST)
    assert run("run", "--session", first, "--n-clusters=3", "--out", second, "--quiet") == 0
    assert len(store.load(second).clustering.ids) == 3
    assert len(store.load(first).clustering.ids) == 5


def test_an_option_of_a_stage_that_does_not_run_is_refused(model, tmp_path, capsys):
    run("run", model, "--sequence", REFERENCE, "--out", tmp_path / "out", *FAST)
    again = ["run", "--session", tmp_path / "out", "--out", tmp_path / "again"]
    assert run(*again, "--stages=identifier", "--n-clusters=3") == 2
    assert "--n-clusters: got 3, which does nothing with --stages identifier" in (
        capsys.readouterr().err
    )
    assert run(*again, "--mutation-rate=0.2") == 2
    assert not (tmp_path / "again").exists()


def test_naming_the_experimenter_asks_whatever_the_session_was_made_with(model, tmp_path):
    first, again, left = tmp_path / "first", tmp_path / "again", tmp_path / "left"
    made = [model, "--sequence", REFERENCE, "--out", first, *FAST, "--no-experiments"]
    assert run("run", *made) == 0
    named = ["run", "--session", first, "--stages=experimenter", "--quiet"]
    assert run(*named, "--out", again) == 0
    assert store.load(again).experiments.asked
    assert run(*named, "--out", left, "--no-experiments") == 0
    assert not store.load(left).experiments.asked


def test_pictures_of_a_run_are_saved_where_asked(model, tmp_path):
    asked = ["--sequence", REFERENCE, "--out", tmp_path / "out", "--pictures", tmp_path / "p"]
    assert run("run", model, *asked, *FAST) == 0
    assert {"msm.png", "embedding_clusters.png"} <= {
        each.name for each in (tmp_path / "p").iterdir()
    }


def test_a_run_that_was_stopped_goes_on_where_it_was(model, tmp_path, capsys, monkeypatch):
    """As after a kill between two stages: the session up to the last of them is there."""
    arguments = [model, "--sequence", REFERENCE, "--seed=3", *FAST]
    assert run("run", *arguments, "--out", tmp_path / "whole") == 0
    out = tmp_path / "stopped"
    assert run("run", *arguments, "--out", out, "--stages=mutagenizer,attributer,compiler") == 0
    capsys.readouterr()
    monkeypatch.setattr("seam_core.attributer.Attributer.run", None)  # would fail if it was called
    assert run("run", *arguments[:-1], "--n-clusters=6", "--out", out, "--seed=4") == 2
    assert "a folder with a session" in capsys.readouterr().err
    assert run("run", *arguments, "--out", out) == 0
    assert "going on with the session" in capsys.readouterr().out
    whole, again = store.load(tmp_path / "whole"), store.load(out)
    np.testing.assert_array_equal(whole.clustering.labels, again.clustering.labels)
    np.testing.assert_array_equal(whole.maps.maps, again.maps.maps)
    assert [site.name for site in whole.sites.sites] == [site.name for site in again.sites.sites]
    assert run("run", *arguments, "--out", out) == 2  # it is finished


def test_a_session_is_not_replaced_unasked(model, tmp_path, capsys):
    arguments = ["run", model, "--sequence", REFERENCE, "--out", tmp_path / "out", *FAST]
    assert run(*arguments) == 0
    assert run(*arguments) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert run(*arguments, "--overwrite") == 0


@pytest.fixture
def peer_files(tmp_path):
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4, (80, 15)).astype(np.int8)
    rows = "".join(f"{text},{rng.normal()}\n" for text in indices_to_strings(letters))
    (tmp_path / "m.csv").write_text("seq,DNN\n" + rows)
    np.save(tmp_path / "maps.npy", rng.normal(size=(80, 15, 4)).astype(np.float32))
    np.save(tmp_path / "e.npy", rng.normal(size=(80, 2)))
    return tmp_path


def imported(folder, *more) -> int:
    return run(
        "import", "--mave", folder / "m.csv", "--maps", folder / "maps.npy", "--column",
        "Sequence=seq", "--out", folder / "out", "--quiet", *more,
    )  # fmt: skip


def test_import_with_an_embedding_clusters_in_it(peer_files):
    given = ["--embedding", peer_files / "e.npy", "--reference=first", "--n-clusters=4"]
    assert imported(peer_files, *given) == 0
    session = store.load(peer_files / "out")
    assert session.clustering.method == "kmeans"
    assert session.clustering.source == "embedding"
    assert session.explanation is not None


def test_import_only(peer_files):
    assert imported(peer_files, "--only") == 0
    assert store.load(peer_files / "out").clustering is None


def test_info(model, tmp_path, capsys):
    run("run", model, "--sequence", REFERENCE, "--out", tmp_path / "out", *FAST)
    capsys.readouterr()
    assert run("info", tmp_path / "out") == 0
    assert "200 sequences of 30 letters" in capsys.readouterr().out
    assert run("info", "--json", tmp_path / "out") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["summary"]["n_sequences"] == 200
    assert said["manifest"]["format"] == "seam-session"


def test_report(model, tmp_path, capsys):
    run("run", model, "--sequence", REFERENCE, "--out", tmp_path / "out", *FAST)
    page = tmp_path / "r.html"
    pictures = tmp_path / "png"
    asked = ["--out", page, "--pictures", pictures, "--quiet"]
    assert run("report", tmp_path / "out", *asked) == 0
    assert page.read_text().startswith("<!")
    assert list(pictures.glob("*.png"))
    assert f"report: {page}" in capsys.readouterr().out


def test_compare(model, tmp_path, capsys):
    run("run", model, "--sequence", REFERENCE, "--out", tmp_path / "a", *FAST)
    out = tmp_path / "pairs.csv"
    pictures = tmp_path / "pictures"
    both = (tmp_path / "a", tmp_path / "a")
    assert run("compare", *both, "--out", out, "--pictures", pictures) == 0
    assert "1.000" in capsys.readouterr().out
    assert len(out.read_text().splitlines()) == 6
    assert len(list(pictures.glob("*.png"))) == 3


def test_recipes(model, tmp_path, capsys):
    assert run("recipes") == 0
    assert "9  profile_methods" in capsys.readouterr().out
    options = ["--sequence", REFERENCE, "--out", tmp_path / "out", *FAST]
    assert run("run", "--recipe=local_sites", model, *options) == 0
    assert "look at:" in capsys.readouterr().out
    mine = tmp_path / "mine.toml"
    assert run("recipes", "--save", tmp_path / "out", "--to", mine, "--title", "Mine") == 0
    again = ["--sequence", REFERENCE, "--out", tmp_path / "again", "--quiet"]
    assert run("run", "--recipe", mine, model, *again) == 0
    first, second = store.load(tmp_path / "out"), store.load(tmp_path / "again")
    np.testing.assert_array_equal(first.maps.maps, second.maps.maps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "nowhere"], "nowhere: session: got no such folder"),
        (["run", "--sequence=ACGT", "--out=x"], "--model: got nothing"),
        (["run", "--model=none.csv", "--sequence=ACGT", "--out=x"], "none.csv"),
        (["run", "--model=m:f", "--n-sequences=0", "--out=x"], "--n-sequences: got 0"),
        (["run", "--config=none.toml", "--out=x"], "none.toml: config: got no such file"),
        (["run", "--recipe=dinner", "--out=x"], "recipe: got dinner"),
        (["run", "--recipe=local_sites", "--config=a.toml", "--out=x"], "together with --recipe"),
        (["import", "--mave=a.csv", "--maps=b.npy", "--out=x"], "a.csv: table: got no such file"),
        (["demo", "nothing"], "demo: got nothing"),
        (["report", "nowhere"], "nowhere"),
        (["models", "fetch"], "name: got nothing"),
        (["run", "--model=m:f", "--generator=a:b", "--out=x"], "nothing with --library local"),
        (["run", "--model=m:f", "--no-experiments", "--n-draws=30", "--out=x"], "--experiments"),
        (["run", "--recipe=global_site", "--noise-sd=0.1", "--out=x"], "with --method saliency"),
        (["import", "--mave=a", "--maps=b", "--only", "--n-sites=2", "--out=x"], "with --only"),
    ],
)
def test_a_mistake_is_one_message_and_status_2(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("arguments", [[], ["cook"], ["run"], ["run", "--n-sequences=x"]])
def test_wrong_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1  # and not the usage, which is longer than a screen
    assert "--help" in error


def test_an_option_that_is_misspelled_is_answered_with_the_one_that_there_is(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--model=m:f", "--n-sequence", "5", "--out=x"])
    said = capsys.readouterr().err
    assert "unrecognized arguments: --n-sequence 5; meant: --n-sequences?" in said
    assert "seam run --help" in said


def test_what_does_not_fit_into_memory_is_said(monkeypatch, capsys):
    def greedy(options):
        raise MemoryError("Unable to allocate 186. GiB")

    monkeypatch.setattr("seam_core.cli.commands.info", greedy)
    assert main(["info", "session"]) == 2
    assert "memory: got Unable to allocate 186. GiB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["list", "foo"], "NAME: got 'foo'"), (["enformer", "foo"], "NAME: got 'foo'")],
)
def test_models_takes_one_word(arguments, message, capsys):
    assert main(["models", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_options_are_not_abbreviated():
    with pytest.raises(SystemExit):
        build_parser().parse_args(["run", "--n-seq=3", "--out=x"])


SLOW = (
    ORACLE
    + """
import time

def slow(one_hot):
    time.sleep(0.05)
    return planted(one_hot)
"""
)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_from_outside_nothing_is_half_written(tmp_path, how):
    (tmp_path / "slow_oracle.py").write_text(SLOW)
    command = [
        sys.executable, "-m", "seam_core", "run", f"--model={tmp_path / 'slow_oracle.py'}:slow",
        "--sequence", REFERENCE, "--method=ism", "--batch-size=2", "--n-sequences=4000",
        "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    # a test run in the background ignores interrupts, which its children inherit
    listens = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=listens
    ) as process:
        journal = tmp_path / ".out.unfinished" / "maps.npy.journal"
        wait_until(journal.exists, process=process)
        os.kill(process.pid, how)
        err = process.communicate(timeout=LIMIT_S)[1]
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopped" in err
    left = {entry.name for entry in tmp_path.iterdir()} - {"slow_oracle.py", "__pycache__"}
    assert left == set()


class Terminal:
    """A stream that says whether it is a terminal, and keeps what is written."""

    def __init__(self, is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_shows_share_time_and_message(is_terminal, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stream = Terminal(is_terminal)
    progress = TerminalProgress(stream)
    progress.update(0, 4)
    now[0] += 30
    progress.update(1, 4, "attribution maps, 900 sequences/s")
    assert "25 %" in stream.text
    assert "1 min 30 s left" in stream.text
    assert "900 sequences/s" in stream.text
    progress.close()


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.4, "12 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
