"""Designed sequences against the planted function itself, and what a user gets for bad wishes."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seam_core import store
from seam_core.cli import main
from seam_core.design import Designer, counted, panel_session, write_panel
from seam_core.design.forbidden import Forbidden
from seam_core.exports.columns import undocumented
from seam_core.parameters import DesignerParameters
from seam_core.projection import Projector
from seam_core.sequences import strings_to_indices
from seam_core.validate import InputError
from tests.core.projecting import analysed

LEFT, RIGHT = "ACACTGAAGC", "TTCGTAGTCC"
FULL = DesignerParameters(
    n_designs=12,
    min_distance=12,
    avoid="EcoRI;GGATCC;TCGA",
    longest_run=5,
    left_adapter=LEFT,
    right_adapter=RIGHT,
    barcode_length=9,
    barcode_distance=4,
    n_controlled=2,
    source="search",
    seed=5,
)


@pytest.fixture(scope="module")
def planted():
    made, session = analysed("all_or_none")
    return made, session, Projector(session, made)


@pytest.fixture(scope="module")
def panel(planted):
    return Designer(planted[2], FULL).run()


def letters(frame, column="sequence"):
    return strings_to_indices(frame[column])


def shown(made, sequences):
    """(n, S) bool: the planted sites, letter by letter."""
    same = sequences == made.reference
    return np.stack([same[:, list(site.positions)].all(axis=1) for site in made.sites], axis=1)


def test_designs_do_what_the_planted_function_says(planted, panel):
    made = planted[0]
    frame = panel.frame
    sequences = letters(frame)
    np.testing.assert_allclose(frame["activity"], made.formula(sequences), atol=1e-5)
    designs = frame["kind"] == "design"
    assert designs.sum() == 12
    # the reference's mechanism is that of all three sites
    assert shown(made, sequences[designs]).all()
    assert (frame["mechanism"][designs] == planted[1].explanation.reference_cluster).all()
    assert not frame["outside"][designs].any()
    assert (frame["source"][designs] == "search").all()


def test_designs_are_new_and_as_far_apart_as_asked(planted, panel):
    designs = letters(panel.frame[panel.frame["kind"] == "design"])
    library = {row.tobytes() for row in planted[1].library.sequences}
    assert not library & {row.tobytes() for row in designs}
    apart = [int((a != b).sum()) for a, b in itertools.combinations(designs, 2)]
    assert min(apart) >= 12
    nearest = panel.frame["nearest"].dropna()
    assert nearest.min() == min(apart)


def test_controls_lack_what_they_are_said_to_lack(planted, panel):
    made, frame = planted[0], panel.frame.set_index("name")
    sites = [site.positions for site in planted[1].sites.sites]
    names = [site.name for site in planted[1].sites.sites]
    controls = frame[frame["kind"] != "design"]
    assert list(controls["kind"].value_counts()[["site_broken", "all_broken", "shuffled"]]) == [
        6, 2, 2,
    ]  # fmt: skip
    kinds = "6 with one site broken, 2 with all sites broken, 2 shuffled"
    assert counted(panel.frame) == f"{panel.n_designs} designs, {kinds}"
    for name, row in controls.iterrows():
        (own,), (design,) = letters(frame.loc[[name]]), letters(frame.loc[[row["of"]]])
        changed = np.flatnonzero(own != design)
        if row["kind"] == "shuffled":
            pairs = [np.bincount(s[:-1] * 4 + s[1:], minlength=16) for s in (own, design)]
            assert (pairs[0] == pairs[1]).all()
            assert not shown(made, own[None]).any()
            continue
        broken = row["broken"].split("+")
        expected = {p for s in broken for p in sites[names.index(s)]}
        assert set(changed) == expected
        assert row["activity"] < frame.loc[row["of"], "activity"] - 0.5
        assert f"without {' and '.join(broken)}" in row["expected"]


def test_nothing_forbidden_is_in_what_is_ordered(panel):
    check = Forbidden(FULL.avoid, FULL.longest_run)
    for row in panel.frame.to_dict("records"):
        assert row["oligo"] == LEFT + row["sequence"] + row["barcode"] + RIGHT
        assert check.find(row["oligo"]) == []
        assert len(row["oligo"]) == row["length"]
        assert not any(site in row["oligo"] for site in ("GAATTC", "GGATCC", "TCGA", "AAAAAA"))
    barcodes = [np.array(list(text)) for text in panel.frame["barcode"]]
    apart = [(a != b).sum() for a, b in itertools.combinations(barcodes, 2)]
    assert min(apart) >= 4
    assert {len(text) for text in panel.frame["barcode"]} == {9}


def test_a_seed_gives_the_same_panel_and_another_one_another(planted, panel):
    again = Designer(Projector(planted[1], planted[0]), FULL).run()
    pd.testing.assert_frame_equal(again.frame, panel.frame)
    other = Designer(planted[2], FULL.replace(seed=6)).run()
    assert not other.frame["oligo"].isin(panel.frame["oligo"]).any()


def test_the_library_comes_first_unless_told_otherwise(planted):
    frame = Designer(planted[2], DesignerParameters(n_designs=6, n_controlled=0)).run().frame
    assert set(frame["source"]) == {"library"}
    rows = frame["library_row"].to_numpy(int)
    assert (planted[1].library.sequences[rows] == letters(frame)).all()
    assert (planted[1].clustering.labels[rows] == frame["mechanism"]).all()


def test_a_kept_site_keeps_its_letters_in_another_mechanism(planted):
    made, session, projector = planted
    sites = session.sites
    one = next(
        int(k)
        for k, row, n in zip(sites.cluster_ids, sites.active, session.explanation.sizes)  # noqa: B905
        if row.sum() == 1 and k in session.clustering.ids
    )
    (site,) = [
        site
        for site, there in zip(sites.sites, sites.active[sites.cluster_ids == one][0], strict=True)
        if there
    ]
    wanted = DesignerParameters(mechanism=one, n_designs=5, keep=site.name, source="search")
    frame = Designer(projector, wanted).run().frame
    designs = letters(frame[frame["kind"] == "design"])
    positions = list(site.positions)
    assert (designs[:, positions] == made.reference[positions]).all()
    assert (frame["mechanism"][: len(designs)] == one).all()


def test_an_activity_in_range_is_what_the_model_answers(planted):
    made, session, projector = planted
    values = session.library.predictions[session.clustering.labels == 0]
    low, high = np.quantile(values, [0.7, 0.95])
    wanted = DesignerParameters(mechanism=0, n_designs=6, activity=f"{low}:{high}", n_controlled=0)
    frame = Designer(projector, wanted.replace(source="search")).run().frame
    truth = made.formula(letters(frame))
    assert len(frame) == 6
    assert ((truth >= low - 1e-6) & (truth <= high + 1e-6)).all()


def test_an_activity_out_of_reach_says_the_nearest(planted):
    wanted = DesignerParameters(mechanism=3, n_designs=3, activity="50:60")
    with pytest.raises(InputError, match=r"activity: got 50:60, which no sequence") as caught:
        Designer(planted[2], wanted).run()
    nearest = float(caught.value.expected.split("with ")[1].split(" in it")[0])
    own = planted[1].library.predictions[planted[1].clustering.labels == 3]
    assert own.max() - 1e-3 <= nearest < 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mechanism": 99}, r"mechanism: got 99; expected one of the session's 12: 0, 1, 2"),
        ({"keep": "Z"}, r"keep: got 'Z'; expected a site of the session: A, B, C"),
        ({"mechanism": 3, "keep": "A"}, r"keep: got site A, whose letters no sequence"),
        ({"avoid": "QQQ"}, r"avoid: got 'QQQ'; expected 3 or more letters"),
        ({"left_adapter": "AC-T"}, r"left_adapter: got letter '-'"),
        ({"barcode_length": 2}, r"barcode_distance: got 3; expected at most 2"),
    ],
)
def test_bad_wishes_are_one_message(planted, changes, message):
    with pytest.raises(InputError, match=message):
        Designer(planted[2], DesignerParameters(**changes)).run()


def test_what_is_kept_may_not_be_what_is_avoided(planted):
    made, session, projector = planted
    site = session.sites.sites[0]
    inside = "".join("ACGT"[i] for i in made.reference[list(site.positions)[:5]])
    with pytest.raises(InputError, match=r"avoid: got .* which stay as they are"):
        Designer(projector, DesignerParameters(keep=site.name, avoid=inside)).run()


def test_fewer_than_asked_are_told(planted):
    wanted = DesignerParameters(
        n_designs=40, min_distance=60, n_controlled=0, search_effort_per_design=3
    )
    panel = Designer(planted[2], wanted).run()
    assert 1 <= panel.n_designs < 40
    assert panel.notes[0].startswith(f"{panel.n_designs} of 40 sequences were found that differ")


def test_files_are_ready_to_order_and_a_panel_opens_as_a_session(planted, panel, tmp_path):
    write_panel(panel, tmp_path / "out")
    lines = (tmp_path / "out" / "panel.fa").read_text().splitlines()
    assert lines[1::2] == list(panel.frame["oligo"])
    assert [line[1:].split()[0] for line in lines[::2]] == list(panel.frame["name"])
    table = pd.read_csv(tmp_path / "out" / "panel.csv", keep_default_na=False)
    assert list(table["oligo"]) == list(panel.frame["oligo"])
    assert undocumented("panel", list(table)) == []
    assert table["nearest"][0] == str(panel.frame["nearest"][0])  # a whole number
    assert table["nearest"].iloc[-1] == ""
    assert json.loads((tmp_path / "out" / "design.json").read_text())["parameters"]["seed"] == 5

    store.save(panel_session(panel, planted[1]), tmp_path / "session")
    again = store.load(tmp_path / "session")
    assert len(again.library) == len(panel)
    np.testing.assert_array_equal(again.clustering.labels, panel.frame["mechanism"])
    np.testing.assert_array_equal(again.table.activity, panel.frame["activity"])
    assert list(again.table.frame["Task"]) == list(panel.frame["kind"])
    assert again.embedding.coordinates.shape == (len(panel), 2)
    assert set(again.explanation.ids) == set(panel.frame["mechanism"])


MODEL = """
import numpy as np
from tests.planted_kinds import make
made = make("all_or_none", 0)
def answer(one_hot):
    return made.predict(one_hot)
