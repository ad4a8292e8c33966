"""File > Export and Report."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seam_core.readers import read_fasta
from seam_core.selection import Landscape, Rows, select
from seam_core.sequences import strings_to_indices


@pytest.fixture
def opened(window, session_folder):
    window.open(session_folder)
    return window


def export(window, name, path):
    window.door.answers["save_file"] = path
    window.trigger(f"export_{name}")
    window.settle()
    assert not window.door.errors, window.door.errors
    return path


def choose(window, *rows):
    n = len(window.state.session.library)
    window.state.change("Select", selection=select(Landscape(n), Rows(rows), "replace"))


def test_table_with_sequences_and_clusters(opened, tmp_path):
    file = export(opened, "table", tmp_path / "t.csv")
    frame = pd.read_csv(file, index_col="Index", float_precision="round_trip")
    session = opened.state.session
    assert np.array_equal(strings_to_indices(frame["Sequence"]), session.library.sequences)
    assert np.array_equal(frame["Cluster"], session.clustering.labels)
    assert np.array_equal(frame["Activity"], session.table.activity)


def test_a_selection_is_what_is_exported(opened, tmp_path):
    choose(opened, 3, 5, 8)
    records = read_fasta(export(opened, "fasta", tmp_path / "s.fa"))
    letters = strings_to_indices(list(records.values()))
    assert np.array_equal(letters, opened.state.session.library.sequences[[3, 5, 8]])
    text = export(opened, "indices", tmp_path / "i.txt").read_text()
    assert text.split() == ["3", "5", "8"]
    maps = np.load(export(opened, "maps", tmp_path / "m.npy"))
    assert np.array_equal(maps, opened.state.session.maps.maps[[3, 5, 8]])


def test_arrays(opened, tmp_path):
    session = opened.state.session
    linkage = np.load(export(opened, "linkage", tmp_path / "l.npy"))
    assert np.array_equal(linkage, session.linkage.matrix)
    means = np.load(export(opened, "means", tmp_path / "k.npy"))
    assert np.allclose(means, session.explanation.mean_maps, atol=1e-6)
    points = np.load(export(opened, "embedding", tmp_path / "e.npy"))
    assert np.array_equal(points, session.embedding.coordinates)


def test_msm_in_its_long_form(opened, tmp_path):
    frame = pd.read_csv(export(opened, "msm", tmp_path / "m.csv"))
    found = opened.state.session.explanation
    assert list(frame) == ["Cluster", "Position", "Reference", "Consensus", "Entropy"]
    wide = frame.pivot(index="Cluster", columns="Position", values="Entropy").loc[found.ids]
    assert np.allclose(wide.to_numpy(), found.entropy)


def test_motifs_can_be_read_back(opened, tmp_path):
    from seam_core.motifs.meme import read_meme

    motifs = read_meme(export(opened, "motifs", tmp_path / "m.meme"))
    assert len(motifs) == opened.state.session.explanation.n_clusters


def test_sites_on_the_genome_once_the_locus_is_known(opened, tmp_path):
    length = opened.state.session.library.length
    site = opened.state.session.sites.sites[0]
    opened.door.answers["ask_text"] = f"chr2R:1001-{1000 + length}"
    opened.trigger("locus")
    row = export(opened, "bed", tmp_path / "s.bed").read_text().split("\n")[0].split("\t")
    assert row[:3] == ["chr2R", str(1000 + site.start), str(1000 + site.stop)]
    opened.door.answers["ask_text"] = "chr2R:1-9"
    opened.trigger("locus")
    assert f"expected {length}, as the sequence" in opened.door.errors.pop()[1]
    assert opened.state.session.locus.start == 1000
    opened.trigger("undo")
    assert opened.state.session.locus is None


def test_sites_as_csv_and_bed(opened, tmp_path):
    sites = opened.state.session.sites.sites
    frame = pd.read_csv(export(opened, "sites", tmp_path / "s.csv"))
    assert frame["Name"].tolist() == [site.name for site in sites]
    bed = export(opened, "bed", tmp_path / "s.bed").read_text()
    assert len([line for line in bed.splitlines() if not line.startswith(("#", "track"))]) == len(
        sites
    )


def test_the_report_is_one_file(opened, tmp_path):
    opened.door.answers["save_file"] = tmp_path / "report.html"
    opened.trigger("report")
    opened.settle()
    assert not opened.door.errors, opened.door.errors
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<html" in text
    assert "made up" in text


def test_nothing_to_export_is_said(window):
    said = []
    window.state.status_message.connect(said.append)
    window.trigger("export_msm")
    assert "nothing to export" in said[-1]
    window.trigger("report")
    assert "needs clusters" in said[-1]
