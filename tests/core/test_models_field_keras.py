"""Models as the field writes them, in Keras: inputs, layouts, heads, and files that run code."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seam_core import trust
from seam_core.frameworks import load_oracle
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.frameworks.signature import family_of
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import Adapter
from seam_core.oracles.capabilities import capabilities_of
from seam_core.oracles.inputs import parse_rules
from seam_core.parameters import OracleParameters
from seam_core.sequences import one_hot
from seam_core.validate import InputError
from tests.core.networks import random_letters

LENGTH = 30


@pytest.fixture(scope="module")
def keras():
    return import_keras()


@pytest.fixture(scope="module")
def inputs():
    return one_hot(random_letters(4, LENGTH))


def gradient(function, inputs):
    tf = import_tensorflow()
    tensor = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(function(tensor))
    return np.asarray(tape.gradient(total, tensor))


@pytest.fixture(scope="module")
def twin():
    """Two sequence inputs, a control and a count, the sequence not the first."""
    keras = import_keras()
    keras.utils.set_random_seed(4)
    layers = keras.layers
    count, control = keras.Input((1,), name="a_count"), keras.Input((LENGTH, 2), name="b_control")
    forward, reverse = (keras.Input((LENGTH, 4), name=name) for name in ("fwd", "rev"))
    conv, pool = layers.Conv1D(5, 7, activation="relu"), layers.GlobalAveragePooling1D()
    joined = [pool(conv(forward)), pool(conv(reverse)), pool(control), count]
    merged = layers.Concatenate()(joined)
    outputs = {"human": {"rna": layers.Dense(1)(merged)}, "atac": layers.Dense(2)(merged)}
    return keras.Model([count, control, forward, reverse], outputs)


def test_a_sequence_like_input_is_never_zeros_unasked(twin):
    with pytest.raises(InputError, match=r"rev of shape \(30, 4\), which looks like a sequence"):
        KerasOracle(twin)


def test_inputs_by_rule_and_heads_by_path(twin, inputs):
    tf = import_tensorflow()
    rules = "rev=reverse_complement; a_count=2.5"
    oracle = KerasOracle(twin, head="human/rna", adapter=Adapter(others=parse_rules(rules)))

    def whole(x):
        n = x.shape[0]
        given = [tf.fill((n, 1), 2.5), tf.zeros((n, LENGTH, 2)), x, tf.reverse(x, [1, 2])]
        return twin(given)["human"]["rna"][:, 0]

    np.testing.assert_allclose(
        oracle.predict(inputs), np.asarray(whole(tf.constant(inputs))), atol=1e-5
    )
    np.testing.assert_allclose(oracle.gradient(inputs)[1], gradient(whole, inputs), atol=1e-5)
    check = "\n".join(check_oracle(oracle).lines())
    for said in (
        "input rev: its reverse complement",
        "input a_count: 2.5",
        "input b_control: zeros",
        "input fwd: the sequence",
        "explained: human/rna",
    ):
        assert said in check


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        ("NL41", (LENGTH, 4, 1)),
        ("N1L4", (1, LENGTH, 4)),
        ("N4L1", (4, LENGTH, 1)),
        ("N41L", (4, 1, LENGTH)),
        ("N14L", (1, 4, LENGTH)),
        ("flat", (LENGTH * 4,)),
        ("flat_first", (4 * LENGTH,)),
    ],
)
def test_layouts(inputs, layout, shape):
    keras = import_keras()
    keras.utils.set_random_seed(5)
    tensor = keras.Input(shape)
    hidden = keras.layers.Dense(3, activation="tanh")(keras.layers.Flatten()(tensor))
    model = keras.Model(tensor, keras.layers.Dense(1)(hidden))
    turned = inputs if layout in ("NL41", "N1L4", "flat") else inputs.swapaxes(1, 2)
    oracle = KerasOracle(model, adapter=Adapter(layout=layout))
    wanted = np.asarray(model(turned.reshape(len(inputs), *shape)))[:, 0]
    assert oracle.length == LENGTH
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-5)
    if layout != "flat":
        with pytest.raises(InputError, match=f"--layout {layout}"):
            KerasOracle(model)


def test_tokens_and_models_longer_than_an_example(inputs):
    keras = import_keras()
    tensor = keras.Input((LENGTH,), dtype="int32")
    pooled = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(4, 3)(tensor))
    model = keras.Model(tensor, keras.layers.Dense(1)(pooled))
    oracle = KerasOracle(model, adapter=Adapter(layout="tokens"))
    wanted = np.asarray(model(inputs.argmax(axis=2)))[:, 0]
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-6)
    assert oracle.capabilities.gradient is None
    tensor = keras.Input((None, 4))
    pooled = keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(2, 301)(tensor))
    assert KerasOracle(keras.Model(tensor, keras.layers.Dense(1)(pooled))).length is None


def test_heads_of_a_saved_model_are_in_the_order_of_their_names(twin, tmp_path):
    path = tmp_path / "saved"
    keras = import_keras()
    tensor = keras.Input((LENGTH, 4))
    pooled = keras.layers.GlobalAveragePooling1D()(tensor)
    named = {name: keras.layers.Dense(1)(pooled) for name in ("zeta", "alpha", "mu")}
    keras.Model(tensor, named).export(str(path), verbose=False)
    with pytest.raises(trust.TrustError, match="a program"):
        load_oracle(OracleParameters(model=str(path)))
    oracle = load_oracle(OracleParameters(model=str(path), head="1"), trusted=True)
    assert [name for name, _ in oracle.heads] == ["alpha", "mu", "zeta"]
    assert oracle.explained.said() == "mu"


# -- files -----------------------------------------------------------------------------------------

LAYERS = """
import keras


