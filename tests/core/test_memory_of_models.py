"""What a map takes in a model's memory, counted before a long run."""

import itertools
import os
import re
import subprocess
import sys
import types

import numpy as np
import psutil
import pytest

from seam_core.attributer import Attributer
from seam_core.cli import main
from seam_core.frameworks.torch import memory
from seam_core.oracles import FunctionOracle, check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.capabilities import LARGEST_ON_CPU, REUSED, rows_in_memory
from seam_core.oracles.check import LONG
from seam_core.oracles.patience import Patience
from seam_core.oracles.resident import bytes_of_answer
from seam_core.parameters import AttributerParameters
from seam_core.progress import readable_bytes
from seam_core.records import Library
from seam_core.validate import InputError, MemoryBudgetError

torch = pytest.importorskip("torch")
WIDTH, LAYERS = 16, 6


class Dilated(torch.nn.Module):
    """Convolutions whose every output a gradient needs; counts how often it is called."""

    def __init__(self):
        super().__init__()
        kinds = [4] + [WIDTH] * LAYERS
        self.layers = torch.nn.ModuleList(
            torch.nn.Conv1d(a, b, 3, padding=1) for a, b in itertools.pairwise(kinds)
        )
        self.asked = 0

    def forward(self, x):
        self.asked += 1
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


class Counts(Dilated):
    def forward(self, x):
        return super().forward(x).mean((1, 2))


def profile():
    return Dilated()


def oracle_of(module, **settings):
    from seam_core.frameworks.torch.oracle import TorchOracle

    return TorchOracle(module, adapter=Adapter(layout="channels_first"), **settings)


@pytest.mark.parametrize("length", [3000, 40_000])
def test_the_memory_of_a_map_is_that_of_the_tensors_held_at_once(length):
    """The long sequence is asked about without numbers, the short one with them."""
    oracle = oracle_of(Counts())
    each = length * WIDTH * 4
    told = oracle.capabilities.bytes_per_sequence(length)
    assert LAYERS * each <= told <= (LAYERS + 4) * each
    asked = oracle.module.asked
    assert asked == (length < 32_768 or not hasattr(os, "fork"))
    assert oracle.capabilities.bytes_per_sequence(length) == told
    assert oracle.module.asked == asked


def test_as_many_sequences_are_asked_at_once_as_fit():
    oracle = oracle_of(Counts())
    each = oracle.capabilities.bytes_per_sequence(3000)
    assert rows_in_memory(oracle, 3000, 10_000) == REUSED * LARGEST_ON_CPU // each
    assert rows_in_memory(oracle, 3000, 3) == 3


def test_a_model_that_no_machine_can_hold_is_refused_before_it_is_asked(monkeypatch):
    oracle = oracle_of(Counts())
    little = types.SimpleNamespace(total=1 << 20, available=1 << 19)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    library = Library(np.zeros((2, 3000), dtype=np.int8))
    with pytest.raises(MemoryBudgetError, match="for one sequence of 3,000 letters"):
        Attributer(oracle, AttributerParameters(method="saliency")).run(library)
    assert oracle.module.asked == 1  # for the count


@pytest.mark.skipif(not hasattr(os, "fork"), reason="asked about without numbers in a forked child")
def test_what_a_long_sequence_is_refused_for_is_told_before_the_model_is_asked():
    oracle = oracle_of(Dilated())
    check = check_oracle(oracle, length=40_000)
    assert "reduction: got none" in " ".join(check.problems)
    with pytest.raises(InputError, match="reduction: got none"):
        Attributer(oracle, AttributerParameters()).run(Library(np.zeros((2, 40_000), np.int8)))
    assert oracle.module.asked == 0


def test_a_process_that_stands_still_or_takes_too_long_is_not_waited_for(monkeypatch):
    def answers(program: str) -> bool:
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
            found = memory._answers(child.stdout, child.pid)
            child.kill()
        return found

    assert answers("print(1)")
    monkeypatch.setattr(memory, "STILL_S", 0.2)
    monkeypatch.setattr(memory, "PATIENCE_S", 0.5)
    assert not answers("import time; time.sleep(1e6)")
    assert not answers("while True: pass")


