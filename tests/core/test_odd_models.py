"""Models that are odd in one thing each: run right, or refused in one message with the way on."""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from seam_core.attributer import Attributer
from seam_core.attributer.ism import WholeMutants, mutant_predictor
from seam_core.cli import main
from seam_core.cli.options import add_parameter_options
from seam_core.frameworks import load_oracle
from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import FunctionOracle, check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.checked import saturated_said
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

LENGTH = 40


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 5)
        self.out = nn.Linear(6, 3)

    def forward(self, x):
        return self.out(torch.tanh(self.conv(x)).mean(-1))


class LooksUp(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 6)
        self.out = nn.Linear(6, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.table(x.long())).mean(1))


class MakesOneHot(Plain):  # runs with flattened letters too, and means nothing then
    def forward(self, x):
        return super().forward(nn.functional.one_hot(x.long(), 4).float().movedim(-1, 1))


class TasksFirst(Plain):
    def forward(self, x):
        return super().forward(x).T


class InABox(Plain):  # (n, 1, 1, columns), as convolutions over two axes end
    def forward(self, x):
        return super().forward(x)[:, None, None]


class Nothing(Plain):
    def forward(self, x):
        return super().forward(x)[:, :0]


class Ends(Plain):
    def forward(self, x):
        raise SystemExit(3)


class Writes(Plain):
    def forward(self, x):
        x.mul_(2)
        return super().forward(x)


class Wide(Plain):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 301)


class OfEnds(nn.Module):  # of the last axis
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(4, 1)

    def forward(self, x):
        return torch.tanh(self.line(x)).mean((1, 2))


def made(kind, layout="channels_first", **options):
    torch.manual_seed(5)
    return TorchOracle(kind(), adapter=Adapter(layout=layout), **options)


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(4, LENGTH))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (LooksUp, "looks letters up by their index; expected --layout tokens$"),
        (lambda: torch.jit.script(LooksUp()), "expected --layout tokens$"),
        (MakesOneHot, "it runs with --layout tokens$"),
        (TasksFirst, r"of shape \(3, 4\) for 4 sequences"),
        (Ends, "raised SystemExit: 3"),
        (Nothing, "head: got output, which is empty"),
        (Wide, "it runs with 1024 letters: --length"),
        (OfEnds, "it runs with --layout channels_last$"),
    ],
)
def test_a_module_that_takes_something_else_is_told_so(inputs, kind, said):
    with pytest.raises((InputError, OracleError), match=said):
        made(kind).predict(inputs)


def test_axes_of_one_around_columns_are_passed_over(inputs):
    for column in ("0", "2"):
        boxed, plain = (made(kind, column=column) for kind in (InABox, Plain))
        np.testing.assert_array_equal(boxed.predict(inputs), plain.predict(inputs))


def test_tokens_are_what_the_module_makes_of_letters(inputs):
    oracle = made(LooksUp, layout="tokens")
    with torch.no_grad():
        own = oracle.module(torch.tensor(inputs).argmax(-1))[:, 0].numpy()
    np.testing.assert_allclose(oracle.predict(inputs), own, rtol=1e-6)


def test_a_module_that_writes_into_its_input_has_its_gradient(inputs):
    oracle = made(Writes)
    tensor = torch.tensor(inputs).requires_grad_(True)
    Plain.forward(oracle.module, tensor.movedim(1, 2) * 2)[:, 0].sum().backward()
    np.testing.assert_allclose(oracle.gradient(inputs)[1], tensor.grad.numpy(), atol=1e-6)


def test_code_that_ends_the_program_is_one_message(tmp_path, capsys):
    (tmp_path / "train.py").write_text("import sys\nsys.exit('usage: train.py DATA')\n")
    assert main(["check", "--model", f"{tmp_path}/train.py:Net", "--length", "9"]) == 2
    assert "SystemExit: usage: train.py DATA" in capsys.readouterr().err

    def ends(x):
        raise SystemExit

    with pytest.raises(OracleError, match="raised SystemExit"):
        FunctionOracle(ends).predict(np.zeros((2, 9, 4), np.float32))


class Saturated(Plain):
    def forward(self, x):
        return torch.sigmoid(super().forward(x) + 80)[:, :1]


@pytest.mark.parametrize("reduction", ["none", "logit"])
def test_no_logit_is_advised_of_what_has_none(reduction):
    check = check_oracle(made(Saturated, reduction=reduction), length=LENGTH)
    words = " ".join(check.lines())
    assert "last digit" in words
    assert "--reduction logit" not in words


