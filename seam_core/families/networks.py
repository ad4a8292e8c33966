"""Published networks made again from their papers, as their files hold weights alone.

Names of weights are those of the authors' files; sizes are read from the weights. Nothing that
only training needs (dropout, losses) is made.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Shapes = Mapping[str, tuple[int, ...]]

# Pangolin: how far apart the letters are that its residual blocks read.
PANGOLIN_RATES = (1,) * 4 + (4,) * 4 + (10,) * 4 + (25,) * 4
# Sei: rates of its dilated convolutions, and functions of position that it sums over.
SEI_RATES, SEI_SPLINES = (2, 4, 8, 16, 25), 16
# Letters between which Basset's pools take the maximum.
BASSET_POOLS = (3, 4, 4)


def _of(shapes: Shapes, end: str) -> tuple[int, ...]:
    """The shape of the weights whose name ends so; wrappers put prefixes before it."""
    return next(s for n, s in shapes.items() if n == end or n.endswith(f".{end}"))


def _torch() -> tuple[Any, Any]:
    """PyTorch and its layers."""
    import torch

    return torch, torch.nn


def build_basset(path: Path, shapes: Shapes) -> Any:
    """Basset as Kipoi has it: (n, 4, 600, 1) to (n, cell types)."""
    _, nn = _torch()

    channels, layers = 4, []
    for name, pool in zip(("0", "4", "8"), BASSET_POOLS, strict=True):
        filters, _, size, _ = _of(shapes, f"{name}.weight")
        layers += [nn.Conv2d(channels, filters, (size, 1)), nn.BatchNorm2d(filters)]
        layers += [nn.ReLU(), nn.MaxPool2d((pool, 1))]
        channels = filters
    layers.append(nn.Flatten())
    for name in ("13.1", "17.1", "21.1"):
        after, before = _of(shapes, f"{name}.weight")
        layers.append(nn.Sequential(nn.Identity(), nn.Linear(before, after)))
        if name != "21.1":
            layers += [nn.BatchNorm1d(after), nn.ReLU(), nn.Identity()]
    return nn.Sequential(*layers, nn.Sigmoid())


def build_beluga(path: Path, shapes: Shapes) -> Any:
    """Beluga: (n, 4, 1, 2000) to (n, profiles)."""
    _, nn = _torch()

    layers: list[Any] = []
    for number, name in enumerate(("0", "2", "6", "8", "12", "14")):
        after, before, _, size = _of(shapes, f"0.{name}.weight")
        layers += [nn.Conv2d(before, after, (1, size)), nn.ReLU()]
        if number in (1, 3):
            layers += [nn.Identity(), nn.MaxPool2d((1, 4))]
    dense = [
        nn.Sequential(nn.Identity(), nn.Linear(*_of(shapes, f"1.{name}.1.weight")[::-1]))
        for name in ("2", "4")
    ]
    last = nn.Sequential(nn.Identity(), nn.Flatten(), dense[0], nn.ReLU(), dense[1])
    whole = nn.Sequential(nn.Sequential(*layers), last, nn.Sigmoid())
    return nn.Sequential(OrderedDict(model=whole))


def _spline_basis(length: int, number: int) -> np.ndarray:
    """(length, number): cubic B-splines over the positions, with knots at their quantiles."""
    from scipy.interpolate import BSpline

    positions = np.arange(length)
    inner = np.percentile(positions, np.linspace(0, 100, number - 2)[1:-1])
    knots = np.concatenate([[0] * 4, inner, [length - 1] * 4])
    basis: np.ndarray = BSpline.design_matrix(positions.astype(float), knots, 3).toarray()
    return basis


def build_sei(path: Path, shapes: Shapes) -> Any:
    """Sei: (n, 4, 4096) to (n, profiles)."""
    torch, nn = _torch()

    def convolutions(name: str, numbers: tuple[int, ...], *, before: list[Any]) -> Any:
        made = list(before)
        for number in numbers:
            after, channels, size = _of(shapes, f"{name}.{number}.weight")
            made.append(nn.Conv1d(channels, after, size, padding=size // 2))
            if name.startswith("conv"):
                made.append(nn.ReLU())
        return nn.Sequential(*made)

    def dilated(number: int, rate: int) -> Any:
        after, channels, size = _of(shapes, f"dconv{number}.1.weight")
        padding = rate * (size // 2)
        convolution = nn.Conv1d(channels, after, size, dilation=rate, padding=padding)
        return nn.Sequential(nn.Identity(), convolution, nn.ReLU())

    class Sei(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            pooled = [nn.MaxPool1d(4), nn.Identity()]
            self.lconv1 = convolutions("lconv1", (0, 1), before=[])
            self.conv1 = convolutions("conv1", (0, 2), before=[])
            self.lconv2 = convolutions("lconv2", (2, 3), before=pooled)
            self.conv2 = convolutions("conv2", (1, 3), before=[nn.Identity()])
            self.lconv3 = convolutions("lconv3", (2, 3), before=pooled)
            self.conv3 = convolutions("conv3", (1, 3), before=[nn.Identity()])
            for number, rate in enumerate(SEI_RATES, 1):
                self.add_module(f"dconv{number}", dilated(number, rate))
            sizes = [_of(shapes, f"classifier.{n}.weight")[::-1] for n in (0, 2)]
            self.classifier = nn.Sequential(
                nn.Linear(*sizes[0]), nn.ReLU(), nn.Linear(*sizes[1]), nn.Sigmoid()
            )

        def forward(self, x: Any) -> Any:
            for number in (1, 2, 3):
                linear = getattr(self, f"lconv{number}")(x)
                x = getattr(self, f"conv{number}")(linear)
                summed = x + linear
                x = summed if number < 3 else x
            x = x + self.dconv1(summed)
            for number in (2, 3, 4, 5):
                x = x + getattr(self, f"dconv{number}")(x)
            basis = torch.as_tensor(_spline_basis(x.shape[-1], SEI_SPLINES)).to(x)
            return self.classifier((x @ basis).flatten(1))

    return Sei()


def build_pangolin(path: Path, shapes: Shapes) -> Any:
    """Pangolin: (n, 4, length + 10000) to (n, 12, length)."""
    torch, nn = _torch()

    channels = _of(shapes, "skip.weight")[0]

    class Block(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self, size: int, rate: int) -> None:
            super().__init__()
            for number in (1, 2):
                convolution = nn.Conv1d(channels, channels, size, dilation=rate, padding="same")
                self.add_module(f"bn{number}", nn.BatchNorm1d(channels))
                self.add_module(f"conv{number}", convolution)

        def forward(self, x: Any) -> Any:
            once = self.conv1(torch.relu(self.bn1(x)))
            return x + self.conv2(torch.relu(self.bn2(once)))

    class Pangolin(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            sizes = [
                _of(shapes, f"resblocks.{n}.conv1.weight")[2] for n in range(len(PANGOLIN_RATES))
            ]
            self.conv1 = nn.Conv1d(4, channels, 1)
            self.skip = nn.Conv1d(channels, channels, 1)
            self.resblocks = nn.ModuleList(map(Block, sizes, PANGOLIN_RATES))
            self.convs = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in sizes[::4])
            for number in range(1, 9):
                self.add_module(f"conv_last{number}", nn.Conv1d(channels, 1 + number % 2, 1))
            rates = zip(sizes, PANGOLIN_RATES, strict=True)
            self.cut = sum(rate * (size - 1) for size, rate in rates)

        def forward(self, x: Any) -> Any:
            x = self.conv1(x)
            skipped = self.skip(x)
            for number, block in enumerate(self.resblocks, 1):
                x = block(x)
                if number % 4 == 0:
                    skipped = skipped + self.convs[number // 4 - 1](x)
            inner = skipped[:, :, self.cut : skipped.shape[2] - self.cut]
            scores = [getattr(self, f"conv_last{n}")(inner) for n in range(1, 9)]
            return torch.cat(
                [s.softmax(1) if s.shape[1] == 2 else torch.sigmoid(s) for s in scores], 1
            )

    return Pangolin()


def build_puffin(path: Path, shapes: Shapes) -> Any:
    """Puffin: (n, 4, length) to (n, 10, length)."""
    torch, nn = _torch()

    def same(name: str, maker: Callable[..., Any] = nn.Conv1d) -> Any:
        shape = _of(shapes, f"{name}.weight")
        after, before = shape[:2] if maker is nn.Conv1d else shape[1::-1]
        return maker(before, after, shape[2], padding=shape[2] // 2)

    class Puffin(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            for name in ("conv", "conv_inr", "conv_sim", "deconv", "deconv_sim"):
                self.add_module(name, same(name))
            self.deconv_inr = same("deconv_inr", nn.ConvTranspose1d)
            for name in ("scaler", "scaler2"):  # in the file, in no formula
                if any(each.endswith(name) for each in shapes):
                    self.register_buffer(name, torch.ones(1))

        def forward(self, x: Any) -> Any:
            turned = x.flip(1, 2)
            total = 0.0
            for name in ("", "_inr", "_sim"):
                motif, effect = getattr(self, f"conv{name}"), getattr(self, f"deconv{name}")
                of_both = torch.cat([motif(x), motif(turned).flip(2)], 1)
                total = total + effect(nn.functional.softplus(of_both))
            return nn.functional.softplus(total)

    return Puffin()


def build_malinois(path: Path, shapes: Shapes) -> Any:
    """BODA's branched Basset: (n, 4, 600) to (n, cell types)."""
    torch, nn = _torch()

    activation = getattr(nn, _branched_activation(path))()

    class Normed(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self, name: str, inner: str) -> None:
            super().__init__()
            shape = _of(shapes, f"{name}.{inner}.weight")
            made = nn.Conv1d(shape[1], shape[0], shape[2], padding="same") if shape[2:] else None
            self.add_module(inner, made or nn.Linear(shape[1], shape[0]))
            self.bn_layer = nn.BatchNorm1d(shape[0])
            self.inner = inner

        def forward(self, x: Any) -> Any:
            return torch.relu(self.bn_layer(getattr(self, self.inner)(x)))

    class Grouped(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self, name: str) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(_of(shapes, f"{name}.weight")))
            self.bias = nn.Parameter(torch.zeros(_of(shapes, f"{name}.bias")))

        def forward(self, x: Any) -> Any:
            return torch.einsum("ngb,gba->nga", x, self.weight) + self.bias.movedim(0, 1)

    numbers = re.findall(r"(?:^|\.|\n)linear(\d+)\.linear\.weight", "\n".join(shapes))
    linears = [f"linear{number}" for number in sorted(map(int, numbers))]
    branches = sorted({n.split(".")[-2] for n in shapes if "branched.branched_layer_" in n})

    class Malinois(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            for number in (1, 2, 3):
                self.add_module(f"conv{number}", Normed(f"conv{number}", "conv"))
            for name in linears:
                self.add_module(name, Normed(name, "linear"))
            self.branched = nn.Module()
            for name in branches:
                self.branched.add_module(name, Grouped(f"branched.{name}"))
            self.output = Grouped("output")

        def forward(self, x: Any) -> Any:
            pool = nn.functional.max_pool1d
            x = pool(self.conv2(pool(self.conv1(x), 3)), 4)
            x = pool(nn.functional.pad(self.conv3(x), (1, 1)), 4).flatten(1)
            for name in linears:
                x = getattr(self, name)(x)
            x = x.unsqueeze(1).expand(-1, self.output.weight.shape[0], -1)  # (n, groups, channels)
            for name in branches:
                x = getattr(self.branched, name)(x)
                x = activation(x) if name != branches[-1] else x
            return self.output(x)[:, :, 0]

    return Malinois()


def _branched_activation(path: Path) -> str:
    """As the checkpoint says beside its weights; else what BODA trains with unasked."""
    import torch

    if path.suffix == ".safetensors":
        return "ReLU"
    content = torch.load(path, map_location="cpu", weights_only=True)
    settings = content.get("model_hparams", content.get("hyper_parameters", {}))
    said = settings if isinstance(settings, dict) else vars(settings)
    return str(said.get("branched_activation", "ReLU"))
