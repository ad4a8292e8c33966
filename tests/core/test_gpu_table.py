"""The table of what a GPU is worth, on a processor that stands for one."""

from __future__ import annotations

import pytest
import torch

from benchmarks import gpu

nn = torch.nn


class TwoHeads(nn.Module):
    """(n, 4, L) to a profile and, explained, one number."""

    def __init__(self, n_layers):
        super().__init__()
        torch.manual_seed(n_layers)
        self.conv = nn.Conv1d(4, 6, 5, padding=2)
        self.out = nn.Linear(6, 1)

    def forward(self, inputs):
        hidden = torch.relu(self.conv(inputs))
        return hidden[:, :1], self.out(hidden.mean(dim=2))


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(gpu, "LAYERS", {40: 1})
    monkeypatch.setattr(gpu, "network", TwoHeads)


def rows_of(printed):
    """Name -> numbers of each line: processor, device, times, error."""
    lines = printed.splitlines()[1 : -len(gpu.HALVED)]
    return {line[:28].strip(): [float(value) for value in line[38:].split()] for line in lines}


def test_every_method_and_the_tree_have_a_line(monkeypatch, capsys):
    asked = []

    def device_of(device):
        asked.append(device)
        return torch.device("cpu")

    made = gpu.choose_products("torch")
    monkeypatch.setattr("seam_core.frameworks.torch.oracle.torch_device", device_of)
    monkeypatch.setattr("seam_core.clusterer.products._by_torch", lambda device: made)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    gpu.main(["--n", "6", "--maps", "200"])
    printed = capsys.readouterr().out
    rows = rows_of(printed)
    names = [name.split(",")[0] for name in rows]
    assert names == [*gpu.METHODS, "Ward's products", "Ward"]
    assert asked == ["cpu", "gpu"] * len(gpu.METHODS) + ["gpu"] * len(gpu.HALVED)
    halved = printed.splitlines()[-len(gpu.HALVED) :]
    assert [line.split(",")[0] for line in halved] == list(gpu.HALVED)
    assert all("Gradients are in " in line for line in halved)
    for slow, quick, _, error in rows.values():
        assert slow > 0
        assert quick > 0
        assert error < 1e-5


@pytest.mark.parametrize("length", sorted(gpu.LAYERS))
def test_the_networks_take_the_lengths(length, monkeypatch):
    monkeypatch.undo()
    with torch.no_grad():
        _, counts = gpu.network(gpu.LAYERS[length])(torch.zeros(1, 4, length))
    assert torch.isfinite(counts).all()


def test_a_difference_is_told(monkeypatch):
    found = iter([(2.0, torch.ones(3).numpy()), (1.0, torch.full((3,), 1.5).numpy())])
    line = gpu.row("saliency", "s", lambda device: next(found), "gpu")
    assert line.split()[-2:] == ["2.0", "5.0e-01"]


def test_without_a_gpu_it_is_said_first(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit):
        gpu.main(["--n", "6"])
    assert "sees no GPU" in capsys.readouterr().err
