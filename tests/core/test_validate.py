"""Messages that a user meets, and reports of progress."""

import numpy as np
import pytest

from seam_core.progress import SILENT, Cancelled, PartOfProgress
from seam_core.validate import (
    InputError,
    MemoryBudgetError,
    MissingPackageError,
    OracleError,
    SeamError,
    check_choice,
    check_finite,
    check_range,
    check_shape,
)


def test_messages_name_the_file_the_field_what_came_and_what_was_wanted():
    error = InputError("Sequence", "nothing", "letters", "table.csv")
    assert str(error) == "table.csv: Sequence: got nothing; expected letters"
    assert (error.field, error.got, error.expected, error.source) == (
        "Sequence",
        "nothing",
        "letters",
        "table.csv",
    )
    assert str(InputError("n", 3, "4")) == "n: got 3; expected 4"


@pytest.mark.parametrize(
    ("error", "usual"),
    [
        (InputError("a", "b", "c"), ValueError),
        (MemoryBudgetError("too much"), MemoryError),
        (MissingPackageError("install it"), ImportError),
        (OracleError("it failed"), RuntimeError),
    ],
)
def test_every_error_is_of_one_family_and_of_its_usual_kind(error, usual):
    assert isinstance(error, SeamError)
    assert isinstance(error, usual)


def test_an_oracle_error_keeps_what_was_finished():
    assert len(OracleError("failed").finished) == 0
    np.testing.assert_array_equal(OracleError("failed", np.arange(3.0)).finished, [0, 1, 2])


def test_shapes():
    check_shape(np.zeros((2, 5, 4)), (None, 5, 4), "maps")
    with pytest.raises(
        InputError, match=r"maps: got shape \(2, 5, 3\); expected shape \(any, 5, 4\)"
    ):
        check_shape(np.zeros((2, 5, 3)), (None, 5, 4), "maps")
    with pytest.raises(InputError, match="shape"):
        check_shape(np.zeros(5), (5, None), "maps")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 26])
def test_the_first_bad_number_is_named_in_whatever_block_it_is(bad, block_bytes):
    array = np.zeros((40, 3), dtype=np.float32)
    check_finite(array, "maps", block_bytes=block_bytes)
    array[17, 2] = bad
    array[30, 0] = bad
    with pytest.raises(InputError, match=r"index \(17, 2\)"):
        check_finite(array, "maps", block_bytes=block_bytes)


def test_what_cannot_be_bad_is_not_looked_at():
    check_finite(np.zeros(0), "empty")
    check_finite(np.zeros(3, dtype=np.int8), "letters")


def test_ranges_and_choices():
    check_range(0, "x", 0, 1)
    check_range(5, "x", low=1)
    for value, low, high in ((2, 0, 1), (-1, 0, None), (2, None, 1), (np.nan, 0, 1)):
        with pytest.raises(InputError, match="x: got"):
            check_range(value, "x", low, high)
    check_choice("a", "x", ("a", "b"))
    with pytest.raises(InputError, match="'c'; expected one of a, b"):
        check_choice("c", "x", ("a", "b"))


class Recorder:
    def __init__(self):
        self.seen = []

    def update(self, done, total, message=""):
        self.seen.append((done, total, message))


def test_a_part_maps_to_its_share_of_the_whole():
    whole = Recorder()
    part = PartOfProgress(whole, 0.2, 0.6, "maps")
    part.update(0, 10)
    part.update(5, 10, "row 5")
    part.update(10, 10)
    part.update(0, 0)
    assert [s[0] for s in whole.seen] == pytest.approx([0.2, 0.4, 0.6, 0.6])
    assert [s[1] for s in whole.seen] == [1.0] * 4
    assert [s[2] for s in whole.seen] == ["maps", "row 5", "maps", "maps"]


def test_cancel_passes_through_a_part():
    class Stop:
        def update(self, done, total, message=""):
            raise Cancelled

    with pytest.raises(Cancelled):
        PartOfProgress(Stop(), 0, 1).update(1, 2)
    SILENT.update(1, 2)
    assert not issubclass(Cancelled, SeamError)
