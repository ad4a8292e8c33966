"""What a PyTorch module runs with is found: its layout, and the batch that is written into it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seam_core.frameworks.torch import TorchOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.inputs import REVERSE_COMPLEMENT, InputRule
from seam_core.sequences import one_hot
from seam_core.validate import OracleError
from tests.core.networks import random_letters
from tests.core.test_odd_models import LENGTH, Plain

FOUND = r"it runs with --layout channels_first$"


class Twin(Plain):
    def forward(self, one, other):
        return super().forward(one) + 2 * super().forward(other)


def test_the_layout_is_found_for_inputs_that_follow_the_sequence_too():
    turned = {"other": InputRule("", REVERSE_COMPLEMENT)}
    oracle = TorchOracle(Twin(), adapter=Adapter(layout="channels_last", others=turned))
    x = one_hot(random_letters(3, LENGTH), 4).astype(np.float32)
    with pytest.raises(OracleError, match=FOUND):
        oracle.predict(x)


class OfSixteen(Plain):
    def forward(self, x):
        return self.out(torch.tanh(self.conv(x)).reshape(16, 6, LENGTH - 4).mean(-1))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_program_with_its_batch_written_into_it_is_asked_in_that():
    torch.manual_seed(0)
    module = OfSixteen()
    program = torch.jit.trace(module, torch.zeros(16, 4, LENGTH))
    x = one_hot(random_letters(20, LENGTH), 4).astype(np.float32)
    with pytest.raises(OracleError, match=FOUND):
        TorchOracle(program, adapter=Adapter(layout="channels_last")).predict(x)
    oracle = TorchOracle(program, adapter=Adapter(layout="channels_first"))
    _, found = oracle.gradient(x)
    assert oracle.fixed_batch == 16
    tensor = torch.tensor(x, requires_grad=True)
    Plain.forward(module, tensor.movedim(-1, 1))[:, 0].sum().backward()
    np.testing.assert_allclose(found, tensor.grad.numpy(), atol=1e-7)


class Mixed(Plain):
    """Its channels become rows: with six sequences there are as many."""

    def forward(self, x):
        return torch.tanh(self.conv(x)).reshape(6, 6, LENGTH - 4).transpose(0, 1).mean((1, 2))


def test_a_number_that_is_no_batch_is_not_taken_for_one():
    oracle = TorchOracle(Mixed(), adapter=Adapter(layout="channels_first"))
    x = one_hot(random_letters(3, LENGTH), 4).astype(np.float32)
    with pytest.raises(OracleError, match=r"shape '\[6, 6, 36\]' is invalid"):
        oracle.predict(x)
    assert oracle.fixed_batch is None


class Argmaxed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.out = torch.nn.Embedding(5, 6), torch.nn.Linear(6, 1)

    def forward(self, x):
        return self.out(self.table(x.argmax(1)).mean(1))


def test_what_runs_with_zeros_alone_is_told_the_layout_that_it_runs_with():
    """Memory is counted on zeros before the check asks about letters."""
    oracle = TorchOracle(Argmaxed(), adapter=Adapter(layout="channels_last"))
    (problem,) = check_oracle(oracle, length=200).problems
    assert problem.endswith("it runs with --layout channels_first")
