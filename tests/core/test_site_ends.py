"""Where sites end: letters beside them that gain, or do as much as theirs."""

import numpy as np
import pytest

from seam_core.experiments.designs import make_setting
from seam_core.experiments.evidence import CONFIRMED, WEAK, Candidate, Evidence, Measurement
from seam_core.experiments.flanks import FLANK_OF
from seam_core.experiments.questions import Questions
from seam_core.experiments.spread import with_an_end
from seam_core.intervals import span_text
from seam_core.records import Site
from tests.core.test_experiments import asked_about
from tests.planted_base import Draft
from tests.planted_kinds import make


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_letter_beside_a_site_that_another_would_make_more_is_no_letter_of_it(sign):
    draft = Draft(np.random.default_rng(4), 110, (8, 7), gap=12)
    before, beyond = int(draft.columns[0][0]) - 1, int(draft.columns[0][-1]) + 1
    made = (draft.reference[[before, beyond]] + 1) % 4
    first, second, ground = draft.occupancy(0), draft.occupancy(1), draft.background()

    def formula(x):
        gained = (x[:, [before, beyond]] == made).sum(axis=1)
        return sign * (2.0 * first(x) + 2.5 * first(x) * gained + 1.2 * second(x)) + ground(x)

    kind = draft.kind("gaining", formula)
    wide = tuple(range(before, beyond + 1))
    found, verdicts = asked_about(kind, [Site("A", wide), kind.sites[1]])
    assert [site.positions for site in found.sites] == [site.positions for site in kind.sites]
    assert set(verdicts.values()) == {"confirmed"}


def bell(seed):
    """Letters that add up behind a sigmoid, the more the nearer to the middle; no site."""
    rng = np.random.default_rng(seed)
    draft = Draft(rng, 150, ())
    width = np.exp(-(((np.arange(150) - 75) / 30) ** 2))[:, None]
    effects = rng.normal(0, 1, (150, 4)) * width

    def formula(x):
        return 1.0 / (1.0 + np.exp(-effects[np.arange(150), x].sum(axis=1) / 2))

    kind = draft.kind("bell", formula)
    own = effects - effects.mean(axis=1, keepdims=True)
    return kind, np.abs(own[np.arange(150), draft.reference])


def strongest(sizes, n=3, width=7):
    """Windows whose letters do the most, apart from each other."""
    windows, sums = [], np.convolve(sizes, np.ones(width), "valid")
    for start in np.argsort(-sums):
        if all(abs(int(start) - own.start) > width for own in windows):
            windows.append(range(int(start), int(start) + width))
    return [Site(name, tuple(own)) for name, own in zip("ABC", windows[:n], strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_the_strongest_of_letters_that_add_up_everywhere_are_no_sites(seed):
    kind, sizes = bell(seed)
    _, verdicts = asked_about(kind, strongest(sizes))
    assert "confirmed" not in verdicts.values()


def test_a_stretch_without_an_end_that_the_library_missed_is_listed_as_weak():
    found, verdicts = asked_about(bell(0)[0], [])
    assert verdicts == {"A": "weak"}
    (row,) = found.experiments.sites.to_dict("records")
    assert row["origin"] == "scan"
    assert row["note"].startswith("of the letters beside it")
    assert {*found.sites[0].positions} < {*range(45, 105)}  # where the bell is


def test_what_the_letters_beside_do_is_what_tells(monkeypatch):
    monkeypatch.setattr("seam_core.experiments.stage.with_an_end", lambda *given: given[3])
    verdicts = [asked_about(kind, strongest(sizes))[1] for kind, sizes in map(bell, range(4))]
    assert any("confirmed" in own.values() for own in verdicts)


@pytest.mark.parametrize("kind", ["graded", "pwm", "exponential"])
def test_graded_sites_among_others_have_ends(kind):
    made = make(kind, 6)
    _, verdicts = asked_about(made, made.sites)
    assert set(verdicts.values()) == {"confirmed"}


class Added:
    """Letters of the reference add up."""

    def __init__(self, reference: np.ndarray, weights: np.ndarray) -> None:
        self.reference, self.weights = reference, weights
        self.length, self.n_letters = len(reference), 4

    def predict(self, one_hot: np.ndarray) -> np.ndarray:
        return ((one_hot.argmax(axis=2) == self.reference) @ self.weights).astype(np.float32)


@pytest.mark.parametrize(("unsure", "verdict"), [((), WEAK), ((39,), CONFIRMED)])
def test_a_letter_that_may_be_the_sites_own_is_none_beside_it(unsure, verdict):
    rng, weights, site = np.random.default_rng(0), np.zeros(80), tuple(range(40, 46))
    weights[40:46], weights[37:40] = 1.0, 0.8
    reference = rng.integers(0, 4, 80).astype(np.int8)
    questions = Questions(Added(reference, weights), "ACGT")
    changed = rng.integers(0, 4, (400, 80))
    library = np.where(rng.random((400, 80)) < 0.1, changed, reference).astype(np.int8)
    setting = make_setting(questions, reference, library, range(80), 100, rng)
    nothing = Measurement()
    told = Evidence(nothing, nothing, nothing, nothing, verdict=CONFIRMED, told_by="knock-out")
    (judged,) = with_an_end(questions, setting, [Candidate(site, unsure=unsure)], [told], rng)
    assert judged.verdict == verdict


def flanked(gain, alone):
    """A site of 2.0 and five letters beside it, which do `gain` to it, or by themselves."""
    draft = Draft(np.random.default_rng(6), 110, (8,))
    start = int(draft.columns[0][0])
    draft.columns.append(np.arange(start + 8, start + 13))
    site, beside, ground = draft.occupancy(0), draft.occupancy(1), draft.background()

    def formula(x):
        return 2.0 * site(x) + gain * beside(x) * (1.0 if alone else site(x)) + ground(x)

    return draft.kind("flanked", formula)


@pytest.mark.parametrize(
    ("gain", "alone", "verdict"),
    [
        (0.15, False, "weak"),
        (-0.3, False, "weak"),
        (0.15, True, "confirmed"),
        (-1.4, False, "confirmed"),
    ],
)
def test_letters_that_help_the_site_beside_them_a_little_are_its_flank(gain, alone, verdict):
    """What acts by itself, and an antagonist that takes most of the site, is a site."""
    large, small = (made := flanked(gain, alone)).sites
    found, verdicts = asked_about(made, [large, small])
    assert verdicts == {large.name: "confirmed", small.name: verdict}
    told = found.experiments.sites.set_index("site")["note"][small.name]
    flank = FLANK_OF.format(span=span_text(large.start, large.stop))
    assert (told == flank) == (verdict == "weak")
