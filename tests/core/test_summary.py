"""`summary.json` has what scripts are promised, in plain values."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from seam_core import store
from seam_core.cli.outcome import say_result
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return make_session(80, 40, 4)


def saved(session, folder):
    store.save(session, folder)
    return json.loads((folder / "summary.json").read_text())


def test_every_key_is_on_the_page(session, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "sessions.md").read_text(encoding="utf-8")
    found = saved(session, tmp_path / "s")
    parts = [found, found["trust"], *found["sites"], found["sites"][0]["knockout"]]
    keys = {key for part in (*parts, *found["interactions"]) for key in part}
    assert len(keys) > 40
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_each_site_has_a_verdict_with_its_reason_and_its_knockout(session, tmp_path):
    session.experiments.sites["note"] = ["", "letters beside it do as much", ""]
    found = saved(session, tmp_path / "s")
    assert [site["verdict"] for site in found["sites"]] == ["confirmed", "weak", "not_confirmed"]
    assert found["sites"][1]["knockout"] == {"effect": 0.5, "se": 0.01, "p": 0.005, "q": 0.0075}
    assert [site["note"] for site in found["sites"]] == ["", "letters beside it do as much", ""]


def test_interactions_are_of_two_sites_and_more(session, tmp_path):
    found = saved(session, tmp_path / "s")["interactions"]
    assert [term["sites"] for term in found] == [["A", "B"], ["A", "C"], ["B", "C"]]
    for term in found:
        assert term["estimate"] == -0.4
        assert term["latent_estimate"] == 0.01
        assert term["called"] is True
        assert term["saturation"] is True
        assert term["se"] == 0.02


def test_trust_has_its_numbers_and_sentences(session, tmp_path):
    found = saved(session, tmp_path / "s")["trust"]
    assert found["verdict"] == "doubtful"
    assert found["warnings"] == ["Site B was only weakly confirmed by experiment."]
    assert found["remarks"] == ["What does less than 0.01 is not looked for."]
    assert (found["states_r2"], found["additive_r2"]) == (0.81, 0.62)
    assert (found["largest_cluster"], found["saturated"]) == (0.3, 0.04)


def test_the_command_ends_with_the_verdict_and_all_its_sentences(session, capsys):
    say_result(session, Path("out"))
    said = capsys.readouterr().out
    assert "verdict: doubtful\n  Site B was only weakly confirmed by experiment.\n" in said
    assert "  What does less than 0.01 is not looked for.\n" in said


def test_sites_of_a_session_from_before_are_not_asked(session, tmp_path):
    old = dataclasses.replace(session, experiments=None, trust=None)
    found = saved(old, tmp_path / "s")
    assert {site["verdict"] for site in found["sites"]} == {"not_asked"}
    assert found["sites"][0]["knockout"]["effect"] is None
    assert found["interactions"] == []
    assert found["trust"] is None
    assert store.load(tmp_path / "s").experiments is None


def test_what_was_answered_comes_back(session, tmp_path):
    store.save(session, tmp_path / "s")
    again = store.load(tmp_path / "s")
    assert again.experiments.sites.equals(session.experiments.sites)
    assert again.experiments.interactions.equals(session.experiments.interactions)
    assert again.experiments.unexplained == (0.1, 0.01)
    assert again.experiments.parameters == session.experiments.parameters
    assert again.trust.warnings == session.trust.warnings
    assert again.trust.persistence.equals(session.trust.persistence)


def test_numbers_that_are_not_known_are_null(session, tmp_path):
    sites = session.experiments.sites.assign(effect=np.nan, q=np.nan)
    unknown = dataclasses.replace(
        session, experiments=dataclasses.replace(session.experiments, sites=sites)
    )
    found = saved(unknown, tmp_path / "s")
    assert found["sites"][0]["knockout"]["effect"] is None
    assert found["sites"][0]["knockout"]["q"] is None
