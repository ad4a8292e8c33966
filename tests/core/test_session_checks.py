"""No array of a session is believed before it was held against the others."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib

import numpy as np
import pytest

from seam_core import curation, selection, store
from seam_core.cli.main import main
from seam_core.handwork import saved_in
from seam_core.manner import manner_of
from seam_core.readers.tracks import Feature, Track, to_dict, tracks_in
from seam_core.records import Site
from seam_core.store import folder
from seam_core.store.check import _SHAPES
from seam_core.store.encode import RECORDS
from seam_core.validate import InputError
from tests.factories import make_session
from tests.judged import experiments


@pytest.fixture(scope="module")
def made():
    return make_session(n=120, length=40, clusters=4, n_sites=2)


def changed(session, slot, **fields):
    """The session with fields of one record replaced, unchecked."""
    return dataclasses.replace(
        session, **{slot: dataclasses.replace(getattr(session, slot), **fields)}
    )


def put(array, index, value):
    array = np.array(array)
    array[index] = value
    return array


FAULTS = [
    ("library", "sequences", lambda a: put(a, (7, 3), 127), "letter 127"),
    ("library", "sequences", lambda a: put(a, (7, 3), -2), "letter -2"),
    ("library", "sequences", lambda a: a.astype(np.float32), "type float32"),
    ("library", "reference", lambda a: put(a, 0, 4), "letter 4"),
    ("library", "reference", lambda a: a[:-1], "shape"),
    ("library", "predictions", lambda a: put(a, 5, np.nan), "nan"),
    ("library", "predictions", lambda a: a[:-1], "shape"),
    ("library", "alphabet", lambda a: 5, "a text"),
    ("library", "parameters", lambda a: "local", "library.parameters: got 'local'"),
    ("clustering", "reason", lambda a: None, "got None; expected a text"),
    ("clustering", "cut_height", lambda a: "high", "got 'high'; expected a finite number"),
    ("sites", "sites", lambda a: (Site(5, (3, 4)), *a[1:]), "sites.sites"),
    ("table", "frame", lambda f: f.drop(columns="Activity"), "a column Activity"),
    ("table", "frame", lambda f: f.assign(Activity="x"), "finite numbers"),
    ("table", "frame", lambda f: f.assign(Activity=np.inf), "finite numbers"),
    ("maps", "maps", lambda a: a[:, :, :3], "letters"),
    ("maps", "maps", lambda a: a.astype(np.int32), "type int32"),
    ("maps", "start", lambda a: -1, "a position"),
    ("maps", "start", lambda a: 10**12, "positions"),
    ("embedding", "coordinates", lambda a: put(a, (0, 0), np.inf), "inf"),
    ("embedding", "coordinates", lambda a: a[:, 0], "2 axes"),
    ("linkage", "matrix", lambda a: put(a, (0, 0), 1e18), "clusters that exist by then"),
    ("linkage", "matrix", lambda a: put(a, (3, 2), np.nan), "nan"),
    ("linkage", "matrix", lambda a: a[:, :3], "in place of 3"),
    ("clustering", "labels", lambda a: put(a, 0, -7), "-1 or more"),
    ("clustering", "labels", lambda a: put(a, 0, 2**31 - 1), "1,000,000 or less"),
    ("clustering", "labels", lambda a: a.astype(np.float64), "type float64"),
    ("explanation", "ids", lambda a: put(a, 0, a[1]), "an id twice"),
    ("explanation", "ids", lambda a: put(a, 0, 99), "got cluster 99; expected a cluster of the"),
    ("clustering", "labels", lambda a: put(a, 0, 99), "a cluster of the explanation"),
    ("explanation", "reference_cluster", lambda a: 99, "got cluster 99"),
    ("explanation", "reference_cluster", lambda a: "first", "cluster"),
    ("sites", "cluster_ids", lambda a: put(a, 1, -5), "got cluster -5"),
    ("sites", "cluster_ids", lambda a: put(a, 0, a[1]), "an id twice"),
    ("sites", "configurations", lambda f: f.assign(assigned_cluster=99), "got cluster 99"),
    ("explanation", "sizes", lambda a: a + 1, "as many as the clustering has"),
    ("explanation", "sizes", lambda a: put(a, 0, -4), "0 or more"),
    ("explanation", "sizes", lambda a: a[:-1], "shape"),
    ("explanation", "map_sums", lambda a: put(a, (0, 0, 0), np.inf), "inf"),
    ("explanation", "map_sums", lambda a: a[:, :-1], "shape"),
    ("explanation", "entropy", lambda a: put(a, (0, 0), np.nan), "nan"),
    ("explanation", "background", lambda a: a[:, :2], "shape"),
    ("explanation", "alphabet", lambda a: "ACGTACGT", "4 letters"),
    ("explanation", "reference", lambda a: put(a, 0, 99), "letter 99"),
    ("explanation", "mutation_rate", lambda a: "much", "a finite number"),
    ("explanation", "start", lambda a: 7, "as the maps"),
    ("sites", "sites", lambda a: (Site("A", (3, 10**9)),) + a[1:], "rising positions"),
    ("sites", "sites", lambda a: (Site("A", ()),) + a[1:], "rising positions"),
    ("sites", "sites", lambda a: a[:1], "shape"),
    ("sites", "active", lambda a: a.astype(np.int8), "yes or no"),
    ("sites", "linkage", lambda a: put(a, (0, 1), -5), "clusters that exist by then"),
    ("sites", "epistasis", lambda f: f.drop(columns="estimate"), "a column estimate"),
    ("sites", "cut_height", lambda a: None, "a finite number"),
    ("sites", "sites", lambda a: (Site("B", a[0].positions), *a[1:]), "a name of its own"),
    ("sites", "sites", lambda a: (Site("B+A", a[0].positions), *a[1:]), "a name of its own"),
    ("sites", "sites", lambda a: (Site("Z", a[0].positions), *a[1:]), "the site 'A'"),
    ("sites", "epistasis", lambda f: f.assign(estimate="much"), "'much'"),
    ("sites", "epistasis", lambda f: f.assign(low=np.inf), "numbers"),
    ("sites", "configurations", lambda f: f.assign(order=0.5), "whole numbers"),
    ("sites", "configurations", lambda f: f.assign(represented=1), "yes or no"),
    ("sites", "configurations", lambda f: f.assign(note=[["a"]] * len(f)), "texts"),
    ("trust", "verdict", lambda a: "fine", "trust.verdict: got 'fine'; expected one of good"),
    ("experiments", "sites", lambda f: f.assign(verdict=3), "texts"),
    ("experiments", "interactions", lambda f: f.assign(sites="Q+A"), "the site 'Q'"),
]


@pytest.mark.parametrize(("slot", "field", "spoil", "words"), FAULTS)
def test_what_does_not_fit_is_named_on_opening(
    made, tmp_path, monkeypatch, slot, field, spoil, words
):
    monkeypatch.setattr(folder, "summary", lambda session: {})
    record = getattr(made, slot)
    store.save(changed(made, slot, **{field: spoil(getattr(record, field))}), tmp_path / "s")
    with pytest.raises(InputError) as caught:
        store.load(tmp_path / "s")
    said = str(caught.value)
    assert words in said
    assert str(tmp_path / "s") in said
    assert "\n" not in said


def test_edited_clusters_that_are_not_explained_yet_are_opened(made, tmp_path):
    edited, _ = curation.merge(
        curation.start(made.clustering, made.explanation), made.explanation.ids[:2].tolist()
    )
    store.save(dataclasses.replace(made, clustering=edited.as_clustering()), tmp_path / "s")
    assert len(store.load(tmp_path / "s").clustering.ids) == 3


def test_letters_of_variants_are_held_against_the_alphabet(made, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "summary", lambda session: {})
    letters = put(made.library.sequences[:2], (1, 4), 99)
    asked = dataclasses.replace(experiments(made.sites.sites), variant_letters=letters)
    store.save(dataclasses.replace(made, experiments=asked), tmp_path / "s")
    with pytest.raises(InputError, match=r"experiments\.variant_letters: got letter 99"):
        store.load(tmp_path / "s")


def test_every_array_of_every_record_is_looked_at():
    found = {
        f"{slot}.{field.name}"
        for slot, record in RECORDS.items()
        for field in dataclasses.fields(record)
        if "ndarray" in str(field.type)
    }
    assert found == set(_SHAPES)


@pytest.mark.parametrize(
    "change",
    [
        {"state": [1, 2]},
        {"state": "x"},
        {"name": {"a": 1}},
        {"locus": 7},
        {"provenance": {"colour": 1}},
        {"provenance": []},
        {"oracle": [1]},
        {"records": {"library": {"sequences": {"file": "../outside.npy", "bytes": 1}}}},
        {"records": {"library": {"sequences": {"file": "library.sequences.npy"}}}},
        {"records": {"library": 5}},
        {"records": {"sites": {"sites": 5}}},
    ],
)
def test_a_manifest_that_lies_is_one_message(made, tmp_path, change):
    store.save(made, tmp_path / "s")
    path = tmp_path / "s" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError) as caught:
        store.load(tmp_path / "s")
    assert str(tmp_path / "s") in str(caught.value)


def test_a_manifest_of_endless_depth_is_one_message(tmp_path):
    (tmp_path / "manifest.json").write_text("[" * 200_000)
    with pytest.raises(InputError, match=r"manifest\.json"):
        store.load(tmp_path)


SHAPELESS = {"kind": "polygon", "mode": "add", "vertices": [[1]], "axes": [0, 1]}


def selected(**changes):
    rows = {"kind": "rows", "mode": "replace", "indices": [1, 2]}
    return {"n": 120, "indices": [1, 2], "positions": None, "steps": [rows], **changes}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"selection": selected(indices=[-1])}, "row -1"),
        ({"selection": selected(indices=[120])}, "selection"),
        ({"kept": [selected(steps=[{"kind": "query", "mode": "add", "text": 5}])]}, "a text"),
        ({"kept": [selected(steps=[SHAPELESS])]}, r"selection\.polygon\.vertices"),
        ({"kept": 5}, "a list of selections"),
    ],
)
def test_hand_work_that_cannot_be_is_told(made, state, words):
    with pytest.raises(InputError, match=words):
        saved_in(dataclasses.replace(made, state=state))


def test_colours_and_ids_of_edited_clusters_are_held_to_what_they_can_be(made):
    values = curation.to_dict(curation.start(made.clustering, made.explanation))
    for change in ({"colours": {"0": "red"}}, {"next_id": 2**31}):
        with pytest.raises(InputError, match=f"curation.{next(iter(change))}"):
            curation.from_dict({**values, **change}, 120)
    odd = {"curation": {"names": {"x": "a", "1": "b"}, "colours": {"1": "red", "2": "#aabbcc"}}}
    assert manner_of(odd).labels == {1: "b"}
    assert manner_of(odd).colours == {2: "#aabbcc"}


def test_tracks_of_another_length_are_told():
    signal = to_dict(Track("s", "signal", values=np.ones(9), source="s.bw"))
    feature = to_dict(Track("f", "features", (Feature(3, 99),)))
    assert len(tracks_in({"tracks": [signal, feature]})) == 2
    for one, words in ((signal, "9 values; expected 10"), (feature, "a feature at 3 to 99")):
        with pytest.raises(InputError, match=words):
            tracks_in({"tracks": [one]}, 10)


def test_state_that_claims_much_takes_no_memory():
    with pytest.raises(InputError, match="sequences"):
        selection.from_dict({"n": 10**15, "indices": [], "steps": []}, 120)
    with pytest.raises(InputError):
        selection.from_dict(["n"], 120)
    bomb = base64.b64encode(zlib.compress(bytes(1 << 24), 9)).decode()
    values = {"labels": bomb, "next_id": 1, "order": [0], "names": {}, "colours": {}}
    with pytest.raises(InputError, match=r"curation\.labels"):
        curation.from_dict({**values, "notes": {}, "hidden": [], "stale": False}, 120)


def test_check_session_reads_everything(made, tmp_path, capsys):
    store.save(made, tmp_path / "s")
    assert main(["check-session", str(tmp_path / "s")]) == 0
    assert "well; 120 sequences" in capsys.readouterr().out
    spoiled = put(made.maps.maps, (5, 2, 1), np.nan)
    store.save(changed(made, "maps", maps=spoiled), tmp_path / "t")
    store.load(tmp_path / "t")  # maps are not read when a session is opened
    assert main(["check-session", str(tmp_path / "t")]) == 2
    assert "maps.maps: got nan at index (5, 2, 1)" in capsys.readouterr().err
    with open(tmp_path / "s" / "maps.maps.npy", "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    assert main(["check-session", str(tmp_path / "s")]) == 2
    assert "not the one that was saved" in capsys.readouterr().err
