"""Answers are written as they come: files are those of all at once, and nothing is held."""

import gc
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pysam
import pytest

from seam_core.exports.parts import parquet_in_parts
from seam_core.exports.tables import table_in_parts, write_table
from seam_core.oracles.capabilities import PlainCapabilities
from seam_core.parameters import AttributerParameters, VariantParameters
from seam_core.projection import Projector
from seam_core.readers.tables import read_frame, read_in_parts
from seam_core.validate import InputError
from seam_core.variants import (
    Allele,
    Answer,
    Asked,
    Counts,
    Ground,
    Interpreter,
    haplotypes,
    pairs,
    place_rows,
    read_variants,
    typed,
    variants_frame,
    whole,
)
from seam_core.variants.ahead import one_ahead
from seam_core.variants.results import results, table_of
from seam_core.variants.spool import Spool
from seam_core.variants.whole import Interpreted
from tests.core.variants import LOCUS, interpreting, letters_of, located, other, vcf_text
from tests.waiting import wait_for

FRAME = pd.DataFrame(
    {
        "name": [f"=a{i}" for i in range(50)],
        "n": np.arange(50),
        "x": np.where(np.arange(50) % 3, np.arange(50) / 7, np.nan),
        "m": pd.array([None if i % 2 else i for i in range(50)], "Int64"),
    }
)


@pytest.fixture(scope="module")
def interpreter():
    return interpreting()


