"""Callables and tables as oracles, and whole libraries asked batch by batch."""

import numpy as np
import pandas as pd
import pytest

from seam_core.compiler import Compiler
from seam_core.frameworks import load_oracle
from seam_core.mutagenizer import Mutagenizer
from seam_core.oracles import (
    DifferentiableOracle,
    FunctionOracle,
    Oracle,
    ProfileOracle,
    check_oracle,
    predict_backgrounds,
    predict_library,
    prepare,
)
from seam_core.oracles.table import TableOracle
from seam_core.parameters import MutagenizerParameters, OracleParameters
from seam_core.progress import Cancelled
from seam_core.records import Library
from seam_core.sequences import DNA, PROTEIN, RNA, strings_to_indices
from seam_core.validate import InputError, MissingPackageError, OracleError
from tests.core.networks import small_network


def make_library(n=100, length=12, alphabet=DNA, seed=0):
    rng = np.random.default_rng(seed)
    return Library(rng.integers(0, len(alphabet), (n, length)).astype(np.int8), alphabet)


def count_first_letter(one_hot):
    return one_hot[:, :, 0].sum(axis=1)


def two_columns(one_hot):
    return np.stack([count_first_letter(one_hot), one_hot[:, :, 1].sum(axis=1)], axis=1)


def profile(one_hot):
    return one_hot.cumsum(axis=1)


# -- predict_library -------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [0, 1, 7, 1000])
@pytest.mark.parametrize("alphabet", [DNA, RNA, PROTEIN])
def test_predictions_do_not_depend_on_the_batch(batch_size, alphabet):
    library = make_library(alphabet=alphabet)
    oracle = FunctionOracle(count_first_letter, n_letters=len(alphabet))
    predictions = predict_library(oracle, library, batch_size=batch_size)
    assert predictions.dtype == np.float32
    np.testing.assert_array_equal(predictions, (library.sequences == 0).sum(axis=1))


def test_progress_counts_sequences_and_can_cancel():
    seen = []

    class Recorder:
        def update(self, done, total, message=""):
            seen.append((done, total, message))
            if done >= 40:
                raise Cancelled

    oracle = FunctionOracle(count_first_letter)
    with pytest.raises(Cancelled):
        predict_library(oracle, make_library(), batch_size=20, progress=Recorder())
    assert [s[:2] for s in seen] == [(20, 100), (40, 100)]
    assert "/s" in seen[0][2]


def test_a_callable_that_raises_in_batch_37_is_one_clear_message_and_nothing_is_lost():
    library, calls, down = make_library(400), [], [True]

    def fails_late(one_hot):
        calls.append(len(one_hot))
        if down[0] and np.array_equal(one_hot, library.encode(360, 370)):
            raise ValueError("the model server went away")
        return count_first_letter(one_hot)

    oracle = FunctionOracle(fails_late)
    with pytest.raises(OracleError) as error:
        predict_library(oracle, library, batch_size=10)
    message = str(error.value)
    assert message.startswith(
        "batch 37 (sequences 360 to 369): fails_late raised ValueError: the model server went away "
        "(test_oracles_library.py, line "
    )
    assert message.endswith('raise ValueError("the model server went away"))')
    assert len(error.value.finished) == 360
    calls.clear()
    down[0] = False
    predictions = predict_library(oracle, library, batch_size=10, finished=error.value.finished)
    assert len(calls) == 4
    with pytest.raises(InputError, match="finished: got 360 predictions; expected at most 12"):
        predict_library(oracle, make_library(12), finished=error.value.finished)
    np.testing.assert_array_equal(predictions, (library.sequences == 0).sum(axis=1))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_model_that_returns_nan_is_named(bad):
    def sometimes(one_hot):
        values = count_first_letter(one_hot)
        values[one_hot[:, 0, 0] == 1] = bad
        return values

    library = make_library()
    library.sequences[:, 0] = 1
    library.sequences[57, 0] = 0
    with pytest.raises(OracleError, match=rf"batch 6 .*{bad} for sequence 57") as error:
        predict_library(FunctionOracle(sometimes), library, batch_size=10)
    assert len(error.value.finished) == 50


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 3.0, r"shape \(\)"),
        (lambda x: np.zeros(len(x) + 1), r"shape \(101,\)"),
        (lambda x: x, "a profile"),
        (lambda x: None, r"object of shape \(\)"),
        (lambda x: ["high"] * len(x), r"<U4 of shape \(100,\)"),
        (lambda x: [x, x[:50]], r"a profile"),
    ],
)
def test_a_callable_that_returns_something_else_is_refused(function, message):
    with pytest.raises(OracleError, match=message):
        predict_library(FunctionOracle(function), make_library())


