"""The *eve* demonstration: the two ATCGAT elements (DRE) of the window are found as sites."""

from pathlib import Path

import numpy as np
import pytest
from scipy.cluster import hierarchy

from seam_core.identifier import Identifier
from seam_core.meta_explainer import MetaExplainer
from seam_core.parameters import IdentifierParameters
from seam_core.records import Clustering
from seam_core.sequences import indices_to_strings
from seam_core.store import load

DEMO = Path(__file__).parents[2] / "demo_data" / "eve_hk"
ELEMENTS = [range(85, 91), range(105, 111)]


@pytest.fixture(scope="module")
def session():
    return load(DEMO)


def test_the_window_has_the_elements_there(session):
    (letters,) = indices_to_strings(session.library.reference[None])
    assert [letters[e.start : e.stop] for e in ELEMENTS] == ["ATCGAT", "ATCGAT"]


@pytest.mark.parametrize("n_clusters", [15, 30, 100])
def test_both_elements_are_sites_of_their_own(session, n_clusters):
    labels = hierarchy.fcluster(session.linkage.matrix, n_clusters, "maxclust") - 1
    clustering = Clustering(labels.astype(np.int32), "ward", "linkage")
    explanation = MetaExplainer().run(session.library, session.table, session.maps, clustering)
    sites = Identifier(IdentifierParameters(n_bootstrap=0)).run(explanation).sites
    hit = [
        [site.name for site in sites if len(set(site.positions) & set(element)) >= 5]
        for element in ELEMENTS
    ]
    assert [len(names) for names in hit] == [1, 1]
    assert hit[0] != hit[1]
    assert all(len(site.positions) <= 12 for site in sites)
    assert len(sites) <= 8


def test_both_elements_raise_activity(session):
    sites = Identifier().run(session.explanation, library=session.library, table=session.table)
    table = sites.epistasis.set_index("sites")
    for element in ELEMENTS:
        (name,) = (s.name for s in sites.sites if len(set(s.positions) & set(element)) >= 5)
        assert table.loc[name, "low"] > 0
        breaking = sites.drivers[
            (sites.drivers["site"] == name) & sites.drivers["position"].isin(element)
        ]
        assert (breaking["verdict"] == "breaks").mean() > 0.9
        assert (breaking["effect"] < 0).all()
