"""Sequences projected into a session: what the session itself would say of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.isotonic import IsotonicRegression

from seam_core import store
from seam_core.attributer import Attributer, Beside
from seam_core.cli import main
from seam_core.clusterer import Clusterer
from seam_core.exports.columns import undocumented
from seam_core.oracles import FunctionOracle
from seam_core.oracles.ensemble import Ensemble
from seam_core.oracles.strands import BothStrands
from seam_core.parameters import AttributerParameters, ClustererParameters, OracleParameters
from seam_core.projection import Mechanisms, Projector, check_model, oracle_of, projection_frame
from seam_core.projection.mechanisms import rising_shares
from seam_core.records import AttributionMaps, Clustering, Library
from seam_core.sequences import indices_to_strings
from seam_core.validate import InputError
from tests.core.projecting import analysed
from tests.factories import make_session


@pytest.fixture(scope="module")
def planted():
    return analysed("all_or_none")


def others(made, n, rate=0.08, seed=77):
    rng = np.random.default_rng(seed)
    shift = rng.integers(1, 4, (n, made.length))
    changed = rng.random((n, made.length)) < rate
    return np.where(changed, (made.reference + shift) % 4, made.reference).astype(np.int8)


def test_sequences_of_the_library_are_as_in_the_session(planted):
    _, session = planted
    rows = np.array([5, 0, 799, 5])
    found = Projector(session, None).project(session.library.sequences[rows])
    np.testing.assert_array_equal(found.members, rows)
    np.testing.assert_array_equal(found.activity, session.library.predictions[rows])
    np.testing.assert_array_equal(found.maps, session.maps.maps[rows])
    np.testing.assert_array_equal(found.places, session.embedding.coordinates[rows])
    np.testing.assert_array_equal(found.mechanisms.ids, session.clustering.labels[rows])


def test_asked_again_the_library_comes_out_the_same(planted):
    made, session = planted
    found = Projector(session, made, ask_again=True).project(session.library.sequences[:60])
    np.testing.assert_allclose(found.activity, session.library.predictions[:60], atol=1e-6)
    np.testing.assert_allclose(found.maps, session.maps.maps[:60], atol=1e-6)


def test_maps_of_other_sequences_are_those_of_their_mutants(planted):
    made, session = planted
    (row,) = others(made, 1)
    found = Projector(session, made).project(row[None])
    for position, letter in [(3, 1), (60, 2), (119, 0)]:
        mutant = row.copy()
        mutant[position] = letter
        change = made.formula(mutant[None])[0] - made.formula(row[None])[0]
        assert found.maps[0, position, letter] == pytest.approx(change, abs=1e-5)
    assert found.activity[0] == pytest.approx(made.formula(row[None])[0], abs=1e-5)


def test_held_out_sequences_fall_where_the_clusters_of_all_put_them(planted):
    """Truth: the same clustering of all maps; the projector only knows a part of them."""
    made, session = planted
    sequences = others(made, 300)
    new, _ = Attributer(made, AttributerParameters(method="ism")).run(Library(sequences))
    states = np.stack(
        [
            (sequences[:, s.positions] == made.reference[list(s.positions)]).all(1)
            for s in made.sites
        ]
    )
    library = session.library.sequences
    shown = np.stack(
        [(library[:, s.positions] == made.reference[list(s.positions)]).all(1) for s in made.sites]
    )
    few = Clusterer(ClustererParameters(n_clusters=2, embedding="none")).cluster(session.maps)
    projector = Projector(replace(session, clustering=few), made)
    found = projector.project(sequences).mechanisms
    # each mechanism is told by the sites that its library members show; held-out ones must agree
    for mechanism in np.unique(few.labels):
        usual = shown[:, few.labels == mechanism].mean(axis=1)
        own = states[:, found.ids == mechanism].mean(axis=1)
        np.testing.assert_allclose(own, usual, atol=0.12)
    assert projector.mechanisms.agreement > 0.95
    np.testing.assert_allclose(projector.project(sequences[:9]).maps, new.maps[:9], atol=1e-6)


def test_the_nearest_mean_map_is_that_of_scipy(planted):
    made, session = planted
    sequences = others(made, 40)
    found = Projector(session, made).project(sequences)
    means = session.explanation.mean_maps.reshape(session.explanation.n_clusters, -1)
    distances = cdist(found.maps.reshape(40, -1), means)
    np.testing.assert_array_equal(
        found.mechanisms.ids, session.explanation.ids[distances.argmin(1)]
    )
    np.testing.assert_allclose(found.mechanisms.distance, distances.min(1), rtol=1e-5)
    np.testing.assert_allclose(
        found.mechanisms.second_distance, np.sort(distances, 1)[:, 1], rtol=1e-5
    )


def test_members_are_left_out_of_their_own_mean():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(30, 4, 4)).astype(np.float32)
    labels = np.repeat([0, 1], 15).astype(np.int32)
    session = replace(
        make_session(30, 60), maps=AttributionMaps(maps), clustering=Clustering(labels, "ward", "")
    )
    rows = maps.reshape(30, -1).astype(float)
    right = 0
    for at in range(30):
        kept = np.arange(30) != at
        means = [rows[kept & (labels == k)].mean(0) for k in (0, 1)]
        right += np.linalg.norm(rows[at] - means, axis=1).argmin() == labels[at]
    assert Mechanisms(session).agreement == pytest.approx(right / 30)


@pytest.mark.parametrize("method", ["ward", "dbscan"])
def test_what_no_member_is_like_is_outside(method):
    rng = np.random.default_rng(1)
    maps = rng.normal(0, 0.1, (60, 4, 4)).astype(np.float32)
    maps[30:] += 3.0
    labels = np.repeat([4, 9], 30).astype(np.int32)
    session = replace(
        make_session(60, 60), maps=AttributionMaps(maps), clustering=Clustering(labels, method, "")
    )
    mechanisms = Mechanisms(session)
    asked = np.stack([maps[:30].mean(0), maps[30:].mean(0), maps[0] - 8.0])
    found = mechanisms.assign(asked)
    assert found.ids.tolist() == [4, 9, 4]
    assert found.outside.tolist() == [False, False, True]
    assert found.percentile[2] == 100.0
    assert found.second.tolist() == [9, 4, 9]
    assert mechanisms.rule == ("means" if method == "ward" else "members")
    assert found.confidence[:2].min() == pytest.approx(1.0)


def test_confidence_is_how_often_such_a_margin_is_right():
    """Two overlapping groups: the told confidence beside the truth for fresh draws of them."""
    rng = np.random.default_rng(2)

    def drawn(n):
        labels = rng.integers(0, 2, n)
        return (rng.normal(0, 1.0, (n, 4, 4)) + 0.6 * labels[:, None, None]), labels

    maps, labels = drawn(4_000)
    session = replace(
        make_session(4_000, 60, 4),
        maps=AttributionMaps(maps.astype(np.float32)),
        clustering=Clustering(labels.astype(np.int32), "kmeans", "maps"),
    )
    fresh, truth = drawn(4_000)
    found = Mechanisms(session).assign(fresh.astype(np.float32))
    right = found.ids == truth
    order = np.argsort(found.confidence)
    for part in np.array_split(order, 4):
        assert right[part].mean() == pytest.approx(found.confidence[part].mean(), abs=0.05)
    assert right[order[-500:]].mean() > right[order[:500]].mean() + 0.2


@pytest.mark.parametrize("ties", [False, True])
def test_the_shares_of_margins_are_scikit_learns(ties):
    rng = np.random.default_rng(3)
    margins = rng.integers(-5, 6, 300) / 7 if ties else rng.normal(size=300)
    right = rng.random(300) < 1 / (1 + np.exp(-3 * margins))
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0).fit(margins, right.astype(float))
    edges, shares = rising_shares(margins, right)
    assert np.array_equal(edges, fitted.X_thresholds_)
    assert np.allclose(shares, fitted.y_thresholds_, rtol=0, atol=1e-12)


def test_what_comes_out_does_not_depend_on_the_batch():
    made, session = analysed("all_or_none", embedding="umap", n=300)
    sequences = others(made, 12)
    projector = Projector(session, made)
    whole = projector.project(sequences)
    parts = list(projector.in_batches([sequences[:5], sequences[5:6], sequences[6:]]))
    for name in ("activity", "maps", "places"):
        together = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose(together, getattr(whole, name), atol=1e-5, err_msg=name)
    ids = np.concatenate([part.mechanisms.ids for part in parts])
    np.testing.assert_array_equal(ids, whole.mechanisms.ids)


def test_an_embedding_without_a_transform_places_by_neighbours(planted):
    made, session = planted
    drawn = replace(session, embedding=replace(session.embedding, parameters=None))
    projector = Projector(drawn, made)
    assert projector.places.source == "neighbours"
    sequences = others(made, 6)
    found = projector.project(sequences)
    rows = session.maps.maps.reshape(len(session.maps), -1)
    lengths = cdist(found.maps.reshape(6, -1), rows)
    near = np.argsort(lengths, axis=1)[:, :15]
    weights = 1 / np.take_along_axis(lengths, near, 1)
    wanted = np.einsum("mk,mkz->mz", weights, session.embedding.coordinates[near])
    wanted /= weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.places, wanted, atol=1e-3)
    assert Projector(replace(session, embedding=None), made).project(sequences).places is None


def gradient_oracle(length=20):
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=(length * 4, 6)), rng.normal(size=6)

    def predict(x):
        return (np.tanh(x.reshape(len(x), -1) @ first) @ second).astype(np.float32)

    def gradient(x):
        hidden = np.tanh(x.reshape(len(x), -1) @ first)
        back = ((1 - hidden**2) * second) @ first.T
        return predict(x), back.reshape(x.shape).astype(np.float32)

    return FunctionOracle(predict, length=length, n_letters=4, gradient=gradient)


@pytest.mark.parametrize(
    "parameters",
    [
        AttributerParameters(method="smoothgrad", noise_samples=3),
        AttributerParameters(method="intgrad", baseline="dinucleotide"),
        AttributerParameters(method="intgrad", intgrad_rule="calibrated"),
    ],
    ids=["noise", "shuffles", "calibrated"],
)
def test_methods_that_draw_or_tune_do_as_for_the_library(parameters, monkeypatch):
    """Random numbers by row, and what is tuned on the library: the same for a sequence of it."""
    monkeypatch.setattr("seam_core.attributer.gradients.FEW", 40)
    rng = np.random.default_rng(0)
    library = Library(rng.integers(0, 4, (40, 20)).astype(np.int8))
    attributer = Attributer(gradient_oracle(), parameters)
    maps, _ = attributer.run(library)
    rows = np.array([31, 4, 17])
    beside = Beside(library, rows)
    again, _ = attributer.run(Library(library.sequences[rows]), beside=beside)
    np.testing.assert_allclose(again.maps, maps.maps[rows], atol=1e-6)


def test_strands_and_folds_answer_apart(planted):
    made, session = planted
    folds = [
        FunctionOracle(lambda x, k=k: made.predict(x) + k, length=120, n_letters=4) for k in (0, 1)
    ]
    model = BothStrands(Ensemble(folds), "ACGT")
    found = Projector(session, model).project(others(made, 5))
    assert list(found.apart) == ["forward", "reverse", "fold 1", "fold 2"]
    mean = (found.apart["forward"] + found.apart["reverse"]) / 2
    np.testing.assert_allclose(mean, found.activity, atol=1e-5)
    np.testing.assert_allclose(found.apart["fold 2"] - found.apart["fold 1"], 1.0, atol=1e-5)


def test_what_cannot_be_projected_is_said(planted):
    made, session = planted
    with pytest.raises(InputError, match="model: got none"):
        Projector(session, None).project(others(made, 1))
    with pytest.raises(InputError, match="expected shape"):
        Projector(session, made).project(np.zeros((1, 7), np.int8))
    elsewhere = replace(session, maps=replace(session.maps, parameters=None))
    with pytest.raises(InputError, match="made elsewhere"):
        Projector(elsewhere, made)
    with pytest.raises(InputError, match="no clusters"):
        Projector(replace(session, clustering=None), made)


def test_another_model_is_refused(planted, tmp_path):
    made, session = planted
    other = FunctionOracle(lambda x: made.predict(x) * 1.2, length=120, n_letters=4)
    with pytest.raises(InputError, match="this is another model"):
        check_model(session, other)
    check_model(session, made)
    with pytest.raises(InputError, match="names no model"):
        oracle_of(replace(session, oracle=None))
    file = tmp_path / "model.keras"
    file.write_bytes(b"other weights")
    inputs = {"model": {"path": "model.keras", "sha256": "0" * 64}}
    moved = replace(session, provenance=replace(session.provenance, inputs=inputs))
    with pytest.raises(InputError, match=r"SHA-256 sum .* the model that the session was made"):
        oracle_of(moved, OracleParameters(model=str(file)))
    gone = replace(moved, oracle=OracleParameters(model=str(tmp_path / "gone.keras")))
    with pytest.raises(InputError, match="the option --model says where it lies now"):
        oracle_of(gone)


def test_the_table_has_a_row_a_sequence(planted):
    made, session = planted
    projector = Projector(session, made)
    sequences = np.concatenate([session.library.sequences[:1], others(made, 2)])
    frame = projection_frame(projector, projector.project(sequences), ["a", "b", "c"], {0: "all"})
    assert frame["name"].tolist() == ["a", "b", "c"]
    assert frame["hamming"].tolist()[0] == 0
    assert frame["library_row"].isna().tolist() == [False, True, True]
    assert {"activity", "mechanism", "confidence", "outside", "PC 1", "PC 2"} <= set(frame)


ORACLE = """
import numpy as np
from tests.planted_kinds import make
made = make("all_or_none", 0)
length, n_letters = made.length, 4
def planted(x):
    return made.predict(x)
