"""The order of the stages: what is asked, kept, cleared, saved, and what survives a stop."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seam_core import mapping, pipeline, store
from seam_core.attributer import Attributer
from seam_core.intervals import Interval
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    CompilerParameters,
    IdentifierParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.pipeline import RunConfig
from seam_core.pipeline import engine as engine_module
from seam_core.progress import Cancelled
from seam_core.sequences import indices_to_strings
from seam_core.session import Session
from seam_core.validate import InputError, OracleError

REFERENCE = "ACGTACGTTGACTCACCATTGGCACGTGAA"
# counts how many letters of each of two motifs are in place; one motif helps the other
ORACLE = """
import numpy as np
LETTERS = {8: "TGACTCA", 22: "CACGTG"}
CALLS = []

def present(one_hot, start):
    motif = LETTERS[start]
    columns = ["ACGT".index(letter) for letter in motif]
    return one_hot[:, np.arange(start, start + len(motif)), columns].min(axis=1)

def planted(one_hot):
    CALLS.append(len(one_hot))
    a, b = present(one_hot, 8), present(one_hot, 22)
    return (a + 2 * b + a * b).astype(np.float32)

def broken(one_hot):
    raise RuntimeError("the model fell over")
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "oracle_of_test.py").write_text(ORACLE)
    return RunConfig(
        name="test",
        oracle=OracleParameters(model=f"{tmp_path / 'oracle_of_test.py'}:planted"),
        sequence=REFERENCE,
        mutagenizer=MutagenizerParameters(n_sequences=400, mutation_rate=0.1),
        attributer=AttributerParameters(method="ism"),
        clusterer=ClustererParameters(embedding="pca", n_clusters=6, pca_before=0),
        identifier=IdentifierParameters(n_sites=2),
    )


class Reports:
    """Keeps the fractions that were reported; cancels once `stop_at` of the work is done."""

    def __init__(self, stop_at: float = 2.0) -> None:
        self.seen: list[float] = []
        self.stop_at = stop_at

    def update(self, done, total, message=""):
        self.seen.append(done / total)
        if self.seen[-1] >= self.stop_at:
            raise Cancelled


def test_a_whole_run_finds_what_the_oracle_reads(config, tmp_path):
    reports = Reports()
    session = pipeline.run(config, folder=tmp_path / "s", progress=reports)
    found = [set(site.positions) for site in session.sites.sites]
    for start, stop in ((8, 15), (22, 28)):
        planted = set(range(start, stop))
        assert any(len(site & planted) * 2 >= len(planted) for site in found)
    assert reports.seen == sorted(reports.seen)
    assert reports.seen[-1] == 1.0
    assert store.load(tmp_path / "s").sites.sites == session.sites.sites
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__") == [
        "oracle_of_test.py",
        "s",
    ]


def test_the_manifest_says_how_to_make_it_again(config, tmp_path):
    session = pipeline.run(config, folder=tmp_path / "s")
    assert set(session.provenance.timings_s) == set(pipeline.STAGE_NAMES)
    assert session.provenance.peak_mb > 10
    assert "numpy" in session.provenance.versions
    again = pipeline.run(pipeline.config_of(session))
    np.testing.assert_array_equal(again.maps.maps, session.maps.maps)
    np.testing.assert_array_equal(again.clustering.labels, session.clustering.labels)
    summary = json.loads((tmp_path / "s" / "summary.json").read_text())
    assert summary["reference_activity"] == pytest.approx(4.0)
    assert set(summary["timings_s"]) == set(pipeline.STAGE_NAMES)


def test_maps_of_a_saved_run_are_mapped_from_its_folder(config, tmp_path, monkeypatch):
    monkeypatch.setattr(mapping, "WORTH_MAPPING", 0)  # smaller files are read whole
    session = pipeline.run(config, folder=tmp_path / "s")
    assert str(session.maps.maps.filename).startswith(str(tmp_path / "s"))


