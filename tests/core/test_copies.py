"""A small site with most letters of a larger one is confirmed, and said to be perhaps a copy."""

import numpy as np
import pytest

from seam_core.experiments import Experimenter
from seam_core.experiments.copies import with_copies
from seam_core.experiments.designs import Setting
from seam_core.experiments.evidence import CONFIRMED, WEAK, Candidate, Evidence, Measurement
from seam_core.parameters import ExperimenterParameters
from seam_core.records import Library, Site
from seam_core.sequences import strings_to_indices

WORD, TURNED = "GTAAGTTA", "TAACTTAC"
LARGE, SMALL = tuple(range(30, 38)), tuple(range(4, 12))


def noted(small, effect=0.1, among=0.4, verdict=CONFIRMED, alphabet="ACGT"):
    """Notes of the large site, which does 1 both ways, and of the small one with these letters."""
    text = ["C"] * 60
    text[30:38], text[4:12] = WORD, small
    letters = strings_to_indices(["".join(text)], "ACGT")[0]
    setting = Setting(letters, 1.0, letters[None], letters[None], 4, range(60))
    nothing = Measurement()

    def told(reference, mutated, verdict):
        own = Measurement(reference, 0.01), Measurement(mutated, 0.01)
        return Evidence(*own, nothing, nothing, verdict=verdict, note="missed by the library")

    evidence = [told(1.0, 1.0, CONFIRMED), told(effect, among, verdict)]
    candidates = [Candidate(LARGE), Candidate(SMALL)]
    return [e.note for e in with_copies(setting, alphabet, candidates, evidence)]


@pytest.mark.parametrize("small", ["GAAAGTAA", "TAACTTCC"])
def test_a_weak_copy_is_said_on_either_strand(small):
    alike = max(sum(a == b for a, b in zip(small, word, strict=True)) for word in (WORD, TURNED))
    assert noted(small) == [
        "missed by the library",
        f"missed by the library; perhaps a weak copy of site 30-38: {alike} of its 8 letters, and "
        "10% of what that does in the reference, 40% among mutations",
    ]


def test_other_strands_are_of_dna_and_rna():
    assert "copy" not in noted("TAACTTCC", alphabet="DEFG")[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"small": "GCAATCTC"},  # letters of its own
        {"effect": 0.13},
        {"among": 0.6},
        {"among": -0.1},  # against the other
        {"verdict": WEAK},
    ],
)
def test_what_differs_does_much_or_acts_against_is_a_site(changes):
    assert noted(**{"small": "GAAAGTAA", **changes}) == ["missed by the library"] * 2


class Scanner:
    """Reads a word wherever it lies, and adds up what it finds."""

    n_letters, length = 4, 60

    def predict(self, one_hot):
        starts = range(self.length - len(WORD) + 1)
        own = strings_to_indices([WORD], "ACGT")[0]
        letters = one_hot.argmax(axis=2)
        shared = np.stack([(letters[:, at : at + 8] == own).sum(axis=1) for at in starts])
        return (0.1 ** (8 - shared)).sum(axis=0).astype(np.float32)


def test_the_stage_says_it():
    text = ["C"] * 60
    text[30:38], text[4:12] = WORD, "GTACGTTA"
    reference = strings_to_indices(["".join(text)], "ACGT")[0]
    rng = np.random.default_rng(0)
    mutated = rng.random((300, 60)) < 0.1
    letters = np.where(mutated, (reference + rng.integers(1, 4, (300, 60))) % 4, reference)
    library = Library(np.vstack([reference, letters]).astype(np.int8), "ACGT", reference)
    model = Scanner()
    activity = model.predict(np.eye(4, dtype=np.float32)[library.sequences])
    sites = [Site("A", LARGE), Site("B", SMALL)]
    fast = ExperimenterParameters(n_draws=40, n_controls=60, control_draws=4, missed_sites=False)
    told = Experimenter(model, fast).run(library, sites, activity=activity).experiments.sites
    assert list(told["verdict"]) == ["confirmed", "confirmed"]
    said = "perhaps a weak copy of site 30-38: 7 of its 8 letters, and 10% of what that does in "
    assert told["note"][1].startswith(said)


def test_nothing_in_the_reference_is_little_in_either_direction():
    assert "0% of what that does in the reference, 40%" in noted("GAAAGTAA", effect=-0.004)[1]


def test_numbers_that_are_not_known_are_not_said():
    assert noted("GAAAGTAA", among=np.nan)[1].endswith("10% of what that does in the reference")
    assert "copy" not in noted("GAAAGTAA", effect=-0.05, among=np.nan)[1]
