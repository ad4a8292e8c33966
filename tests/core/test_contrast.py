"""What tells two selections apart, against SciPy's own tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seam_core.contrast import EXPECTED, contrast, independence, q_values
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(500, 40, 6, seed=2)


@pytest.fixture(scope="module")
def masks(session):
    active = session.table.activity > np.median(session.table.activity)
    first, second = active.copy(), ~active
    second[:30] = True  # in both, where the first has them too
    return first, second


@pytest.fixture(scope="module")
def found(session, masks):
    frame = session.table.frame
    columns = {name: frame[name].to_numpy() for name in frame}
    return contrast(session.library, session.maps, *masks, columns=columns)


def test_what_both_have_is_left_out(found, masks):
    first, second = masks
    assert found.sizes == ((first & ~second).sum(), (second & ~first).sum())
    assert found.shared == (first & second).sum() > 0


def test_letters_are_counted_and_tested_as_scipy_does(found, masks, session):
    first, second = masks
    letters = session.library.sequences
    kinds = set()
    for row in found.letters.iloc[::7].itertuples():
        code = session.library.alphabet.index(row.letter)
        same = letters[:, row.position] == code
        a, c = int((same & first & ~second).sum()), int((same & second & ~first).sum())
        assert (row.count_first, row.count_second) == (a, c)
        table = np.array([[a, found.sizes[0] - a], [c, found.sizes[1] - c]])
        exact = bool((stats.contingency.expected_freq(table) < EXPECTED).any())
        kinds.add(exact)
        expected = (
            stats.fisher_exact(table).pvalue
            if exact
            else stats.chi2_contingency(table, correction=False).pvalue
        )
        assert row.p_value == pytest.approx(expected, rel=1e-9)
    assert kinds == {True, False}, "both tests were needed"
    expected = stats.false_discovery_control(found.letters["p_value"])
    np.testing.assert_allclose(found.letters["q_value"], expected)


def test_positions_are_tested_as_scipy_does(found, masks, session):
    first, second = masks
    letters = session.library.sequences
    for row in found.positions.itertuples():
        counts = np.array(
            [
                np.bincount(letters[mask, row.position], minlength=4)
                for mask in (first & ~second, second & ~first)
            ]
        )
        counts = counts[:, counts.sum(axis=0) > 0]
        if counts.shape[1] > 1:
            expected = stats.chi2_contingency(counts, correction=False)
            assert row.chi2 == pytest.approx(expected.statistic)
            assert row.p_value == pytest.approx(expected.pvalue)
            v = stats.contingency.association(counts, method="cramer")
            assert row.cramers_v == pytest.approx(v)


def test_attributions_differ_by_welchs_t(found, masks, session):
    first, second = masks
    maps = session.maps.maps.astype(float)
    one, other = maps[first & ~second], maps[second & ~first]
    expected = stats.ttest_ind(one, other, axis=0, equal_var=False).pvalue
    for row in found.letters.iloc[::5].itertuples():
        at = row.position - session.maps.start, session.library.alphabet.index(row.letter)
        difference = one[(slice(None), *at)].mean() - other[(slice(None), *at)].mean()
        assert row.attribution_difference == pytest.approx(difference, abs=1e-9)
        assert row.attribution_p == pytest.approx(expected[at], rel=1e-4, abs=1e-300)


def test_columns_are_tested_as_scipy_does(found, masks, session):
    first, second = masks
    values = session.table.activity
    one, other = values[first & ~second], values[second & ~first]
    row = found.columns.set_index("column").loc["Activity"]
    expected = stats.mannwhitneyu(one, other)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert row["auc"] == pytest.approx(1.0), "all of the first are above all of the second"


def test_the_planted_site_is_what_tells_apart_those_that_show_it(session):
    site = session.sites.sites[0]
    reference = session.library.reference
    columns = list(site.positions)
    shown = (session.library.sequences[:, columns] == reference[columns]).all(axis=1)
    found = contrast(session.library, session.maps, shown, ~shown)
    ranked = found.positions.sort_values("q_value", kind="stable")
    assert set(ranked["position"].head(len(columns))) == set(columns)
    own = [
        row.letter == session.library.alphabet[reference[row.position]]
        for row in found.letters[found.letters["position"].isin(columns)].itertuples()
        if row.log2_odds > 0
    ]
    assert all(own), "the reference's letters are enriched there"


def test_nothing_to_compare_is_said(session):
    everything = np.ones(500, dtype=bool)
    with pytest.raises(InputError, match="second selection"):
        contrast(session.library, session.maps, everything, everything[::-1] & False)
    with pytest.raises(InputError, match="first selection"):
        contrast(session.library, session.maps, everything[:7], everything)


def test_a_set_of_one_has_no_spread(session):
    one = np.zeros(500, dtype=bool)
    one[3] = True
    found = contrast(session.library, session.maps, one, ~one)
    assert found.letters["attribution_p"].isna().all()
    assert found.letters["attribution_q"].isna().all()
    assert found.letters["p_value"].between(0, 1).all()


def test_no_tables_and_no_p_values():
    nothing = np.zeros(0, dtype=int)
    assert independence(nothing, nothing, nothing, nothing).shape == (0,)
    assert np.isnan(q_values(np.array([np.nan]))).all()
