"""Models that lack one thing: the message names it."""

from pathlib import Path

import numpy as np
import pytest

from seam_core.cli.outcome import say_result
from seam_core.frameworks import load_oracle
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.parameters import OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.session import Session
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

torch = pytest.importorskip("torch")

LAB = """
import torch

class LabNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv1d(4, 8, 5)
        self.last = torch.nn.Linear(8, 2)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)).mean(-1))

class ByOrganism(LabNet):
    def forward(self, x, organism: str):
        return super().forward(x)

class Looks(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Embedding(5, 8)
        self.last = torch.nn.Linear(8, 1)

    def forward(self, x):
        return self.last(torch.relu(self.first(x.long())).mean(1))

class Follows(LabNet):
    def __init__(self):
        super().__init__()
        self.register_buffer("running", torch.zeros(1))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        self.running = self.running / 2 + 5
        return super().forward(x) + self.running
"""


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "lab.py").write_text(LAB)
    return tmp_path / "lab.py"


def asked(model, **settings):
    return load_oracle(
        OracleParameters(model=str(model), layout="channels_first", **settings), trusted=True
    )


def refusal(model, **settings):
    oracle = asked(model, **settings)
    (problem,) = check_oracle(oracle, length=30).problems
    return problem


@pytest.mark.parametrize(("head", "column"), [("0 - 1", "'0 - 1'"), ("1", "1")])
def test_columns_asked_for_as_heads_are_named(lab, head, column):
    said = refusal(f"{lab}:LabNet", head=head)
    assert said.endswith(f"or, of its shape (2,), --column {column}")
    given = asked(f"{lab}:LabNet", column=column.strip("'"))
    assert check_oracle(given, length=30).ok


def test_a_class_that_a_pickle_lacks_is_named_and_found_where_it_is_said_to_be(lab, tmp_path):
    module = asked(f"{lab}:LabNet").module
    file = tmp_path / "model.pt"
    module.__class__.__module__ = "a_lab_of_another_machine"
    module.__class__.__reduce__ = lambda self: (type(self), (), self.__dict__)
    pickled = module.__class__
    import sys
    import types

    sys.modules["a_lab_of_another_machine"] = types.SimpleNamespace(LabNet=pickled)
    try:
        torch.save(module, file)
    finally:
        del sys.modules["a_lab_of_another_machine"]
    with pytest.raises(InputError) as error:
        asked(file)
    assert "a pickled LabNet of a_lab_of_another_machine, which is not found" in str(error.value)
    assert "--import FILE.py, with LabNet in it" in str(error.value)
    found = asked(file, imports=str(lab)).module
    assert type(found).__name__ == "LabNet"
    torch.testing.assert_close(found.state_dict(), module.state_dict())


def test_an_input_that_is_a_text_is_told_how_to_be_given(lab):
    with pytest.raises(InputError, match=r"nothing for input organism; .*organism=\.\.\."):
        asked(f"{lab}:ByOrganism")


def test_letters_that_are_looked_up_are_told_first(lab):
    assert "--layout tokens" in refusal(f"{lab}:Looks")


def test_what_a_model_changes_while_it_is_asked_is_named(lab):
    said = refusal(f"{lab}:Follows")
    assert "the model changes its running, calls while it is asked" in said


@pytest.mark.parametrize(("reduction", "times"), [("none", 1), ("logit", 0)])
def test_a_run_of_a_saturated_probability_says_so_once(capsys, reduction, times):
    letters = np.random.default_rng(0).integers(0, 4, (20, 9)).astype(np.int8)
    predictions = np.linspace(0.995, 1, 20, dtype=np.float32)
    oracle = OracleParameters(model="sure.py:net", reduction=reduction)
    session = Session(name="s", library=Library(letters, predictions=predictions), oracle=oracle)
    say_result(session, Path("out"))
    said = capsys.readouterr().out
    assert said.count("saturated: ") == said.count("--reduction logit") == times


class TakesApart(torch.nn.Module):
    """Given several things at once, of which one is the sequence."""

    def __init__(self, take):
        super().__init__()
        self.first = torch.nn.Conv1d(4, 3, 5)
        self.table = torch.nn.Embedding(5, 3)
        self.take = take

    def forward(self, batch):
        x, cell = self.take(batch)
        return (self.first(x) * self.table(cell.long())[..., None]).mean((1, 2))


def pair(batch):
    x, cell = batch
    return x, cell


def triple(batch):
    x, _, cell = batch
    return x, cell


@pytest.mark.parametrize(
    ("take", "call"),
    [
        (lambda batch: (batch["sequence"], batch["cell"]), r"\{'sequence': x, 'cell': ...\}"),
        (pair, r"\(x, ...\)"),
        (triple, r"\(x, ..., ...\)"),
        (lambda batch: (batch[0], batch[1]), r"\(x, ...\)"),
        (lambda batch: (batch.seq, batch.cell), r"types.SimpleNamespace\(seq=x, cell=...\)"),
    ],
)
def test_a_module_that_takes_several_things_in_one_is_told_what_to_add(take, call):
    for n in (2, 3, 5):  # sequences, as many as it unpacks or not
        oracle = TorchOracle(TakesApart(take), adapter=Adapter(layout="channels_first"))
        with pytest.raises(OracleError, match=f"forward\\(x\\) calls this one with {call}$"):
            oracle.predict(one_hot(random_letters(n, 30)))


def test_a_module_that_is_given_what_it_takes_is_not_told_to_unpack():
    def reads_the_first(batch):
        return batch[0][None], torch.zeros(1)

    oracle = TorchOracle(TakesApart(reads_the_first))
    with pytest.raises(OracleError, match=r"it runs with --layout channels_first$"):
        oracle.predict(one_hot(random_letters(1, 30)))


@pytest.mark.parametrize("weights", ["net.model.h5", "net.model.weights.h5"])
def test_the_architecture_that_weights_need_is_named(tmp_path, weights):
    import h5py

    with h5py.File(tmp_path / weights, "w") as file:
        file["odd/kernel"] = np.zeros((3, 2))
    with pytest.raises(InputError, match=r"too: net\.model\.json beside it"):
        load_oracle(OracleParameters(model=weights), base=tmp_path)
