"""Random acts on a real window: what is shown is what runs, is saved, exported and reported.

A few here; `scripts/random_acts.py` does as many as asked for.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from seam_core.report import write_report
from tests.gui.acting import Actor

ACTS = int(os.environ.get("SEAM_ACTS", "8"))
SEEDS = [int(seed) for seed in os.environ.get("SEAM_ACT_SEEDS", "0").split(",")]

WEIGHTS = {
    "select": 3,
    "query": 2,
    "label": 4,
    "colour": 2,
    "hide": 2,
    "merge": 2,
    "split": 2,
    "keep": 2,
    "bounds": 2,
    "test_sites": 1,
    "recipe": 1,
    "reopen": 1,
    "theme": 1,
    "choose": 2,
    "run": 1,
    "undo": 3,
    "redo": 1,
    "open": 1,
    "variants": 1,
    "imported": 1,
    "recovered": 1,
    "look_closer": 2,
    "compare": 1,
    "batch": 1,
    "design": 1,
    "tracks": 1,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_acts(window, session_folder, tmp_path, seed):
    actor = Actor(window, tmp_path / "saved", session_folder, seed)
    window.door.answers |= {"unsaved": "discard", "confirm": True}
    actor.open()
    names, weights = list(WEIGHTS), np.array(list(WEIGHTS.values()), float)
    done = []
    for _ in range(ACTS):
        act = str(actor.random.choice(names, p=weights / weights.sum()))
        if actor.explore.scene.labels is None:
            act = "run"
        done.append(act)
        try:
            getattr(actor, act)()
            window.settle()
            assert not window.door.errors, window.door.errors
            actor.forms_say_what_runs()
            actor.no_label_is_lost_unsaid(act)
            actor.files_are_the_screen()
            actor.the_manifest_says_what_ran()
        except Exception as error:
            raise AssertionError(f"after {', '.join(done)}: {error}") from error
    actor.explore.clear()
    window.settle()
    saved, _ = actor.saved()
    page = write_report(saved, tmp_path / "report.html", database=[]).read_text()
    curation = window.state.curation
    for text in () if curation is None else curation.names.values():
        assert text in page
