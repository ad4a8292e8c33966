"""In-silico mutagenesis: equal to the peer's, local or whole, each sequence predicted once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.attributer.ism import WholeMutants
from seam_core.frameworks import reach
from seam_core.frameworks.keras import KerasOracle, capabilities
from seam_core.frameworks.keras.mutants import local_mutants
from seam_core.frameworks.keras.runtime import import_keras
from seam_core.oracles.table import TableOracle
from seam_core.parameters import AttributerParameters
from seam_core.records import Library
from seam_core.sequences import diploid_alphabet, encode, one_hot
from seam_core.validate import OracleError
from tests.core.networks import random_letters, small_network

ONE_HOT = np.eye(4, dtype=np.float32)


class Counting:
    """A made-up landscape that counts what it is asked for."""

    length = None
    answers_alike = True  # it need not be asked whether it is steady, which would be counted

    def __init__(self, length, n_letters=4):
        self.n_letters = n_letters
        rng = np.random.default_rng(4)
        self.weights = rng.normal(size=(length, n_letters))
        self.asked = []

    def predict(self, one_hot):
        self.asked.extend(one_hot.argmax(axis=2).astype(np.int8))
        single = (one_hot * self.weights).sum(axis=(1, 2))
        return (single + np.sin(3 * single)).astype(np.float32)


def run(oracle, library, out=None, **options):
    parameters = AttributerParameters(method="ism", **options)
    return Attributer(oracle, parameters).run(library, out=out)


def one_by_one(oracle, sequences, n_letters=4):
    """Every substitution by itself."""
    maps = np.zeros((*sequences.shape, n_letters), np.float32)
    own = oracle.predict(one_hot(sequences, n_letters))
    for row, position, letter in np.ndindex(maps.shape):
        if sequences[row, position] != letter:
            mutant = sequences[row].copy()
            mutant[position] = letter
            maps[row, position, letter] = (
                oracle.predict(one_hot(mutant[None], n_letters))[0] - own[row]
            )
    return maps


@pytest.fixture(autouse=True)
def _small_jobs_as_large_ones(monkeypatch):
    monkeypatch.setattr(capabilities, "WORTH_TRACING", 0)


@pytest.fixture(scope="module")
def oracle():
    return KerasOracle(small_network(), head="hk")


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(7))


@pytest.mark.parametrize("score", ["difference", "log2fc"])
@pytest.mark.parametrize("window", [None, (10, 25)])
def test_equal_to_the_peer(oracle, library, score, window):
    import seam
    import tensorflow as tf

    options = {} if window is None else {"map_start": window[0], "map_stop": window[1]}
    maps, predictions = run(oracle, library, ism_score=score, **options)
    peer = seam.Attributer(
        oracle.model, "ism", task_index=1, compress_fun=lambda x: tf.squeeze(x, axis=1)
    )
    wanted = peer.compute(
        one_hot(library.sequences), batch_size=7, log2fc=score == "log2fc", snv_window=window
    )
    wanted = wanted if window is None else wanted[:, slice(*window)]
    np.testing.assert_allclose(maps.maps, wanted, atol=1e-5)
    np.testing.assert_allclose(predictions, oracle.predict(one_hot(library.sequences)), atol=1e-6)


def test_equal_to_one_by_one_with_twenty_letters():
    library = Library(random_letters(3, 12, 20), alphabet="ACDEFGHIKLMNPQRSTVWY")
    oracle = Counting(12, 20)
    maps, _ = run(oracle, library)
    np.testing.assert_allclose(maps.maps, one_by_one(oracle, library.sequences, 20), atol=1e-6)


def test_every_sequence_is_predicted_once():
    """All 4^5 sequences: every mutant is a member, and a mutant of others."""
    sequences = np.array(list(itertools.product(range(4), repeat=5)), dtype=np.int8)
    oracle = Counting(5)
    maps, _ = run(oracle, Library(sequences), batch_size=100)
    assert len(oracle.asked) == 4**5
    assert len(np.unique(oracle.asked, axis=0)) == 4**5
    np.testing.assert_allclose(maps.maps[:9], one_by_one(Counting(5), sequences[:9]), atol=1e-6)


def test_shared_mutants_in_one_batch_and_across_batches(library):
    parent = random_letters(1, 30)[0]
    sequences = np.repeat(parent[None], 6, axis=0)
    for row in range(1, 6):
        sequences[row, row * 3] = (parent[row * 3] + 1) % 4
    for size in (6, 2):
        oracle = Counting(30)
        maps, _ = run(oracle, Library(sequences), batch_size=size)
        assert len(oracle.asked) == len(np.unique(oracle.asked, axis=0))
        np.testing.assert_allclose(maps.maps, one_by_one(Counting(30), sequences), atol=1e-5)


def test_keys_are_found_in_shares_too(monkeypatch):
    from seam_core.attributer import mutants

    sequences = np.array(list(itertools.product(range(4), repeat=4)), dtype=np.int8)
    window = range(0, 4)
    whole = mutants.shared_keys(
        Library(sequences), window, ~np.eye(4, dtype=bool), lambda share: None
    )
    assert len(whole) == 4**4
    monkeypatch.setattr(mutants, "KEYS_AT_A_TIME", 300)
    parts = mutants.shared_keys(
        Library(sequences), window, ~np.eye(4, dtype=bool), lambda share: None
    )
    np.testing.assert_array_equal(whole, parts)


def test_large_batches_are_taken_in_parts(oracle, library, monkeypatch):
    whole, _ = run(oracle, library, batch_size=7)
    monkeypatch.setattr("seam_core.frameworks.keras.mutants.LARGEST_BATCH", 2)
    parts, _ = run(oracle, library, batch_size=7)
    np.testing.assert_allclose(parts.maps, whole.maps, atol=1e-5)


@pytest.mark.parametrize("score", ["difference", "log2fc"])
def test_diploid_genotypes_are_substituted_one_copy_at_a_time(oracle, score):
    alphabet = diploid_alphabet("ACGT")
    sequences = random_letters(3, n_letters=10)
    maps, predictions = run(oracle, Library(sequences, alphabet), ism_score=score)
    assert maps.maps.shape == (3, 40, 4)
    assert local_mutants(oracle, 40, encode(np.arange(10), alphabet)) is not None
    dosage = encode(sequences, alphabet)
    np.testing.assert_array_equal(predictions, oracle.predict(dosage))

    mutants, changes = [], {}
    for row, position, letter in np.ndindex(maps.maps.shape):
        for copy in np.repeat(np.arange(4), dosage[row, position].astype(int)):
            mutant = dosage[row].copy()
            mutant[position, copy] -= 1
            mutant[position, letter] += 1
            changes.setdefault((row, position, letter), []).append(len(mutants))
            mutants.append(mutant)
    found = oracle.predict(np.array(mutants))
    for (row, position, letter), both in changes.items():
        own, made = predictions[row], found[both]
        if score == "log2fc":
            every = [i for key, pair in changes.items() if key[0] == row for i in pair]
            offset = abs(min(found[every].min(), own)) + 1
            made, own = np.log2(made + offset), np.log2(own + offset)
        wanted = (made - own).mean()
        assert maps.maps[row, position, letter] == pytest.approx(wanted, abs=1e-4)


def test_maps_do_not_depend_on_the_batch(oracle, library):
    whole, _ = run(oracle, library, batch_size=7)
    parts, _ = run(oracle, library, batch_size=3)
    np.testing.assert_allclose(parts.maps, whole.maps, atol=1e-5)


def network_of(layers_of, length):
    keras = import_keras()
    keras.utils.set_random_seed(5)
    inputs = keras.Input((length, 4))
    model = keras.Model(inputs, keras.layers.Dense(1)(layers_of(keras.layers, inputs)))
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if "bias" in weight.path or "beta" in weight.path:
            weight.assign(rng.normal(0, 0.5, weight.shape))
    return KerasOracle(model)


def residual(k, x):
    a = k.Conv1D(6, 5, padding="same", activation="relu")(x)
    b = k.Conv1D(6, 3, padding="same", dilation_rate=2)(a)
    both = k.Add()([a, k.LayerNormalization()(b)])
    return k.GlobalAveragePooling1D()(k.Concatenate()([both, k.Conv1D(2, 1)(x)]))


@pytest.mark.parametrize("length", [50, 53])
@pytest.mark.parametrize(
    "layers_of",
    [
        pytest.param(
            lambda k, x: k.Flatten()(k.MaxPooling1D(3)(k.Conv1D(6, 4, activation="relu")(x))),
            id="valid",
        ),
        pytest.param(
            lambda k, x: k.Flatten()(
                k.MaxPooling1D(3, strides=2, padding="same")(
                    k.Conv1D(6, 7, strides=2, padding="same")(x)
                )
            ),
            id="strides, padded pool",
        ),
        pytest.param(residual, id="residual"),
        pytest.param(
            lambda k, x: k.Flatten()(
                k.Cropping1D((3, 2))(
                    k.AveragePooling1D(2)(
                        k.ZeroPadding1D((1, 4))(k.Conv1D(4, 6, padding="causal")(x))
                    )
                )
            ),
            id="causal, crops",
        ),
        pytest.param(
            lambda k, x: k.Flatten()(
                k.SeparableConv1D(6, 5, strides=2, padding="same", activation="relu")(
                    k.Conv1D(8, 3, groups=4)(
                        k.DepthwiseConv1D(7, depth_multiplier=2, padding="same", dilation_rate=2)(x)
                    )
                )
            ),
            id="groups, depthwise, separable",
        ),
        pytest.param(
            lambda k, x: k.LSTM(3)(k.MaxPooling1D(4)(k.Conv1D(4, 3, activation="elu")(x))),
            id="recurrent end",
        ),
    ],
)
def test_only_what_changes_is_computed_and_nothing_is_missed(layers_of, length):
    oracle = network_of(layers_of, length)
    sequences = random_letters(3, length)
    predictor = local_mutants(oracle, length, ONE_HOT)
    assert predictor is not None
    whole, every = WholeMutants(oracle, length, ONE_HOT), np.ones(3, dtype=bool)
    np.testing.assert_allclose(
        predictor.start(sequences, every), whole.start(sequences, every), atol=1e-6
    )
    rows, positions = (axis.ravel() for axis in np.indices((3, length)))
    letters = (sequences[rows, positions] + 1 + positions % 3) % 4
    tick = lambda share: None  # noqa: E731
    np.testing.assert_allclose(
        predictor.mutants(rows, positions, letters, tick),
        whole.mutants(rows, positions, letters, tick),
        atol=2e-5,
    )


@pytest.mark.parametrize("width", [5, 12])
def test_neighbouring_letters_are_exchanged_at_once(width, monkeypatch):
    monkeypatch.setattr(reach, "LEAST_FOR_BLOCKS", 0)
    options = {"padding": "same", "activation": "relu"}
    oracle = network_of(
        lambda k, x: k.Flatten()(
            k.MaxPooling1D(3)(
                k.Conv1D(4, 3, **options)(k.MaxPooling1D(2)(k.Conv1D(6, 7, **options)(x)))
            )
        ),
        150,
    )
    predictor = local_mutants(oracle, 150, ONE_HOT, width)
    assert predictor is not None
    assert predictor.width == width
    sequences = random_letters(3, 150)
    predictor.start(sequences, np.zeros(3, bool))
    rows, positions = (axis.ravel() for axis in np.indices((3, 151 - width)))
    mutants = sequences[rows]
    columns = positions[:, None] + np.arange(width)
    letters = np.random.default_rng(0).integers(0, 4, columns.shape)
    np.put_along_axis(mutants, columns, letters.astype(np.int8), axis=1)
    answers = predictor.mutants(rows, positions, letters, lambda share: None)
    np.testing.assert_allclose(answers, oracle.predict(ONE_HOT[mutants]), atol=2e-5)


def test_a_batch_of_known_mutants_only_asks_for_nothing():
    """The later batches of a complete library are mutants of the first ones."""
    options = {"padding": "same", "activation": "relu"}
    oracle = network_of(
        lambda k, x: k.Flatten()(
            k.Conv1D(6, 5, **options)(k.MaxPooling1D(4)(k.Conv1D(6, 9, **options)(x)))
        ),
        40,
    )
    sequences = np.tile(random_letters(1, 40), (64, 1))
    sequences[:, 20:23] = list(itertools.product(range(4), repeat=3))
    maps, predictions = run(oracle, Library(sequences), batch_size=16)
    np.testing.assert_allclose(predictions, oracle.predict(ONE_HOT[sequences]), atol=1e-6)
    assert len(maps.maps) == 64


@pytest.mark.parametrize("reduction", ["sum", "bpnet_profile"])
def test_a_profile_that_is_local_to_its_end(reduction):
    keras = import_keras()
    keras.utils.set_random_seed(4)
    inputs = keras.Input((90, 4))
    x = keras.layers.Conv1D(6, 9, activation="relu")(inputs)
    y = keras.layers.Conv1D(6, 3, dilation_rate=2, activation="relu")(x)
    x = keras.layers.Add()([keras.layers.Cropping1D(2)(x), y])
    counts = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(x))
    model = keras.Model(inputs, {"profile": keras.layers.Conv1D(2, 5)(x), "counts": counts})
    oracle = KerasOracle(model, head="profile", reduction=reduction, column=1)
    assert local_mutants(oracle, 90, ONE_HOT) is not None
    sequences = random_letters(2, 90)
    maps, _ = run(oracle, Library(sequences), map_start=30, map_stop=50)
    wanted = one_by_one(oracle, sequences)[:, 30:50]
    np.testing.assert_allclose(maps.maps, wanted, atol=1e-5)


def test_a_network_that_is_not_local_is_predicted_whole():
    assert (
        local_mutants(network_of(lambda k, x: k.Flatten()(k.Conv1D(4, 49)(x)), 50), 50, ONE_HOT)
        is None
    )
    assert local_mutants(network_of(lambda k, x: k.LSTM(4)(x), 50), 50, ONE_HOT) is None


def test_a_layer_that_is_not_what_its_name_says():
    """Found out by a trial, and predicted whole."""
    keras = import_keras()

    class Dropout(keras.layers.Layer):
        def call(self, inputs):
            return inputs[:, ::-1] * 2.0

    def layers_of(k, x):
        return k.Flatten()(k.MaxPooling1D(2)(Dropout()(k.Conv1D(4, 3, padding="same")(x))))

    oracle = network_of(layers_of, 50)
    assert local_mutants(oracle, 50, ONE_HOT) is None
    library = Library(random_letters(2, 50))
    maps, _ = run(oracle, library, map_start=20, map_stop=23)
    wanted = one_by_one(oracle, library.sequences)[:, 20:23]
    np.testing.assert_allclose(maps.maps, wanted, atol=1e-5)


def test_a_table_that_lacks_a_mutant_says_which():
    sequences = np.array(list(itertools.product(range(4), repeat=3)), dtype=np.int8)
    table = TableOracle(sequences[:-1], np.arange(63.0))
    with pytest.raises(OracleError, match="TTT"):
        run(table, Library(sequences[:-1]))


def test_a_measured_landscape():
    sequences = np.array(list(itertools.product(range(4), repeat=6)), dtype=np.int8)
    rng = np.random.default_rng(0)
    values = rng.normal(size=len(sequences)).astype(np.float32)
    maps, predictions = run(TableOracle(sequences, values), Library(sequences))
    np.testing.assert_array_equal(predictions, values)
    changed = sequences[100].copy()
    changed[2] = (changed[2] + 1) % 4
    row = int(np.flatnonzero((sequences == changed).all(axis=1))[0])
    expected = values[row] - values[100]
    assert maps.maps[100, 2, changed[2]] == pytest.approx(expected, abs=1e-6)


def test_resumed_runs_keep_what_is_shared(tmp_path):
    sequences = np.array(list(itertools.product(range(4), repeat=4)), dtype=np.int8)
    library = Library(sequences)

    class Breaks(Counting):
        def predict(self, one_hot):
            if len(self.asked) > 150:
                raise OracleError("enough")
            return super().predict(one_hot)

    out = tmp_path / "maps.npy"
    with pytest.raises(OracleError, match=r"batch \d+ \(sequences \d+ to \d+\): enough"):
        run(Breaks(4), library, out=out, batch_size=10)
    rest = Counting(4)
    maps, predictions = run(rest, library, out=out, batch_size=10)
    assert len(rest.asked) < 4**4
    whole, wanted = run(Counting(4), library, batch_size=10)
    np.testing.assert_array_equal(maps.maps, whole.maps)
    np.testing.assert_array_equal(predictions, wanted)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["maps.npy", "maps.npy.journal"]
