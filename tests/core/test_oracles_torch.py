"""PyTorch modules as oracles: values, gradients, declared adapters, files."""

import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

from seam_core.frameworks import load_oracle
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.frameworks.torch.weights import load_weights
from seam_core.mutagenizer import Mutagenizer
from seam_core.oracles import (
    Adapter,
    DifferentiableOracle,
    check_oracle,
    predict_library,
)
from seam_core.parameters import MutagenizerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import DNA, PROTEIN, RNA
from seam_core.trust import TrustError
from seam_core.validate import InputError, OracleError, SeamError

LENGTH = 20


class Network(torch.nn.Module):
    """Convolution, dropout, batch norm, two heads: channels first, as PyTorch likes it."""

    def __init__(self, n_letters=4):
        super().__init__()
        self.conv = torch.nn.Conv1d(n_letters, 6, 5, padding=2)
        self.norm = torch.nn.BatchNorm1d(6)
        self.drop = torch.nn.Dropout(0.5)
        self.dense = torch.nn.Linear(6, 2)

    def forward(self, x):
        hidden = self.drop(torch.relu(self.norm(self.conv(x))))
        return self.dense(hidden.mean(dim=2)), self.conv(x)[:, :2]


class TwoInputs(torch.nn.Module):
    """As bpnet-lite: profile and counts from a sequence and control tracks."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv1d(4, 2, 3, padding=1)

    def forward(self, sequence, control, scale: float = 1.0):
        profile = self.conv(sequence) + control
        return {"profile": profile * scale, "counts": profile.sum(dim=(1, 2), keepdim=False)}


FIRST = Adapter(layout="channels_first")


def seeded(cls, *arguments):
    torch.manual_seed(0)
    return cls(*arguments)


def make_library(n=30, alphabet=DNA, seed=0):
    rng = np.random.default_rng(seed)
    return Library(rng.integers(0, len(alphabet), (n, LENGTH)).astype(np.int8), alphabet)


@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN])
def test_gradients_are_those_of_each_sequence_alone(alphabet):
    n_letters = len(alphabet)
    oracle = TorchOracle(seeded(Network, n_letters), adapter=FIRST, n_letters=n_letters, column=1)
    assert isinstance(oracle, DifferentiableOracle)
    x = make_library(6, alphabet).encode(0, 6)
    predictions, gradients = oracle.gradient(x)
    assert gradients.shape == x.shape
    np.testing.assert_allclose(predictions, oracle.predict(x), rtol=1e-6, atol=1e-6)
    for row in range(6):
        alone_y, alone = oracle.gradient(x[row : row + 1])
        np.testing.assert_allclose(alone_y[0], predictions[row], atol=1e-6)
        np.testing.assert_allclose(alone[0], gradients[row], atol=1e-6)
    step = np.random.default_rng(0).normal(size=x.shape).astype(np.float32) * 1e-2
    change = (oracle.predict(x + step) - oracle.predict(x - step)) / 2
    np.testing.assert_allclose(change, (gradients * step).sum((1, 2)), atol=2e-3)


def test_the_same_weights_give_the_same_numbers_as_keras():
    import keras

    module = seeded(Network)
    module.norm.running_mean.normal_()
    module.norm.running_var.uniform_(0.5, 2)
    inputs = keras.Input((LENGTH, 4))
    conv = keras.layers.Conv1D(6, 5, padding="same")
    norm = keras.layers.BatchNormalization(epsilon=1e-5)
    dense = keras.layers.Dense(2)
    pooled = keras.layers.GlobalAveragePooling1D()(keras.layers.ReLU()(norm(conv(inputs))))
    model = keras.Model(inputs, dense(pooled))
    arrays = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    conv.set_weights([arrays["conv.weight"].transpose(2, 1, 0), arrays["conv.bias"]])
    norm.set_weights(
        [arrays[f"norm.{n}"] for n in ("weight", "bias", "running_mean", "running_var")]
    )
    dense.set_weights([arrays["dense.weight"].T, arrays["dense.bias"]])
    x = make_library(8).encode(0, 8)
    ours, theirs = TorchOracle(module, adapter=FIRST, column=1), KerasOracle(model, column=1)
    for a, b in zip(ours.gradient(x), theirs.gradient(x), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_profiles_are_positions_by_tracks_whatever_the_layout():
    x = make_library(5).encode(0, 5)
    module = seeded(Network).eval()
    profile = module(torch.tensor(x).movedim(1, 2))[1].detach().numpy()  # (n, tracks, positions)
    oracle = TorchOracle(module, head=1, adapter=FIRST, reduction="sum", column=1)
    np.testing.assert_allclose(oracle.predict(x), profile[:, 1].sum(axis=1), rtol=1e-5, atol=1e-5)
    assert oracle.heads == (("output_0", (2,)), ("output_1", (LENGTH, 2)))
    component = TorchOracle(module, head=1, adapter=FIRST, reduction="first_pc", column=-1)
    library = make_library(40)
    values = predict_library(component, library)
    again = component.predict(library.encode(0, 40))
    np.testing.assert_allclose(values, again, atol=1e-5)
    _, gradients = component.gradient(x)
    assert np.abs(gradients).max() > 0
    with pytest.raises(InputError, match="a profile"):
        TorchOracle(module, head=1, adapter=FIRST).predict(x)
    with pytest.raises(InputError, match=r"column: got 2; expected 0 to 1"):
        TorchOracle(module, adapter=FIRST, column=2).predict(x)
    with pytest.raises(InputError, match=r"head.*0 \(output_0\), 1 \(output_1\)"):
        TorchOracle(module, head=2, adapter=FIRST).predict(x)


def test_other_inputs_are_declared():
    control = np.random.default_rng(0).normal(size=(2, LENGTH)).astype(np.float32)
    module = seeded(TwoInputs)
    x = make_library(5).encode(0, 5)
    wanted = module(torch.tensor(x).movedim(1, 2), torch.tensor(control)[None])["counts"]
    for name in ("control", "1"):
        adapter = Adapter(layout="channels_first", others={name: control})
        oracle = TorchOracle(module, head="counts", adapter=adapter)
        np.testing.assert_allclose(oracle.predict(x), wanted.detach(), rtol=1e-5, atol=1e-4)
    with pytest.raises(InputError, match=r"nothing for input control.*--input control=RULE"):
        TorchOracle(module, adapter=FIRST)
    with pytest.raises(InputError, match=r"sequence_input.*0 \(sequence\), 1 \(control\)"):
        TorchOracle(module, adapter=Adapter(sequence_input="reads"))


def test_a_sequence_that_is_not_the_first_input():
    class Swapped(torch.nn.Module):
        def forward(self, offset, sequence):
            return sequence[:, :, 0].sum(dim=1) + offset[:, 0]

    adapter = Adapter(sequence_input="sequence", others={"offset": np.array([3.0], np.float32)})
    library = make_library(5)
    oracle = TorchOracle(Swapped(), adapter=adapter)
    wanted = (library.sequences == 0).sum(axis=1) + 3
    np.testing.assert_allclose(predict_library(oracle, library), wanted)


def test_the_wrong_layout_is_guessed_in_the_message():
    with pytest.raises(OracleError, match="it runs with --layout channels_first"):
        TorchOracle(seeded(Network)).predict(make_library(2).encode(0, 2))


def test_a_double_precision_module():
    oracle = TorchOracle(seeded(Network).double(), adapter=FIRST)
    predictions, gradients = oracle.gradient(make_library(2).encode(0, 2))
    assert predictions.dtype == gradients.dtype == np.float32


def test_what_is_no_number_is_refused():
    class Broken(torch.nn.Module):
        def forward(self, x):
            return torch.log(-x.sum(dim=(1, 2)))

    class Constant(torch.nn.Module):
        def forward(self, x):
            return torch.zeros(len(x))

    x = make_library(3).encode(0, 3)
    with pytest.raises(InputError, match="prediction: got nan"):
        TorchOracle(Broken()).predict(x)
    with pytest.raises(InputError, match="no gradient reaches"):
        TorchOracle(Constant()).gradient(x)
    with pytest.raises(InputError, match="shape"):
        TorchOracle(Constant()).predict(x[:, :, :3])

    class LookedUp(torch.nn.Module):
        def forward(self, x):
            return x.argmax(-1).float().std(1)

    check = check_oracle(TorchOracle(LookedUp()), length=9)
    assert check.ok
    assert dict(check.rows())["gradient"] == "none reaches the sequence (in-silico mutagenesis)"


@pytest.mark.parametrize("name", ["float64", "bfloat16"])
def test_weights_of_other_precision_answer_in_float32(name):
    module = seeded(Network).to(getattr(torch, name))
    oracle = TorchOracle(module, adapter=FIRST, column=1)
    x = make_library(4).encode(0, 4)
    wanted = TorchOracle(seeded(Network), adapter=FIRST, column=1).gradient(x)
    for found, exact in zip(oracle.gradient(x), wanted, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, exact, atol=0.02)
    profile = TorchOracle(module, head=1, adapter=FIRST, reduction="first_pc")
    assert profile.profiles(x).dtype == np.float32


# -- files -----------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    module = seeded(Network).eval()
    example = torch.zeros(3, 4, LENGTH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(module).save(tmp_path / "script.pt")
        batch = torch.export.Dim("batch")
        program = torch.export.export(module, (example,), dynamic_shapes=({0: batch},))
        torch.export.save(program, tmp_path / "program.pt2")
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    torch.save({"state_dict": module.state_dict()}, tmp_path / "lightning.ckpt")
    torch.save(module, tmp_path / "pickled.pt")
    code = "import torch\n\n\n" + inspect.getsource(Network)
    code += "\n\ndef build():\n    return Network()\n\n\ndef other():\n    return Network(20)\n"
    (tmp_path / "mymodel.py").write_text(code)
    return tmp_path, TorchOracle(module, adapter=FIRST, column=1)


@pytest.mark.parametrize(
    "given",
    [
        {"model": "script.pt"},
        {"model": "program.pt2"},
        {"model": "mymodel.py:Network", "weights": "weights.pt"},
        {"model": "mymodel.py:build", "weights": "lightning.ckpt", "framework": "torch"},
        {"model": "mymodel.py:build", "weights": "weights.pt"},
    ],
)
def test_every_kind_of_file_gives_the_same(files, given):
    folder, wanted = files
    parameters = OracleParameters(column=1, layout="channels_first", **given)
    if given["model"].endswith(".pt2"):
        with pytest.raises(TrustError, match="an exported program, which runs code"):
            load_oracle(parameters, base=folder)
    oracle = load_oracle(parameters, base=folder, trusted=True)
    x = make_library(5).encode(0, 5)
    for a, b in zip(oracle.gradient(x), wanted.gradient(x), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": "pickled.pt"}, "a pickled module"),
        ({"model": "weights.pt"}, "weights without their module.*TorchScript"),
        ({"model": "gone.pt"}, "no such file"),
        ({"model": "mymodel.py:Network", "weights": "pickled.pt"}, "a pickled object"),
        ({"model": "mymodel.py:Network", "weights": "gone.pt"}, "weights: got no such file"),
        ({"model": "mymodel.py:Network", "weights": "mymodel.py"}, "weights"),
        (
            {"model": "mymodel.py:other", "weights": "weights.pt"},
            "weights: .*size mismatch",
        ),
        ({"model": "mymodel.py:torch", "framework": "torch"}, "a class or function"),
        ({"model": "script.pt", "sequence_input": "7"}, "sequence_input"),
        ({"model": "script.pt", "other_inputs": "gone.npz"}, "other_inputs"),
    ],
)
def test_bad_files_are_one_clear_message(files, given, message):
    folder, _ = files
    with pytest.raises(InputError, match=message) as error:
        load_oracle(OracleParameters(layout="channels_first", **given), base=folder)
    assert "\n" not in str(error.value)


def test_a_missing_gpu_is_said():
    if torch.cuda.is_available():
        assert TorchOracle(Network(), device="gpu").device.type == "cuda"
    else:
        with pytest.raises(InputError, match="gpu"):
            TorchOracle(Network(), device="gpu")


# -- the check before a long run -------------------------------------------------------------------


def test_a_sound_model_passes_with_an_estimate():
    library = Mutagenizer(MutagenizerParameters(n_sequences=500)).run(
        np.zeros(LENGTH, dtype=np.int8)
    )
    oracle = TorchOracle(seeded(Network), adapter=FIRST)
    check = check_oracle(oracle, library)
    assert check.ok
    assert check.input_shape == (LENGTH, 4)
    assert check.heads == (("output_0", (2,)), ("output_1", (LENGTH, 2)))
    assert check.has_gradient
    assert check.predictions.shape == (2,)
    assert check.predict_estimate_s == pytest.approx(500 * check.predict_s)
    assert check.gradient_estimate_s > 0
    text = "\n".join(check.lines())
    for part in ("20 positions x 4 letters", "head 1 (output_1): shape (20, 2)", "for 500"):
        assert part in text


def test_a_check_without_a_library_makes_its_own_sequences():
    oracle = TorchOracle(seeded(Network), adapter=FIRST)
    check = check_oracle(oracle, length=LENGTH, n_sequences=10**6)
    assert check.predict_estimate_s > 0
    assert "runs on: CPU" in check.lines()
    with pytest.raises(InputError, match="length"):
        check_oracle(oracle)


def test_a_model_left_in_training_mode_is_found_out():
    class Training(Network):
        def eval(self):
            return self

    check = check_oracle(TorchOracle(seeded(Training), adapter=FIRST), length=LENGTH)
    assert not check.ok
    assert "training mode" in check.problems[0]


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda x: torch.log(-x.sum(dim=(1, 2))), "nan"),
        (lambda x: (x * 0).sum(dim=(1, 2)), "zero everywhere"),
        (lambda x: x, "a profile"),
        (lambda x: x.sum(), "shape"),
        (lambda x: x @ torch.zeros(3, 3), "RuntimeError"),
        (lambda x: torch.zeros(len(x)), "no gradient reaches"),
        (lambda x: torch.sqrt((x * 0).sum(dim=(1, 2))), "gradient"),
    ],
)
def test_problems_are_listed_not_raised(forward, message):
    class Odd(torch.nn.Module):
        def forward(self, x):
            return forward(x)

    check = check_oracle(TorchOracle(Odd()), length=LENGTH)
    assert not check.ok
    assert message in " ".join(check.problems)
    assert "gradient: yes" not in check.lines()
    assert any(line.startswith("problem: ") for line in check.lines())


def test_a_model_of_another_length_is_a_problem():
    oracle = TorchOracle(seeded(Network), adapter=FIRST, length=30)
    check = check_oracle(oracle, make_library())
    assert "length 20; expected length 30" in check.problems[0]
    assert issubclass(InputError, SeamError)


def test_tensorflow_keeps_triton_from_ending_the_process():
    code = (
        "import importlib.util, sys\n"
        "from seam_core.frameworks.keras.runtime import import_tensorflow\n"
        "import_tensorflow()\n"
        "assert importlib.util.find_spec('triton') is None\n"
        "import torch\n"
        "network = torch.nn.Linear(3, 1)\n"
        "print(torch.export.export(network, (torch.ones(1, 3),)) is not None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.parametrize(
    "data", [b"name,value\na,1\n", b"\x80\x02}q\x00(X\x05", b"\x1f\x8b\x08\x00"]
)
def test_no_yes_is_asked_for_what_is_no_pickle(tmp_path, data):
    """A yes would open nothing, and the question would name what the file is not."""
    path = tmp_path / "w.pt"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"w\.pt: weights: got") as caught:
        load_weights(torch.nn.Linear(2, 1), path)
    assert not isinstance(caught.value, TrustError)
