"""Two sites that came as one, told apart by what losing two of their letters does."""

import numpy as np
import pytest

from seam_core.experiments.designs import make_setting
from seam_core.experiments.evidence import TWO, WITHIN, WORD
from seam_core.experiments.parts import parts_of, shared_as_one, two_units
from seam_core.experiments.questions import Questions
from seam_core.intervals import span_text
from seam_core.records import Site
from tests.core.test_experiments import asked_about
from tests.planted_base import Draft
from tests.planted_kinds import make


@pytest.mark.parametrize("kind", ["overlap", "adjacent"])
def test_two_sites_that_came_as_one_are_told_apart(kind):
    made = make(kind, 1)
    both = tuple(sorted({p for site in made.sites for p in site.positions}))
    found, verdicts = asked_about(made, [Site("A", both)])
    assert [site.positions for site in found.sites] == [site.positions for site in made.sites]
    assert set(verdicts.values()) == {"confirmed"}
    assert "parted" in found.experiments.sites["note"][1]
    assert set(found.experiments.sites["origin"]) == {"library"}  # which showed both, as one


@pytest.mark.parametrize("both", [-0.6, 0.6, 3.0])
def test_two_sites_that_overlap_and_interact_are_told_apart(both):
    rng = np.random.default_rng(3)
    draft = Draft(rng, 110, (8, 8))
    start = draft.columns[0][0]
    draft.columns[1] = np.arange(start + 5, start + 13)
    first, second, ground = draft.occupancy(0), draft.occupancy(1), draft.background()
    made = draft.kind(
        "overlap", lambda x: first(x) + 1.5 * second(x) + both * first(x) * second(x) + ground(x)
    )
    found, verdicts = asked_about(made, [Site("A", tuple(range(start, start + 13)))])
    assert [site.positions for site in found.sites] == [site.positions for site in made.sites]
    assert set(verdicts.values()) == {"confirmed"}
    told = found.experiments.interactions.set_index("sites")
    assert told["called"]["A+B"]
    truth, error = made.interactions()[3]
    assert abs(told["estimate"]["A+B"] - truth) <= 4 * np.hypot(told["se"]["A+B"], error)


@pytest.mark.parametrize("kind", ["exponential", "pwm"])
def test_two_pieces_of_a_graded_site_that_share_letters_are_one_site(kind):
    made = make(kind, 3)
    first, whole, last = made.sites
    pieces = Site("B", whole.positions[:5]), Site("D", whole.positions[3:])
    found, verdicts = asked_about(made, [first, *pieces, last])
    confirmed = [s.positions for s in found.sites if verdicts[s.name] == "confirmed"]
    assert confirmed == [site.positions for site in made.sites]


@pytest.mark.parametrize("kind", ["overlap", "overlap_pair"])
def test_letters_of_two_sites_take_what_both_take(kind):
    made = make(kind, 2)
    questions, rng = Questions(made, made.alphabet), np.random.default_rng(1)
    setting = make_setting(
        questions, made.reference, made.reference[None], range(made.length), 20, rng
    )
    first, second = (site.positions for site in made.sites)
    assert not shared_as_one(questions, setting, first, second, rng)
    assert not shared_as_one(questions, setting, first, second[3:], rng)  # nothing is shared
    assert shared_as_one(questions, setting, first[:6], first[3:], rng)


@pytest.mark.parametrize(
    ("noise", "n_units", "sure"), [(0.02, 2, True), (0.08, 2, False), (1, 1, True)]
)
def test_units_are_parted_where_the_losses_are_plain_and_else_said_to_be_perhaps_two(
    noise, n_units, sure
):
    own = np.zeros((13, 13))
    own[:8, :8] = own[5:, 5:] = 1.0
    drawn = np.random.default_rng(1).normal(0, noise, (13, 13))
    parts = two_units(tuple(range(20, 33)), 0.5 + 0.5 * own + drawn + drawn.T)
    assert (len(parts.units), parts.sure) == (n_units, sure)
    if n_units == 2:
        assert parts.units == [tuple(range(20, 28)), tuple(range(25, 33))]


def test_what_is_perhaps_two_sites_is_said_at_the_site(monkeypatch):
    monkeypatch.setattr("seam_core.experiments.parts.SURELY", np.inf)
    made = make("overlap", 1)
    both = tuple(sorted({p for site in made.sites for p in site.positions}))
    found, _ = asked_about(made, [Site("A", both)])
    one, other = (span_text(site.start, site.stop) for site in made.sites)
    assert found.experiments.sites["note"][0] == f"{TWO}{one} and {other}"
    assert found.sites[0].positions == both


def _long_site(rng, inner):
    """A firm site of 15 letters; with `inner`, six of them are a word that acts by itself too."""
    draft = Draft(rng, 110, (15, 8), gap=12)
    long, other, ground = draft.score(0, 1.0), draft.occupancy(1), draft.background()
    draft.columns.append(draft.columns[0][5:11])
    word = draft.occupancy(2)
    del draft.columns[2]

    def formula(x):
        firm = 1.0 / (1.0 + np.exp(-14.0 * (long(x) - 0.75)))
        return 2.0 * firm + inner * word(x) + 1.2 * other(x) + ground(x)

    return draft.kind("long", formula)


@pytest.mark.parametrize("inner", [0.0, 1.5])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_of_one_site_are_one_and_a_word_within_it_is_said(inner, seed):
    made = _long_site(np.random.default_rng(seed), inner)
    site = made.sites[0] if len(made.sites[0].positions) == 15 else made.sites[1]
    cuts = [site.positions[:5], site.positions[5:11], site.positions[11:]]
    found, verdicts = asked_about(
        made, [Site(name, p) for name, p in zip("ABC", cuts, strict=True)]
    )
    assert site.positions in [own.positions for own in found.sites]
    confirmed = [own.positions for own in found.sites if verdicts[own.name] == "confirmed"]
    assert sorted(confirmed) == sorted(own.positions for own in made.sites)
    notes = list(found.experiments.sites["note"])
    assert notes.count(WITHIN) == 2
    assert notes[0] == (WORD + span_text(cuts[1][0], cuts[1][-1] + 1) if inner else "")


@pytest.mark.parametrize("kind", ["overlap", "overlap_pair", "adjacent"])
def test_two_sites_side_by_side_stay_two(kind):
    made = make(kind, 4)
    found, verdicts = asked_about(made, list(made.sites))
    assert [site.positions for site in found.sites] == [site.positions for site in made.sites]
    assert set(verdicts.values()) == {"confirmed"}


@pytest.mark.parametrize("kind", ["all_or_none", "pwm", "copies", "saturating", "or", "graded"])
def test_one_site_stays_one(kind):
    made = make(kind, 2)
    questions = Questions(made, made.alphabet)
    rng = np.random.default_rng(0)
    rows = made.reference[None]
    setting = make_setting(questions, made.reference, rows, range(made.length), 5, rng)
    for site in made.sites:
        assert parts_of(questions, setting, site.positions, rng).units == [site.positions]