class Gate(keras.layers.Layer):
    def call(self, x):
        return x * keras.ops.sigmoid(x)
"""


def test_a_layer_of_ones_own_is_named_and_imported(tmp_path, inputs):
    keras = import_keras()
    (tmp_path / "mylayers.py").write_text(LAYERS)
    space: dict = {}
    exec(LAYERS, space)
    tensor = keras.Input((LENGTH, 4))
    flat = keras.layers.Flatten()(space["Gate"]()(tensor))
    model = keras.Model(tensor, keras.layers.Dense(1)(flat))
    model.save(tmp_path / "own.keras")
    with pytest.raises(InputError, match=r"Gate, a layer.*--import MODULE"):
        load_oracle(OracleParameters(model="own.keras"), base=tmp_path)
    given = OracleParameters(model="own.keras", imports="mylayers.py")
    found = load_oracle(given, base=tmp_path).predict(inputs)
    np.testing.assert_allclose(found, np.asarray(model(inputs))[:, 0], atol=1e-6)


def test_a_function_called_by_an_h5_file_runs_nothing_before_a_yes(tmp_path):
    """tf-keras would call any of TensorFlow's functions that a TFOpLambda layer names."""
    import h5py
    import tf_keras

    path, trace = tmp_path / "evil.h5", tmp_path / "was_here"
    tensor = tf_keras.Input((LENGTH, 4))
    tf_keras.Model(tensor, tf_keras.layers.Flatten()(tensor)).save(str(path))
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layer = config["config"]["layers"][-1]
        layer["class_name"] = "TFOpLambda"
        layer["config"] = {"name": "writes", "function": "io.write_file"}
        layer["inbound_nodes"] = [["_CONSTANT_VALUE", -1, str(trace), {"contents": "x"}]]
        file.attrs["model_config"] = json.dumps(config)
    with pytest.raises(trust.TrustError, match="TFOpLambda layer 'writes', which runs code"):
        load_oracle(OracleParameters(model=str(path)))
    assert not trace.exists()


def test_old_files_are_named_with_the_way_on(tmp_path):
    import h5py

    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Graph"})
        file.attrs["keras_version"] = "0.3.2"
    with pytest.raises(InputError, match=r"a file of Keras 0\.3\.2.*save it again"):
        load_oracle(OracleParameters(model=str(path)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("net.yaml", r"an architecture as YAML; expected the same as JSON"),
        ("frozen.pb", r"a graph by itself; expected the folder of a SavedModel"),
        ("net.tflite", r"a TensorFlow Lite file; expected the model that it was made of"),
    ],
)
def test_other_files_of_tensorflow_are_named_with_the_way_on(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"backend: tensorflow")
    for more in ({}, {"weights": str(tmp_path / name)}):
        with pytest.raises(InputError, match=said):
            load_oracle(OracleParameters(model=str(tmp_path / name), **more))


