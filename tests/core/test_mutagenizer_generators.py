"""Generators of libraries: those of squid-nn, others, and bad ones."""

import numpy as np
import pytest

from seam_core.mutagenizer import (
    Mutagenizer,
)
from seam_core.parameters import MutagenizerParameters
from seam_core.sequences import (
    hamming,
)
from seam_core.validate import InputError
from tests.core.test_mutagenizer_libraries import letters, make_library


def test_a_squid_generator_plugs_in_and_leaves_no_trace():
    from squid.mutagenizer import RandomMutagenesis

    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    reference = np.random.default_rng(0).integers(0, 4, 30).astype(np.int8)
    parameters = MutagenizerParameters(n_sequences=60, mutate_start=5, mutate_stop=25)
    first, second = (
        Mutagenizer(parameters, generator=RandomMutagenesis(mut_rate=0.2)).run(reference)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.sequences, second.sequences)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert first.sequences.shape == (60, 30)
    outside = [*range(5), *range(25, 30)]
    assert (first.sequences[:, outside] == reference[outside]).all()
    assert (first.sequences[1:, 5:25] != reference[5:25]).any(axis=1).mean() > 0.8


def test_a_generator_that_makes_its_own_number():
    from squid.mutagenizer import CombinatorialMutagenesis

    library = Mutagenizer(generator=CombinatorialMutagenesis(max_order=1)).run(letters("ACGTAC"))
    assert len(library) == 19


def test_a_generator_named_in_the_parameters():
    library = make_library(
        letters("ACGTAC"),
        library="generator",
        generator="tests.core.test_mutagenizer_generators:repeat",
        n_sequences=3,
    )
    np.testing.assert_array_equal(library.sequences, [letters("ACGTAC")] * 3)


def test_a_class_of_squid_named_in_the_parameters_is_made():
    reference = letters("ACGTACGTAC" * 4)
    library = make_library(
        reference,
        library="generator",
        generator="squid.mutagenizer:RandomMutagenesis(mut_rate=0.5)",
        n_sequences=300,
    )
    assert hamming(library.sequences, reference).mean() / 40 == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        ("", "generator: got nothing; expected module:object"),
        ("squid", "generator: got 'squid'"),
        ("squid.mutagenizer:RandomMutagenesis(0.1)", "named plain values"),
        ("squid.mutagenizer:RandomMutagenesis(mut_rate=open('x'))", "named plain values"),
        ("squid.mutagenizer:RandomMutagenesis(mut_rate=0.1", "generator: got"),
        ("squid.mutagenizer:RandomMutagenesis(speed=2)", "speed"),
        ("squid.mutagenizer:RandomMutagenesis", "mut_rate"),
        ("tests.core.test_mutagenizer_generators:repeat(n=2)", "not a class"),
    ],
)
def test_a_bad_name_of_a_generator_is_refused(generator, message):
    with pytest.raises(InputError) as error:
        make_library(letters("ACGT"), library="generator", generator=generator)
    assert message in str(error.value)


def repeat(window, n):
    return np.repeat(window[None], n, axis=0)


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (lambda window, n: window, r"shape \(6, 4\)"),
        (lambda window, n: np.ones((n, *window.shape)), "one-hot"),
        (lambda window, n: 1 / 0, "ZeroDivisionError"),
        ("text", "a str"),
    ],
)
def test_a_bad_generator_is_refused(generator, message):
    with pytest.raises(InputError, match=message):
        Mutagenizer(generator=generator).run(letters("ACGTAC"))
    with pytest.raises(InputError, match="generator"):
        make_library(letters("ACG"), library="generator", generator="no.such:thing")


def test_squids_uniform_is_broken_and_said_so():
    from squid.mutagenizer import RandomMutagenesis

    with pytest.raises(InputError, match="TypeError"):
        Mutagenizer(generator=RandomMutagenesis(0.1, uniform=True)).run(letters("ACGTACGT"))
