"""What a GPU is worth: the attributions of the recipes and Ward's products, beside the processor.

    python -m benchmarks.gpu [--n 256] [--device gpu] [--maps 20000]

prints a line a method: milliseconds a map on each, how many times faster, and the largest
difference of the maps from those of the processor, in parts of their largest value; then what
becomes of gradients in bfloat16. `--device cpu` runs the same without a GPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.bpnet import network
from seam_core.attributer import Attributer
from seam_core.clusterer.products import choose_products
from seam_core.clusterer.trees import ward_linkage
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles.adapters import Adapter
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.validate import SeamError

# Letters of DeepSTARR's and of BPNet's inputs, and dilated layers of a BPNet that takes so many;
# the recipes' maps are of the former's size.
LAYERS = {249: 4, 2114: 8}
METHODS: dict[str, dict[str, Any]] = {
    "saliency": {},
    "intgrad": {"intgrad_rule": "calibrated"},
    "smoothgrad": {},
    "deepshap": {},
    "ism": {},
}
HALVED = ("saliency", "intgrad", "smoothgrad")
# Maps of the costlier methods, of one of saliency's.
SHARES = {"saliency": 1, "intgrad": 8, "smoothgrad": 16, "deepshap": 32, "ism": 128}
FEATURES = 996


def maps_of(method: str, length: int, n: int, device: str) -> tuple[float, np.ndarray]:
    """Seconds a map, and the maps."""
    library, attributer = _prepared(method, length, n, device)
    attributer.run(Library(library.sequences[:1]))
    began = time.perf_counter()
    maps = attributer.run(library)[0].maps
    return (time.perf_counter() - began) / n, maps


def of_half(method: str, length: int, n: int, device: str) -> str:
    """What becomes of gradients in bfloat16."""
    library, attributer = _prepared(method, length, n, device, precision="bfloat16")
    said: str = attributer.run(library)[0].ran["precision_said"]
    return f"{method}, {length} letters: {said}"


def _prepared(
    method: str, length: int, n: int, device: str, **options: Any
) -> tuple[Library, Attributer]:
    rng = np.random.default_rng(0)
    library = Library(rng.integers(0, 4, (n, length), dtype=np.int8))
    module = network(LAYERS[length])
    oracle = TorchOracle(module, head=1, adapter=Adapter(layout="channels_first"), device=device)
    how = AttributerParameters(method=method, **METHODS[method], **options)
    return library, Attributer(oracle, how)


def products(n: int, device: str) -> tuple[float, np.ndarray]:
    """Seconds for the products of n maps with themselves, and a few of them."""
    points = np.random.default_rng(0).normal(size=(n, FEATURES)).astype(np.float32)
    multiply, size = choose_products(device), 4096
    buffer = np.empty(size * size, np.float32)
    multiply(points[:size], points[:size], buffer)
    began = time.perf_counter()
    for first in range(0, n, size):
        for other in range(first, n, size):
            block = multiply(points[first : first + size], points[other : other + size], buffer)
    return time.perf_counter() - began, np.array(block[:8, :8])


def tree(n: int, device: str) -> tuple[float, np.ndarray]:
    """Seconds for the tree of n planted maps, and its heights."""
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(20, FEATURES))[rng.integers(0, 20, n)]
    maps = (maps + rng.normal(size=maps.shape)).astype(np.float32)
    began = time.perf_counter()
    heights = ward_linkage(maps, device=device)[:, 2]
    return time.perf_counter() - began, heights


def row(name: str, unit: str, run: Callable[[str], tuple[float, np.ndarray]], device: str) -> str:
    """A line of the table."""
    (slow, ours), (quick, theirs) = run("cpu"), run(device)
    error = np.abs(theirs - ours).max() / max(float(np.abs(ours).max()), 1e-30)
    scale = 1e3 if unit == "ms a map" else 1.0
    return (
        f"{name:<28}{unit:>10}{slow * scale:>12.3g}{quick * scale:>12.3g}"
        f"{slow / quick:>10.1f}{error:>12.1e}"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--n", type=int, default=256, help="maps of saliency; fewer of the others")
    parser.add_argument("--device", default="gpu", choices=("gpu", "cpu"))
    parser.add_argument("--maps", type=int, default=20_000, help="for Ward's products and tree")
    options = parser.parse_args(arguments)
    device = options.device
    try:
        choose_products(device)
    except SeamError as error:  # no GPU here
        parser.error(str(error))
    head = f"{'':<28}{'':>10}{'cpu':>12}{device:>12}{'times':>10}{'error':>12}"
    print(head, flush=True)
    for length in LAYERS:
        for method in METHODS:
            n = max(1, options.n // SHARES[method])
            name = f"{method}, {length} letters, {n}"
            run = partial(maps_of, method, length, n)
            print(row(name, "ms a map", run, device), flush=True)
    name = f"Ward's products, {options.maps:,}"
    print(row(name, "s", partial(products, options.maps), device), flush=True)
    print(row(f"Ward, {options.maps:,}", "s", partial(tree, options.maps), device), flush=True)
    for length in LAYERS:
        for method in HALVED:
            print(of_half(method, length, max(1, options.n // SHARES[method]), device), flush=True)


if __name__ == "__main__":
    main()
