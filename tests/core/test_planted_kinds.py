"""The planted family says of itself what is true."""

import numpy as np
import pytest

from tests.planted_kinds import KINDS, NONE_KINDS, make

WITH_SITES = [kind for kind in KINDS if kind not in NONE_KINDS]


def test_there_are_twenty_kinds_with_three_alphabets_and_all_lengths():
    made = [make(kind) for kind in KINDS]
    assert len(made) >= 20
    assert {4, 20} == {kind.n_letters for kind in made}
    assert {"ACGT", "ACGU", "ACDEFGHIKLMNPQRSTVWY"} == {kind.alphabet for kind in made}
    assert min(kind.length for kind in made) == 60
    assert max(kind.length for kind in made) == 1_000


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("seed", [0, 1])
def test_sites_lie_in_the_reference_and_answers_are_finite(kind, seed):
    made = make(kind, seed)
    assert (made.sites == ()) == (kind in NONE_KINDS)
    for site in made.sites:
        assert 0 <= site.start < site.stop <= made.length
    rng = np.random.default_rng(1)
    letters = rng.integers(0, made.n_letters, (50, made.length)).astype(np.int8)
    one_hot = np.eye(made.n_letters, dtype=np.float32)[letters]
    answers = made.predict(one_hot)
    assert answers.shape == (50,)
    assert np.isfinite(answers).all()
    np.testing.assert_allclose(answers, made.formula(letters), rtol=1e-5, atol=1e-5)


def test_the_same_seed_makes_the_same_oracle():
    one, other, third = make("pwm", 3), make("pwm", 3), make("pwm", 4)
    assert np.array_equal(one.reference, other.reference)
    assert not np.array_equal(one.reference, third.reference)
    assert one.formula(third.reference[None]) == other.formula(third.reference[None])


@pytest.mark.parametrize(
    ("kind", "pair"), [("all_or_none", 1.2), ("and", 2.0), ("or", -2.0), ("antagonist", -1.4)]
)
def test_interactions_are_those_written_into_the_formula(kind, pair):
    found = make(kind, 2).interactions(2_000)
    assert found[0b11][0] == pytest.approx(pair, abs=0.02)


def test_a_sum_has_no_interactions_and_its_sites_are_its_knockouts():
    made = make("pwm", 1)
    found = made.interactions(2_000)
    for mask, (value, error) in found.items():
        if mask.bit_count() > 1:
            assert abs(value) < 1e-9 + 5 * error
    for s, knockout in enumerate(made.knockouts(2_000)):
        assert knockout == pytest.approx(found[1 << s][0], abs=0.05)
