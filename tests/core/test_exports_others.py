"""Files that other programs' own readers take: AnnData's published layout, tfmodisco-lite."""

import dataclasses
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from seam_core import curation
from seam_core.exports.registry import export
from seam_core.records import Embedding, Table
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    made = make_session(n=300, length=60, clusters=5, start=8)
    frame = made.table.frame.assign(Task=["a", "b", None] * 100, **{"x/y": 1.5}, Cluster=3)
    edited = curation.start(made.clustering, made.explanation)
    edited, _ = curation.label(edited, 1, "both, sites")
    return dataclasses.replace(
        made,
        table=Table(frame),
        embedding=Embedding(made.embedding.coordinates, "umap"),
        state={"curation": curation.to_dict(edited)},
    )


@pytest.fixture(scope="module")
def file(session, tmp_path_factory):
    path = export(session, "h5ad", tmp_path_factory.mktemp("h5ad") / "a.h5ad")
    with h5py.File(path) as opened:
        yield opened


class TestAnnData:
    def test_every_element_says_what_it_is(self, file):
        """The specification: each group and array has its encoding and that one's version."""
        versions = {
            "anndata": "0.1.0", "dict": "0.1.0", "dataframe": "0.2.0", "categorical": "0.2.0",
            "array": "0.2.0", "string-array": "0.2.0", "string": "0.2.0",
        }  # fmt: skip
        assert file.attrs["encoding-type"] == "anndata"

        def check(name, item):
            assert versions[item.attrs["encoding-type"]] == item.attrs["encoding-version"], name

        file.visititems(check)
        assert {"X", "obs", "var", "obsm", "varm", "obsp", "varp", "layers", "uns"} == set(file)
        for name in ("obs", "var"):
            frame = file[name]
            listed = [*frame.attrs["column-order"], frame.attrs["_index"]]
            assert set(listed) == set(frame)

    def test_clusters_by_label_with_colours(self, file, session):
        column = file["obs/Cluster"]
        categories = column["categories"].asstr()[:]
        assert column["codes"].shape == (300,)
        names = np.where(
            session.clustering.labels == 1, "both, sites", session.clustering.labels.astype(str)
        )
        assert np.array_equal(categories[column["codes"][:]], names)
        colours = file["uns/Cluster_colors"].asstr()[:]
        assert len(set(colours)) == len(categories)
        assert all(len(colour) == 7 and colour[0] == "#" for colour in colours)

    def test_columns_and_embedding(self, file, session):
        assert np.array_equal(file["obs/Activity"][:], session.table.activity)
        assert set(file["obs/file:Cluster"][:]) == {3}
        assert set(file["obs/x|y"][:]) == {1.5}
        assert file["obs/Task/categories"].asstr()[:].tolist() == ["", "a", "b"]
        assert np.array_equal(file["obsm/X_umap"][:], session.embedding.coordinates)
        assert np.array_equal(file["obsm/letters"][:], session.library.sequences)
        assert file["obs/_index"].asstr()[:3].tolist() == ["0", "1", "2"]

    def test_x_is_the_attribution_of_the_present_letter(self, file, session):
        letters = one_hot(session.library.sequences[:, 8:], 4)
        expected = (letters * session.maps.maps).sum(axis=2)
        np.testing.assert_allclose(file["X"][:], expected, atol=1e-6)
        assert file["var/Position"][:].tolist() == list(range(8, 60))


class TestModisco:
    def test_the_pair_is_of_one_shape_and_order(self, session, tmp_path):
        with (
            np.load(export(session, "onehot", tmp_path / "o.npz")) as first,
            np.load(export(session, "attributions", tmp_path / "a.npz")) as second,
        ):
            letters, maps = first["arr_0"], second["arr_0"]
        assert letters.shape == maps.shape == (300, 4, 52)
        assert np.array_equal(letters.argmax(axis=1), session.library.sequences[:, 8:])
        assert np.array_equal(maps.transpose(0, 2, 1), session.maps.maps)

    def test_channels_are_in_the_order_acgt(self, session, tmp_path):
        library = dataclasses.replace(session.library, alphabet="TGCA")
        turned = dataclasses.replace(session, library=library)
        with np.load(export(turned, "attributions", tmp_path / "a.npz")) as archive:
            assert np.array_equal(archive["arr_0"][:, ::-1], session.maps.maps.transpose(0, 2, 1))
        protein = make_session(n=50, length=30, clusters=3, alphabet="ACDEFGHIKLMNPQRSTVWY")
        with pytest.raises(InputError, match="DNA or RNA"):
            export(protein, "onehot", tmp_path / "o.npz")

    def test_tfmodisco_lite_finds_seqlets_in_it(self, session, tmp_path):
        """In a process of its own: the number of Numba's threads cannot change within one."""
        if importlib.util.find_spec("modiscolite") is None:
            pytest.skip("tfmodisco-lite is not installed")
        files = [str(tmp_path / name) for name in ("o.npz", "a.npz")]
        for what, file in zip(("onehot", "attributions"), files, strict=True):
            export(session, what, Path(file))
        done = subprocess.run(
            [sys.executable, "-c", SEQLETS, *files], capture_output=True, text=True, check=True
        )
        middles = np.array(json.loads(done.stdout.splitlines()[-1])) + 8
        assert len(middles) > 100
        spans = [(site.start - 2, site.stop + 2) for site in session.sites.sites]
        inside = [any(a <= middle < b for a, b in spans) for middle in middles]
        assert np.mean(inside) > 0.9


# prints the middles of the seqlets that tfmodisco-lite finds in the two files
SEQLETS = """
import json, sys
import numpy as np
from modiscolite import core, extract_seqlets

letters, maps = (np.load(f)["arr_0"].astype("float32").transpose(0, 2, 1) for f in sys.argv[1:])
found, _ = extract_seqlets.extract_seqlets(
    attribution_scores=(letters * maps).sum(axis=2), window_size=9, flank=2, suppress=4,
    target_fdr=0.2, min_passing_windows_frac=0.03, max_passing_windows_frac=0.2,
    weak_threshold_for_counting_sign=0.8,
)
tracks = core.TrackSet(one_hot=letters, contrib_scores=letters * maps, hypothetical_contribs=maps)
assert len(tracks.create_seqlets(found)) == len(found)
print(json.dumps([(seqlet.start + seqlet.end) / 2 for seqlet in found]))
"""
