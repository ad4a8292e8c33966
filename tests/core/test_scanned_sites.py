"""A site that replacing windows found is told as such, wherever sites are listed."""

from dataclasses import replace

import numpy as np
import pytest

from seam_core import store
from seam_core.exports.material import Material
from seam_core.exports.sites import sites_frame, stability_in_words
from seam_core.findings import scanned_sites
from seam_core.identifier import Identifier
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import ExperimenterParameters, IdentifierParameters
from seam_core.pipeline.asking import with_experiments
from seam_core.progress import SILENT
from seam_core.records import Site
from seam_core.report.contents import Contents, Naming
from seam_core.report.site_sections import site_table
from seam_core.session import Session
from seam_core.store.summary import summary
from tests.factories import make_session
from tests.planted import Asked, analysis, planted

FAST = ExperimenterParameters(n_draws=40, n_controls=60, control_draws=4)


@pytest.fixture(scope="module")
def session():
    """Two of three planted sites, the third of which the scan finds."""
    model = planted(0, 3)
    library, table, maps, clustering = analysis(model, 600)
    explanation = MetaExplainer().run(library, table, maps, clustering)
    identifier = Identifier(IdentifierParameters(n_bootstrap=0, n_trees=2))
    everything = {"library": library, "table": table, "clustering": clustering}
    found = identifier.run(explanation, **everything)
    assert len(found.sites) == 3
    two = identifier.describe(explanation, found.sites[:2], **everything, maps=maps)
    made = Session(
        library=library,
        table=table,
        maps=maps,
        clustering=clustering,
        explanation=explanation,
        sites=two,
    )
    return with_experiments(made, Asked(model), FAST, SILENT)


def test_no_clustering_was_asked_for_it(session):
    (name,) = scanned_sites(session.experiments)
    names = [site.name for site in session.sites.sites]
    at = names.index(name)
    assert session.sites.stability_of(at) is None
    assert stability_in_words(session, at) == "found by the scan"
    others = [k for k in range(3) if k != at]
    assert [session.sites.stability_of(k) >= 0 for k in others] == [True, True]
    assert summary(session)["sites"][at]["stable"] is None


def test_the_session_opens_again(session, tmp_path):
    store.save(session, tmp_path / "session")
    again = store.load(tmp_path / "session").sites
    np.testing.assert_array_equal(again.stability, session.sites.stability)
    assert np.isnan(again.stability).sum() == 1


def test_the_table_says_how_each_was_found_and_why_the_verdict(session):
    judged = session.experiments
    noted = replace(
        judged, sites=judged.sites.assign(note=[f"of {s}" for s in judged.sites["site"]])
    )
    frame = sites_frame(Material(replace(session, experiments=noted), np.arange(1))).set_index(
        "Site"
    )
    (name,) = scanned_sites(judged)
    assert frame["Found by"].to_dict() == {
        s: "scan" if s == name else "library" for s in frame.index
    }
    assert frame["Note"].to_dict() == {s: f"of {s}" for s in frame.index}
    assert np.isnan(frame.loc[name, "Stability"])


def test_the_report_has_dots_in_the_gaps_of_a_site():
    made = make_session(80, 40, 4)
    first, *rest = made.sites.sites
    gapped = Site(first.name, (*range(first.start, first.start + 2), first.start + 4))
    shown = replace(made, sites=replace(made.sites, sites=(gapped, *rest)))
    letters = site_table(Contents(shown, Naming()))["Reference"][0]
    reference = made.library.alphabet
    at = made.library.reference[first.start : first.start + 5]
    assert letters == "".join(reference[k] for k in at[:2]) + "··" + reference[at[4]]