"""


def test_seam_project_says_where_sequences_fall(planted, tmp_path, capsys):
    made, session = planted
    (tmp_path / "projected_oracle.py").write_text(ORACLE)
    model = f"{tmp_path / 'projected_oracle.py'}:planted"
    folder = tmp_path / "session"
    store.save(replace(session, oracle=OracleParameters(model=model)), folder)
    letters = indices_to_strings(others(made, 3))
    letters[1] = "N" + letters[1][1:]
    reference = indices_to_strings(made.reference[None])[0]
    names = ["one", "two", "three", "ref", "short"]
    text = "".join(
        f">{n}\n{s}\n" for n, s in zip(names, [*letters, reference, "ACGT"], strict=True)
    )
    (tmp_path / "other.fa").write_text(text)
    command = ["project", str(folder), "--sequences", str(tmp_path / "other.fa"), "--quiet"]
    command += ["--out", str(tmp_path / "out")]
    assert main(command) == 2  # the session names code that this user did not
    assert "--trust-model" in capsys.readouterr().err
    assert main([*command, "--trust-model"]) == 0
    found = pd.read_csv(tmp_path / "out" / "projection.csv", dtype=str)
    assert not found["mechanism"].str.contains(".", regex=False).any()  # whole beside rows without
    found = pd.read_csv(tmp_path / "out" / "projection.csv")
    assert undocumented("projection", list(found)) == []
    found = found.set_index("name")
    assert found.loc["ref", "mechanism"] == session.clustering.labels[0]
    assert found.loc["ref", "library_row"] == 0
    assert found.loc["one", "activity"] == pytest.approx(made.formula(others(made, 3))[0], abs=1e-4)
    assert "unknown letter at position 0" in found.loc["two", "note"]
    assert "4 letters; the session's have 120" in found.loc["short", "note"]
    assert np.load(tmp_path / "out" / "maps.npy").shape == (3, 120, 4)
    assert main([*command, "--trust-model"]) == 2  # what is there stays
    assert "a folder with a projection" in capsys.readouterr().err
    (tmp_path / "other.fa").write_text(">short\nACGT\n")
    assert main([*command, "--trust-model", "--overwrite"]) == 0
    assert np.load(tmp_path / "out" / "maps.npy").shape == (0, 120, 4)