def test_memory_is_told_with_the_batch_and_the_program(capsys):
    model = ["--model", f"{__file__}:Counts", "--layout", "channels_first", "--length", "300"]
    assert main(["check", *model]) == 0
    rows = [line.split(":", 1) for line in capsys.readouterr().out.splitlines()]
    told = {what: said.strip() for what, said in rows}
    each = oracle_of(Counts()).capabilities.bytes_per_sequence(300)
    assert told["memory"] == f"about {readable_bytes(each)} a sequence in the model"
    assert re.search(r"; \S+ [MG]B, 64 at once$", told["saliency"])
    assert re.search(r"; \S+ [MG]B, 256 at once$", told["ism"])  # mutants, not sequences


def test_the_memory_of_a_function_is_how_the_process_grows():
    def wide(x):
        held = x @ np.ones((4, 2048), np.float32)
        return held.sum((1, 2))

    each = 500 * 2048 * 4
    found = bytes_of_answer(wide, np.ones((1, 500, 4), np.float32))
    assert each / 1.5 <= found <= 1.5 * each
    check = check_oracle(FunctionOracle(wide), length=500)
    assert each / 1.5 <= check.memory <= 1.5 * each
    asked = []

    def lacks_most(x):
        asked.append(len(x))
        return np.ones((len(x), 1 << 24), np.float32)[:, 0]

    assert bytes_of_answer(lacks_most, np.ones((1, 9, 4), np.float32)) >= 1 << 26
    assert asked == [1]  # one is told apart: no more are asked for


class Slow:
    """An oracle whose predictions take 20 s by a clock that only it moves."""

    def __init__(self, clock):
        self.clock, self.asked = clock, 0

    def predict(self, x):
        self.clock[0] += 20.0 * len(x)
        self.asked += len(x)
        return x[:, :, 0].sum(axis=1)

    def gradient(self, x):
        self.clock[0] += 60.0 * len(x)
        return self.predict(x), np.ones_like(x)


@pytest.mark.parametrize("patience", [30.0, 60.0, 1000.0])
def test_a_check_ends_in_its_time_and_says_what_was_not_asked(monkeypatch, patience):
    clock = [0.0]
    ticking = types.SimpleNamespace(perf_counter=lambda: clock[0])
    monkeypatch.setattr("seam_core.oracles.check.time", ticking)
    monkeypatch.setattr("seam_core.oracles.patience.time", ticking)
    monkeypatch.setattr("seam_core.oracles.resident.time", ticking)
    slow = Slow(clock)
    oracle = FunctionOracle(slow.predict, length=LONG, gradient=slow.gradient)
    known = []
    check = check_oracle(oracle, patience=Patience(patience), told=known.append)
    assert check.ok
    assert clock[0] <= patience
    assert check.predict_s == 20.0
    assert len(check.predictions) == 1  # one sequence in place of two
    assert ("gradient" in check.unasked) == (patience < 80.0)
    assert (check.steady is None) == ("training mode" in check.unasked)
    assert any("not asked" in line for line in check.lines()) == (patience < 1000.0)
    assert known[0].predictions is None  # what is known is told before the model is asked


def test_a_run_says_its_memory_before_the_first_map():
    """Of a function, too, which does not say it: as much as the check measures."""
    from seam_core.pipeline.estimate import tell_memory

    said = []
    progress = types.SimpleNamespace(update=None, tell=said.append)
    library = Library(np.zeros((2, 300), dtype=np.int8))
    tell_memory(oracle_of(Counts()), AttributerParameters(method="saliency"), library, progress)
    held = 1 << 26  # bytes a sequence

    def heavy(x):
        return np.ones((len(x), held // 8)).sum(1) + x.sum((1, 2))

    oracle = FunctionOracle(heavy)
    tell_memory(oracle, AttributerParameters(method="ism"), library, progress)
    light = FunctionOracle(lambda x: x.sum((1, 2)))
    tell_memory(light, AttributerParameters(method="ism"), library, progress)
    assert "a sequence under 10 MB, " in said[2]  # no more exact than it is measured
    assert dict(check_oracle(light, library).rows())["memory"].startswith("under 10 MB a sequence")
    assert all(text.startswith("memory: about ") for text in said)
    megabytes = float(re.search(r"a sequence about ([\d.]+) MB", said[1])[1])
    checked = check_oracle(oracle, library).memory / 1e6
    for told in (megabytes, checked):
        assert 0.9 < told * 1e6 / held < 1.5
