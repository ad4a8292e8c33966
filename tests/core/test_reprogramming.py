"""Ways to other mechanisms: least numbers and steps against the planted function."""

import json

import numpy as np
import pandas as pd
import pytest

from seam_core.exports.columns import undocumented
from seam_core.parameters import ReprogrammerParameters
from seam_core.projection import Projector
from seam_core.reprogramming import Reprogrammer, with_ways, write_reprogramming
from seam_core.reprogramming.asking import side_by_side
from seam_core.reprogramming.shrinking import Change, costs
from seam_core.validate import InputError
from tests.core.projecting import analysed


@pytest.fixture(scope="module")
def planted():
    made, session = analysed("all_or_none")
    return made, session, Projector(session, made)


@pytest.fixture(scope="module")
def found(planted):
    return Reprogrammer(planted[2]).run()


def sequence_of(steps, made):
    row = made.reference.copy()
    for step in steps.to_dict("records"):
        if step["step"]:
            assert "ACGT"[row[step["position"]]] == step["before"]
            row[step["position"]] = "ACGT".index(step["after"])
    return row


def test_the_least_number_is_that_of_the_sites_that_differ(planted, found):
    made, session, _ = planted
    # all or nothing: one substitution breaks a site, so that a mechanism is as far as the fewest
    # sites that a sequence of it lacks
    same = session.library.sequences == made.reference
    lacking = sum(~same[:, list(site.positions)].all(axis=1) for site in made.sites)
    least = found.least().set_index("mechanism")["substitutions"]
    assert session.explanation.reference_cluster not in least.index
    assert len(least) == len(session.clustering.ids) - 1
    for mechanism, number in least.items():
        assert number == lacking[session.clustering.labels == mechanism].min()
    assert found.missing == ()


def test_every_step_is_what_the_model_answers(planted, found):
    made, _, projector = planted
    for (mechanism, _), steps in found.paths.groupby(["mechanism", "path"]):
        assert list(steps["step"]) == list(range(len(steps)))
        for last in range(1, len(steps) + 1):
            row = sequence_of(steps.iloc[:last], made)
            told = steps.iloc[last - 1]
            assert told["activity"] == pytest.approx(made.formula(row[None])[0], abs=1e-5)
        assert steps["step_mechanism"].iloc[-1] == mechanism
        assert not steps["outside"].iloc[-1]
        again = projector.project(row[None])
        np.testing.assert_allclose(found.maps[steps.index[-1]], again.maps[0], atol=1e-6)


def test_none_of_the_substitutions_of_a_fewest_way_can_be_taken_back(planted, found):
    made, _, projector = planted
    for mechanism, steps in found.paths[found.paths["path"] == "fewest"].groupby("mechanism"):
        row = sequence_of(steps, made)
        for position in steps["position"].iloc[1:]:
            back = row.copy()
            back[position] = made.reference[position]
            told = projector.project(back[None]).mechanisms
            assert told.ids[0] != mechanism or told.outside[0]


def test_single_substitutions_that_leave_are_those_in_sites(planted, found):
    made = planted[0]
    inside = {p for site in made.sites for p in site.positions}
    leaves = found.singles.groupby("position")["leaves"].all()
    assert set(leaves.index[leaves]) == inside
    assert len(found.singles) == 3 * made.length
    rows = found.singles.sample(20, random_state=0)
    for row in rows.to_dict("records"):
        mutant = made.reference.copy()
        mutant[row["position"]] = "ACGT".index(row["after"])
        assert row["activity"] == pytest.approx(made.formula(mutant[None])[0], abs=1e-5)


def test_the_likeliest_way_is_at_least_as_likely(found):
    last = found.paths.groupby(["mechanism", "path"])["log_likelihood"].min().unstack()
    assert (last["likeliest"] >= last["fewest"] - 1e-9).all()


def test_transitions_are_twice_as_likely_as_each_transversion():
    reference = np.array([0, 1, 0], np.int8)
    change = Change(np.array([0, 1, 2]), np.array([2, 3, 1], np.int8))
    share = np.exp(-costs(change, reference, "ACGT"))
    np.testing.assert_allclose(share, [0.05, 0.05, 0.025])
    np.testing.assert_allclose(np.exp(-costs(change, reference, "ACGTVW")), [0.02] * 3)


def test_only_the_mechanisms_that_are_named(planted):
    wanted = ReprogrammerParameters(targets="8;3", single_substitutions=False)
    found = Reprogrammer(planted[2], wanted).run()
    assert set(found.paths["mechanism"]) == {8, 3}
    assert found.singles.empty
    with pytest.raises(InputError, match="targets: got 55; expected clusters of the session"):
        Reprogrammer(planted[2], wanted.replace(targets="55")).run()
    own = planted[1].explanation.reference_cluster
    with pytest.raises(InputError, match="the reference's own; expected another one"):
        Reprogrammer(planted[2], wanted.replace(targets=f"3;{own}")).run()


def test_files(planted, found, tmp_path):
    kept = with_ways(planted[1], found)
    pd.testing.assert_frame_equal(kept.trust.ways, found.paths)
    write_reprogramming(found, tmp_path / "out")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / "paths.parquet"), found.paths)
    assert undocumented("paths", list(found.paths)) == []
    assert undocumented("singles", list(found.singles)) == []
    assert np.load(tmp_path / "out" / "paths_maps.npy").shape[0] == len(found.paths)
    about = json.loads((tmp_path / "out" / "reprogramming.json").read_text())
    assert about["least"]["3"] == 3


def test_questions_of_searches_go_out_together():
    asked = []

    def search(n):
        for _ in range(n):
            answers = yield np.zeros((2, 1), np.int8)
            assert len(answers) == 2
        return n

    class Two:
        def __init__(self, n):
            self.n = n

        def __len__(self):
            return self.n

        def take(self, rows):
            return Two(len(rows))

    def ask(rows):
        asked.append(len(rows))
        return Two(len(rows))

    assert side_by_side([search(1), search(3), search(0)], ask) == [1, 3, 0]
    assert asked == [4, 2, 2]
