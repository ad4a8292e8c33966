"""Folds and strands asked each by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seam_core.cli.main import main
from seam_core.experiments import Experimenter
from seam_core.experiments.members import shown_by
from seam_core.exports.columns import TABLES
from seam_core.exports.registry import export
from seam_core.frameworks.load import load_oracle, names_of_folds
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.members import folds_of, members_of
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters, MutagenizerParameters, OracleParameters
from seam_core.pipeline import RunConfig, run
from seam_core.pipeline.resume import _same_model as same_model
from seam_core.provenance import input_files
from seam_core.sequences import one_hot
from seam_core.session import Session
from seam_core.validate import InputError
from tests.core.networks import random_letters
from tests.core.test_experiments import FAST, library_of
from tests.planted_kinds import make


class WithoutSite:
    """A fold that never learnt one of the sites: its letters are the reference's to it."""

    def __init__(self, kind, site):
        self.kind, self.site = kind, list(site.positions)
        self.length, self.n_letters = kind.length, kind.n_letters

    def predict(self, one_hot):
        blind = one_hot.copy()
        blind[:, self.site] = np.eye(4, dtype=np.float32)[self.kind.reference[self.site]]
        return self.kind.predict(blind)


def test_a_fold_that_lacks_a_site_is_named():
    made = make("all_or_none", 3)
    folds = Ensemble([made, made, WithoutSite(made, made.sites[1])])
    found = Experimenter(folds, FAST, members=members_of(folds)).run(library_of(made), made.sites)
    frame, judged = found.experiments.members, found.experiments.sites
    effects = dict(zip(judged["site"], judged["effect"], strict=True))
    names = [site.name for site in made.sites]
    assert shown_by(frame, effects) == {names[0]: [], names[1]: ["fold 3"], names[2]: []}
    together = frame.groupby("site")["effect"].mean()
    for name in names:
        assert together[name] == pytest.approx(effects[name], abs=0.05)


def test_the_spread_over_folds_is_kept_in_the_table(tmp_path):
    for number in (1, 2, 4):
        code = f"def predict(x):\n    return x[:, :, 0].sum(1) * {number}.0\n"
        (tmp_path / f"fold{number}.py").write_text(code)
    models = ";".join(f"{tmp_path}/fold{n}.py:predict" for n in (1, 2, 4))
    config = RunConfig(
        mutagenizer=MutagenizerParameters(n_sequences=8),
        oracle=OracleParameters(model=models),
        attributer=AttributerParameters(method="ism"),
        sequence="ACGTACGATC",
    )
    session = run(config, stages=["mutagenizer", "attributer", "compiler"])
    n_a = (session.library.sequences == 0).sum(axis=1)
    frame = session.table.frame
    np.testing.assert_allclose(frame["Activity"], n_a * 7 / 3, rtol=1e-6)
    np.testing.assert_allclose(frame["Spread"], n_a * np.std([1, 2, 4]), rtol=1e-6)


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (["a/fold_0/m.h5", "a/fold_3/m.h5"], ["fold_0", "fold_3"]),
        (["spliceai1.h5", "spliceai2.h5"], ["spliceai1", "spliceai2"]),
        (["a.py:build", "b.py:build"], ["a", "b"]),
        (["a.py:one", "a.py:two"], ["one", "two"]),
        (["m.keras", "runs/9/m.h5"], ["m.keras", "runs/9/m.h5"]),
        (["m.h5", "m.h5"], ["m (1)", "m (2)"]),
    ],
)
def test_folds_are_called_what_tells_their_files_apart(models, names):
    assert names_of_folds(models) == names