def test_tables_in_parts_are_those_of_all_at_once(tmp_path):
    with table_in_parts(tmp_path / "a.csv") as add, parquet_in_parts(tmp_path / "a.pq") as keep:
        for first in range(0, 50, 7):
            add(FRAME[first : first + 7])
            keep(FRAME[first : first + 7])
    write_table(FRAME, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.pq"), FRAME)


def test_a_table_that_was_begun_is_none(tmp_path):
    with pytest.raises(AttributeError), table_in_parts(tmp_path / "a.csv") as add:
        add(FRAME) or add(None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet"])
def test_reading_in_parts_gives_the_same_rows(tmp_path, name):
    path = tmp_path / name
    FRAME.to_parquet(path) if name == "t.parquet" else write_table(FRAME, path)
    whole_one = read_frame(path, text=True)
    parts = list(read_in_parts(path, rows=8))
    assert len(parts) == 7
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole_one)


def test_a_header_alone_is_no_table(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(InputError, match="a header without rows"):
        list(read_in_parts(tmp_path / "t.csv"))


def test_a_spool_gives_back_what_it_took_in_memory_and_in_a_file(monkeypatch):
    monkeypatch.setattr("seam_core.variants.spool._IN_MEMORY", 100)
    spool, values = Spool(), [[i, f"ü{i}", {"x": i / 3}] for i in range(60)]
    for value in values:
        spool.add(value)
    assert list(spool) == list(spool) == values
    spool.close()


def test_what_is_asked_is_what_was_read(tmp_path, interpreter):
    made, _ = located()
    (tmp_path / "in.vcf").write_text(vcf_text(made))
    counts, parameters = Counts(), VariantParameters(combine=True)
    asked = Asked(tmp_path / "in.vcf", interpreter.ground, parameters, counts)
    rows = list(read_variants(tmp_path / "in.vcf", LOCUS))
    alleles = list(place_rows(rows, interpreter.ground))
    assert list(asked) == [*alleles, *haplotypes(rows, alleles), *pairs(alleles)]
    assert len(asked) == len(list(asked)) == 6
    assert counts.rows == 3


def test_no_answer_is_held_but_those_that_a_page_shows(tmp_path, interpreter, monkeypatch):
    """However many there are: those of the largest effects, and the first that had no answer."""
    monkeypatch.setattr(whole, "MOST_LISTED", 20)
    made, _ = located()
    letters, rng = letters_of(made), np.random.default_rng(0)
    rows = [f"{letters[p]}{p}{other(letters[p])}" for p in range(4)]
    known = interpreter.answer(list(place_rows([typed(text) for text in rows], interpreter.ground)))
    interpreted, effects, held = Interpreted(interpreter, Counts()), [], []
    with results(tmp_path, interpreter) as take:
        for number in range(40):
            values = rng.normal(size=4)
            batch = [replace(a, effect=float(e)) for a, e in zip(known, values, strict=True)]
            batch.append(Answer(Allele(f"x{number}", "", 0, "", "", outcome="unreadable")))
            effects += [*values, np.nan]
            interpreted.take(batch, take(batch))
            held.append(sum(type(each) is Answer for each in gc.get_objects()))
    assert held[-1] == held[5]
    frame = interpreted.frame
    assert len(frame) <= 4 * 20
    assert interpreted.n == len(table_of(tmp_path)) == 200
    order = np.argsort(-np.nan_to_num(np.abs(effects)))
    assert set(order[:20]) <= set(frame.index)
    assert [row for row, _ in interpreted.shown] == list(order[: whole.MOST_SHOWN])
    np.testing.assert_array_equal(table_of(tmp_path)["effect"], effects)
    told = interpreted.told()
    assert "160 of 200 alleles answered" in told
    assert "  40 not answered: unreadable" in told
    with pysam.VariantFile(str(tmp_path / "variants.vcf.gz")) as file:
        places = [record.pos for record in file]
    assert places == sorted(places)
    assert len(places) == 160


@pytest.mark.parametrize(
    ("name", "contig"),
    [("intron, 30 C", "intron_30_C"), ("a:b<c>", "a_b_c_"), ("ü", "_"), (" ", "sequence")],
)
def test_a_sequence_without_a_place_is_a_chromosome_by_a_name_that_vcf_allows(
    tmp_path, name, contig
):
    made, session = located()
    projector = Projector(replace(session, name=name, locus=None), made)
    ground = Ground(made.reference, "ACGT")
    nowhere = Interpreter(projector, ground)
    letter = letters_of(made)[2]
    alleles = list(place_rows([typed(f"{letter}2{other(letter)}")], ground))
    with results(tmp_path, nowhere) as take:
        take(nowhere.answer(alleles))
    with pysam.VariantFile(str(tmp_path / "variants.vcf.gz")) as file:
        assert [(row.chrom, row.pos) for row in file.fetch(contig)] == [(contig, 3)]


def test_pairs_know_their_parts_in_tables_before(interpreter):
    made, _ = located()
    letters = letters_of(made)
    texts = [f"{letters[p]}{p}{other(letters[p])}" for p in (made.sites[0].start, 2)]
    single = list(place_rows([typed(text) for text in texts], interpreter.ground))
    single = [replace(allele, row=i) for i, allele in enumerate(single, 1)]
    alone: dict[str, float] = {}
    first = variants_frame(interpreter, interpreter.answer(single), None, alone)
    both = variants_frame(interpreter, interpreter.answer(pairs(single)), None, alone)
    wanted = both["effect"][0] - first["effect"].sum()
    assert both["interaction"][0] == pytest.approx(wanted)


@pytest.mark.parametrize("at_once", [True, False])
def test_maps_of_the_next_are_made_while_sites_are_asked_about(monkeypatch, at_once):
    """Where the model may be asked two things at once; what comes out is the same."""
    interpreter = interpreting()
    projector, second = interpreter.projector, threading.Event()
    projected, calls = projector.project, []

    def project(sequences):
        calls.append(len(sequences))
        if len(calls) == 2:
            second.set()
        return projected(sequences)

    made, _ = located()
    letters = letters_of(made)
    places = [made.sites[0].start, 2, made.sites[0].start + 1]
    rows = [typed(f"{letters[p]}{p}{other(letters[p])}") for p in places]
    alleles = list(place_rows(rows, interpreter.ground))
    wanted = variants_frame(interpreter, interpreter.answer(alleles))
    monkeypatch.setattr(type(projector), "beside_others", at_once)
    monkeypatch.setattr("seam_core.variants.interpreter.BATCH", 2)
    monkeypatch.setattr(projector, "project", project)
    coming = interpreter.answers(alleles)
    answers = next(coming)
    if at_once:
        wait_for(second)  # nobody has asked for the second
    assert second.is_set() == at_once
    answers += [each for batch in coming for each in batch]
    assert calls == [2, 1]
    pd.testing.assert_frame_equal(variants_frame(interpreter, answers), wanted)


@pytest.mark.parametrize(
    ("method", "at_once", "beside"),
    [("saliency", 2, True), ("saliency", 1, False), ("ism", 2, False)],  # it keeps activations
)
def test_a_model_is_asked_two_things_where_it_takes_two_batches(method, at_once, beside):
    made, session = located()
    parameters = AttributerParameters(method=method)
    session = replace(session, maps=replace(session.maps, parameters=parameters))
    oracle = SimpleNamespace(length=made.length, n_letters=made.n_letters, predict=made.predict)
    oracle.capabilities = PlainCapabilities(oracle)
    oracle.capabilities.batches_at_once = at_once
    assert Projector(session, oracle).beside_others == beside
    assert not Projector(session, made).beside_others  # a function, of which nothing is known


def test_the_next_is_made_while_the_last_is_used():
    first, begun = threading.Event(), threading.Event()

    def items():
        first.set()
        yield 1
        begun.set()
        yield 2
        raise InputError("model", "one that fails", "an answer")

    with one_ahead(items()) as coming:
        wait_for(first)  # nor for this
        assert next(coming) == 1
        wait_for(begun)  # nobody has asked for the second
        assert next(coming) == 2
        with pytest.raises(InputError, match="one that fails"):
            next(coming)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_who_stops_waits_for_what_is_under_way_unless_interrupted(error):
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def items():
        yield 1
        begun.set()
        wait_for(go_on)
        ended.set()
        yield 2

    if error is ValueError:
        go_on.set()

    def used():
        with one_ahead(items()) as coming:
            assert next(coming) == 1
            wait_for(begun)
            raise error

    with pytest.raises(error):
        used()
    assert ended.is_set() == (error is ValueError)
    go_on.set()
