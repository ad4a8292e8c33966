"""Letters of a window one by one and together: a site that does no more than the ground."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from seam_core.experiments import Experimenter
from seam_core.experiments.designs import make_setting
from seam_core.experiments.joint import joint_effects
from seam_core.experiments.questions import Questions
from seam_core.experiments.scan import Scan
from seam_core.experiments.unclaimed import joint_said
from seam_core.oracles.table import TableOracle
from tests.core.test_experiments import FAST, library_of
from tests.planted_base import Draft
from tests.planted_kinds import make

WIDTH = 6


def said(experiments, sites, spread):
    return joint_said(experiments, SimpleNamespace(sites=sites), spread)


def loud():
    """A ground where every letter does much, and a site that one wrong letter takes away."""
    draft = Draft(np.random.default_rng(2), 60, (8,))
    effects = draft.rng.normal(0, 1, (60, 4))
    site = draft.occupancy(0, leak=0.0)
    return draft.kind(
        "loud", lambda x: 0.3 * site(x) + effects[np.arange(60), x].sum(axis=1), "identity"
    )


def joint_of(kind, oracle=None, reference=None):
    x = kind.reference if reference is None else reference
    questions = Questions(oracle or kind, kind.alphabet)
    rng = np.random.default_rng(0)
    setting = make_setting(questions, x, np.tile(x, (50, 1)), range(kind.length), 20, rng)
    starts = np.arange(kind.length - WIDTH + 1)
    nothing = np.zeros((2, len(starts)))
    scan = Scan(starts, nothing, nothing, np.zeros(len(starts), bool), WIDTH)
    return (starts, *joint_effects(questions, setting, scan, [], rng))


def test_letters_that_add_up_do_nothing_more_and_those_of_a_site_do():
    kind = loud()
    starts, effect, error = joint_of(kind)
    (site,) = kind.sites
    inside = np.array([len({*range(a, a + WIDTH)} & {*site.positions}) for a in starts])
    # each letter of the site takes 0.3, and so do all together
    np.testing.assert_allclose(effect, 0.3 * np.maximum(inside - 1, 0), atol=1e-4)
    assert (error < 1e-4).all()


def test_what_a_curved_output_makes_of_letters_that_add_up_is_taken_off():
    kind = loud()
    curved = replace(kind, formula=lambda x: np.exp(0.05 * kind.formula(x)))
    starts, effect, _ = joint_of(curved)
    (site,) = kind.sites
    common = np.array([len({*range(a, a + WIDTH)} & {*site.positions}) for a in starts])
    inside, outside = common == WIDTH, common == 0
    assert np.abs(effect[outside]).max() < 0.1 * effect[inside].min()


def test_a_window_with_an_unknown_letter_is_not_told():
    kind = loud()
    unknown = kind.reference.copy()
    unknown[20] = -1
    starts, effect, _ = joint_of(kind, reference=unknown)
    touching = (starts <= 20) & (starts + WIDTH > 20)
    assert np.array_equal(np.isnan(effect), touching)


def test_a_measured_table_is_not_asked():
    kind = make("rna", 1)
    table = TableOracle(kind.reference[None], np.ones(1), alphabet=kind.alphabet)
    _, effect, error = joint_of(kind, oracle=table)
    assert np.isnan(effect).all()
    assert np.isnan(error).all()


@pytest.fixture(scope="module")
def missed():
    """An activator given, and a repressor that does a third of what the ground may do."""
    kind = make("faint_4", 2)
    library = library_of(kind)
    found = Experimenter(kind, FAST).run(library, kind.sites[:1])
    return kind, found, float(np.std(library.predictions))


def test_a_site_that_does_no_more_than_the_ground_is_told_by_its_letters(missed):
    kind, found, spread = missed
    (given,) = found.sites
    assert given.positions == kind.sites[0].positions  # the other is not found
    (text,) = said(found.experiments, found.sites, spread)
    _, other = kind.sites
    scan = found.experiments.scan
    place = text.split("positions ")[1].split(" ")[0]
    start, stop = map(int, place.split("-"))
    assert start < other.stop
    assert stop > other.start
    assert {*range(start, stop)} <= {*range(other.start - WIDTH, other.stop + WIDTH)}
    assert said(found.experiments, kind.sites, spread) == []  # drawn by hand
    old = scan.drop(columns=["joint_effect", "joint_se"])
    assert said(replace(found.experiments, scan=old), found.sites, spread) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("joint_se", lambda scan: scan["joint_effect"].abs() / 4),
        ("effect", lambda scan: scan["joint_effect"] * 11),
        ("joint_effect", lambda scan: scan["joint_effect"] / 100),
        ("start", lambda scan: scan["start"] * 10),
    ],
)
def test_what_chance_curvature_or_one_window_may_do_is_not_said(missed, name, change):
    _, found, spread = missed
    scan = found.experiments.scan.copy()
    scan[name] = change(scan)
    if name == "start":
        scan["stop"] = scan["start"] + WIDTH
    assert said(replace(found.experiments, scan=scan), found.sites, spread) == []


@pytest.mark.parametrize("kind", ["saturating", "exponential", "pwm", "attention", "hidden"])
def test_no_letters_outside_of_sites_warn_where_all_are_found(kind):
    made = make(kind, 3)
    library = library_of(made)
    found = Experimenter(made, FAST).run(library, made.sites)
    spread = float(np.std(library.predictions))
    assert said(found.experiments, found.sites, spread) == []
