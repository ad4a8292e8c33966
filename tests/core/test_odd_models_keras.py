"""Keras files and SavedModels that are odd in one thing each: run right, or told what lacks."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.families import recognised
from seam_core.frameworks import load_oracle
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.files import read_model
from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.frameworks.signature import signature_of
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import load_adapter
from seam_core.oracles.capabilities import capabilities_of
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.trust import TrustError
from seam_core.validate import InputError
from tests.core.networks import random_letters

LENGTH = 30


@pytest.fixture(scope="module")
def keras():
    made = import_keras()
    made.utils.set_random_seed(7)
    return made


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(3, LENGTH))


def pooled(keras, tensor):
    hidden = keras.layers.Conv1D(4, 5, activation="tanh")(tensor)
    return keras.layers.GlobalAveragePooling1D()(hidden)


def same_as(oracle, whole, library):
    """Predictions, of one sequence too, gradients and mutants against the model's own."""
    tf = import_tensorflow()
    inputs = one_hot(library.sequences)
    tensor = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        wanted = whole(tensor)
        total = tf.reduce_sum(wanted)
    np.testing.assert_allclose(oracle.predict(inputs), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(oracle.predict(inputs[:1]), wanted[:1], rtol=1e-5, atol=1e-6)
    gradient = np.asarray(tape.gradient(total, tensor))
    np.testing.assert_allclose(oracle.gradient(inputs)[1], gradient, rtol=1e-4, atol=1e-6)
    maps, _ = Attributer(oracle, AttributerParameters(method="ism")).run(library)
    mutant = inputs.copy()
    mutant[:, 7] = [0, 0, 1, 0]
    change = np.asarray(whole(tf.constant(mutant))) - np.asarray(wanted)
    np.testing.assert_allclose(maps.maps[:, 7, 2], change, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("nested", [False, True])
def test_inputs_in_a_dict_or_a_list_of_lists(keras, library, nested, recwarn):
    tf = import_tensorflow()
    dna, signal = keras.Input((LENGTH, 4), name="dna"), keras.Input((3,), name="signal")
    joined = keras.layers.Concatenate()([pooled(keras, dna), signal])
    given = [dna, [signal]] if nested else {"signal": signal, "dna": dna}
    model = keras.Model(given, keras.layers.Dense(1)(joined))
    oracle = KerasOracle(model, adapter=load_adapter(OracleParameters(input="signal=1,2,3")))

    def whole(x):
        row = tf.tile([[1.0, 2.0, 3.0]], (x.shape[0], 1))
        return model([x, [row]] if nested else {"dna": x, "signal": row})[:, 0]

    same_as(oracle, whole, library)
    assert not [each for each in recwarn if "structure of `inputs`" in str(each.message)]


def test_a_batch_of_one_that_is_squeezed_away(keras, library):
    tensor = keras.Input((LENGTH, 4))
    squeezed = keras.ops.squeeze(keras.layers.Dense(1)(pooled(keras, tensor)))
    model = keras.Model(tensor, squeezed)
    tf = import_tensorflow()
    same_as(KerasOracle(model), lambda x: tf.reshape(model(x), (-1,)), library)


def test_an_answer_in_whole_numbers_has_no_gradient(keras):
    tensor = keras.Input((LENGTH, 4))
    best = keras.ops.argmax(keras.layers.Dense(3)(pooled(keras, tensor)), axis=-1)
    check = check_oracle(KerasOracle(keras.Model(tensor, best)))
    assert check.ok
    assert check.has_gradient is False


def test_sums_of_half_precision_are_taken_in_single(keras, library):
    tensor = keras.Input((LENGTH, 4))
    high = keras.layers.Rescaling(0.0, offset=60000.0, dtype="float16")(tensor)
    oracle = KerasOracle(keras.Model(tensor, high), reduction="sum")
    wanted = np.float32(np.float16(60000.0)) * LENGTH
    np.testing.assert_allclose(oracle.predict(one_hot(library.sequences)), wanted)


def test_a_probability_near_0_has_its_logit(keras, library):
    """A sigmoid of -50 is 2e-22, which single precision tells from 0."""
    tf = import_tensorflow()
    tensor = keras.Input((LENGTH, 4))
    score = keras.layers.Dense(1, bias_initializer=keras.initializers.Constant(-50.0))(
        pooled(keras, tensor)
    )
    chance = keras.Model(tensor, keras.layers.Activation("sigmoid")(score))
    check = check_oracle(KerasOracle(chance))
    assert any(line.startswith("saturated") for line in check.answers())
    score = keras.Model(tensor, score)
    inputs = one_hot(library.sequences)
    tensor = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(score(tensor))
    predictions, gradients = KerasOracle(chance, reduction="logit").gradient(inputs)
    np.testing.assert_allclose(predictions, np.asarray(score(inputs))[:, 0], rtol=1e-5)
    np.testing.assert_allclose(gradients, tape.gradient(total, tensor), rtol=1e-3, atol=1e-6)


def test_an_open_axis_is_not_taken_for_the_letters(keras):
    tensor = keras.Input((4, None))
    turned = pooled(keras, keras.layers.Permute((2, 1))(tensor))
    model = keras.Model(tensor, keras.layers.Dense(1)(turned))
    with pytest.raises(InputError, match=r"\(N, 4, any\).*--layout channels_first"):
        KerasOracle(model)


def test_the_fifth_channel_may_be_a_letter(keras):
    tensor = keras.Input((LENGTH, 5))
    model = keras.Model(tensor, keras.layers.Dense(1)(pooled(keras, tensor)))
    with pytest.raises(InputError, match=r"--channels FILE\.npy, or --alphabet ACGTN"):
        KerasOracle(model)
    assert check_oracle(KerasOracle(model, n_letters=5), alphabet="ACGTN").ok


# -- files -----------------------------------------------------------------------------------------


def test_files_of_tf_keras_are_told_from_layers_of_somebodys_own(tmp_path, library):
    """Sequential in JSON and Functional in .keras are names that Keras 3 does not look up there."""
    import tf_keras

    layers = tf_keras.layers
    model = tf_keras.Sequential(
        [layers.Conv1D(4, 5, activation="tanh", input_shape=(LENGTH, 4)), layers.Flatten()]
        + [layers.Dense(2)]
    )
    (tmp_path / "old.json").write_text(model.to_json(), encoding="utf-8")
    model.save_weights(tmp_path / "old.hdf5")
    oracle = load_oracle(OracleParameters(model="old.json", column="1"), base=tmp_path)
    same_as(oracle, lambda x: model(x)[:, 1], library)
    tensor = tf_keras.Input((LENGTH, 4))
    functional = tf_keras.Model(tensor, model(tensor))
    functional.save(tmp_path / "old.keras")
    oracle = load_oracle(OracleParameters(model="old.keras"), base=tmp_path)
    same_as(oracle, lambda x: model(x)[:, 0], library)


def test_a_program_of_two_signatures_and_a_twin_input(tmp_path, library):
    tf = import_tensorflow()

    class Program(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(tf.random.stateless_normal((5, 4, 3), seed=(1, 2)))

        @tf.function(
            input_signature=[tf.TensorSpec([None, LENGTH, 4], name=name) for name in ("seq", "rc")]
        )
        def score(self, seq, rc):
            both = [tf.nn.conv1d(each, self.kernel, 1, "SAME") for each in (seq, rc)]
            return {"y": tf.reduce_mean(tf.tanh(both[0] + 2 * both[1]), (1, 2))}

        @tf.function(input_signature=[tf.TensorSpec([None, None, 4])])
        def wide(self, x):
            return {"z": x}

    program = Program()
    signatures = {"a_wide": program.wide, "serving_default": program.score}
    tf.saved_model.save(program, str(tmp_path / "two"), signatures=signatures)
    with pytest.raises(InputError, match="goes to rc, unless --sequence-input seq"):
        load_oracle(OracleParameters(model="two"), base=tmp_path, trusted=True)
    asked = OracleParameters(model="two", sequence_input="seq", input="rc=reverse_complement")
    oracle = load_oracle(asked, base=tmp_path, trusted=True)
    same_as(oracle, lambda x: program.score(x, tf.reverse(x, [1, 2]))["y"], library)


def test_weights_that_do_not_fit_say_why_and_nothing_else(keras, tmp_path, recwarn):
    tensor = keras.Input((LENGTH, 4))
    hidden = pooled(keras, tensor)
    model = keras.Model(tensor, keras.layers.Dense(1)(hidden))
    (tmp_path / "net.json").write_text(model.to_json(), encoding="utf-8")
    keras.Model(tensor, keras.layers.Dense(2)(hidden)).save_weights(tmp_path / "net.weights.h5")
    with pytest.raises(InputError, match=r"Dense name=.*The shape of the target variable"):
        read_model(tmp_path / "net.json")
    assert not [each for each in recwarn if issubclass(each.category, UserWarning)]


def test_a_checkpoint_of_tensorflow_is_named(tmp_path):
    import tf_keras

    model = tf_keras.Sequential([tf_keras.layers.Dense(1, input_shape=(LENGTH,))])
    model.save_weights(str(tmp_path / "run" / "weights"))
    with pytest.raises(InputError, match="weights alone"):
        load_oracle(OracleParameters(model="run"), base=tmp_path)


def test_advice_for_who_writes_a_sequential_model_is_not_given_to_who_opens_one(keras, tmp_path):
    """Files name the input's shape in the first layer, of which Keras warns."""
    layers = keras.layers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = layers.Conv1D(4, 5, input_shape=(LENGTH, 4))
    model = keras.Sequential([first, layers.GlobalAveragePooling1D(), layers.Dense(1)])
    model.save(tmp_path / "net.h5")
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        read_model(tmp_path / "net.h5")
    assert not [each for each in shown if "input_shape" in str(each.message)]


def test_of_several_signatures_none_is_guessed(tmp_path):
    tf = import_tensorflow()

    class Program(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, LENGTH, 4])])
        def score(self, x):
            return {"y": tf.reduce_mean(x, (1, 2))}

    program = Program()
    both = {"score": program.score, "other": program.score}
    tf.saved_model.save(program, str(tmp_path / "two"), signatures=both)
    with pytest.raises(InputError, match=r"signatures other, score; expected .*serving_default"):
        load_oracle(OracleParameters(model="two"), base=tmp_path, trusted=True)


