"""The demonstrations: two precomputed results, and a small network to run from nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.pipeline import RunConfig
from seam_core.product import data_folder
from seam_core.validate import InputError


@dataclass(frozen=True)
class Demo:
    """One demonstration; `precomputed` ones are folders with a session, the others are run."""

    name: str
    title: str
    precomputed: bool


DEMOS: dict[str, Demo] = {
    demo.name: demo
    for demo in (
        Demo("eve_hk", "DeepSTARR's housekeeping head at the eve locus of the fly", True),
        Demo("intron_landscape", "All 65,536 measured variants of 8 nt of an intron", True),
        Demo("toy", "A small network with three planted sites, run from nothing", False),
    )
}


def find(name: str) -> Demo:
    """The demonstration of a name, or `InputError` with those there are."""
    if name not in DEMOS:
        raise InputError("demo", name, "one of " + ", ".join(DEMOS))
    return DEMOS[name]


def demo_folder(name: str) -> Path:
    """The folder of a precomputed demonstration: in SEAM_DEMO_DATA, the checkout or the package.

    Raises `InputError` where it is not there.
    """
    find(name)
    base = Path(os.environ.get("SEAM_DEMO_DATA") or data_folder("demo_data"))
    folder = base / name
    if not (folder / "manifest.json").is_file():
        expected = "the demo_data folder of the source or the package, or SEAM_DEMO_DATA naming it"
        raise InputError("demo", f"no session in {folder}", expected)
    return folder


def toy_config(seed: int = 0) -> RunConfig:
    """The run of the small network in `resources/models`, see scripts/train_toy.py."""
    folder = data_folder("resources") / "models"
    if not (folder / "toy.keras").is_file():
        raise InputError("demo", f"no model {folder / 'toy.keras'}", "the resources of the package")
    return RunConfig(
        name="toy",
        oracle=OracleParameters(model=str(folder / "toy.keras")),
        sequence=str(folder / "toy.fa"),
        mutagenizer=MutagenizerParameters(n_sequences=10_000, mutation_rate=0.1),
        attributer=AttributerParameters(method="intgrad"),
        clusterer=ClustererParameters(n_clusters=30, embedding="pca"),
    ).with_seed(seed)