"""


@pytest.fixture
def saved(planted, tmp_path):
    (tmp_path / "planted_model.py").write_text(MODEL)
    oracle = planted[1].oracle.replace(model=f"{tmp_path / 'planted_model.py'}:answer")
    store.save(replace(planted[1], oracle=oracle), tmp_path / "s")
    return tmp_path


def test_the_command_writes_panel_and_session_and_keeps_the_first(saved, capsys):
    given = ["design", str(saved / "s"), "--trust-model", "--quiet", "--out", str(saved / "out")]
    more = ["--mechanism", "0", "--n", "4", "--avoid", "GAATTC", "--avoid", "BsaI"]
    kept = ["--session", str(saved / "panel"), "--keep-in-session"]
    assert main([*given, *more, *kept]) == 0
    said = capsys.readouterr().out
    assert "mechanism 0: 4 design" in said
    about = json.loads((saved / "out" / "design.json").read_text())
    assert about["parameters"]["avoid"] == "GAATTC;BsaI"
    assert len(store.load(saved / "panel").library) == about["n_designs"] + about["n_controls"]
    assert (
        len(store.load(saved / "s").experiments.panel) == about["n_designs"] + about["n_controls"]
    )
    before = (saved / "out" / "panel.csv").read_bytes()
    assert main([*given, *more]) == 2
    assert "a folder with a panel" in capsys.readouterr().err
    assert (saved / "out" / "panel.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--mechanism", "77"], "--mechanism: got 77; expected one of the session's 12"),
        (["--activity", "5"], "--activity: got '5'; expected a range of activities"),
        (["--keep", "Nix"], "--keep: got 'Nix'; expected a site of the session"),
        (["--barcode-length", "1"], "--barcode-distance: got 3; expected at most 1"),
        (["--session", "{s}/s"], "--session: got a folder with a session; expected a new folder"),
        (["--session", "{s}/s", "--overwrite"], "--session: got the session designed from"),
        (["--session", "{s}/out"], "--session: got the folder of --out; expected another"),
    ],
)
def test_the_command_has_one_message_and_status_two(saved, capsys, more, message):
    given = ["design", str(saved / "s"), "--trust-model", "--quiet", "--out", str(saved / "out")]
    given += ["--mechanism", "0"]
    assert main([*given, *(each.format(s=saved) for each in more)]) == 2
    assert message in capsys.readouterr().err
    assert not (saved / "out").exists()


def test_a_mechanism_is_asked_for(saved, capsys):
    assert main(["design", str(saved / "s"), "--trust-model", "--out", str(saved / "out")]) == 2
    assert "--mechanism: got nothing" in capsys.readouterr().err


def test_a_session_without_a_model_says_so(planted, tmp_path, capsys):
    store.save(replace(planted[1], oracle=None), tmp_path / "s")
    given = ["design", str(tmp_path / "s"), "--quiet", "--mechanism", "0"]
    assert main([*given, "--out", str(tmp_path / "out")]) == 2
    assert "a session that names no model" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "avoid"), [("rna", "GAAUUC"), ("protein", "KKK")])
def test_other_alphabets_are_designed_too(kind, avoid):
    made, session = analysed(kind, n=400, n_clusters=8)
    wanted = DesignerParameters(n_designs=4, avoid=avoid, n_controlled=1, source="search")
    panel = Designer(Projector(session, made), wanted).run()
    sequences = strings_to_indices(panel.frame["sequence"], made.alphabet)
    np.testing.assert_allclose(panel.frame["activity"], made.formula(sequences), atol=1e-5)
    assert panel.n_designs == 4
    assert not panel.frame["oligo"].str.contains(avoid).any()