def test_stage_by_stage_is_the_same_as_all_at_once(config):
    whole = pipeline.run(config)
    session = Session()
    for stage in pipeline.STAGE_NAMES:
        session = pipeline.run_stage(stage, session, config)
    np.testing.assert_array_equal(session.maps.maps, whole.maps.maps)
    np.testing.assert_array_equal(session.table.activity, whole.table.activity)
    np.testing.assert_array_equal(session.clustering.labels, whole.clustering.labels)
    assert session.sites.sites == whole.sites.sites


def test_the_compiler_alone_asks_for_predictions(config):
    session = pipeline.run(config, stages=("mutagenizer",))
    assert session.library.predictions is None
    session = pipeline.run_stage("compiler", session, config)
    assert session.table.activity[0] == pytest.approx(4.0)


def test_another_number_of_clusters_keeps_tree_and_embedding(config):
    session = pipeline.run(config)
    fewer = RunConfig(oracle=config.oracle, clusterer=config.clusterer.replace(n_clusters=3))
    changed = pipeline.run_stage("clusterer", session, fewer)
    assert changed.linkage is session.linkage
    assert changed.embedding is session.embedding
    assert len(changed.clustering.ids) == 3
    assert changed.explanation is None
    assert "meta_explainer" not in changed.provenance.timings_s


def test_other_settings_of_the_embedding_make_it_again(config):
    session = pipeline.run(config)
    three = RunConfig(oracle=config.oracle, clusterer=config.clusterer.replace(n_components=3))
    changed = pipeline.run_stage("clusterer", session, three)
    assert changed.embedding.coordinates.shape[1] == 3
    assert changed.linkage is session.linkage


def test_an_imported_tree_and_embedding_are_used_as_they_are(config, tmp_path):
    made = pipeline.run(config)
    frame = made.table.frame.assign(Sequence=indices_to_strings(made.library.sequences))
    frame.to_csv(tmp_path / "m.csv", index=False)
    np.save(tmp_path / "maps.npy", made.maps.maps)
    np.save(tmp_path / "e.npy", made.embedding.coordinates + 1)
    np.save(tmp_path / "l.npy", made.linkage.matrix)
    session = store.import_peer_files(
        tmp_path / "m.csv",
        tmp_path / "maps.npy",
        embedding=tmp_path / "e.npy",
        linkage=tmp_path / "l.npy",
    )
    stages = ("clusterer", "meta_explainer", "identifier")
    explained = pipeline.run(RunConfig(clusterer=config.clusterer), session=session, stages=stages)
    assert explained.embedding is session.embedding
    np.testing.assert_array_equal(explained.clustering.labels, made.clustering.labels)


def test_another_oracle_gives_the_table_anew(config, tmp_path):
    session = pipeline.run(config)
    (tmp_path / "other.py").write_text(ORACLE.replace("a + 2 * b", "5 * a"))
    other = RunConfig(
        oracle=OracleParameters(model=f"{tmp_path / 'other.py'}:planted"),
        attributer=config.attributer,
    )
    changed = pipeline.run(other, session=session, stages=("attributer", "compiler"))
    assert changed.table.activity[0] == pytest.approx(6.0)
    assert changed.oracle == other.oracle


def test_inputs_are_those_of_the_last_run(tmp_path, config):
    """Another table of measurements: the manifest must not keep the first one's sum."""
    sums = []
    session = Session()
    (tmp_path / "reference.fa").write_text(">r\nAC\n")
    for value in (1.0, 2.0):
        rows = "".join(f"{a}{b},{value if a == b else 0}\n" for a in "ACGT" for b in "ACGT")
        (tmp_path / "t.csv").write_text("Sequence,Activity\n" + rows)
        measured = RunConfig(
            oracle=OracleParameters(model=str(tmp_path / "t.csv")),
            sequence=str(tmp_path / "reference.fa"),
            mutagenizer=MutagenizerParameters(library="combinatorial", max_order=-1),
            attributer=config.attributer,
        )
        session = pipeline.run(measured, session=session, stages=("mutagenizer", "attributer"))
        sums.append(session.provenance.inputs["model"]["sha256"])
        assert set(session.provenance.inputs) == {"model", "sequence"}
    assert sums[0] != sums[1]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 0.8, 0.95])
