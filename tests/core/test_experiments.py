"""Experiments on planted oracles whose every answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from seam_core.experiments import Experimenter
from seam_core.experiments.bounds import Level, _strong
from seam_core.experiments.controls import Controls, Windows
from seam_core.experiments.designs import make_setting, necessity, others, sufficiency
from seam_core.experiments.evidence import Candidate
from seam_core.experiments.factorial import combination_masks
from seam_core.experiments.held import ELSEWHERE
from seam_core.experiments.questions import Questions, mean_and_error
from seam_core.experiments.scan import Scan, beyond
from seam_core.oracles import FunctionOracle
from seam_core.oracles.table import TableOracle
from seam_core.parameters import ExperimenterParameters
from seam_core.records import Library, Site
from seam_core.validate import InputError
from tests.planted_base import Draft
from tests.planted_kinds import _matches, make

FAST = ExperimenterParameters(n_draws=60, n_controls=100, control_draws=5)


def library_of(kind, n=1_000, seed=5, rate=0.1):
    rng = np.random.default_rng(seed)
    rows = np.tile(kind.reference, (n, 1))
    mutated = rng.random(rows.shape) < rate
    mutated[0] = False
    changed = (rows + rng.integers(1, kind.n_letters, rows.shape)) % kind.n_letters
    rows = np.where(mutated, changed, rows).astype(np.int8)
    predictions = kind.formula(rows).astype(np.float32)
    return Library(rows, kind.alphabet, kind.reference, predictions)


def free_site(kind, width=6):
    taken = {p for site in kind.sites for p in site.positions}
    starts = [a for a in range(kind.length - width) if not taken & set(range(a - 8, a + width + 8))]
    return Site("Z", tuple(np.arange(width) + starts[len(starts) // 2]))


def asked_about(kind, sites, parameters=FAST):
    found = Experimenter(kind, parameters).run(library_of(kind), sites)
    verdicts = dict(
        zip(found.experiments.sites["site"], found.experiments.sites["verdict"], strict=True)
    )
    return found, verdicts


@pytest.mark.parametrize("kind", ["all_or_none", "pwm", "or", "antagonist", "protein", "graded"])
def test_true_sites_are_confirmed_and_a_false_one_is_not(kind):
    made = make(kind, 1)
    found, verdicts = asked_about(made, [*made.sites, free_site(made)])
    for site in made.sites:
        assert verdicts[site.name] == "confirmed"
    assert verdicts["Z"] == "not_confirmed"
    assert found.experiments.asked


@pytest.mark.parametrize(("misses", "verdict"), [(0, "confirmed"), (1, "weak")])
def test_a_look_alike_that_acts_among_mutations_only_is_weak_and_a_copy_confirmed(misses, verdict):
    draft = Draft(np.random.default_rng(3), 120, (7, 7))
    motif, second = draft.reference[draft.columns[0]].copy(), draft.columns[1]
    draft.reference[second] = motif
    draft.reference[second[:misses]] = (motif[:misses] + 1) % 4
    ground = draft.background()
    strongest = draft.kind(
        "strongest", lambda x: 2 * _matches(x, motif, 0.35).max(axis=1) + ground(x)
    )
    found, verdicts = asked_about(strongest, strongest.sites)
    first, other = (site.name for site in strongest.sites)
    assert verdicts[first] == "confirmed"
    assert verdicts[other] == verdict
    told = found.experiments.sites.set_index("site").loc[other]
    assert abs(told["effect"]) < 0.1 < told["context_effect"]
    assert told["note"].endswith(ELSEWHERE) == (verdict == "weak")


def test_one_site_among_many_candidates_is_confirmed_with_the_fewest_controls():
    draft = Draft(np.random.default_rng(1), 150, (8,))
    one, ground = draft.occupancy(0), draft.background()
    made = draft.kind("one", lambda x: one(x) + ground(x))
    (site,) = made.sites
    free = [a for a in range(0, 140, 6) if not {*range(a - 4, a + 8)} & {*site.positions}]
    none = [Site(f"Z{a}", tuple(range(a, a + 4))) for a in free[:12]]
    few = FAST.replace(n_controls=50, missed_sites=False, refine_bounds=False)
    _, verdicts = asked_about(made, [site, *none], few)
    assert len(none) == 12
    assert [name for name, v in verdicts.items() if v == "confirmed"] == [site.name]


@pytest.mark.parametrize("kind", ["gelu_mlp", "cnn_pool_sigmoid"])
def test_sites_of_networks_are_confirmed_and_called_on_the_scale_of_their_answers(kind):
    made = make(kind, 2)
    thousandth = replace(made, formula=lambda x: made.formula(x) / 1_024)
    whole, part = (asked_about(m, made.sites)[0].experiments for m in (made, thousandth))
    assert list(whole.sites["verdict"]) == ["confirmed"] * 3
    assert list(part.sites["verdict"]) == ["confirmed"] * 3
    assert list(part.interactions["called"]) == list(whole.interactions["called"])
    assert whole.interactions["called"].any()


@pytest.mark.parametrize("kind", ["noise", "additive", "kmer", "protein_additive"])
def test_nothing_is_confirmed_where_there_is_no_site(kind):
    made = make(kind, 2)
    sites = [Site(n, tuple(range(a, a + 7))) for n, a in (("A", 10), ("B", 30), ("C", 45))]
    found, verdicts = asked_about(made, sites)
    assert "confirmed" not in verdicts.values()
    assert found.experiments.interactions.empty


def test_knockouts_are_the_designed_ones():
    made = make("all_or_none", 3)
    found, _ = asked_about(made, made.sites)
    told = found.experiments.sites
    truth = made.knockouts()
    assert (np.abs(told["effect"] - truth) <= 4 * told["se"] + 0.01).all()


@pytest.mark.parametrize("kind", ["all_or_none", "three_way", "spacing", "repressor"])
def test_interactions_are_the_designed_ones(kind):
    made = make(kind, 4)
    found, _ = asked_about(made, made.sites)
    told = found.experiments.interactions.set_index("sites")
    assert len(found.sites) == len(made.sites)
    for mask, (truth, error) in made.interactions().items():
        if mask:
            name = "+".join(s.name for i, s in enumerate(made.sites) if mask >> i & 1)
            row = told.loc[name]
            assert abs(row["estimate"] - truth) <= 4 * np.hypot(row["se"], error) + 1e-4
            if mask.bit_count() > 1:
                assert row["called"] == (abs(truth) > 0.05)


@pytest.mark.parametrize("kind", ["saturating", "exponential", "copies"])
def test_interactions_that_are_the_links_doing_are_told_apart(kind):
    made = make(kind, 0)
    found, _ = asked_about(made, made.sites)
    told = found.experiments.interactions
    assert found.experiments.link != "identity"
    pairs = told[told["order"] == 2]
    assert pairs["called"].all()
    assert pairs["saturation"].all()
    mains = told.loc[told["order"] == 1, "latent_estimate"].abs().max()
    assert (pairs["latent_estimate"].abs() < 0.1 * mains).all()


@pytest.mark.parametrize("kind", ["and", "or", "three_way"])
def test_interactions_that_no_link_takes_off_stay(kind):
    made = make(kind, 0)
    found, _ = asked_about(made, made.sites)
    told = found.experiments.interactions
    assert not told["saturation"].any()
    assert told.loc[told["order"] > 1, "called"].any()


def test_a_missed_site_is_found_with_its_bounds():
    made = make("all_or_none", 6)
    found, verdicts = asked_about(made, made.sites[:2])
    added = [site for site in found.sites if site.name == "C"]
    assert added[0].positions == made.sites[2].positions
    assert verdicts["C"] == "confirmed"
    origin = dict(
        zip(found.experiments.sites["site"], found.experiments.sites["origin"], strict=True)
    )
    assert origin == {"A": "library", "B": "library", "C": "scan"}


def test_bounds_follow_the_positions_that_matter():
    made = make("all_or_none", 7)
    first = made.sites[0]
    shifted = Site("A", tuple(p + 2 for p in first.positions))
    found, _ = asked_about(made, [shifted, *made.sites[1:]])
    assert found.sites[0].positions == first.positions
    tail = Site("A", first.positions[-3:])  # the rest lies further than is looked at first
    assert asked_about(made, [tail, *made.sites[1:]])[0].sites[0].positions == first.positions
    as_found = FAST.replace(refine_bounds=False)
    assert asked_about(made, [shifted], as_found)[0].sites[0].positions == shifted.positions


def test_a_position_that_is_open_is_asked_again_and_said_to_be():
    size = np.array([0.02, 0.31, 1.0, 1.0, 1.0, 0.01, 0.31])
    error = np.array([0.01, 0.2, 0.1, 0.1, 0.1, 0.01, 0.2])
    told = _strong(size, error, tuple(range(10, 17)), (12, 13, 14), Level())
    assert told.positions == (11, 12, 13, 14)
    assert told.unsure == (11,)  # 16 is no part, whatever it does: 15 lies between
    assert _strong(size, error / 100, tuple(range(10, 17)), (12, 13, 14), Level()).unsure == ()

    # a head whose few answers leave the letter before a site open; with more the bounds are exact
    made = make("cnn_pool_sigmoid", 101)
    found, _ = asked_about(made, made.sites)
    assert [site.positions for site in found.sites] == [site.positions for site in made.sites]


def test_interwoven_candidates_are_one_site():
    made = make("all_or_none", 7)
    own = made.sites[0].positions
    halves = [Site("A", own[::2]), Site("B", own[1::2])]
    found, verdicts = asked_about(made, [*halves, *made.sites[2:]])
    assert found.sites[0].positions == own
    assert "not_confirmed" in (verdicts["A"], verdicts["B"])


def test_positions_between_sure_ones_leave_no_bound_open():
    site = (3, 4, 5, 7, 9, 10)
    assert Candidate(site, unsure=(2, 3, 7, 8, 10)).open_at == (2, 3, 10)
    assert Candidate(site, unsure=site).open_at == site


def test_the_same_seed_asks_the_same():
    made = make("rna", 1)
    one, other = (asked_about(made, made.sites)[0].experiments for _ in range(2))
    assert one.sites.equals(other.sites)
    assert one.interactions.equals(other.interactions)
    third = asked_about(made, made.sites, FAST.replace(seed=1))[0].experiments
    assert not one.sites.equals(third.sites)


def test_what_cannot_be_asked_says_why():
    made = make("rna", 0)
    library = library_of(made)
    for oracle, parameters, library_, why in (
        (made, FAST.replace(experiments=False), library, "switched off"),
        (None, FAST, library, "no model at hand"),
        (made, FAST, Library(library.sequences, made.alphabet), "no reference"),
    ):
        found = Experimenter(oracle, parameters).run(library_, made.sites)
        assert not found.experiments.asked
        assert why in found.experiments.note
        assert set(found.experiments.sites["verdict"]) == {"not_asked"}
        assert found.sites == made.sites


def test_a_complete_table_answers_as_its_oracle_does():
    rng = np.random.default_rng(0)
    letters = np.stack(np.meshgrid(*[np.arange(4)] * 7, indexing="ij"), -1).reshape(-1, 7)
    letters = letters.astype(np.int8)
    motif = letters[rng.integers(len(letters))]
    values = 2.0 * (letters[:, :4] == motif[:4]).all(axis=1) + rng.normal(0, 0.01, len(letters))
    library = Library(letters, "ACGT", motif, values.astype(np.float32))
    sites = [Site("A", (0, 1, 2, 3))]
    whole = Experimenter(TableOracle(letters, values), FAST).run(library, sites).experiments
    assert whole.sites["verdict"].tolist() == ["confirmed"]
    assert whole.sites["effect"][0] == pytest.approx(2.0, abs=0.05)
    assert "measured" in whole.note
    wide = [Site("A", (1, 2, 3, 4))]
    (bounded,) = Experimenter(TableOracle(letters, values), FAST).run(library, wide).sites
    assert bounded.positions == (0, 1, 2, 3)
    kept = rng.random(len(letters)) < 0.5
    kept[(letters == motif).all(axis=1)] = True
    half = Experimenter(TableOracle(letters[kept], values[kept]), FAST).run(library, sites)
    assert half.experiments.sites["effect"][0] == pytest.approx(2.0, abs=0.05)


def test_a_table_of_too_few_sequences_cannot_be_asked():
    made = make("rna", 0)
    library = library_of(made, 50)
    found = Experimenter(TableOracle(library.sequences[:50], np.arange(50.0)[:50], alphabet="ACGU"))
    told = found.run(library, made.sites).experiments
    assert set(told.sites["verdict"]) == {"not_asked"}
    assert "too few" in told.sites["note"][0]


def test_a_given_link_must_fit_the_activities():
    made = make("repressor", 0)
    with pytest.raises(InputError, match="link"):
        asked_about(made, made.sites, FAST.replace(link="logit"))
    found, _ = asked_about(
        make("exponential", 0), make("exponential", 0).sites, FAST.replace(link="log")
    )
    assert found.experiments.link == "log"
    assert found.experiments.interactions.query("order > 1")["saturation"].all()


def test_spacing_shows_where_the_pair_is_strongest():
    made = make("spacing", 0)
    found, _ = asked_about(made, made.sites, FAST.replace(spacing=True))
    told = found.experiments.spacing
    as_found = told[told["orientation"] == "as found"]
    assert as_found.loc[as_found["activity"].idxmax(), "distance"] == pytest.approx(12, abs=1)
    turned = told[told["orientation"] == "second turned"]
    assert turned["activity"].max() < as_found["activity"].max() - 1.0


def test_replacements_keep_no_letter_and_take_each_other_one():
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 20, (5_000, 3)).astype(np.int8)
    changed = others(letters, 20, rng)
    assert (changed != letters).all()
    assert changed.min() == 0
    assert changed.max() == 19
    counts = np.bincount((changed - letters).ravel() % 20)[1:]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_backgrounds_keep_dinucleotides_and_sites_are_put_whole():
    made = make("all_or_none", 0)
    questions = Questions(made, "ACGT")
    setting = make_setting(
        questions, made.reference, made.reference[None], range(120), 40, np.random.default_rng(0)
    )
    own = np.bincount(4 * made.reference[:-1] + made.reference[1:], minlength=16)
    for row in setting.backgrounds:
        assert np.array_equal(np.bincount(4 * row[:-1] + row[1:], minlength=16), own)
    site = made.sites[2]
    mean, error = mean_and_error(sufficiency(questions, setting, [site.positions], 40))
    alone = made.interactions()[0b100][0]
    assert mean[0] == pytest.approx(alone, abs=0.05 + 4 * error[0])


def spread_and_error(oracle, reference, site):
    questions = Questions(oracle, "ACGT")
    rng = np.random.default_rng(0)
    setting = make_setting(questions, reference, reference[None], range(len(reference)), 50, rng)
    told = [mean_and_error(necessity(questions, setting, [site], 50, rng)) for _ in range(60)]
    return np.std([mean[0] for mean, _ in told], ddof=1), np.mean([error[0] for _, error in told])


def test_standard_errors_are_those_of_the_draws():
    table = np.random.default_rng(1).normal(size=(4, 4))
    table[1:, 1:] -= table[1:, 1:].mean(axis=0)
    table[1:, 1:] -= table[1:, 1:].mean(axis=1, keepdims=True)  # only pairs of letters tell

    def pairs(x):
        letters = x.argmax(axis=2)
        return table[letters[:, 3], letters[:, 7]]

    oracle = FunctionOracle(pairs, length=40)
    spread, error = spread_and_error(oracle, np.zeros(40, np.int8), (3, 7))
    assert spread == pytest.approx(error, rel=0.35)


def test_what_letters_do_by_themselves_does_not_depend_on_the_draws():
    made = make("pwm", 0)
    spread, error = spread_and_error(made, made.reference, made.sites[0].positions)
    assert spread < error / 2


def test_p_is_the_share_of_controls_at_least_as_large():
    controls = Controls({(0, 1, 2): Windows(np.array([0.1, -0.5, 0.2, 0.3] * 25))})
    assert controls.p_value((7, 8, 9), 0.4) == pytest.approx(26 / 101)
    assert controls.p_value((7, 8, 9), -0.6) == pytest.approx(1 / 101)
    assert controls.limit((7, 8, 9)) == pytest.approx((1.0, 1.0, 1.0))


def test_a_factorial_of_ten_is_whole_and_of_more_goes_to_order_three():
    assert len(combination_masks(10)) == 1_024
    assert len(combination_masks(12)) == 1 + 12 + 66 + 220


def test_rows_asked_do_not_depend_on_how_they_come():
    made = make("rna", 0)
    rows = library_of(made, 700).sequences
    questions = Questions(made, "ACGU")
    whole = questions.answers([rows])
    pieces = questions.answers(rows[a : a + 13] for a in range(0, 700, 13))
    np.testing.assert_array_equal(whole, pieces)
    assert questions.asked == 2 * len(np.unique(rows, axis=0))


def test_no_window_stands_out_where_none_does_anything() -> None:
    """As of a saturated head: the library has no spread, so that every limit is zero."""
    starts = np.arange(12)
    still = Scan(starts, np.zeros((2, 12)), np.zeros((2, 12)), np.zeros(12, bool))
    assert not beyond(still, [], 0.0).standing.any()
    effects = np.zeros((2, 12))
    effects[0, 5] = 0.5
    alone = beyond(replace(still, effects=effects), [], 0.0)
    assert alone.standing.nonzero()[0].tolist() == [5]


class Shares:
    """Progress that keeps what it was told."""

    def __init__(self):
        self.told = []

    def update(self, done, total, message=""):
        self.told.append((done / total, message))


@pytest.mark.parametrize("kind", ["all_or_none", "many_weak"])
def test_progress_counts_what_is_asked(kind):
    made, progress = make(kind, 3), Shares()
    found = Experimenter(made, ExperimenterParameters()).run(
        library_of(made), made.sites, progress=progress
    )
    shares = [share for share, _ in progress.told]
    assert shares == sorted(shares)
    assert 0.7 < shares[-1] <= 1
    n = found.experiments.n_questions
    for share, message in progress.told:
        words = message.split(", ")
        if len(words) == 2:
            asked = int(words[1].removesuffix(" sequences asked").replace(",", ""))
            assert abs(share / 0.9 - asked / n) < 0.25
