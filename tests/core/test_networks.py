"""Hand-set networks that scan the sequence, asked at small size; the benchmark asks in full."""

import numpy as np
import pytest

from tests.core.test_experiments import asked_about, free_site
from tests.planted_kinds import make
from tests.planted_networks import NETWORKS

WITHOUT = ("composition", "untrained")


@pytest.mark.parametrize("name", list(NETWORKS))
def test_what_is_designed_lies_in_the_reference_and_the_same_seed_makes_the_same(name):
    one, other = make(name, 1), make(name, 1)
    assert (one.sites == ()) == (name in WITHOUT)
    letters = np.random.default_rng(1).integers(0, 4, (20, one.length)).astype(np.int8)
    assert np.isfinite(one.formula(letters)).all()
    assert np.array_equal(one.formula(letters), other.formula(letters))
    assert not np.array_equal(one.reference, make(name, 2).reference)
    for site in one.sites:
        assert 0 <= site.start < site.stop <= one.length


@pytest.mark.parametrize("name", ["attention", "repressors", "thermodynamic", "flanks"])
def test_designed_sites_are_confirmed_and_their_effects_are_those_designed(name):
    made = make(name, 5)
    found, verdicts = asked_about(made, [*made.sites, free_site(made)])
    assert verdicts.pop("Z") == "not_confirmed"
    assert set(verdicts.values()) == {"confirmed"}
    place = {site.positions: 1 << index for index, site in enumerate(made.sites)}
    masks = {s.name: place[s.positions] for s in found.sites if s.name != "Z"}
    true, terms = made.interactions(2_000), found.experiments.interactions
    within = []
    for names, estimate, error in zip(terms["sites"], terms["estimate"], terms["se"], strict=True):
        value, own = true[sum(masks[site] for site in names.split("+"))]
        within.append(abs(estimate - value) <= 2 * np.hypot(error, own) + 1e-6)
    assert np.mean(within) >= 0.85  # of 3 to 15; 95 % of many


@pytest.mark.parametrize("name", WITHOUT)
def test_where_nothing_is_designed_nothing_is_confirmed(name):
    made = make(name, 5)
    _, verdicts = asked_about(made, [free_site(made)])
    assert "confirmed" not in verdicts.values()