def test_an_input_of_text_is_told(keras, tmp_path):
    dna, cell = keras.Input((LENGTH, 4)), keras.Input((1,), dtype="string", name="cell")
    kind = keras.layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(cell)
    joined = keras.layers.Concatenate()([pooled(keras, dna), keras.layers.Flatten()(kind)])
    keras.Model([dna, cell], keras.layers.Dense(1)(joined)).save(tmp_path / "text.keras")
    with pytest.raises(InputError, match="input cell: got an input that takes text"):
        load_oracle(OracleParameters(model="text.keras"), base=tmp_path)


def test_a_layer_that_runs_a_savedmodel_is_asked_about(keras, tmp_path, library):
    tensor = keras.Input((LENGTH, 4))
    inner = keras.Model(tensor, keras.layers.Dense(1)(pooled(keras, tensor)))
    inner.export(tmp_path / "inner", verbose=False)
    tensor = keras.Input((LENGTH, 4))
    layer = keras.layers.TFSMLayer(str(tmp_path / "inner"), call_endpoint="serve")
    keras.Model(tensor, layer(tensor)).save(tmp_path / "outer.keras")
    asked = OracleParameters(model="outer.keras")
    with pytest.raises(TrustError, match="TFSMLayer"):
        load_oracle(asked, base=tmp_path)
    oracle = load_oracle(asked, base=tmp_path, trusted=True)
    same_as(oracle, lambda x: inner(x)[:, 0], library)