def test_a_cancelled_run_leaves_no_half_session(config, tmp_path, share):
    with pytest.raises(Cancelled):
        pipeline.run(config, folder=tmp_path / "s", progress=Reports(stop_at=share))
    left = {entry.name for entry in tmp_path.iterdir()} - {"oracle_of_test.py", "__pycache__"}
    assert left == set()


def test_what_is_finished_survives_a_later_stop(config, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "SAVE_AFTER_S", 0.0)
    with pytest.raises(Cancelled):
        pipeline.run(config, folder=tmp_path / "s", progress=Reports(stop_at=0.5))
    kept = store.load(tmp_path / "s")
    assert kept.maps is not None
    assert kept.explanation is None


def test_a_stopped_run_goes_on_with_its_maps(config, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "SAVE_AFTER_S", 0.0)
    config = RunConfig(**{**vars(config), "attributer": config.attributer.replace(batch_size=40)})
    with pytest.raises(Cancelled):
        pipeline.run(config, folder=tmp_path / "s", progress=Reports(stop_at=0.3))
    # stopped once more, at once: what the first one made stays
    monkeypatch.setattr(engine_module, "SAVE_AFTER_S", 20.0)
    with pytest.raises(Cancelled):
        pipeline.run(config, folder=tmp_path / "s", progress=Reports(stop_at=0.31))
    starts = []
    fill = Attributer._fill

    def watched(self, rows, *rest):
        starts.append(rows.finished)
        return fill(self, rows, *rest)

    monkeypatch.setattr(Attributer, "_fill", watched)
    session = pipeline.run(config, folder=tmp_path / "s")
    assert starts[0] > 0
    monkeypatch.setattr(Attributer, "_fill", fill)
    np.testing.assert_array_equal(session.maps.maps, pipeline.run(config).maps.maps)
    assert not list(tmp_path.glob(".s.*"))


def test_an_oracle_that_fails_is_named_and_the_session_stays(config, tmp_path):
    session = pipeline.run(config, folder=tmp_path / "s")
    bad = RunConfig(
        oracle=config.oracle.replace(model=config.oracle.model.replace("planted", "broken")),
        attributer=config.attributer,
    )
    with pytest.raises((OracleError, InputError), match="fell over"):
        pipeline.run_stage("attributer", session, bad, folder=tmp_path / "s")
    assert store.load(tmp_path / "s").sites is not None


def test_a_stage_without_what_it_needs_says_which_to_run(config):
    with pytest.raises(
        InputError, match="maps: got nothing; expected attribution maps; run the attributer"
    ):
        pipeline.run_stage("clusterer", Session(), config)


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_computed(config, tmp_path):
    (tmp_path / "file").write_text("x")
    reports = Reports()
    with pytest.raises(InputError, match="folder"):
        pipeline.run(config, folder=tmp_path / "file", progress=reports)
    assert reports.seen == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sequence": "ACGTZ"}, "sequence: got letter 'Z' at position 4"),
        ({"sequence": "missing.fa"}, "missing.fa: sequence: got no such file"),
        ({"sequence": ""}, "reference: got nothing"),
        ({"oracle": OracleParameters(model="nothing.keras")}, "nothing.keras"),
        ({"oracle": OracleParameters()}, "model: got nothing"),
        ({"oracle": OracleParameters(model="deepstarr")}, "seam models fetch deepstarr"),
    ],
)
def test_bad_settings(config, changes, message, monkeypatch, tmp_path):
    monkeypatch.setenv("SEAM_MODELS", str(tmp_path / "none"))
    with pytest.raises(InputError, match=message):
        pipeline.run(RunConfig(**{**vars(config), **changes}))