def test_a_library_that_does_not_fit_is_refused_before_the_first_batch():
    with pytest.raises(InputError, match="20 letters"):
        predict_library(FunctionOracle(count_first_letter), make_library(alphabet=PROTEIN))
    oracle = FunctionOracle(count_first_letter, length=13)
    with pytest.raises(InputError, match="length 12; expected length 13"):
        predict_library(oracle, make_library())


# -- callables -------------------------------------------------------------------------------------


def test_a_callable_is_an_oracle_without_a_gradient():
    oracle = FunctionOracle(count_first_letter)
    assert isinstance(oracle, Oracle)
    assert isinstance(oracle, ProfileOracle)
    assert not isinstance(oracle, DifferentiableOracle)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_numbers_come_as_lists_and_tensors_too(kind):
    import torch

    library = make_library()
    wanted = (library.sequences == 0).sum(axis=1)
    for one_by_one in (False, True):

        def function(one_hot, one_by_one=one_by_one):
            values = count_first_letter(one_hot)
            return [torch.tensor(v) for v in values] if one_by_one else kind(values)

        np.testing.assert_array_equal(predict_library(FunctionOracle(function), library), wanted)
    needs_gradient = FunctionOracle(lambda x: torch.ones(len(x), requires_grad=True))
    np.testing.assert_array_equal(predict_library(needs_gradient, library), 1)


def test_heads_and_columns_are_told_apart():
    library = make_library()
    counts = [(library.sequences == letter).sum(axis=1) for letter in range(2)]

    def asked(function, **choices):
        return predict_library(FunctionOracle(function, **choices), library)

    np.testing.assert_array_equal(asked(two_columns, column=1), counts[1])
    as_list = lambda x: [count_first_letter(x), two_columns(x)]  # noqa: E731
    np.testing.assert_array_equal(asked(as_list, head="1", column=1), counts[1])
    as_dict = lambda x: {"dev": count_first_letter(x), "hk": two_columns(x)}  # noqa: E731
    np.testing.assert_array_equal(asked(as_dict, head="hk", column=1), counts[1])
    for bad in ("2", "cell", "-1"):
        with pytest.raises(OracleError, match=r"head.*0 \(dev\), 1 \(hk\)"):
            asked(as_dict, head=bad)
    with pytest.raises(OracleError, match="column"):
        asked(two_columns, column=2)


def test_channels_first_is_declared():
    library = make_library()
    oracle = FunctionOracle(lambda x: x[:, 0].sum(axis=1), layout="channels_first")
    np.testing.assert_array_equal(
        predict_library(oracle, library), (library.sequences == 0).sum(axis=1)
    )
    profiles = FunctionOracle(
        lambda x: x.cumsum(axis=2), layout="channels_first", reduction="sum", column=1
    )
    same = FunctionOracle(profile, reduction="sum", column=1)
    np.testing.assert_array_equal(
        predict_library(profiles, library), predict_library(same, library)
    )


def test_the_first_component_is_taken_from_the_whole_library_not_a_batch():
    from squid.predictor import profile_pca

    library = make_library(60)
    wanted = profile_pca(profile(library.encode(0, 60))[:, :, 2].astype(np.float64))
    for batch_size in (60, 7):
        oracle = FunctionOracle(profile, reduction="first_pc", column=2)
        assert oracle.needs_component
        predictions = predict_library(oracle, library, batch_size=batch_size)
        np.testing.assert_allclose(predictions, wanted, rtol=1e-3, atol=1e-3)
        assert not oracle.needs_component
    unprepared = FunctionOracle(profile, reduction="first_pc")
    with pytest.raises(InputError, match="prepare"):
        unprepared.predict(library.encode(0, 5))
    prepare(unprepared, library)
    assert unprepared.predict(library.encode(0, 5)).shape == (5,)


