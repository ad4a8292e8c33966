"""Keras and TensorFlow models as oracles: every format, every bad input."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.data import DATA
from seam_core import trust
from seam_core.frameworks.keras import KerasOracle, load_keras_oracle
from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.oracles import Adapter, prepare
from seam_core.parameters import OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters, small_network


@pytest.fixture(scope="module")
def model():
    return small_network()


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(7))


def load(path, **options):
    return load_keras_oracle(OracleParameters(model=str(path), **options))


def expected(model, inputs, head, column=0):
    return np.asarray(model(inputs, training=False)[head])[:, column]


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".json", "folder"])
def test_every_format_predicts_as_the_model_did(model, inputs, tmp_path, suffix):
    path = tmp_path / ("model" + (suffix if suffix != "folder" else ""))
    if suffix == "folder":
        model.export(str(path), verbose=False)
        with pytest.raises(trust.TrustError, match="a SavedModel: a program"):
            load(path, head="output_1")
        trust.approve(trust.subject_of_file(path), remember=False)
        oracle = load(path, head="output_1")
    elif suffix == ".json":
        path.write_text(model.to_json())
        model.save_weights(str(tmp_path / "model.weights.h5"))
        oracle = load(path, head="hk")
    else:
        model.save(str(path))
        oracle = load(path, head="hk")
    assert oracle.length == 40
    np.testing.assert_allclose(oracle.predict(inputs), expected(model, inputs, 1), atol=1e-5)
    values, gradients = oracle.gradient(inputs)
    np.testing.assert_allclose(values, expected(model, inputs, 1), atol=1e-5)
    assert gradients.shape == inputs.shape
    assert np.abs(gradients).max() > 0


def test_relative_paths_start_at_the_base(model, inputs, tmp_path):
    model.save(str(tmp_path / "model.keras"))
    oracle = load_keras_oracle(OracleParameters(model="model.keras"), base=tmp_path)
    np.testing.assert_allclose(oracle.predict(inputs), expected(model, inputs, 0), atol=1e-5)


def test_a_column_is_a_column_and_not_a_sample(model, inputs):
    """The peer's `pred[task_index]` on an (N, T) output picks sample `task_index`."""
    for column in (0, 1):
        oracle = KerasOracle(model, head="dev", column=column)
        wanted = expected(model, inputs, 0, column)
        np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-6)


def test_gradient_is_that_of_finite_differences(model, inputs):
    oracle = KerasOracle(model, head="hk")
    _, gradients = oracle.gradient(inputs)
    step = 1e-2
    for row, position, letter in [(0, 3, 1), (4, 20, 0), (6, 39, 3)]:
        up, down = inputs.copy(), inputs.copy()
        up[row, position, letter] += step
        down[row, position, letter] -= step
        slope = (oracle.predict(up)[row] - oracle.predict(down)[row]) / (2 * step)
        assert gradients[row, position, letter] == pytest.approx(slope, rel=2e-2, abs=2e-2)


def test_gradient_does_not_depend_on_the_batch(model, inputs):
    """The peer differentiates the mean over the batch."""
    oracle = KerasOracle(model, head="hk")
    together = oracle.gradient(inputs)[1]
    alone = np.concatenate([oracle.gradient(inputs[i : i + 1])[1] for i in range(len(inputs))])
    np.testing.assert_allclose(alone, together, atol=1e-6)


def test_all_batch_sizes_share_one_trace(model, inputs):
    oracle = KerasOracle(model)
    for n in (1, 2, 5, 7):
        oracle.gradient(inputs[:n])
        oracle.predict(inputs[:n])
    assert oracle.traced_gradient.experimental_get_tracing_count() == 1
    assert oracle._predict.experimental_get_tracing_count() == 1


def test_protein_alphabet():
    model = small_network(30, 20)
    oracle = KerasOracle(model, head="hk", n_letters=20)
    batch = one_hot(random_letters(3, 30, 20), 20)
    np.testing.assert_allclose(oracle.predict(batch), expected(model, batch, 1), atol=1e-5)