def test_names_of_folds_are_in_check_session_and_resume(tmp_path, capsys, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)

    def save(fold, seed):
        torch.manual_seed(seed)
        (tmp_path / fold).mkdir(exist_ok=True)
        network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(40, 1))
        torch.jit.save(torch.jit.script(network), tmp_path / fold / "m.pt")

    save("fold_0", 0)
    save("fold_3", 3)
    config = RunConfig(
        mutagenizer=MutagenizerParameters(n_sequences=3),
        oracle=OracleParameters(model="fold_*/m.pt"),
        sequence="ACGTACGATC",
    )
    assert main(["check", "--model", "fold_*/m.pt", "--sequence", config.sequence]) == 0
    said = dict(line.partition(": ")[::2] for line in capsys.readouterr().out.splitlines())
    each = [float(said[f"predictions of {name}"].split(",")[0]) for name in ("fold_0", "fold_3")]
    assert np.mean(each) == pytest.approx(float(said["predictions"].split(",")[0]), abs=1e-3)
    session = run(config, stages=["mutagenizer", "compiler"])
    assert set(session.provenance.inputs) == {"model fold_0", "model fold_3"}
    assert session.provenance.inputs["model fold_3"]["path"] == str(Path("fold_3/m.pt"))
    assert same_model(session, config)
    save("fold_3", 4)
    assert not same_model(session, config)


def test_one_class_with_the_weights_of_each_fold(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "network_of_folds.py").write_text(
        "import torch\n\nclass Net(torch.nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(torch.nn.Flatten(), torch.nn.Linear(40, 1))\n\nnet = Net()\n"
    )
    inputs = one_hot(random_letters(3, 10))
    expected = []
    for fold in range(3):
        network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(40, 1))
        torch.save(network.state_dict(), tmp_path / f"fold_{fold}.pt")
        expected.append(network(torch.from_numpy(inputs)).detach().numpy()[:, 0])
    asked = OracleParameters(model="network_of_folds.py:Net", weights="fold_*.pt")
    oracle = load_oracle(asked)
    np.testing.assert_allclose(oracle.predict(inputs), np.mean(expected, axis=0), atol=1e-6)
    assert [name for name, _ in folds_of(oracle)] == ["fold_0", "fold_1", "fold_2"]
    read = input_files(asked, "")
    assert {"weights fold_0", "weights fold_1", "weights fold_2"} <= set(read)
    assert not np.allclose(expected[0], expected[2])
    for changed, message in (
        ({"model": "network_of_folds.py:net"}, "which is made already, for 3 files of weights"),
        ({"model": "fold_*.pt"}, "3 files, for 3 models"),
        ({"weights": "none_*.pt"}, "weights: got none_*"),
    ):
        with pytest.raises(InputError, match=message):
            load_oracle(asked.replace(**changed))


def test_what_was_asked_is_written_as_tables(tmp_path):
    made = make("spacing", 0)
    folds = Ensemble([made, made])
    asked = Experimenter(folds, FAST.replace(spacing=True), members=members_of(folds))
    session = Session(experiments=asked.run(library_of(made, 200), made.sites).experiments)
    for name in ("tested", "tested_interactions", "scan", "spacing", "members"):
        frame = pd.read_csv(export(session, name, tmp_path / f"{name}.csv"))
        assert list(frame) == list(TABLES[name].columns)
        assert len(frame) > 1
    one = Experimenter(None).run(library_of(made, 5), made.sites).experiments
    with pytest.raises(InputError, match="members"):
        export(Session(experiments=one), "members", tmp_path / "none.csv")


def test_one_model_has_no_members():
    made = make("or", 3)
    assert members_of(made) == []
    found = Experimenter(made, FAST, members=members_of(made)).run(library_of(made), made.sites)
    assert found.experiments.members is None


def test_the_strands_together_are_what_was_asked():
    made = make("or", 3)
    both = BothStrands(made, "ACGT")
    (_, given), (_, other) = members_of(both)
    rows = np.eye(4, dtype=np.float32)[library_of(made, 20).sequences]
    mean = (given.predict(rows) + other.predict(rows)) / 2
    np.testing.assert_allclose(mean, both.predict(rows), rtol=1e-6)
    names = [name for name, _ in members_of(BothStrands(Ensemble([made, made]), "ACGT"))]
    assert names == ["fold 1", "fold 2", "strand given", "other strand"]
