"""ONNX models: what onnxruntime answers, with maps by mutagenesis.

`data/tiny.onnx` is Conv1d(4, 6, 5), ReLU, mean over positions and Linear(6, 2), made by PyTorch
for inputs (n, 4, 30); `data/tiny_batch_of_one.onnx` the same, exported for one sequence.
`data/tiny_squeezed.onnx` has a column alone, which `squeeze()` takes a batch of one away from.
`data/tiny_whole_numbers.onnx` is a linear map of int8 letters (n, 30, 4), doubled where the input
`treated` (n, 1), a bool, is true.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seam_core.attributer import Attributer
from seam_core.frameworks import load_oracle
from seam_core.oracles import check_oracle
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters

onnxruntime = pytest.importorskip("onnxruntime")
DATA = Path(__file__).parent / "data"


def own(path, inputs):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rows = inputs.swapaxes(1, 2)
    return np.concatenate([session.run(None, {"dna": row[None]})[0] for row in rows])


@pytest.mark.parametrize("name", ["tiny.onnx", "tiny_batch_of_one.onnx"])
def test_predictions_and_mutagenesis(name):
    given = OracleParameters(model=name, layout="channels_first", column="1 - 0")
    oracle = load_oracle(given, base=DATA)
    library = Library(random_letters(3, 30))
    inputs = one_hot(library.sequences)
    answer = own(DATA / name, inputs)
    np.testing.assert_allclose(oracle.predict(inputs), answer[:, 1] - answer[:, 0], atol=1e-6)
    maps, _ = Attributer(oracle, AttributerParameters(method="ism")).run(library)
    mutant = inputs.copy()
    mutant[:, 7] = [0, 0, 1, 0]
    changed = own(DATA / name, mutant)
    wanted = (changed[:, 1] - changed[:, 0]) - (answer[:, 1] - answer[:, 0])
    np.testing.assert_allclose(maps.maps[:, 7, 2], wanted, atol=1e-6)
    with pytest.raises(InputError, match="has no gradient"):
        Attributer(oracle, AttributerParameters()).run(library)


def test_the_check_names_inputs_and_the_layout():
    oracle = load_oracle(OracleParameters(model="tiny.onnx", layout="N4L"), base=DATA)
    said = check_oracle(oracle).lines()
    assert "input dna: the sequence" in said
    assert "explained: y column 0 of 2 (none was chosen)" in said
    with pytest.raises(InputError, match=r"\(N, 4, 30\).*--layout channels_first"):
        load_oracle(OracleParameters(model="tiny.onnx"), base=DATA)


@pytest.mark.parametrize(("treated", "times"), [("0", 1), ("1", 2)])
def test_inputs_of_bytes_and_of_yes_or_no(treated, times):
    given = OracleParameters(model="tiny_whole_numbers.onnx", input=f"treated={treated}", column=1)
    oracle = load_oracle(given, base=DATA)
    inputs = one_hot(random_letters(3, 30))
    session = onnxruntime.InferenceSession(str(DATA / given.model))
    plain = {"dna": inputs.astype(np.int8), "treated": np.zeros((3, 1), bool)}
    wanted = times * session.run(None, plain)[0][:, 1]
    np.testing.assert_allclose(oracle.predict(inputs), wanted, atol=1e-6)
    maps, _ = Attributer(oracle, AttributerParameters(method="ism")).run(
        Library(random_letters(3, 30))
    )
    mutant = inputs.copy()
    mutant[:, 7] = [0, 0, 1, 0]
    changed = times * session.run(None, {**plain, "dna": mutant.astype(np.int8)})[0][:, 1]
    np.testing.assert_allclose(maps.maps[:, 7, 2], changed - wanted, atol=1e-5)
    said = check_oracle(oracle).lines()
    assert any(line.startswith("input treated:") for line in said)


def assert_plain(error):
    """No codes of onnxruntime's, and no places in its sources."""
    said = str(error)
    assert "ONNXRuntimeError" not in said
    assert "onnxruntime/" not in said
    assert not [word for word in said.split() if word.endswith(("INVALID_PROTOBUF", "FAIL"))]


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"expected an \.onnx file") as raised:
        load_oracle(OracleParameters(model="bad.onnx"), base=tmp_path)
    assert_plain(raised.value)


def test_a_model_of_any_sizes_names_the_layout_that_it_runs_with():
    """`data/tiny_any_size.onnx` says of no axis how long it is; it convolves (n, 4, length)."""
    letters = one_hot(random_letters(3, 30))
    oracle = load_oracle(OracleParameters(model="tiny_any_size.onnx"), base=DATA)
    with pytest.raises(OracleError, match="it runs with --layout channels_first") as raised:
        oracle.predict(letters)
    assert_plain(raised.value)
    given = OracleParameters(model="tiny_any_size.onnx", layout="N4L")
    session = onnxruntime.InferenceSession(str(DATA / given.model))
    wanted = session.run(None, {"x": letters.swapaxes(1, 2)})[0][:, 0]
    np.testing.assert_allclose(load_oracle(given, base=DATA).predict(letters), wanted, atol=1e-6)


def test_a_batch_of_one_that_was_squeezed_away_is_put_back():
    given = OracleParameters(model="tiny_squeezed.onnx", layout="channels_first")
    oracle = load_oracle(given, base=DATA)
    inputs = one_hot(random_letters(3, 30))
    together = oracle.predict(inputs)
    assert np.ptp(together) > 1e-3
    np.testing.assert_allclose(
        [oracle.predict(row[None])[0] for row in inputs], together, atol=1e-6
    )
    assert oracle.heads == (("y", ()),)


def test_half_precision_is_noted():
    given = OracleParameters(model="tiny_half.onnx", layout="channels_first")
    rows = dict(check_oracle(load_oracle(given, base=DATA)).rows())
    assert rows["numbers"].startswith("float16, of about three digits")
