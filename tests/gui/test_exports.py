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
    assert list(frame)[:3] == ["Cluster", "Position", "Entropy"]
    assert list(frame)[4:] == ["Mismatch to reference", "Match to consensus"]
    wide = frame.pivot(index="Cluster", columns="Position", values="Entropy").loc[found.ids]
    assert np.allclose(wide.to_numpy(), found.entropy)


def test_motifs_can_be_read_back(opened, tmp_path):
    from seam_core.motifs.meme import read_meme

    motifs = read_meme(export(opened, "motifs", tmp_path / "m.meme"))
    assert [m.name for m in motifs] == [s.name for s in opened.state.session.sites.sites]


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
    assert frame["Site"].tolist() == [site.name for site in sites]
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


def test_a_merge_without_recompute_is_in_the_file(opened, tmp_path):
    """The clusters, labels and sites written are those on the screen, not those before the edit."""
    from seam_core import curation

    session = opened.state.session
    edited = curation.start(session.clustering, session.explanation)
    edited, change = curation.merge(edited, edited.order[:2])
    edited, _ = curation.label(edited, change.added[0], "mine, too")
    opened.state.change(change.text, curation=edited)
    table = pd.read_csv(export(opened, "table", tmp_path / "t.csv"))
    assert np.array_equal(table["Cluster"], edited.labels)
    clusters = pd.read_csv(export(opened, "clusters", tmp_path / "c.csv"))
    assert clusters["Cluster"].tolist() == list(edited.order)
    assert clusters["Label"][edited.order.index(change.added[0])] == "mine, too"
    members = np.flatnonzero(edited.labels == change.added[0])
    assert clusters["n"][edited.order.index(change.added[0])] == len(members)


def test_the_window_and_the_command_write_the_same(opened, tmp_path):
    from seam_core import store
    from seam_core.exports.registry import export as script

    choose(opened, 3, 5, 8)
    folder = tmp_path / "saved"
    store.save(opened.state.session_to_save(), folder)
    saved = store.load(folder)
    for name, file in (("table", "a.csv"), ("sites", "b.csv"), ("msm", "c.csv"), ("bed", "d.bed")):
        ours = export(opened, name, tmp_path / file).read_bytes()
        assert script(saved, name, tmp_path / f"again {file}").read_bytes() == ours


def test_an_ending_that_is_left_out_is_added(opened, tmp_path):
    opened.door.answers["save_file"] = tmp_path / "motifs"
    opened.trigger("export_motifs")
    opened.settle()
    assert (tmp_path / "motifs.meme").read_text().startswith("MEME version 4")


def test_a_folder_that_is_gone_is_one_message(opened, tmp_path):
    opened.door.answers["save_file"] = tmp_path / "gone" / "t.csv"
    opened.trigger("export_table")
    opened.settle()
    assert "no folder" in opened.door.errors.pop()[1]