def test_gia_is_the_prediction_less_that_of_the_background():
    parameters = MutagenizerParameters(
        library="global", pattern="AAAA", sequence_length=20, n_sequences=50
    )
    library = Mutagenizer(parameters).run(None)
    oracle = FunctionOracle(count_first_letter)
    predictions = predict_library(oracle, library)
    backgrounds = predict_backgrounds(oracle, library)
    complete = Library(library.sequences, predictions=predictions, backgrounds=library.backgrounds)
    table = Compiler().run(complete, background_predictions=backgrounds)
    wanted = 4 - (library.backgrounds[:, 8:12] == 0).sum(axis=1)
    np.testing.assert_array_equal(table.frame["GIA"], wanted)
    with pytest.raises(InputError, match="backgrounds"):
        predict_backgrounds(oracle, make_library())


# -- tables ----------------------------------------------------------------------------------------


def every_sequence(length=3, alphabet=DNA):
    grid = np.indices((len(alphabet),) * length).reshape(length, -1).T
    return grid.astype(np.int8)


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_a_table_answers_what_it_holds(alphabet):
    sequences = every_sequence(3, alphabet)
    values = np.random.default_rng(0).normal(size=len(sequences)).astype(np.float32)
    shuffled = np.random.default_rng(1).permutation(len(sequences))
    oracle = TableOracle(sequences[shuffled], values[shuffled], alphabet=alphabet)
    assert not hasattr(oracle, "gradient")
    predictions = predict_library(oracle, Library(sequences, alphabet), batch_size=100)
    np.testing.assert_array_equal(predictions, values)


def test_a_table_names_the_mutants_that_it_lacks():
    sequences = every_sequence(3)
    oracle = TableOracle(sequences[5:], np.arange(59.0), source="t.csv")
    with pytest.raises(
        OracleError, match=r"t\.csv lacks 5 of the sequences asked for: AAA, AAC, AAG"
    ):
        oracle.predict(Library(sequences).encode(0, 64))
    unknown = np.zeros((1, 3, 4), np.float32)
    with pytest.raises(OracleError, match="NNN"):
        oracle.predict(unknown)
    with pytest.raises(InputError, match="shape"):
        oracle.predict(np.zeros((1, 4, 4)))


def test_bad_tables_are_refused():
    twice = strings_to_indices(["ACG", "ACT", "ACG"])
    with pytest.raises(InputError, match="ACG more than once"):
        TableOracle(twice, np.zeros(3))
    with pytest.raises(InputError, match="nan at index 1"):
        TableOracle(twice[:2], np.array([0, np.nan]))


@pytest.mark.parametrize("kind", ["t.csv", "t.tsv", "t.txt", "t.parquet", "indexed.pq"])
def test_tables_are_read_from_files(tmp_path, kind):
    frame = pd.DataFrame({"Sequence": ["AC", "ag", "TT"], "DNN": [1.0, 2.0, 3.0]})
    path = tmp_path / kind
    if kind == "indexed.pq":
        frame.set_index("Sequence").rename_axis(None).to_parquet(path)
    elif kind == "t.parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="," if kind == "t.csv" else "\t", index=False)
    oracle = load_oracle(OracleParameters(model=path.name), base=tmp_path)
    library = Library(strings_to_indices(["TT", "AG"]))
    np.testing.assert_array_equal(predict_library(oracle, library), [3, 2])


def test_the_column_of_values_is_found_or_named(tmp_path):
    frame = pd.DataFrame({"Sequence": ["AC", "AG"], "one": [1.0, 2.0], "two": [3.0, 4.0]})
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    named = OracleParameters(model=str(path), measured_column="two")
    library = Library(strings_to_indices(["AC", "AG"]))
    np.testing.assert_array_equal(predict_library(load_oracle(named), library), [3, 4])
    several = r"several columns of numbers .one, two.; expected --column Activity=one"
    with pytest.raises(InputError, match=several):
        load_oracle(OracleParameters(model=str(path)))
    with pytest.raises(InputError, match="measured_column: got 'three'"):
        load_oracle(OracleParameters(model=str(path), measured_column="three"))
    frame[["Sequence"]].assign(one="high").to_csv(path, index=False)
    with pytest.raises(InputError, match="columns of numbers: there is none"):
        load_oracle(OracleParameters(model=str(path)))
    frame[["one"]].to_csv(path, index=False)
    with pytest.raises(InputError, match=r"t.csv: model: .* with no column Sequence"):
        load_oracle(OracleParameters(model=str(path)))
    path.write_text("")
    with pytest.raises(InputError, match=r"t\.csv"):
        load_oracle(OracleParameters(model=str(path)))


