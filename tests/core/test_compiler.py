"""The table, beside the peer's."""

import numpy as np
import pandas as pd
import pytest

from seam_core.compiler import Compiler, exported_frame
from seam_core.mutagenizer import Mutagenizer
from seam_core.parameters import MutagenizerParameters
from seam_core.records import Library
from seam_core.sequences import PROTEIN, RNA, one_hot
from seam_core.validate import InputError


def make_library(n=40, length=21, alphabet="ACGT", seed=0):
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, len(alphabet), length).astype(np.int8)
    parameters = MutagenizerParameters(n_sequences=n, mutation_rate=0.3)
    made = Mutagenizer(parameters).run(reference, alphabet=alphabet)
    predictions = rng.normal(size=n).astype(np.float32)
    return Library(made.sequences, alphabet, reference, predictions)


@pytest.mark.parametrize("alphabet", ["ACGT", RNA, PROTEIN])
def test_equal_to_the_peer_with_a_reference(alphabet):
    from seam import Compiler as Peer

    library = make_library(alphabet=alphabet)
    n_letters = len(alphabet)
    theirs = Peer(
        one_hot(library.sequences, n_letters),
        library.predictions[:, None],
        x_ref=one_hot(library.reference[None], n_letters),
        alphabet=list(alphabet),
    ).compile()
    table = Compiler().run(library)
    ours = exported_frame(library, table)
    assert list(ours.columns) == list(theirs.columns) == ["DNN", "Hamming", "Sequence"]
    np.testing.assert_allclose(ours["DNN"], theirs["DNN"], atol=1e-5, rtol=0)
    np.testing.assert_array_equal(ours["Hamming"], theirs["Hamming"])
    assert list(ours["Sequence"]) == list(theirs["Sequence"])
    assert ours["Hamming"][0] == 0


def test_equal_to_the_peer_with_backgrounds():
    from seam import Compiler as Peer

    library = make_library()
    library = Library(library.sequences, predictions=library.predictions)
    backgrounds = np.random.default_rng(9).normal(size=len(library)).astype(np.float32)
    theirs = Peer(
        one_hot(library.sequences), library.predictions[:, None], y_bg=backgrounds[:, None]
    ).compile()
    ours = exported_frame(library, Compiler().run(library, background_predictions=backgrounds))
    assert list(ours.columns) == list(theirs.columns) == ["DNN", "GIA", "Sequence"]
    np.testing.assert_allclose(ours["GIA"], theirs["GIA"], atol=1e-5, rtol=0)


def test_columns_and_names():
    library = make_library()
    task = np.array(["dev"] * len(library))
    table = Compiler().run(library, task=task)
    assert list(table.frame.columns) == ["Activity", "Hamming", "Task"]
    exported = exported_frame(library, table, activity_name="Activity")
    assert list(exported.columns) == ["Activity", "Hamming", "Sequence", "Task"]
    assert list(table.frame.columns) == ["Activity", "Hamming", "Task"]  # the record is untouched
    assert isinstance(table.frame.index, pd.RangeIndex)
    plain = Library(library.sequences, predictions=library.predictions[:, None])
    assert list(Compiler().run(plain).frame.columns) == ["Activity"]


def test_reference_and_backgrounds_exclude_each_other():
    library = make_library()
    with pytest.raises(InputError, match="either a reference"):
        Compiler().run(library, background_predictions=np.zeros(len(library)))


def test_bad_predictions_are_refused():
    library = make_library()
    with pytest.raises(InputError, match="predictions: got nothing"):
        Compiler().run(Library(library.sequences))
    with pytest.raises(InputError, match=r"predictions: got shape \(3,\)"):
        Compiler().run(Library(library.sequences, predictions=np.zeros(3)))
    broken = library.predictions.copy()
    broken[17] = np.nan
    with pytest.raises(InputError, match="nan at index 17"):
        Compiler().run(Library(library.sequences, predictions=broken))
    with pytest.raises(InputError, match="background_predictions"):
        Compiler().run(
            Library(library.sequences, predictions=library.predictions),
            background_predictions=np.zeros(4),
        )
    with pytest.raises(InputError, match="task"):
        Compiler().run(library, task=["a"])