def test_model_without_a_fixed_length():
    keras = import_keras()
    inputs = keras.Input((None, 4))
    pooled = keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(4, 5)(inputs))
    oracle = KerasOracle(keras.Model(inputs, keras.layers.Dense(1)(pooled)))
    assert oracle.length is None
    for length in (20, 50):
        values, gradients = oracle.gradient(one_hot(random_letters(2, length)))
        assert values.shape == (2,)
        assert gradients.shape == (2, length, 4)


@pytest.mark.parametrize("head", ["2", "-1", "activity"])
def test_a_head_that_does_not_exist_names_those_that_do(model, head):
    with pytest.raises(InputError, match=r"head.*0 \(dev\), 1 \(hk\)"):
        KerasOracle(model, head=head)


def test_a_column_that_does_not_exist(model):
    with pytest.raises(InputError, match="column: got 2; expected 0 to 1"):
        KerasOracle(model, head="dev", column=2)


def test_another_length_and_alphabet(model, inputs):
    oracle = KerasOracle(model)
    with pytest.raises(InputError, match=r"sequences.*\(7, 30, 4\).*40"):
        oracle.predict(inputs[:, :30])
    with pytest.raises(InputError, match="channel a letter"):
        KerasOracle(model, n_letters=20)


def test_a_model_that_returns_nan(inputs):
    keras = import_keras()
    sequence = keras.Input((40, 4))
    summed = keras.layers.Dense(1)(keras.layers.Flatten()(sequence))
    broken = keras.Model(sequence, keras.layers.Rescaling(float("nan"))(summed))
    oracle = KerasOracle(broken)
    with pytest.raises(InputError, match=r"prediction.*nan"):
        oracle.predict(inputs)
    with pytest.raises(InputError, match=r"prediction.*nan"):
        oracle.gradient(inputs)


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".json"])
def test_lambda_layers_are_refused_by_name(tmp_path, suffix):
    keras = import_keras()
    inputs = keras.Input((40, 4))
    shouted = keras.layers.Lambda(lambda x: x * 2, name="sneaky")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(shouted)))
    path = tmp_path / f"model{suffix}"
    if suffix == ".json":
        path.write_text(model.to_json())
        model.save_weights(str(tmp_path / "model.weights.h5"))
    else:
        model.save(str(path))
    with pytest.raises(InputError, match="Lambda layer 'sneaky'"):
        load(path)


def test_damaged_and_foreign_files(model, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "absent.keras")
    for suffix in (".keras", ".h5"):
        path = tmp_path / f"pickled{suffix}"
        path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
        with pytest.raises(InputError, match=f"pickled{suffix}: model: got no"):
            load(path)
        whole = tmp_path / f"whole{suffix}"
        model.save(str(whole))
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(whole.read_bytes()[:2000])
        with pytest.raises(InputError, match=f"cut{suffix}"):
            load(cut)
    (tmp_path / "model.pkl").write_bytes(b"")
    with pytest.raises(InputError, match=r"got an empty file"):
        load(tmp_path / "model.pkl")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"saved_model\.pb"):
        load(tmp_path / "folder")


def test_models_that_only_keras_2_reads(tmp_path, inputs, monkeypatch):
    import tf_keras

    layers = tf_keras.layers
    old = tf_keras.Sequential(
        [
            layers.Conv1D(4, 5, activation="relu", input_shape=(40, 4)),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1),
        ]
    )
    path = tmp_path / "old.h5"
    old.save(str(path))

    def refuse(*args, **options):
        raise ValueError("Unrecognized keyword arguments")

    monkeypatch.setattr(import_keras().models, "load_model", refuse)
    oracle = load(path)
    np.testing.assert_allclose(oracle.predict(inputs), np.asarray(old(inputs))[:, 0], atol=1e-5)
    assert oracle.gradient(inputs)[1].shape == inputs.shape
    monkeypatch.setitem(sys.modules, "tf_keras", None)
    with pytest.raises(InputError, match=r"Unrecognized keyword.*pip install .tf-keras"):
        load(path)


