"""Sites in measured tables, noisy and with gaps: one or two, and those that a library misses."""

import itertools

import numpy as np
import pytest

from seam_core.experiments import Experimenter
from seam_core.experiments.evidence import ONE_OR_TWO
from seam_core.experiments.trust import _by_note
from seam_core.oracles.gaps import FilledTable
from seam_core.oracles.table import TableOracle
from seam_core.parameters import ExperimenterParameters
from seam_core.records import Library, Site

EVERY = np.array(list(itertools.product(range(4), repeat=8)), dtype=np.int8)
NOISE = 0.15
FAST = ExperimenterParameters(n_draws=60, n_controls=60, control_draws=5)


def landscape(seed, columns, both=1.0, noise=NOISE):
    """A reference and a table: of each site a wrong letter leaves a quarter; the true activity."""
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 4, EVERY.shape[1]).astype(np.int8)
    bound = [0.25 ** (EVERY[:, own] != reference[own]).sum(axis=1) for own in map(list, columns)]
    values = 0.3 + sum(w * each for w, each in zip((1.5, 1.2), bound, strict=False))
    values = values + (both * bound[0] * bound[1] if len(bound) == 2 else 0.0)
    return reference, values, values + rng.normal(0, noise, len(EVERY))


def asked(seed, columns, share, sites, both=1.0, noise=NOISE):
    reference, true, values = landscape(seed, columns, both, noise)
    rng = np.random.default_rng(seed)
    kept = rng.random(len(EVERY)) < share
    kept[(reference == EVERY).all(axis=1)] = True
    oracle = FilledTable(EVERY[kept], values[kept])
    rate = np.where(rng.random((1_500, 8)) < 0.15, rng.integers(1, 4, (1_500, 8)), 0)
    rows = ((reference + rate) % 4).astype(np.int8)
    rows = rows[np.isfinite(oracle.values_of(rows))]
    library = Library(rows, "ACGT", reference, oracle.values_of(rows))
    found = Experimenter(oracle, FAST).run(
        library, [Site(name, own) for name, own in zip("AB", sites, strict=False)]
    )
    return found, reference, true


def confirmed(found):
    verdicts = dict(found.experiments.sites[["site", "verdict"]].to_numpy())
    return [own.positions for own in found.sites if verdicts[own.name] == "confirmed"]


@pytest.mark.parametrize("share", [0.98, 0.93, 0.8])
@pytest.mark.parametrize("columns", [((0, 1, 2, 3), (4, 5, 6, 7)), ((0, 1, 2), (5, 6, 7))])
@pytest.mark.parametrize("seed", range(2))
def test_two_near_sites_of_a_noisy_table_are_two(share, columns, seed):
    both = tuple(p for own in columns for p in own)
    found, reference, true = asked(seed, columns, share, [both])
    assert confirmed(found) == list(columns)
    told = found.experiments.sites.set_index("site")
    for site in found.sites:
        own = list(site.positions)
        lost = (EVERY[:, own] != reference[own]).all(axis=1)
        rest = np.delete(np.arange(8), own)
        lost &= (EVERY[:, rest] == reference[rest]).all(axis=1)
        effect = true[(reference == EVERY).all(axis=1)][0] - true[lost].mean()
        assert abs(told["effect"][site.name] - effect) <= 3 * told["se"][site.name]
        assert NOISE / 2 < told["se"][site.name] < 2 * NOISE  # the reference was measured once


@pytest.mark.parametrize("seed", range(4))
def test_one_site_of_a_noisy_table_stays_one(seed):
    site = tuple(range(8))
    found, *_ = asked(seed, [site], 0.93, [site])
    assert [own.positions for own in found.sites] == [site]
    assert found.experiments.sites["note"].tolist() == [""]


def test_where_noise_hides_whether_it_is_one_or_two_that_is_said():
    columns = (0, 1, 2, 3), (4, 5, 6, 7)
    found, *_ = asked(0, columns, 0.6, [tuple(range(8))], noise=1.0)
    assert [own.positions for own in found.sites] == [tuple(range(8))]
    note = found.experiments.sites["note"][0]
    assert ONE_OR_TWO in note
    assert any(ONE_OR_TWO in warning for warning in _by_note("A", note))


@pytest.mark.parametrize("seed", range(3))
def test_a_site_that_was_missed_in_a_short_table_is_found(seed):
    columns = (0, 1, 2), (5, 6, 7)
    found, *_ = asked(seed, columns, 0.98, [columns[1]])
    assert confirmed(found) == list(columns)
    assert set(found.experiments.sites["origin"]) == {"library", "scan"}


def test_a_unit_that_was_proposed_by_itself_keeps_its_name():
    columns = (0, 1, 2, 3), (4, 5, 6, 7)
    found, *_ = asked(1, columns, 0.98, [tuple(range(8)), columns[0]])
    assert {site.name: site.positions for site in found.sites} == {
        "A": columns[1],
        "B": columns[0],
    }
    assert set(found.experiments.sites["verdict"]) == {"confirmed"}


def test_noise_of_a_table_without_any_is_none():
    reference, true, _ = landscape(0, [(0, 1, 2)], noise=0.0)
    rows = EVERY[np.random.default_rng(0).permutation(len(EVERY))[:500]]
    oracle = TableOracle(EVERY, true)
    library = Library(rows, "ACGT", reference, oracle.values_of(rows))
    found = Experimenter(oracle, FAST).run(library, [Site("A", (0, 1, 2))])
    assert confirmed(found) == [(0, 1, 2)]
    assert found.experiments.sites["se"][0] < 0.05
