"""The demonstrations: they are there, small enough, and say what is known to be true."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seam_core import demos, store
from seam_core.cli import main
from seam_core.product import data_folder
from seam_core.validate import InputError
from seam_core.variants.table import COLUMNS

PRECOMPUTED = [name for name, demo in demos.DEMOS.items() if demo.precomputed]


@pytest.mark.parametrize("name", PRECOMPUTED)
def test_a_demonstration_is_complete(name):
    session = store.load(demos.demo_folder(name))
    for slot in ("library", "table", "maps", "embedding", "linkage", "clustering"):
        assert getattr(session, slot) is not None, slot
    assert session.explanation is not None
    assert len(session.sites.sites) > 0 or name != "eve_hk"
    assert len(session.library) >= 10_000
    assert session.maps.maps.dtype == np.float32
    assert (demos.demo_folder(name) / "README.md").is_file()


def test_they_are_under_25_mb():
    files = [file for name in PRECOMPUTED for file in demos.demo_folder(name).rglob("*")]
    assert sum(file.stat().st_size for file in files) < 25e6


@pytest.mark.parametrize("name", PRECOMPUTED)
def test_they_name_no_folders_of_a_machine(name):
    manifest = json.loads((demos.demo_folder(name) / "manifest.json").read_text())
    paths = [file["path"] for file in manifest["provenance"]["inputs"].values()]
    paths += [manifest["oracle"]["model"], manifest["oracle"]["weights"]]
    assert not any("/" in path for path in paths)


def test_both_elements_of_the_eve_window_are_found():
    session = store.load(demos.demo_folder("eve_hk"))
    for start in (85, 105):
        element = set(range(start, start + 6))
        assert any(len(element & set(site.positions)) >= 3 for site in session.sites.sites)


def test_the_kept_variants_are_as_they_are_answered_today():
    """The table has the columns of a new one, and its numbers hang together."""
    session = store.load(demos.demo_folder("eve_hk"))
    frame, letters = session.experiments.variants, session.experiments.variant_letters
    axes = [session.embedding.axis_name(axis) for axis in range(2)]
    assert [*COLUMNS, *axes, "map"] == list(frame.columns)
    for name in ("confidence", "percentile"):
        assert frame[name].between(frame[f"{name}_low"], frame[f"{name}_high"]).all(), name
    shown = frame[frame["map"] >= 0].sort_values("map")
    for (_, row), own in zip(shown.iterrows(), letters, strict=True):
        (changed,) = np.flatnonzero(own != session.library.reference)
        assert changed == row["position"]


def test_the_landscape_is_complete():
    library = store.load(demos.demo_folder("intron_landscape")).library
    assert library.sequences.shape == (4**8, 8)
    assert len(np.unique(library.sequences, axis=0)) == 4**8


def test_an_unknown_demonstration_names_those_there_are():
    with pytest.raises(InputError, match="eve_hk, intron_landscape, toy"):
        demos.find("eve")


def test_demo_data_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("SEAM_DEMO_DATA", str(tmp_path))
    with pytest.raises(InputError, match=f"no session in {tmp_path}"):
        demos.demo_folder("eve_hk")


@pytest.mark.slow
def test_the_toy_runs_from_nothing_and_its_truth_is_recovered(tmp_path, capsys):
    assert main(["demo", "toy", "--headless", "--quiet", "--out", str(tmp_path / "toy")]) == 0
    truth = json.loads((data_folder("resources") / "models" / "toy.json").read_text())
    summary = json.loads((tmp_path / "toy" / "summary.json").read_text())
    found = [set(site["positions"]) for site in summary["sites"]]
    names = {}
    for planted in truth["sites"]:
        wanted = set(range(planted["start"], planted["stop"]))
        overlaps = [len(site & wanted) / len(wanted) for site in found]
        assert max(overlaps) >= 0.5
        names[planted["name"]] = summary["sites"][int(np.argmax(overlaps))]["name"]
    assert len(found) <= len(truth["sites"]) + 1
    epistasis = store.load(tmp_path / "toy").sites.epistasis.set_index("sites")
    (interaction,) = truth["interactions"]
    pair = "+".join(sorted(names[name] for name in interaction["sites"]))
    assert np.sign(epistasis.loc[pair, "estimate"]) == interaction["sign"]
    assert epistasis.loc[pair, "called"]
    assert "pictures:" in capsys.readouterr().out
    assert len(list((tmp_path / "toy" / "pictures").glob("*.png"))) > 5
