"""Trust: its numbers against scikit-learn and planted truth, and the sentences that warn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.cluster import hierarchy
from sklearn.linear_model import LinearRegression

from seam_core.experiments import Experimenter, assess, not_asked
from seam_core.experiments.evidence import COPY, INEXACT, TWO
from seam_core.experiments.trust import additive_r2, states_r2
from seam_core.identifier import Identifier
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import ExperimenterParameters, IdentifierParameters
from seam_core.records import Library, Linkage, Table
from tests.planted import Asked, analysis, planted

FAST = ExperimenterParameters(n_draws=40, n_controls=60, control_draws=4)


@pytest.fixture(scope="module")
def found():
    """A run on planted sites: everything that trust is told from."""
    model = planted(0, 3)
    library, table, maps, clustering = analysis(model, 1_500)
    explanation = MetaExplainer().run(library, table, maps, clustering)
    sites = Identifier(IdentifierParameters(n_bootstrap=0)).run(
        explanation, library=library, table=table, clustering=clustering
    )
    tree = Linkage(hierarchy.linkage(maps.maps.reshape(len(library), -1), "ward"), "ward")
    judged = Experimenter(Asked(model), FAST).run(library, sites.sites).experiments
    return library, table, explanation, sites, judged, maps, clustering, tree


def trusted(found, **changes):
    library, table, explanation, sites, judged, maps, clustering, tree = found
    given = {"table": table, "sites": sites, "experiments": judged, "clustering": clustering}
    given["maps"] = maps
    given |= changes
    return assess(
        library,
        given["table"],
        explanation,
        given["sites"],
        given["experiments"],
        maps=given["maps"],
        clustering=given["clustering"],
        linkage=tree,
    )


def test_planted_sites_are_good_to_read(found):
    trust = trusted(found)
    assert trust.verdict == "good", trust.warnings
    assert trust.warnings == ()
    assert trust.states_r2 > 0.9
    assert trust.halves == 1.0
    assert (trust.persistence["persistence"] > 0.5).all()
    assert list(trust.persistence["n_cuts"]) == [7] * len(trust.persistence)


def test_activity_that_sites_do_not_explain_is_not_to_be_read(found):
    rng = np.random.default_rng(0)
    noise = Table(pd.DataFrame({"Activity": rng.normal(size=len(found[0]))}))
    trust = trusted(found, table=noise)
    assert trust.verdict == "do_not_read"
    assert trust.states_r2 < 0.02
    assert trust.warnings[0] == "The sites explain 0% of this activity: do not read them."


def test_sites_that_were_not_tested_are_doubtful_and_it_says_so(found):
    nothing = not_asked(found[3].sites, "experiments were switched off")
    trust = trusted(found, experiments=nothing)
    assert trust.verdict == "doubtful"
    assert "The sites were not tested on the model (experiments were switched off)." in (
        trust.warnings
    )


def test_bounds_that_the_model_leaves_open_warn(found):
    judged = found[4]
    notes = [f"{INEXACT}7, 15", *[""] * (len(judged.sites) - 1)]
    trust = trusted(found, experiments=replace(judged, sites=judged.sites.assign(note=notes)))
    name = judged.sites["site"].iloc[0]
    assert trust.warnings == (
        f"The bounds of site {name} are not exact: whether positions 7, 15 belong to it is open, "
        "and more draws may tell; its effects are those of the positions listed.",
    )
    assert trust.verdict == "doubtful"


def test_a_site_that_is_perhaps_two_warns(found):
    judged = found[4]
    notes = [f"missed by the library; {TWO}7-15 and 12-20; {INEXACT}19"]
    notes += [""] * (len(judged.sites) - 1)
    trust = trusted(found, experiments=replace(judged, sites=judged.sites.assign(note=notes)))
    name = judged.sites["site"].iloc[0]
    assert trust.warnings == (
        f"Site {name} is perhaps two, 7-15 and 12-20: draw both by hand and test them again.",
        f"The bounds of site {name} are not exact: whether position 19 belongs to it is open, "
        "and more draws may tell; its effects are those of the positions listed.",
    )


def test_what_is_weak_or_not_confirmed_is_said_with_its_reason(found):
    judged = found[4]
    more = pd.concat([judged.sites, judged.sites.iloc[:1].assign(site="Z")], ignore_index=True)
    names = list(more["site"])
    assert len(names) == 4
    sites = more.assign(
        verdict=["weak", "confirmed", "not_confirmed", "not_confirmed"],
        note=[f"near its limit; {INEXACT}19", "", "", "no more than elsewhere"],
    )
    trust = trusted(found, experiments=replace(judged, sites=sites))
    assert trust.warnings[:3] == (
        f"Site {names[2]} was not confirmed by experiment.",
        f"Site {names[3]} was not confirmed by experiment (no more than elsewhere).",
        f"Site {names[0]} was only weakly confirmed by experiment (near its limit).",
    )
    alike = sites.assign(note=["", "", "no more than elsewhere", "no more than elsewhere"])
    trust = trusted(found, experiments=replace(judged, sites=alike))
    two = f"Sites {names[2]}, {names[3]} were not confirmed by experiment (no more than elsewhere)."
    assert trust.warnings[0] == two


def test_what_may_be_a_copy_warns(found):
    judged = found[4]
    notes = [f"missed by the library; {COPY}7-15: 6 of its 8 letters, and 5% of what that does"]
    notes += [""] * (len(judged.sites) - 1)
    trust = trusted(found, experiments=replace(judged, sites=judged.sites.assign(note=notes)))
    name = judged.sites["site"].iloc[0]
    said = f"Site {name} is {COPY}7-15: 6 of its 8 letters, and 5% of what that does."
    assert (trust.verdict, trust.warnings) == ("doubtful", (said,))


def test_the_least_effect_that_is_looked_for_is_said(found):
    table, judged = found[1], found[4]
    spread = np.std(table.activity)
    quiet = replace(judged, scan=judged.scan.assign(effect=1e-6 * spread, stands_out=False))
    (said,) = trusted(found, experiments=quiet).remarks
    assert f"by less than {0.05 * spread:.3g} (0.05 standard" in said
    size = np.where(np.arange(len(judged.scan)) % 2, 0.1, 0.2) * spread
    loud = replace(judged, scan=judged.scan.assign(effect=size, stands_out=False))
    (said,) = trusted(found, experiments=loud).remarks
    free = size[windows_without_a_site(found)]
    usual = np.median(free) / 0.6745
    assert f"by less than {4 * usual:.3g} (" in said
    assert trusted(found, experiments=loud).verdict == "good"
    assert trusted(found, experiments=replace(judged, scan=judged.scan.iloc[:0])).remarks == ()


def test_no_window_to_compare_with_is_said_in_words(found):
    judged = found[4]
    taken = judged.scan.drop(judged.scan.index[windows_without_a_site(found)])
    (said,) = trusted(found, experiments=replace(judged, scan=taken)).remarks
    assert "no window without a site" in said
    assert "inf" not in said


def windows_without_a_site(found):
    """Numbers of the windows of the scan that touch none."""
    taken = {p for site in found[3].sites for p in site.positions}
    spans = found[4].scan[["start", "stop"]].to_numpy()
    return np.flatnonzero([not taken & set(range(a, b)) for a, b in spans])


def test_a_small_window_that_stands_alone_is_no_site(found):
    judged = found[4]
    free = windows_without_a_site(found)
    at = next(at for at in free if {*range(at - 6, at + 7)} <= {*free})
    largest = judged.sites["effect"].abs().max()

    def told(places, size, **changes):
        quiet = judged.scan.assign(effect=0.0, context_effect=0.0, stands_out=False, **changes)
        quiet.loc[places, "stands_out"] = True
        quiet.loc[places, "effect"] = size
        return trusted(found, experiments=replace(judged, scan=quiet)).warnings

    assert told([at], 0.09 * largest) == ()
    assert len(told([at], 0.11 * largest)) == 1
    assert len(told([at, at + 2], 0.05 * largest)) == 1  # two that overlap
    beside = next(p for p in free if p - 1 not in free)
    assert len(told([beside], 0.05 * largest)) == 1  # may tell of a site's last letters
    apart = judged.scan["start"] * 7
    assert len(told([at], 0.05 * largest, start=apart, stop=apart + 6)) == 1  # none overlaps


def test_few_cuts_are_said_of_sites_that_were_not_tested(found, monkeypatch):
    names = [site.name for site in found[3].sites]
    few = pd.DataFrame({"site": names, "persistence": 0.2, "n_cuts": 7})
    monkeypatch.setattr("seam_core.experiments.trust.persistence_frame", lambda *given: few)
    untested = not_asked(found[3].sites, "no model at hand")
    said = f"Sites {', '.join(names)} are found at few other numbers of clusters."
    assert said in trusted(found, experiments=untested).warnings
    refuted = found[4].sites.assign(verdict=["confirmed", "confirmed", "not_confirmed"])
    (told,) = trusted(found, experiments=replace(found[4], sites=refuted)).warnings
    assert "not confirmed by experiment" in told


def test_windows_below_the_limit_that_others_may_hold_warn(found):
    judged, spread = found[4], np.std(found[1].activity)
    free = windows_without_a_site(found)
    near = next(at for at in free if at + 1 in free)
    quiet = judged.scan.assign(
        context_effect=1e-3 * spread, context_se=1e-4 * spread, stands_out=False
    )

    def told(places, size=0.03 * spread):
        scan = quiet.copy()
        scan.loc[places, "context_effect"] = size
        return trusted(found, experiments=replace(judged, scan=scan)).warnings

    start, stop = quiet.loc[near, "start"], quiet.loc[near + 1, "stop"]
    (said,) = told([near, near + 1])
    assert said.startswith(
        f"2 windows within positions {start}-{stop} do more than others among mutations, up to "
        f"{0.03 * spread:.3g}, "
    )
    assert told([near]) == ()  # every window with letters of a site shows it
    assert told([near, near + 1], 0.008 * spread) == ()


def test_none_confirmed_and_no_site_are_not_to_be_read(found):
    judged = found[4]
    refuted = replace(judged, sites=judged.sites.assign(verdict="not_confirmed"))
    trust = trusted(found, experiments=refuted)
    assert trust.verdict == "do_not_read"
    assert "No site was confirmed" in trust.warnings[0]
    none = replace(found[3], sites=(), states=np.zeros((len(found[0]), 0), bool))
    empty = replace(judged, sites=judged.sites.iloc[:0], scan=judged.scan.iloc[:0])
    assert trusted(found, sites=none, experiments=empty).warnings == (
        "No site was found: there is nothing to read.",
    )


def test_a_window_that_matters_and_no_site_claims_warns(found):
    judged = found[4]
    taken = {p for site in found[3].sites for p in site.positions}
    free = [not taken & set(range(a, b)) for a, b in judged.scan[["start", "stop"]].to_numpy()]
    standing = np.zeros(len(judged.scan), bool)
    at = np.flatnonzero(free)[:2]
    standing[at[0]] = True
    scan = judged.scan.assign(stands_out=standing)
    scan.loc[at, ["effect", "context_effect"]] = [[0.25, -0.5], [np.nan, 0.75]]
    confirmed = judged.sites[judged.sites["verdict"] == "confirmed"]
    largest = confirmed["context_effect"].abs().max()
    trust = trusted(found, experiments=replace(judged, scan=scan))
    assert trust.verdict == "doubtful"
    start, stop = scan.loc[at[0], ["start", "stop"]]
    assert trust.warnings == (
        f"A window, positions {start}-{stop}, matters and belongs to no site: up to 0.5 by "
        f"knock-out among mutations (the largest site there: {largest:.3g}).",
    )
    scan.loc[at[0], "effect"] = -0.625
    largest = confirmed["effect"].abs().max()
    (said,) = trusted(found, experiments=replace(judged, scan=scan)).warnings
    assert said.endswith(
        f"up to 0.625 by knock-out in the reference (the largest site there: {largest:.3g})."
    )
    scan.loc[at[1], "stands_out"] = True
    (two,) = trusted(found, experiments=replace(judged, scan=scan)).warnings
    assert two.startswith("2 windows within positions ")
    assert "no site: up to 0.75 by" in two


def test_one_large_cluster_and_saturation_warn(found):
    library, _, explanation, *_ = found
    sizes = explanation.sizes.copy()
    sizes[:] = 1
    sizes[0] = len(library) - len(sizes) + 1
    one = list(found)
    one[2] = replace(explanation, sizes=sizes)
    words = " ".join(trusted(one).warnings)
    assert "One cluster holds 98% of the sequences" in words
    assert "29 of 30 clusters are a single sequence" in words
    flat = np.zeros(len(library))
    flat[:20] = np.linspace(0, 1, 20)
    assert "99% of the library lies at the ends" in " ".join(
        trusted(found, table=Table(pd.DataFrame({"Activity": flat}))).warnings
    )


def test_robustness_counts_sequences_in_the_references_cluster(found):
    library, clustering, explanation = found[0], found[6], found[2]
    trust = trusted(found)
    own = clustering.labels == explanation.reference_cluster
    mutations = (library.sequences != library.reference).sum(axis=1)
    assert trust.kept == pytest.approx(own.mean())
    for row in trust.robustness.to_dict("records"):
        here = mutations == row["mutations"]
        assert row["n"] == here.sum()
        assert row["kept"] == pytest.approx(own[here].mean())
    for row in trust.reprogramming.to_dict("records"):
        assert row["distance"] == mutations[clustering.labels == row["cluster"]].min()


def test_shares_explained_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    states = rng.random((400, 3)) < 0.4
    y = states @ [1.0, 2.0, -1.0] + states[:, 0] * states[:, 1] + rng.normal(0, 0.5, 400)
    both = np.column_stack(
        [states, *(states[:, i] & states[:, j] for i, j in ((0, 1), (0, 2), (1, 2)))]
    )
    score = LinearRegression().fit(both, y).score(both, y)
    assert states_r2(states, y) == pytest.approx(1 - (1 - score) * 399 / (399 - 6), abs=1e-9)

    letters = rng.integers(0, 4, (2_000, 12)).astype(np.int8)
    effects = rng.normal(size=(12, 4))
    y = effects[np.arange(12), letters].sum(axis=1) + rng.normal(0, 1.0, 2_000)
    one_hot = (letters[:, :, None] == np.arange(1, 4)).reshape(2_000, -1)
    score = LinearRegression().fit(one_hot, y).score(one_hot, y)
    library = Library(letters, reference=np.zeros(12, np.int8))
    expected = 1 - (1 - score) * 1_999 / (1_999 - 36)
    assert additive_r2(library, y) == pytest.approx(expected, abs=1e-4)


def test_noise_explains_nothing_however_many_positions():
    rng = np.random.default_rng(2)
    library = Library(
        rng.integers(0, 4, (600, 100)).astype(np.int8), reference=np.zeros(100, np.int8)
    )
    assert additive_r2(library, rng.normal(size=600)) < 0.1


def test_sites_of_clusters_by_chance_do_not_persist(found):
    rng = np.random.default_rng(3)
    maps = found[5]
    shuffled = replace(maps, maps=maps.maps[rng.permutation(len(maps))])
    assert trusted(found, maps=shuffled).halves == 0.0
    assert trusted(found).halves == 1.0