def test_weights_beside_an_architecture_bring_no_words_of_the_optimizer(keras, tmp_path, recwarn):
    model = keras.Sequential([keras.Input((LENGTH, 4)), keras.layers.Conv1D(1, LENGTH)])
    model.compile("adam", "mse")
    model.fit(np.zeros((2, LENGTH, 4)), np.zeros((2, 1, 1)), verbose=0)
    (tmp_path / "net.json").write_text(model.to_json(), encoding="utf-8")
    model.save_weights(tmp_path / "net.weights.h5")
    load_oracle(OracleParameters(model=str(tmp_path / "net.json"), reduction="sum"))
    assert not [each for each in recwarn if "optimizer" in str(each.message)]


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_an_input_of_indices_is_offered_tokens_alone(keras, dtype):
    given = keras.Input((40,), dtype=dtype)
    looked_up = keras.layers.Embedding(4, 3)(given)
    model = keras.Model(given, keras.layers.Dense(1)(keras.layers.Flatten()(looked_up)))
    with pytest.raises(InputError, match=r"for this input: --layout tokens$"):
        KerasOracle(model)


def test_a_flat_input_is_offered_both_orders_and_no_tokens(keras):
    model = keras.Sequential([keras.Input((40,)), keras.layers.Dense(1)])
    with pytest.raises(InputError, match=r"--layout flat \(.*--layout flat_first \(") as error:
        KerasOracle(model)
    assert "tokens" not in str(error.value)


def test_weights_alone_say_what_goes_with_them(keras, tmp_path):
    import h5py

    path = tmp_path / "net.weights.h5"
    keras.Sequential([keras.Input((9, 4)), keras.layers.Dense(1)]).save_weights(path)
    with pytest.raises(InputError, match=r"net\.json beside it.*--model networks\.py:make_model"):
        load_oracle(OracleParameters(model=str(path)))
    path.with_name("net.json").write_text("{}")
    with pytest.raises(InputError, match=r"expected net\.json, their architecture"):
        load_oracle(OracleParameters(model=str(path)))
    calico = tmp_path / "model_best.h5"
    with h5py.File(calico, "w") as file:
        file["conv1d/conv1d/kernel:0"] = np.zeros((15, 4, 288), np.float32)
    with pytest.raises(InputError, match=r"basenji2\.pth \(seam models basenji2\)"):
        load_oracle(OracleParameters(model=str(calico)))
    family = family_of(OracleParameters(model=str(calico)))
    assert family is not None
    assert family.name == "basenji2"


def test_a_sequence_too_short_is_told_a_length_that_runs(keras):
    given = keras.Input((None, 4))
    wide = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(2, 301)(given))
    model = keras.Model(given, keras.layers.Dense(1)(wide))
    with pytest.raises(InputError, match="it runs with 1024 letters: --length"):
        KerasOracle(model, input_length=200)
    profile = keras.Model(given, keras.layers.Conv1D(2, 301)(given))  # no column was chosen yet
    with pytest.raises(InputError, match="it runs with 1024 letters: --length"):
        KerasOracle(profile, input_length=200)


def test_a_lambda_as_activation_is_told_in_words(keras, tmp_path):
    given = keras.Input((LENGTH, 4))
    hidden = keras.layers.Conv1D(3, 5, activation=lambda x: keras.ops.relu(x) ** 2)(given)
    keras.Model(given, hidden).save(tmp_path / "squares.keras")
    with pytest.raises(InputError, match=r"a lambda in the place of a function.*--import file\.py"):
        load_oracle(OracleParameters(model="squares.keras"), base=tmp_path, trusted=True)


def test_deepshap_of_a_saved_model_names_the_way_on(keras, tmp_path):
    given = keras.Input((LENGTH, 4))
    hidden = keras.layers.Conv1D(3, 5, activation="relu")(given)
    model = keras.Model(given, keras.layers.GlobalAveragePooling1D()(hidden))
    model.export(str(tmp_path / "program"), verbose=False)
    oracle = load_oracle(OracleParameters(model="program"), base=tmp_path, trusted=True)
    with pytest.raises(InputError, match=r"as a SavedModel's .*the Keras model .* or --method sal"):
        capabilities_of(oracle).multipliers()