def test_a_subclassed_model_takes_more_than_it_was_built_with(keras, library):
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv, self.out = keras.layers.Conv1D(4, 5, activation="elu"), keras.layers.Dense(1)

        def call(self, x):
            return self.out(keras.ops.mean(self.conv(x), axis=1))

    model = Network()
    model(one_hot(random_letters(2, LENGTH)))
    oracle = KerasOracle(model)
    same_as(oracle, lambda x: model(x)[:, 0], library)
    settings = AttributerParameters(method="deepshap", n_backgrounds=2)
    maps, _ = Attributer(oracle, settings).run(library)
    assert maps.completeness_error.max() < 1e-5 * np.abs(maps.maps).sum(axis=(1, 2)).min()


def test_deepshap_of_a_model_of_a_fixed_batch_is_refused_in_words(keras, library):
    tensor = keras.Input((LENGTH, 4), batch_size=2)
    model = keras.Model(tensor, keras.layers.Dense(1)(pooled(keras, tensor)))
    settings = AttributerParameters(method="deepshap", n_backgrounds=2)
    with pytest.raises(InputError, match="takes 2 sequences at once"):
        Attributer(KerasOracle(model), settings).run(library)


def test_one_input_in_a_dict_and_transposed_convolutions(keras, library, recwarn):
    dna = keras.Input((LENGTH, 4), name="dna")
    hidden = keras.layers.Conv1DTranspose(3, 5, strides=2, activation="leaky_relu")(dna)
    model = keras.Model({"dna": dna}, keras.layers.Dense(1)(pooled(keras, hidden)))
    oracle = KerasOracle(model)
    same_as(oracle, lambda x: model({"dna": x})[:, 0], library)
    assert not [each for each in recwarn if "structure of `inputs`" in str(each.message)]
    settings = AttributerParameters(method="deepshap", n_backgrounds=2)
    maps, _ = Attributer(oracle, settings).run(library)
    assert maps.completeness_error.max() < 1e-5 * np.abs(maps.maps).sum(axis=(1, 2)).min()


