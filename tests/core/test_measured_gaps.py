"""Tables of measurements with gaps: libraries, maps and how far they can be trusted."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from seam_core import pipeline, store
from seam_core.attributer import Attributer
from seam_core.cli.main import main
from seam_core.mutagenizer import Mutagenizer
from seam_core.oracles.gaps import FilledTable, neighbours
from seam_core.oracles.tables import load_table_oracle
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.records import Library
from seam_core.sequences import DNA, RNA, encode, indices_to_strings
from seam_core.validate import InputError

EVERY = np.array(list(itertools.product(range(4), repeat=6)), dtype=np.int8)
ISM = AttributerParameters(method="ism")


def landscape(noise=0.05):
    """A site of three letters in the middle, what every letter adds, and noise."""
    rng = np.random.default_rng(0)
    own = rng.normal(0, 0.3, (6, 4))[np.arange(6), EVERY].sum(axis=1)
    site = 2.0 * (EVERY[:, 2:5] == [0, 2, 3]).all(axis=1)
    return (own + site + rng.normal(0, noise, len(EVERY))).astype(np.float32)


def thinned(share, values=None):
    values = landscape() if values is None else values
    kept = np.random.default_rng(1).random(len(EVERY)) < share
    return FilledTable(EVERY[kept], values[kept]), kept


def test_neighbours_are_all_that_differ_in_one_letter():
    (found,) = neighbours(EVERY[100:101], 4)
    flat = found.reshape(-1, 6)
    assert ((flat != EVERY[100]).sum(axis=1) == 1).all()
    assert len(np.unique(flat, axis=0)) == 18


def test_what_is_measured_is_answered_as_measured():
    oracle, kept = thinned(0.5)
    one_hot = Library(EVERY[kept]).encode(0, int(kept.sum()))
    np.testing.assert_array_equal(oracle.predict(one_hot), landscape()[kept])


def test_estimates_are_near_what_was_left_out_and_their_r2_is_told():
    oracle, kept = thinned(0.9)
    true = landscape()[~kept]
    found = oracle.estimates(EVERY[~kept])
    r2 = 1 - ((found - true) ** 2).sum() / ((true - true.mean()) ** 2).sum()
    assert r2 > 0.8
    assert oracle.reliability() == pytest.approx(r2, abs=0.06)


def test_letters_that_add_up_are_estimated_exactly():
    values = np.random.default_rng(3).normal(size=(6, 4))[np.arange(6), EVERY].sum(axis=1)
    oracle, kept = thinned(0.4, values.astype(np.float32))
    np.testing.assert_allclose(oracle.estimates(EVERY[~kept]), values[~kept], atol=0.05)


def test_a_library_is_drawn_from_what_was_measured():
    oracle, kept = thinned(0.5)
    wanted = MutagenizerParameters(library="combinatorial", max_order=-1, sequence_length=6)
    library = Mutagenizer(wanted).run(None, oracle=oracle)
    assert np.isfinite(oracle.values_of(library.sequences)).all()
    assert (oracle.share_of_neighbours(library.sequences) >= 0.25).all()
    assert len(library) + library.left_out == len(EVERY)
    assert len(library) > 0.9 * kept.sum()
    reference = EVERY[kept][0]
    local = Mutagenizer(MutagenizerParameters(n_sequences=300)).run(reference, oracle=oracle)
    assert len(local) == 300
    assert local.left_out > 0
    assert (local.sequences[0] == reference).all()


def test_a_library_of_which_nothing_is_measured_is_refused():
    oracle = FilledTable(EVERY[:40], landscape()[:40])
    parameters = MutagenizerParameters(n_sequences=50)
    with pytest.raises(InputError, match="none of which is measured"):
        Mutagenizer(parameters).run(np.array([3, 3, 3, 3, 3, 3], np.int8), oracle=oracle)


def test_imputed_entries_are_marked_where_and_only_where_the_table_lacks_them():
    oracle, _ = thinned(0.93)
    library = Mutagenizer(
        MutagenizerParameters(library="combinatorial", max_order=-1, sequence_length=6)
    ).run(None, oracle=oracle)
    maps, _ = Attributer(oracle, ISM).run(library)
    whole, _ = Attributer(FilledTable(EVERY, landscape()), ISM).run(library)
    assert whole.imputed is None
    measured = ~maps.imputed
    np.testing.assert_array_equal(maps.maps[measured], whole.maps[measured])
    mutant = library.sequences[7].copy()
    mutant[4] = (mutant[4] + 1) % 4
    lacks = np.isnan(oracle.values_of(mutant[None]))[0]
    assert maps.imputed[7, 4, mutant[4]] == lacks
    assert maps.ran["imputed"] == pytest.approx(0.07, abs=0.02)
    difference = (maps.maps - whole.maps)[maps.imputed]
    assert difference.std() < whole.maps[maps.imputed].std() / 2


def test_letters_that_the_design_never_had_are_not_counted_as_missing():
    designed = (EVERY[:, 3] == 2) & (EVERY[:, 4] > 1)  # as GU or GC at the start of introns
    oracle = FilledTable(EVERY[designed], landscape()[designed])
    assert (oracle.share_of_neighbours(EVERY[designed]) == 1).all()
    wanted = MutagenizerParameters(n_sequences=200)
    library = Mutagenizer(wanted).run(EVERY[designed][0], oracle=oracle)
    assert library.left_out == 0
    maps, _ = Attributer(oracle, ISM).run(library)
    assert maps.imputed is None
    assert not maps.maps[:, 3].any()
    assert not maps.maps[:, 4, :2].any()
    assert maps.maps[:, 4, 2:].any()


def test_a_table_that_holds_next_to_nothing_of_what_is_asked_says_so():
    oracle = FilledTable(EVERY[::7][:20], landscape()[::7][:20])
    with pytest.raises(InputError, match="lacks"):
        Attributer(oracle, ISM).run(Library(oracle.sequences[:1]))


def test_rows_without_a_value_are_gaps_unless_these_are_refused(tmp_path):
    frame = pd.DataFrame({"Sequence": ["AC", "AG", "TT"], "DNN": [1.0, np.nan, 3.0]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    parameters = OracleParameters(model=str(tmp_path / "t.csv"))
    assert len(load_table_oracle(parameters).sequences) == 2
    with pytest.raises(InputError, match="DNN"):
        load_table_oracle(parameters.replace(missing="refuse"))
    frame.assign(DNN=[np.nan, 2.0, 1e40]).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=r"DNN: got 1e\+40 in row 2; .*float32"):
        load_table_oracle(parameters)


def odd_table(tmp_path):
    """Every sequence once, one with an R and one with an N; the first row was not measured."""
    frame = pd.DataFrame({"Sequence": indices_to_strings(EVERY), "DNN": landscape()})
    frame.loc[0, "DNN"], frame.loc[0, "Sequence"] = np.nan, "-"
    frame.loc[5, "Sequence"] = "R" + frame["Sequence"][5][1:]
    frame.loc[9, "Sequence"] = frame["Sequence"][9][:-1] + "n"
    frame.to_csv(tmp_path / "odd.csv", index=False)
    return str(tmp_path / "odd.csv"), frame


def test_rows_of_a_table_with_odd_letters_are_refused_dropped_or_masked(tmp_path):
    path, frame = odd_table(tmp_path)
    parameters = OracleParameters(model=path)
    with pytest.raises(InputError, match=r"'R' at position 0 of row 5, letter 'N' at .* of row 9"):
        load_table_oracle(parameters)
    dropped = load_table_oracle(parameters.replace(odd_letters="drop"))
    assert len(dropped.sequences) == len(frame) - 3
    assert dropped.note.startswith(f"2 of {len(frame) - 1:,} rows dropped: letter 'R'")
    assert np.isnan(dropped.values_of(EVERY[[5, 9]])).all()
    masked = load_table_oracle(parameters.replace(odd_letters="mask"))
    unknown = EVERY[[9, 9]].copy()
    unknown[1, -1] = -1
    wanted = [np.nan, frame["DNN"][9]]
    np.testing.assert_allclose(masked.measured(encode(unknown)), wanted, rtol=1e-6)


def test_a_row_with_an_unknown_letter_adds_up_to_the_mean_of_what_it_may_be(tmp_path):
    path, _ = odd_table(tmp_path)
    table = load_table_oracle(OracleParameters(model=path, odd_letters="mask"))
    may_be = np.repeat(EVERY[9:10], 4, axis=0)
    may_be[:, -1] = range(4)
    unknown = EVERY[9:10].copy()
    unknown[0, -1] = -1
    added_up = table._added_up(unknown)[0]
    assert added_up == pytest.approx(table._added_up(may_be).mean())


def test_the_manifest_says_how_many_rows_of_a_table_were_dropped(tmp_path, capsys):
    path, frame = odd_table(tmp_path)
    out, said = tmp_path / "s", f"2 of {len(frame) - 1:,} rows dropped"
    run = ["run", "--model", path, "--sequence", "AAACCC", "--library", "combinatorial", "--quiet"]
    run += ["--method", "ism", "--max-order", "1", "--clustering", "kmeans", "--n-clusters", "2"]
    run += ["--out", str(out), "--embedding", "pca"]
    assert main(run) == 2
    assert "--odd-letters drop" in capsys.readouterr().err
    assert main(["check", "--model", path, "--odd-letters", "drop"]) == 0
    assert said in capsys.readouterr().out
    (tmp_path / "c.toml").write_text('[oracle]\nodd_letters = "drop"\n')
    assert main([*run, "--config", str(tmp_path / "c.toml")]) == 0
    assert said in capsys.readouterr().out
    assert said in store.read_manifest(out)["provenance"]["inputs"]["model"]["note"]
    assert store.load(out).oracle.odd_letters == "drop"
    assert main(["info", str(out)]) == 0
    assert said in capsys.readouterr().out


def test_one_odd_letter_does_not_make_dna_a_protein(tmp_path):
    path, _ = odd_table(tmp_path)
    with pytest.raises(InputError, match=r"letter 'R' .* of the alphabet ACGT; choose to drop"):
        load_table_oracle(OracleParameters(model=path))
    masked = load_table_oracle(OracleParameters(model=path, odd_letters="mask"))
    assert masked.designed.all()
    masked.sequences[masked.sequences[:, 0] == 3, 0] = -1
    del masked.designed
    assert not masked.designed[0, 3]


def test_all_that_a_bare_table_leaves_open_is_told_at_once(tmp_path):
    table = tmp_path / "t.csv"
    rows = indices_to_strings(EVERY, RNA)
    frame = pd.DataFrame({"set": "training", "reads": 3, "y": landscape(), "the oligo ": rows})
    frame.to_csv(table, index=False)
    with pytest.raises(InputError) as error:
        pipeline.run(pipeline.RunConfig(oracle=OracleParameters(model=str(table))))
    best = rows[int(landscape().argmax())]
    options = f"--column 'Sequence=the oligo' --alphabet RNA --method ism --sequence {best}"
    assert error.value.expected == options
    for words in ("no column Sequence", "letters of RNA", "no gradient", "no reference"):
        assert words in error.value.got
    frame.drop(columns="the oligo ").to_csv(table, index=False)
    with pytest.raises(InputError, match=r"no column Sequence; .* --column Sequence=NAME"):
        pipeline.run(pipeline.RunConfig(oracle=OracleParameters(model=str(table))))


def test_a_run_on_half_a_landscape_says_how_far_it_can_be_trusted(tmp_path):
    _, kept = thinned(0.47)
    table = tmp_path / "landscape.csv"
    rows = indices_to_strings(EVERY[kept], DNA)
    pd.DataFrame({"Sequence": rows, "y": landscape(0.5)[kept]}).to_csv(table, index=False)
    config = pipeline.RunConfig(
        oracle=OracleParameters(model=str(table)),
        mutagenizer=MutagenizerParameters(library="combinatorial", max_order=-1),
        attributer=ISM,
        clusterer=ClustererParameters(embedding="none"),
    )
    session = pipeline.run(config, folder=tmp_path / "out")
    assert 0.4 < session.trust.imputed < 0.6
    assert session.trust.verdict != "good"
    assert any("were not measured" in warning for warning in session.trust.warnings)
    told = store.summary(store.load(tmp_path / "out"))
    assert told["trust"]["imputed_r2"] == pytest.approx(session.trust.imputed_r2)
    assert told["left_out"] == session.library.left_out