def test_mutants_of_both_strands_are_those_of_whole_sequences():
    one = made(Plain, column=1)
    one.length = LENGTH
    both = BothStrands(one, "ACGT")
    letters = random_letters(3, LENGTH)
    channels = np.eye(4, dtype=np.float32)
    rows, positions = np.array([0, 2, 1, 2]), np.array([0, 17, LENGTH - 1, 20])
    put = (letters[rows, positions] + np.array([1, 2, 3, 1])) % 4
    predictors = [mutant_predictor(both, LENGTH, channels), WholeMutants(both, LENGTH, channels)]
    assert predictors[0].is_shortcut
    answers = []
    for each in predictors:
        own = each.start(letters, np.ones(3, bool))
        answers.append([own, each.mutants(rows, positions, put, lambda share: None)])
    np.testing.assert_allclose(answers[0][0], answers[1][0], atol=1e-6)
    np.testing.assert_allclose(answers[0][1], answers[1][1], atol=1e-6)
    assert np.ptp(answers[1][1] - answers[1][0][rows]) > 1e-4


# -- objects that predict --------------------------------------------------------------------------

WEIGHTS = np.random.default_rng(2).normal(size=(LENGTH, 4)).astype(np.float32)


class Scores:
    def predict(self, x):
        return (x * WEIGHTS).sum((1, 2))


class GivesGradientsAlone(Scores):
    def gradient(self, x):
        return np.broadcast_to(WEIGHTS, x.shape).copy()


class OfTwoColumns(GivesGradientsAlone):
    def predict(self, x):
        return np.stack([super().predict(x)] * 2, axis=1)


class WritesIntoIt(Scores):
    def predict(self, x):
        x *= 2
        return super().predict(x)


class GivesTensors(Scores):
    def predict(self, x):
        return torch.tensor(super().predict(x), requires_grad=True)


class Masks(Scores):
    def predict(self, x):
        scores = super().predict(x)
        return np.ma.masked_array(scores, mask=np.arange(len(scores)) == 0)


class TakesRows(Scores):
    def predict(self, x):
        if x.ndim != 2:
            raise ValueError("expected an array of 2 dimensions")
        return x @ WEIGHTS.ravel()


class SaysALength(Scores):
    length = "40"


def opened(kind, **options):
    return FunctionOracle.from_parameters(kind(), OracleParameters(model=kind.__name__, **options))


@pytest.mark.parametrize(
    ("kind", "times"), [(GivesGradientsAlone, 1), (WritesIntoIt, 2), (GivesTensors, 1)]
)
def test_an_object_answers_as_it_does_itself(inputs, kind, times):
    oracle, before = opened(kind), inputs.copy()
    assert check_oracle(oracle, length=LENGTH).ok
    wanted = times * (inputs * WEIGHTS).sum((1, 2))
    np.testing.assert_allclose(oracle.predict(inputs), wanted, rtol=1e-5)
    np.testing.assert_array_equal(inputs, before)
    if kind is GivesGradientsAlone:
        predictions, gradients = oracle.gradient(inputs)
        np.testing.assert_allclose(predictions, wanted, rtol=1e-5)
        np.testing.assert_array_equal(gradients, np.broadcast_to(WEIGHTS, inputs.shape))


def test_gradients_alone_are_not_believed_of_a_model_of_several_numbers(inputs):
    with pytest.raises(InputError, match="gradients alone"):
        opened(OfTwoColumns, column="1").gradient(inputs)


def test_what_an_object_masks_is_no_prediction(inputs):
    assert np.isnan(opened(Masks).predict(inputs)).tolist() == [True] + [False] * (len(inputs) - 1)
    assert not check_oracle(opened(Masks), length=LENGTH).ok


def test_an_object_that_takes_rows_is_told_the_layouts(inputs):
    with pytest.raises(OracleError, match="it runs with --layout flat or --layout flat_first"):
        opened(TakesRows).predict(inputs)
    wanted = (inputs * WEIGHTS).sum((1, 2))
    np.testing.assert_allclose(opened(TakesRows, layout="flat").predict(inputs), wanted, rtol=1e-4)


def test_a_length_that_is_no_number_is_told():
    with pytest.raises(InputError, match="got '40'; expected a whole number of letters"):
        opened(SaysALength)


