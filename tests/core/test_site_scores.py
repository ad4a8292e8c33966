"""How much of each site a sequence shows, beside what was planted."""

import numpy as np
import pytest

from seam_core.experiments.trust import states_r2
from seam_core.identifier.scores import site_scores
from seam_core.records import AttributionMaps, Library, Site
from tests.core.test_experiments import library_of
from tests.planted_kinds import make


def test_scores_of_additive_sites_are_what_the_sites_add():
    made = make("pwm", 0)
    library = library_of(made, 2_000)
    scores = site_scores(library, library.predictions, made.sites)
    np.testing.assert_allclose(scores[0], 1.0, atol=1e-6)
    assert scores.min() == pytest.approx(0.0, abs=1e-6)
    whole = np.column_stack([np.ones(len(scores)), scores])
    fitted = whole @ np.linalg.lstsq(whole, library.predictions, rcond=None)[0]
    assert np.corrcoef(fitted, library.predictions)[0, 1] ** 2 > 0.95


@pytest.mark.parametrize("kind", ["pwm", "graded"])
def test_scores_explain_graded_sites_where_whole_or_broken_does_not(kind):
    made = make(kind, 0)
    library = library_of(made, 2_000)
    own = library.sequences == library.reference
    states = np.stack([own[:, list(site.positions)].all(axis=1) for site in made.sites], axis=1)
    scores = site_scores(library, library.predictions, made.sites)
    activity = library.predictions.astype(np.float64)
    assert states_r2(states, activity, scores) > states_r2(states, activity) + 0.15


def test_a_letter_that_the_library_hardly_has_is_told_by_the_maps():
    rng = np.random.default_rng(0)
    letters = np.zeros((400, 6), np.int8)
    letters[:, 1] = rng.random(400) < 0.5
    letters[7, 1] = 2  # once, in a sequence that is active for another reason
    activity = -2.0 * (letters[:, 1] == 1) - 1.0 * (letters[:, 1] == 2)
    activity[7] += 3.0
    maps = np.zeros((400, 6, 4), np.float32)
    maps[:, 1] = [0.0, -20.0, -10.0, 0.0]
    library = Library(letters, reference=np.zeros(6, np.int8))
    site = [Site("A", (0, 1, 2))]
    told = site_scores(library, activity, site, AttributionMaps(maps))[7, 0]
    untold = site_scores(library, activity, site)[7, 0]
    assert abs(told - 0.5) < abs(untold - 0.5)


def test_a_site_that_represses_scores_as_one_that_activates():
    made = make("repressor", 0)
    library = library_of(made, 2_000)
    scores = site_scores(library, library.predictions, made.sites)
    broken = (library.sequences != library.reference)[:, list(made.sites[1].positions)].any(axis=1)
    assert scores[~broken, 1].min() > 0.99
    assert scores[broken, 1].mean() < 0.8
