"""The limit that controls set: how sure it is, and what it is told from."""

import itertools

import numpy as np
import pytest

from seam_core.experiments import Experimenter
from seam_core.experiments.controls import Controls, Limit, Windows, control_context
from seam_core.experiments.designs import (
    CONTEXTS,
    Setting,
    in_context,
    make_setting,
    sufficiency,
)
from seam_core.experiments.evidence import Candidate, Evidence, Measurement, _judged
from seam_core.experiments.questions import Questions
from seam_core.oracles.table import TableOracle
from seam_core.parameters import ExperimenterParameters
from seam_core.records import Library, Site
from tests.core.test_experiments import FAST, library_of
from tests.planted_base import Draft
from tests.planted_kinds import make

NEAR, BEYOND = 0.45, 0.7


def beside_words(weight):
    """Three sites, the second of the weight given, where words of three letters matter too."""
    rng = np.random.default_rng(11)
    draft = Draft(rng, 150, (8, 8, 8))
    first, second, third = (draft.occupancy(s) for s in range(3))
    words = rng.normal(0, 0.03, 64)

    def formula(x):
        of_words = words[16 * x[:, :-2].astype(int) + 4 * x[:, 1:-1] + x[:, 2:]].sum(axis=1)
        return 1.5 * first(x) + weight * second(x) + 1.2 * third(x) + of_words

    return draft.kind("beside_words", formula)


@pytest.mark.parametrize(("weight", "verdict"), [(NEAR, "weak"), (BEYOND, "confirmed")])
def test_a_verdict_is_the_same_from_draw_to_draw(weight, verdict):
    made = beside_words(weight)
    parameters = ExperimenterParameters(missed_sites=False)
    library = library_of(made)
    for seed in range(4):
        run = Experimenter(made, parameters.replace(seed=seed)).run(library, made.sites)
        told = run.experiments.sites.set_index("site").loc["B"]
        assert told["verdict"] == verdict
        assert ("near its limit" in told["note"]) == (verdict == "weak")
        assert (told["n_controls"] > parameters.n_controls) == (verdict == "weak")


def test_the_interval_of_the_tail_holds_that_of_other_draws():
    rng = np.random.default_rng(0)
    true = np.quantile(np.abs(rng.standard_t(4, 1_000_000)), 0.99)
    held = []
    for _ in range(200):
        least, low, high = Windows(rng.standard_t(4, 400)).tail()
        assert low <= least <= high
        held.append(low <= true <= high)
    assert np.mean(held) > 0.85


def test_windows_of_the_reference_keep_their_share_of_the_controls():
    whole, drawn = np.full(150, 0.1), np.full(50, 0.3)
    one = Windows(drawn, whole)
    more = Windows(np.tile(drawn, 4), whole, times=4)
    assert len(more) == 350
    assert np.mean(more.sizes() == 0.1) == np.mean(one.sizes() == 0.1) == 0.75
    shape = (0, 1, 2)
    p_values = [Controls({shape: each}).p_value(shape, 0.2) for each in (one, more)]
    assert p_values == pytest.approx([51 / 201, 201 / 801])


def test_without_controls_nothing_stands_and_nothing_is_near():
    shape = (0, 1, 2)
    limit = Controls({shape: Windows(np.empty(0))}).limit(shape)
    assert limit == (np.inf, np.inf, np.inf)
    told = Measurement(1.0, 0.01, limit=limit)
    assert not told.stands(1.0)
    assert not told.near


@pytest.mark.parametrize("share", [0.47, 0.98])
def test_controls_of_a_short_table_do_not_hold_its_sites(share):
    letters = np.array(list(itertools.product(range(4), repeat=8)), dtype=np.int8)
    rng = np.random.default_rng(2)
    first = (letters[:, :4] == [2, 2, 0, 2]).all(axis=1)
    second = (letters[:, 5:] == [3, 0, 1]).all(axis=1)
    values = 2.0 * first + 1.0 * second + 1.2 * (first & second)
    values = (values + rng.normal(0, 0.1, len(letters))).astype(np.float32)
    kept = (rng.random(len(letters)) < share) | (first & second)
    sites = [Site("A", (0, 1, 2, 3)), Site("B", (5, 6, 7))]
    reference = letters[first & second][0]
    library = Library(letters[kept], "ACGT", reference, values[kept])
    oracle = TableOracle(letters[kept], values[kept])
    told = Experimenter(oracle, FAST.replace(control_draws=10)).run(library, sites)
    assert told.experiments.sites["verdict"].tolist() == ["confirmed", "confirmed"]
    assert [site.positions for site in told.sites] == [site.positions for site in sites]