class Branches(nn.Module):
    """Its activation has the branches before the sequences, or behind."""

    def __init__(self, axis):
        super().__init__()
        self.axis, self.line = axis, nn.Linear(4, 1)

    def forward(self, x):
        both = torch.stack([x.mean(2), x.amax(2)], dim=self.axis)
        return torch.tanh(self.line(both))[..., 0].movedim(self.axis, 1)


@pytest.mark.parametrize("n", [2, 3])  # as many sequences as branches, and another number
def test_deepshap_takes_sequences_along_another_axis_than_the_first(n):
    library, asked = Library(random_letters(n, LENGTH)), AttributerParameters(method="deepshap")
    oracles = [made(partial(Branches, axis)) for axis in (0, 1)]
    first, behind = (Attributer(oracle, asked).run(library)[0].maps for oracle in oracles)
    np.testing.assert_allclose(first, behind, atol=1e-7)
    assert np.abs(first).max() > 1e-4


def test_the_command_takes_layouts_as_they_are_written():
    parser = argparse.ArgumentParser()
    add_parameter_options(parser, OracleParameters, "model")
    for written in ("N4L", "(N, 4, L)", "channels_first"):
        assert parser.parse_args(["--layout", written]).layout == "channels_first"


# -- messages --------------------------------------------------------------------------------------

WANTS = """
from torch import nn


class Wants(nn.Module):
    def __init__(self, n_tasks, width):
        super().__init__()
"""


def test_what_goes_wrong_in_a_script_is_told_in_its_own_words():
    """PyTorch puts the error of a TorchScript program last."""
    oracle = TorchOracle(torch.jit.script(Plain()), adapter=Adapter(layout="channels_last"))
    with pytest.raises(OracleError, match=r"raised RuntimeError: Given groups=1") as error:
        oracle.predict(one_hot(random_letters(2, LENGTH)))
    assert "--layout channels_first" in str(error.value)


def test_a_class_that_wants_arguments_is_told_without_a_line_of_ours(tmp_path, monkeypatch):
    (tmp_path / "wants.py").write_text(WANTS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"'n_tasks' and 'width'; expected a class or function"):
        load_oracle(OracleParameters(model="wants.py:Wants"), trusted=True)


def test_an_answer_whose_shape_changes_is_told_with_its_batch():
    """Of three numbers the first would else be explained, without a word."""
    x = one_hot(np.random.default_rng(0).integers(0, 4, (40, 8), dtype=np.int8))
    oracle = FunctionOracle(lambda x: x[:, 0, :3] if len(x) > 10 else x[:, 0, 0])
    oracle.predict(x[:10])
    with pytest.raises(InputError, match=r"shape \(3,\) a sequence in a batch of 30, \(\) before"):
        oracle.predict(x[10:])
    profile = FunctionOracle(lambda x: x[:, :, 0], column="0")
    for length in (8, 8, 7):  # a profile may follow the length
        profile.predict(x[:, :length])


@pytest.mark.parametrize(
    ("values", "reduction", "said"),
    [
        ([0.999, 0.9999], "none", "--reduction logit explains"),
        ([0.999, 0.9999], "sum", "--reduction logit of one position (--bins) explains"),
        ([0.999, 0.9999], "bpnet_profile", ""),
        ([0.999, 0.9999], "logit", ""),
        ([0.0, 1.0], "none", "has no logit"),
        ([1.0, 1.0], "none", "has no logit"),
        ([0.3, 0.9999], "none", ""),
        ([2.0, 0.9999], "none", ""),
    ],
)
def test_a_logit_is_advised_only_where_there_is_one(values, reduction, said):
    text = saturated_said(np.array(values, np.float32), reduction)
    assert said in text
    assert bool(said) == bool(text)


def test_the_logit_of_a_difference_is_that_of_what_both_sigmoids_were_given():
    def scores(x):
        return 6 + x[:, 0, 0], x[:, 1, 0] - 7

    def heads(x):
        dev, hk = scores(x)
        return {"dev": 1 / (1 + np.exp(-dev)), "hk": 1 / (1 + np.exp(-hk))}

    x = one_hot(random_letters(9, 4))
    chances = FunctionOracle(heads, head="dev - hk").predict(x)
    assert "--reduction logit explains" in saturated_said(chances, "none")  # what is advised
    advised = FunctionOracle(heads, head="dev - hk", reduction="logit").predict(x)
    np.testing.assert_allclose(advised, np.subtract(*scores(x)), atol=1e-3)