def test_settings_to_plain_values_and_back(config):
    again = RunConfig.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": 1}, "f.toml: colour: got an unknown setting"),
        ({"mutagenizer": {"n_seq": 1}}, "f.toml: mutagenizer.n_seq: got an unknown"),
        ({"mutagenizer": {"mutation_rate": 2.0}}, "f.toml: mutagenizer.mutation_rate: got 2.0"),
        ({"clusterer": 3}, "f.toml: clusterer: got 3; expected a table"),
        ({"sequence": 3}, "f.toml: sequence: got 3; expected a text"),
    ],
)
def test_bad_settings_in_a_file(values, message):
    with pytest.raises(InputError, match=message):
        RunConfig.from_dict(values, "f.toml")


def test_records_of_a_fasta_file(tmp_path):
    (tmp_path / "a.fa").write_text(">one\nACGT\n>two\nTTTT\n")
    sequence = str(tmp_path / "a.fa")
    assert pipeline.read_reference(RunConfig(sequence=sequence))[0] == "one"
    name, letters, locus, _ = pipeline.read_reference(RunConfig(sequence=sequence, record="two"))
    assert (name, locus) == ("two", None)
    np.testing.assert_array_equal(letters, [3, 3, 3, 3])
    with pytest.raises(InputError, match="record: got three; expected one of one, two"):
        pipeline.read_reference(RunConfig(sequence=sequence, record="three"))


def test_where_the_reference_lies_in_the_genome(tmp_path):
    (tmp_path / "a.fa").write_text(">chr2\nACGTACGT\n>chrX:11-14\nTTTT\n")
    genome = str(tmp_path / "a.fa")

    def read(**values):
        return pipeline.read_reference(RunConfig(**values))

    name, letters, locus, _ = read(sequence=genome, locus="chr2:3-6(-)")
    assert name == str(locus) == "chr2:3-6(-)"
    np.testing.assert_array_equal(letters, [2, 3, 0, 1])
    assert read(sequence=genome, record="chrX:11-14").locus == Interval("chrX", 10, 14)
    assert read(sequence=genome, record="chr2", locus="chr5:1-8").locus == Interval("chr5", 0, 8)
    assert read(sequence="ACGT", locus="chr5:1-4", name="mine")[::2] == (
        "mine",
        Interval("chr5", 0, 4),
    )
    with pytest.raises(InputError, match="locus: got chr5:1-9, 9 letters; expected 4"):
        read(sequence="ACGT", locus="chr5:1-9")
    with pytest.raises(InputError, match="positions 1 to 8"):
        read(sequence=genome, locus="chr2:3-60")


@pytest.mark.parametrize("asked", [True, False])
def test_the_effect_over_the_background_is_asked_for(config, asked):
    library = MutagenizerParameters(
        library="global", pattern="TGACTCA", pattern_start=8, n_sequences=50, sequence_length=30
    )
    compiler = CompilerParameters(background_effect=asked)
    changes = {"mutagenizer": library, "compiler": compiler, "sequence": ""}
    session = pipeline.run(
        RunConfig(**{**vars(config), **changes}), stages=("mutagenizer", "compiler")
    )
    assert ("GIA" in session.table.frame) == asked
    if asked:
        assert (session.table.frame["GIA"] >= 0.99).all()


def test_maps_of_a_pattern_and_its_flanks(config):
    library = MutagenizerParameters(
        library="global", pattern="TGACTCA", pattern_start=8, n_sequences=50, sequence_length=30
    )
    attributer = config.attributer.replace(map_flank=3)
    changes = {"mutagenizer": library, "attributer": attributer, "sequence": ""}
    global_config = RunConfig(**{**vars(config), **changes})
    session = pipeline.run(global_config, stages=("mutagenizer", "attributer"))
    assert (session.maps.start, session.maps.stop) == (5, 18)
    local = RunConfig(**{**vars(config), "attributer": attributer})
    with pytest.raises(InputError, match="map_flank: got 3"):
        pipeline.run(local)


def test_one_seed_for_all_stages(config):
    seeded = config.with_seed(5)
    assert seeded.mutagenizer.seed == seeded.clusterer.seed == 5


def test_a_long_sequence_given_as_letters_is_no_file():
    found = pipeline.read_reference(RunConfig(sequence="ACGT" * 300))
    assert len(found.letters) == 1_200