def test_inputs_of_models_within_are_none_of_its_own(keras, tmp_path):
    """An inner input of six channels is no sign of Saluki."""
    tensor, outer = keras.Input((36, 6)), keras.Input((40, 4))
    inner = keras.Model(tensor, keras.layers.Dense(1)(keras.layers.Flatten()(tensor)))
    keras.Model(outer, inner(keras.layers.Conv1D(6, 5)(outer))).save(tmp_path / "nested.keras")
    signature = signature_of(OracleParameters(model=str(tmp_path / "nested.keras")))
    assert signature.inputs == ((40, 4),)
    assert recognised(signature) is None


def test_whole_numbers_that_a_layer_does_not_compute_with_are_named(keras):
    tensor = keras.Input((LENGTH, 4), dtype="uint8")
    model = keras.Model(tensor, keras.layers.Dense(1)(pooled(keras, tensor)))
    with pytest.raises(InputError, match=r"one-hot letters as uint8.*input of float32"):
        KerasOracle(model)


@pytest.mark.parametrize("shape", [(None, None), (None, None, 4)])
def test_a_saved_model_of_ragged_rows_is_named(shape, tmp_path):
    tf = import_tensorflow()
    program = tf.Module()
    program.answer = tf.function(
        lambda x: tf.reduce_mean(x.to_tensor(), 1),
        input_signature=[tf.RaggedTensorSpec(shape, tf.float32, ragged_rank=1)],
    )
    tf.saved_model.save(program, str(tmp_path / "ragged"), signatures=program.answer)
    with pytest.raises(InputError, match=r"a ragged tensor.*tf\.TensorSpec"):
        load_oracle(OracleParameters(model="ragged"), base=tmp_path, trusted=True)


@pytest.mark.parametrize("norm", ["LayerNormalization", "GroupNormalization"])
def test_deepshap_of_norms_of_keras_2_is_that_of_keras_3(keras, norm):
    """Keras 2 normalises in one operation, which is linear only where its numbers were learnt."""
    tf_keras = pytest.importorskip("tf_keras")
    sequences, references = one_hot(random_letters(3, 20)), one_hot(random_letters(3, 20, seed=4))
    found, weights = [], None
    for package in (tf_keras, keras):
        layers = package.layers
        given = layers.Input((20, 4))
        normal = getattr(layers, norm)(**({"groups": 3} if norm[0] == "G" else {}))
        hidden = layers.Activation("relu")(normal(layers.Conv1D(6, 3)(given)))
        number = layers.Dense(1)(layers.GlobalAveragePooling1D()(hidden))
        model = package.Model(given, number)
        weights = weights or [np.random.default_rng(2).normal(size=w.shape) for w in model.weights]
        model.set_weights(weights)
        oracle = KerasOracle(model, n_letters=4)
        found.append(capabilities_of(oracle).multipliers()(sequences, references))
    for ours, theirs, slopes in found:
        moved = (slopes * (sequences - references)).sum((1, 2))
        np.testing.assert_allclose(moved, ours - theirs, atol=1e-5)
    np.testing.assert_allclose(found[0][2], found[1][2], atol=1e-5)


def test_an_h5_file_that_lacks_an_operation_is_told_to_be_saved_as_keras(keras, tmp_path):
    given = keras.Input((LENGTH, 4))
    hidden = keras.layers.LSTM(3)(keras.layers.Masking(0.0)(given))
    keras.Model(given, keras.layers.Dense(1)(hidden)).save(tmp_path / "masked.h5")
    with pytest.raises(InputError, match=r"'NotEqual'\); expected .* saved as \.keras"):
        read_model(tmp_path / "masked.h5")


def test_a_program_without_signatures_is_called_by_its_one_function(tmp_path, library):
    """As TensorFlow Hub shares Enformer: `model.predict_on_batch`, of a dictionary of heads."""
    tf = import_tensorflow()

    class Network(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(tf.random.stateless_normal((5, 4, 3), seed=(1, 2)))

        @tf.function(input_signature=[tf.TensorSpec([None, LENGTH, 4], name="args_0")])
        def predict_on_batch(self, args_0):
            found = tf.tanh(tf.nn.conv1d(args_0, self.kernel, 1, "SAME"))
            return {"human": tf.reduce_mean(found, 1), "mouse": found[:, 0]}

    program = tf.Module()
    program.model = Network()
    tf.saved_model.save(program, str(tmp_path / "hub"))
    asked = OracleParameters(model="hub", head="human", column="2")
    oracle = load_oracle(asked, base=tmp_path, trusted=True)
    same_as(oracle, lambda x: program.model.predict_on_batch(x)["human"][:, 2], library)

    program.model.again = program.model.predict_on_batch
    program.model.other = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None, 9, 4])])
    tf.saved_model.save(program, str(tmp_path / "several"))
    with pytest.raises(InputError, match=r"several: model: got a SavedModel of the functions"):
        load_oracle(OracleParameters(model="several"), base=tmp_path, trusted=True)