# -- load_oracle -----------------------------------------------------------------------------------


def test_a_callable_is_found_by_name(tmp_path):
    library = make_library()
    wanted = (library.sequences == 0).sum(axis=1)
    here = OracleParameters(model="tests.core.test_oracles_library:count_first_letter")
    np.testing.assert_array_equal(predict_library(load_oracle(here), library), wanted)
    code = "def f(x):\n    return x[:, :, 0].sum(1)\n\n\ndef maker(scale=1):\n    return f\n"
    (tmp_path / "my_model.py").write_text(code)
    for name in ("my_model.py:f", "my_model:f", "my_model:maker"):
        oracle = load_oracle(OracleParameters(model=name), base=tmp_path)
        np.testing.assert_array_equal(predict_library(oracle, library), wanted)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("", "model: got nothing"),
        ("no_such_module:f", "ModuleNotFoundError"),
        ("missing.py:f", "FileNotFoundError"),
        ("broken.py:f", "SyntaxError"),
        ("numpy:no_such_function", "no 'no_such_function'"),
        ("numpy:pi", "a float; expected a callable"),
        ("broken_maker.py:f", "ZeroDivisionError: .*without arguments that makes a model"),
        ("missing.csv", "no such file"),
    ],
)
def test_models_that_cannot_be_loaded_are_refused(tmp_path, model, message):
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "broken_maker.py").write_text("def f():\n    return 1 / 0\n")
    with pytest.raises((InputError, MissingPackageError), match=message):
        load_oracle(OracleParameters(model=model), base=tmp_path)


def __getattr__(name):
    """MODEL, made when it is asked for."""
    if name == "MODEL":
        return small_network()
    raise AttributeError(name)


def test_a_keras_model_or_its_builder_is_found_by_name():
    library = make_library(10, 40)
    wanted = None
    for name in ("small_network", "MODEL"):
        parameters = OracleParameters(
            model=f"tests.core.test_oracles_library:{name}", framework="keras", head="hk"
        )
        predictions = predict_library(load_oracle(parameters), library)
        wanted = predictions if wanted is None else wanted
        np.testing.assert_allclose(predictions, wanted, rtol=1e-6)
    told = OracleParameters(model="tests.core.test_oracles_library:MODEL", head="hk")
    assert isinstance(load_oracle(told), DifferentiableOracle)
    wrong = OracleParameters(model="numpy:zeros", framework="keras")
    with pytest.raises(InputError, match="a Keras model"):
        load_oracle(wrong)


# -- the model check, of models that are no networks -----------------------------------------------


def test_callables_and_tables_are_checked_too():
    check = check_oracle(FunctionOracle(two_columns), make_library())
    assert check.ok
    assert not check.has_gradient
    assert check.heads == (("output", (2,)),)
    assert np.isnan(check.gradient_s)
    assert "in-silico mutagenesis" in "\n".join(check.lines())
    of_one = check_oracle(FunctionOracle(profile, reduction="first_pc"), make_library(1))
    assert of_one.ok
    assert of_one.n_sequences == 1
    table = TableOracle(every_sequence(3), np.arange(64.0))
    assert check_oracle(table, Library(every_sequence(3))).ok
    lacking = check_oracle(TableOracle(every_sequence(3)[1:], np.arange(63.0)), length=3)
    assert lacking.ok or "lacks" in lacking.problems[0]
    failing = check_oracle(FunctionOracle(lambda x: 1 / 0), make_library())
    assert "ZeroDivisionError" in failing.problems[0]


def test_a_decimal_comma_is_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('Sequence,y\nAC,"1,5"\nAG,"2,25"\n')
    with pytest.raises(InputError, match=r"'y', which holds '1,5' in row 0 \(numbers are written"):
        load_oracle(OracleParameters(model=str(path), measured_column="y"))