def test_json_without_or_with_other_weights(model, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(model.to_json())
    with pytest.raises(InputError, match=r"weights.*model\.h5"):
        load(path)
    other = small_network(60)
    other.save_weights(str(tmp_path / "other.weights.h5"))
    with pytest.raises(InputError, match="weights that fit"):
        load(path, weights=str(tmp_path / "other.weights.h5"))
    path.write_text(json.dumps({"layers": []}))
    with pytest.raises(InputError, match="class_name"):
        load(path, weights=str(tmp_path / "other.weights.h5"))
    path.write_text(json.dumps({"train": {"batch_size": 4}, "model": {"seq_length": 131072}}))
    with pytest.raises(InputError, match=r"settings of a Basenji or Borzoi network.*PyTorch port"):
        load(path)


def test_gpu_that_is_not_there(model):
    if import_tensorflow().config.list_physical_devices("GPU"):
        assert KerasOracle(model, device="gpu").predict(one_hot(random_letters(2))).shape == (2,)
    else:
        with pytest.raises(InputError, match="device"):
            KerasOracle(model, device="gpu")


def test_other_inputs_are_declared(inputs):
    keras = import_keras()
    tensors = [keras.Input((3,), name="bias"), keras.Input((40, 4), name="letters")]
    flat = keras.layers.Concatenate()([tensors[0], keras.layers.Flatten()(tensors[1])])
    model = keras.Model(tensors, keras.layers.Dense(1)(flat))
    row = np.array([1.0, -2.0, 0.5], np.float32)
    adapter = Adapter(sequence_input="letters", others={"bias": row})
    oracle = KerasOracle(model, adapter=adapter)
    wanted = np.asarray(model([np.tile(row, (7, 1)), inputs]))[:, 0]
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-5)
    assert oracle.gradient(inputs)[1].shape == inputs.shape
    with pytest.raises(InputError, match=r"sequence_input.*0 \(bias\), 1 \(letters\)"):
        KerasOracle(model, adapter=Adapter(sequence_input="dna"))
    found = KerasOracle(model)  # the input that has its shape
    wanted = np.asarray(model([np.zeros((7, 3)), inputs]))[:, 0]
    np.testing.assert_allclose(found.predict(inputs), wanted, atol=1e-5)
    assert dict(found.inputs)["bias"].startswith("zeros")


def test_channels_first(inputs):
    keras = import_keras()
    tensor = keras.Input((4, 40))
    turned = keras.layers.Permute((2, 1))(tensor)
    profile = keras.layers.Permute((2, 1))(keras.layers.Conv1D(3, 5)(turned))
    model = keras.Model(tensor, profile)
    oracle = KerasOracle(model, adapter=Adapter(layout="channels_first"), column=2, reduction="sum")
    assert oracle.length == 40
    wanted = np.asarray(model(np.moveaxis(inputs, 1, 2)))[:, 2].sum(axis=1)
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-4)


def test_profiles_are_reduced_as_the_peer_does(inputs):
    import seam

    keras = import_keras()
    tensor = keras.Input((40, 4))
    hidden = keras.layers.Conv1D(8, 9, padding="same", activation="relu")(tensor)
    profile = keras.layers.Flatten(name="profile")(keras.layers.Conv1D(1, 9)(hidden))
    counts = keras.layers.Dense(1, name="counts")(keras.layers.GlobalAveragePooling1D()(hidden))
    model = keras.Model(tensor, [profile, counts])
    outputs = [np.asarray(out) for out in model(inputs)]
    shape = KerasOracle(model, head="profile", reduction="bpnet_profile")
    wanted = np.asarray(seam.Attributer.bpnet_profile(outputs[0]))
    np.testing.assert_allclose(shape.predict(inputs), wanted, atol=1e-5)
    total = KerasOracle(model, head="counts")
    np.testing.assert_allclose(total.predict(inputs), outputs[1][:, 0], atol=1e-5)
    peer = seam.Attributer(model, "saliency", 0, compress_fun=seam.Attributer.bpnet_profile)
    maps = peer.compute(inputs, batch_size=len(inputs))
    np.testing.assert_allclose(shape.gradient(inputs)[1], maps, atol=1e-5)


