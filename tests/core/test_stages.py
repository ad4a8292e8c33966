"""The stages' records: what is derived from them, and that the code agrees with them."""

import dataclasses

import numpy as np
import pytest

from seam_core import stages
from seam_core.parameters import AttributerParameters
from seam_core.pipeline import RunConfig
from seam_core.pipeline.engine import Engine
from seam_core.pipeline.shares import share_left
from seam_core.records import Library
from seam_core.session import Session
from seam_core.stages import PARTS, RUN_ORDER, SLOTS, STAGES
from seam_core.store.encode import RECORDS


def test_every_record_of_a_session_is_made_by_one_stage():
    assert sorted(SLOTS) == sorted(RECORDS)
    assert set(SLOTS) < {field.name for field in dataclasses.fields(Session)}


def test_a_run_makes_what_a_stage_needs_before_it():
    made = set()
    for name in RUN_ORDER:
        assert set(STAGES[name].needs) <= made
        made |= set(STAGES[name].makes)
    # the table is compiled from the predictions that come with the maps
    assert RUN_ORDER.index("attributer") < RUN_ORDER.index("compiler")


def test_shares_of_the_time_are_a_whole():
    assert sum(stage.share for stage in STAGES.values()) == pytest.approx(1.0)


def test_maps_and_experiments_share_the_time_by_what_they_ask():
    """Few maps of a gradient leave most of a run to the experiments; many of mutants hardly any."""

    def shares(n, method):
        config = RunConfig(attributer=AttributerParameters(method=method))
        library, left, found = Library(np.zeros((n, 100), np.int8)), 1.0, {}
        for stage in RUN_ORDER:
            found[stage] = left * share_left(stage, RUN_ORDER, config, library)
            left -= found[stage]
        assert left == pytest.approx(0, abs=1e-9)
        return found

    few, many = shares(500, "saliency"), shares(10_000, "ism")
    assert few["experimenter"] > 3 * few["attributer"]
    assert many["experimenter"] == pytest.approx(STAGES["experimenter"].share)


def test_configuration_and_engine_have_a_place_for_each():
    assert set(PARTS) <= {field.name for field in dataclasses.fields(RunConfig)}
    for name, stage in STAGES.items():
        assert hasattr(Engine, f"_{name}")
        assert isinstance(getattr(RunConfig(), name), stage.parameters)


def test_what_follows_the_maps():
    assert stages.AFTER_MAPS == ("clusterer", "meta_explainer", "identifier", "experimenter")
    assert stages.UNTIL_MAPS == ("mutagenizer", "attributer", "compiler")
    assert stages.from_stage_on("compiler") == ("compiler", *stages.AFTER_MAPS)
