"""DeepSHAP of recurrent layers: it adds up, and is that of the same gates written out."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from seam_core.sequences import one_hot
from seam_core.validate import OracleError
from tests.core.networks import random_letters
from tests.core.test_odd_layers import LENGTH, by_tangermeme, maps_of, product_of_two

WIDTH = 5


class Recurrent(nn.Module):
    """A convolution, a recurrent layer, and a number of all that it returns."""

    def __init__(self, layer, batch_first=True):
        super().__init__()
        torch.manual_seed(4)
        self.conv, self.layer, self.batch_first = nn.Conv1d(4, 6, 5, stride=3), layer, batch_first
        self.out = nn.LazyLinear(1)
        self.eval()(torch.zeros(2, 4, LENGTH))

    def forward(self, x):
        values = self.conv(x).movedim(1, 2)
        values = values if self.batch_first else values.movedim(0, 1)
        values, states = self.layer(values)
        values = values if self.batch_first else values.movedim(0, 1)
        states = states if isinstance(states, tuple) else (states,)
        last = [state for each in states for state in each]
        return self.out(torch.cat([values.mean(1), values[:, 0], *last], dim=1))


class InSteps(nn.Module):
    """One layer with the weights of another, in modules that tangermeme has rules for."""

    def __init__(self, layer):
        super().__init__()
        self.weights = nn.ParameterDict({k: v.detach() for k, v in layer.named_parameters()})
        self.kind = type(layer).__name__
        self.sigmoid, self.tanh, self.times = nn.Sigmoid(), nn.Tanh(), product_of_two()

    def linear(self, values, side):
        return values @ self.weights[f"weight_{side}_l0"].T + self.weights[f"bias_{side}_l0"]

    def forward(self, x):
        projection = dict(self.weights).get("weight_hr_l0", torch.eye(WIDTH, dtype=x.dtype))
        memory, outputs = torch.zeros(len(x), WIDTH, dtype=x.dtype), []
        output = memory @ projection.T
        for step in x.unbind(1):
            x_gates, h_gates = self.linear(step, "ih"), self.linear(output, "hh")
            if self.kind == "LSTM":
                enter, forget, new, leave = (x_gates + h_gates).chunk(4, dim=1)
                kept = self.times(memory, self.sigmoid(forget))
                memory = kept + self.times(self.sigmoid(enter), self.tanh(new))
                output = self.times(self.sigmoid(leave), self.tanh(memory)) @ projection.T
            else:
                (r, z, n), (hr, hz, hn) = x_gates.chunk(3, dim=1), h_gates.chunk(3, dim=1)
                new = self.tanh(n + self.times(self.sigmoid(r + hr), hn))
                update = self.sigmoid(z + hz)
                output = self.times(1 - update, new) + self.times(update, output)
            outputs.append(output)
        states = (output[None], memory[None]) if self.kind == "LSTM" else output[None]
        return torch.stack(outputs, dim=1), states


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, partial(nn.LSTM, proj_size=3)])
def test_gates_have_the_contributions_that_tangermeme_gives_them(kind):
    torch.manual_seed(5)
    layer = kind(6, WIDTH, batch_first=True)
    references = one_hot(random_letters(2, LENGTH, seed=7))
    theirs, ours = Recurrent(InSteps(layer)).double(), Recurrent(layer).double()
    library, found = maps_of(ours, "deepshap", references, baseline="given")
    wanted = by_tangermeme(theirs, library.sequences, references)
    scale = np.abs(wanted).max()
    assert scale > 1e-3
    np.testing.assert_allclose(found.maps, wanted, atol=1e-5 * scale)


LAYERS = {
    "lstm, both directions, two layers": nn.LSTM(
        6, WIDTH, 2, bidirectional=True, bias=False, batch_first=True
    ),
    "lstm of projections": nn.LSTM(6, WIDTH, 2, proj_size=3, bidirectional=True),
    "gru, positions first": nn.GRU(6, WIDTH, 2, bidirectional=True),
    "rnn": nn.RNN(6, WIDTH, batch_first=True),
    "rnn of relu": nn.RNN(6, WIDTH, nonlinearity="relu", bidirectional=True),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_recurrent_layers_add_up(kind):
    module = Recurrent(LAYERS[kind], LAYERS[kind].batch_first)
    _, found = maps_of(module, "deepshap", n_backgrounds=2)
    assert np.abs(found.maps).max() > 1e-3
    assert found.completeness_error.max() < 1e-5 * np.abs(found.maps).sum(axis=(1, 2)).min()


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(6)
        self.lstm, self.gru = nn.LSTMCell(4, WIDTH), nn.GRUCell(WIDTH, 1)

    def forward(self, x):
        states, output = None, torch.zeros(len(x), 1, dtype=x.dtype)
        for step in x.unbind(2):
            states = self.lstm(step, states)
            output = self.gru(states[0], output)
        return output


def test_cells_add_up():
    _, found = maps_of(Cells(), "deepshap", n_backgrounds=2)
    assert np.abs(found.maps).max() > 1e-4
    assert found.completeness_error.max() < 1e-5 * np.abs(found.maps).sum(axis=(1, 2)).min()


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.GRU(4, WIDTH, batch_first=True)

    def forward(self, x):
        lengths = torch.full((len(x),), x.shape[2])
        packed = nn.utils.rnn.pack_padded_sequence(x.movedim(1, 2), lengths, batch_first=True)
        return self.layer(packed)[1][0, :, :1]


def test_packed_sequences_have_no_rule():
    with pytest.raises(OracleError, match=r"packed sequences in a recurrent layer \(gru\)"):
        maps_of(Packed(), "deepshap", n_backgrounds=2)