def test_a_profile_needs_a_reduction(inputs):
    keras = import_keras()
    tensor = keras.Input((40, 4))
    model = keras.Model(tensor, keras.layers.Conv1D(2, 5)(tensor))
    with pytest.raises(InputError, match="reduction: got none"):
        KerasOracle(model)
    oracle = KerasOracle(model, column=1, reduction="first_pc")
    assert oracle.needs_component
    prepare(oracle, Library(random_letters(30)))
    profiles = np.asarray(model(inputs))[:, :, 1]
    component = oracle.explained.component
    wanted = (profiles - component.mean) @ component.direction
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-4)


def test_tensorflow_starts_quietly_and_late():
    code = (
        "import sys, seam_core.frameworks.keras, seam_core.attributer\n"
        "assert 'tensorflow' not in sys.modules\n"
        "from seam_core.frameworks.keras.runtime import import_tensorflow\n"
        "tf = import_tensorflow(); tf.zeros(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_tensorflow_starts_without_what_keras_only_offers():
    """Scikit-learn and matplotlib take a quarter of the time, and are there afterwards."""
    code = (
        "import sys\n"
        "from seam_core.frameworks.keras.runtime import import_keras\n"
        "import_keras().layers.Dense(1)\n"
        "assert 'sklearn' not in sys.modules and 'matplotlib' not in sys.modules\n"
        "import sklearn, matplotlib.pyplot\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_published_deepstarr_files():
    path = DATA / "deepstarr" / "deepstarr.model.json"
    if not path.exists():
        pytest.skip(f"{path} is missing (set SEAM_DATA)")
    oracle = load(path, head="Dense_Hk")
    assert oracle.heads == (("Dense_Dev", (1,)), ("Dense_Hk", (1,)))
    assert oracle.length == 249
    batch = one_hot(random_letters(3, 249))
    values, gradients = oracle.gradient(batch)
    np.testing.assert_allclose(values, oracle.predict(batch), atol=1e-5)
    assert gradients.shape == (3, 249, 4)


def subclassed(length):
    keras = import_keras()

    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, inputs):
            return self.dense(keras.ops.reshape(inputs, (-1, 4 * length)))

    return Plain()


def test_a_subclassed_model_has_the_length_that_it_was_built_for():
    model = subclassed(30)
    model.build((None, 30, 4))
    oracle = KerasOracle(model)
    assert oracle.length == 30
    assert oracle.predict(one_hot(random_letters(3, 30))).shape == (3,)


def test_a_model_that_does_not_answer():
    model = subclassed(30)
    model.dense.build((None, 77))
    with pytest.raises(InputError, match=r"an answer to one-hot sequences of shape \(2, 256, 4\)"):
        KerasOracle(model)


@pytest.mark.parametrize("length", [1000, None])
def test_the_memory_of_a_map_is_that_of_the_tensors_held_at_once(length):
    import tensorflow as tf

    layers = tf.keras.layers
    given = tf.keras.Input((length, 4))
    output = given
    for _ in range(5):
        output = layers.Conv1D(64, 3, padding="same", activation="relu")(output)
    output = layers.Dense(1)(layers.GlobalAveragePooling1D()(output))
    oracle = KerasOracle(tf.keras.Model(given, output), input_length=1000)
    each = 1000 * 64 * 4  # of what a ReLU puts out, which its gradient needs
    assert 5 * each <= oracle.capabilities.bytes_per_sequence(1000) <= 7.5 * each
    twice = oracle.capabilities.bytes_per_sequence(2000) if length is None else None
    assert twice is None or 10 * each <= twice <= 15 * each