def test_controls_have_mutations_and_backgrounds_of_their_own():
    """What the first letter of a sequence does to a window is not that of all windows alike."""
    rng = np.random.default_rng(0)
    contexts = rng.integers(0, 4, (60, 30)).astype(np.int8)
    reference = np.zeros(30, np.int8)

    class ByFirst:
        length, n_letters = 30, 4

        def predict(self, one_hot):
            x = one_hot.argmax(axis=2)
            return ((1 + x[:, 0]) * (x[:, 10:13] == 0).sum(axis=1)).astype(np.float32)

    setting = Setting(reference, 3.0, contexts, contexts, 4, range(30))
    windows = [(10, 11, 12)] * 40
    questions = Questions(ByFirst(), "ACGT")
    alike, own = (
        in_context(questions, setting, windows, 5, rng, apart=apart) for apart in (False, True)
    )
    np.testing.assert_allclose(alike, np.tile(alike[0], (40, 1)))  # the same five contexts
    assert np.std(own.mean(axis=1)) > 0.5
    mean = np.mean(3.0 * (1 + contexts[:, 0]))
    assert own.mean() == pytest.approx(mean, rel=0.1) != alike.mean()
    contents = [reference] * 12
    put = sufficiency(questions, setting, windows[:12], 5, contents)
    there = (contexts[:, 10:13] == 0).sum(axis=1)
    told = (1 + contexts[:, 0]) * (3 - there)
    np.testing.assert_allclose(put.ravel(), told)  # sixty backgrounds, each against itself


def test_chance_among_mutations_does_not_make_the_limit():
    """Where a window does nothing but by chance, the largest are asked until little is left."""
    made = make("noise")
    questions, rng = Questions(made, made.alphabet), np.random.default_rng(0)
    library = library_of(made)
    window = range(made.length)
    setting = make_setting(questions, made.reference, library.sequences, window, 300, rng)
    assert len(setting.contexts) == len(library)  # fewer than would be taken
    few = make_setting(questions, made.reference, library.sequences, window, 50, rng)
    assert len(few.contexts) == CONTEXTS * 50
    site = tuple(range(40, 46))
    windows = [tuple(range(start, start + 6)) for start in range(80)]
    once = in_context(questions, setting, windows, 10, rng, apart=True).mean(axis=1)

    def told_of(n, beyond):
        before = questions.asked
        asked = [site], [site], n, 10, rng, lambda shape, controls: (beyond, False)
        return control_context(questions, setting, *asked).of(site), questions.asked - before

    told, n_asked = told_of(70, False)
    larger, n_of_sure = told_of(70, True)
    assert len(told) == len(larger) == 70
    assert n_of_sure < n_asked / 2  # a site beyond the larger limit is not weighed against another
    assert told.tail()[0] < larger.tail()[0]
    assert told.tail()[0] < 0.7 * np.quantile(np.abs(once), 0.99)
    all_places, _ = told_of(200, False)
    assert len(all_places) == 95 - (6 + 2 * 3 + 5)  # each once, with more draws
    assert len(all_places.sizes()) >= 200


@pytest.mark.parametrize(("n_open", "verdict"), [(4, "confirmed"), (5, "weak")])
def test_a_site_with_more_positions_open_than_sure_is_weak(n_open, verdict):
    candidate = Candidate((10, 11, 12, 13), unsure=tuple(range(14, 14 + n_open)))
    plain = Measurement(1.0, 0.01, 0.005, Limit(0.2, 0.15, 0.25), 200)
    nothing = Measurement()
    evidence = Evidence(plain, nothing, nothing, nothing, 1.0, settled=candidate.settled)
    (told,) = _judged([evidence], 1.0)
    assert told.verdict == verdict
    assert ("open" in told.note) == (verdict == "weak")
