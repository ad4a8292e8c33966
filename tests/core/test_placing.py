"""Where a sequence lies in what a model reads: contexts, and features on a profile."""

from types import SimpleNamespace

import numpy as np
import pytest

from seam_core.intervals import Interval
from seam_core.oracles import FunctionOracle
from seam_core.oracles.context import InContext
from seam_core.oracles.placement import Placement
from seam_core.parameters import AttributerParameters, MutagenizerParameters, OracleParameters
from seam_core.pipeline import RunConfig, run
from seam_core.pipeline.config import Reference
from seam_core.pipeline.placing import in_context, opened
from seam_core.sequences import indices_to_strings, strings_to_indices
from seam_core.validate import InputError

GENOME = "".join(np.random.default_rng(0).choice(list("ACGT"), 200))
PROFILE = """
def predict(x):
    return x[:, 5:-5, 0] * 2.0 + x[:, 5:-5, 1]
"""


def letters(text):
    return strings_to_indices([text])[0]


def turned(text):
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


@pytest.fixture
def genome(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(f">chr1\n{GENOME}\n>chr2\n{'ACGT' * 30}\n")
    return str(path)


def context_of(text, reference, size):
    oracle = SimpleNamespace(length=size)
    return in_context(AttributerParameters(context=text), OracleParameters(), oracle, reference)


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_context_of_a_genome_is_around_the_locus(genome, strand):
    here = GENOME[90:100] if strand == "+" else turned(GENOME[90:100])
    around = GENOME[80:110] if strand == "+" else turned(GENOME[80:110])
    reference = Reference("r", letters(here), Interval("chr1", 90, 100, strand))
    how = context_of(genome, reference, 30)
    assert (how.context, how.context_start) == (around, 10)


def test_ends_of_a_chromosome_are_padded(genome):
    reference = Reference("r", letters(GENOME[2:12]), Interval("chr1", 2, 12))
    how = context_of(genome, reference, 30)
    assert how.context == "N" * 8 + GENOME[:22]
    assert how.context[how.context_start :][:10] == GENOME[2:12]


@pytest.mark.parametrize(
    ("file", "size", "context", "start"),
    [
        (f">plasmid\nTTT{GENOME[90:100]}GGGG\n", None, f"TTT{GENOME[90:100]}GGGG", 3),
        (f">plasmid\nTTT{GENOME[90:100]}GGGG\n", 14, f"TT{GENOME[90:100]}GG", 2),
        (f">plasmid\nTTT{'N' * 10}GGGG\n", 17, f"TTT{'N' * 10}GGGG", 3),
        (f">plasmid\nTTT{GENOME[90:100]}GGGG\n", 24, f"NNNNTTT{GENOME[90:100]}GGGGNNN", 7),
    ],
)
def test_a_record_with_the_sequence_in_it_is_its_context(tmp_path, file, size, context, start):
    path = tmp_path / "plasmid.fa"
    path.write_text(file)
    how = context_of(str(path), Reference("r", letters(GENOME[90:100])), size)
    assert (how.context, how.context_start) == (context, start)


def test_padding_is_on_both_sides():
    how = context_of("N", Reference("r", letters("ACGT")), 9)
    assert (how.context, how.context_start) == ("N" * 9, 2)


@pytest.mark.parametrize(
    ("reference", "size", "field"),
    [
        (Reference("r", letters("ACGTACGT"), Interval("chr1", 90, 98)), 30, "context"),
        (Reference("r", letters("ACGTACGT")), 30, "context"),  # it is there many times
        (Reference("r", letters("A" * 40)), 60, "context"),
        (Reference("r", letters(GENOME[90:98]), Interval("chr1", 90, 98)), None, "input_length"),
    ],
)
def test_what_is_wrong_with_a_context_is_said(genome, reference, size, field):
    with pytest.raises(InputError) as error:
        context_of(genome, reference, size)
    assert error.value.field == field


def test_mutants_in_a_context_of_unknown_letters_are_predicted_as_they_are():
    torch = pytest.importorskip("torch")
    from seam_core.frameworks.torch.oracle import TorchOracle
    from seam_core.oracles.adapters import Adapter

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv1d(4, 6, 5), torch.nn.ReLU(), torch.nn.Flatten())
    module.append(torch.nn.Linear(6 * 56, 1))
    inner = TorchOracle(module, adapter=Adapter(layout="channels_first"))
    context = letters("N" * 20 + GENOME[:10] + "N" * 30)
    oracle = InContext(inner, context, 20, 10, "ACGT")
    channels = np.eye(4, dtype=np.float32)
    predictor = oracle.capabilities.mutants(10, channels)
    sequences = letters(GENOME[:10])[None]
    start = predictor.start(sequences, np.array([True]))
    np.testing.assert_allclose(start, oracle.predict(channels[sequences]), atol=1e-6)
    mutant = sequences.copy()
    mutant[0, 4] = (mutant[0, 4] + 1) % 4
    answers = predictor.mutants(np.array([0]), np.array([4]), mutant[:, 4], lambda share: None)
    np.testing.assert_allclose(answers, oracle.predict(channels[mutant]), atol=1e-6)


@pytest.mark.parametrize("width", [1, 8])
def test_positions_of_a_profile_are_those_that_features_lie_on(width):
    rng = np.random.default_rng(width)
    first = rng.integers(0, 190, 5)
    stretches = tuple(
        (int(a), int(a + b)) for a, b in zip(first, rng.integers(1, 12, 5), strict=True)
    )
    length, positions = 200, 120 // width
    start = (length - positions * width) // 2
    wanted = {
        (letter - start) // width
        for a, b in stretches
        for letter in range(a, b)
        if 0 <= letter - start < positions * width
    }
    bins = Placement(stretches, length, width, "f.bed").bins(positions)
    assert sorted(wanted) == [each for a, b in bins for each in range(a, b)]


def test_a_profile_much_shorter_than_the_input_needs_the_width():
    with pytest.raises(InputError, match="bin_width"):
        Placement(((0, 10),), 196608, 0, "f.bed").bins(896)
    with pytest.raises(InputError, match="no feature"):
        Placement(((0, 10),), 100, 1, "f.bed").bins(50)


@pytest.fixture
def profile(tmp_path):
    (tmp_path / "profile.py").write_text(PROFILE)
    return OracleParameters(
        model=f"{tmp_path}/profile.py:predict", reduction="sum", bins=str(tmp_path / "exons.bed")
    )


@pytest.mark.parametrize("locus", [None, Interval("chr1", 90, 120), Interval("chr1", 90, 120, "-")])
def test_exons_of_a_file_are_explained(tmp_path, profile, locus):
    shift = 0 if locus is None else locus.start
    lines = [(10, 14), (18, 20)]
    (tmp_path / "exons.bed").write_text(
        "".join(f"chr1\t{a + shift}\t{b + shift}\n" for a, b in lines)
    )
    text = GENOME[90:120] if locus is None or locus.strand == "+" else turned(GENOME[90:120])
    reference = Reference("r", letters(text), locus)
    oracle, _ = opened(profile, AttributerParameters(), reference)
    here = [p for a, b in lines for p in range(a, b)]
    if locus is not None and locus.strand == "-":
        here = [29 - p for p in here]
    wanted = sum({"A": 2.0, "C": 1.0}.get(text[p], 0.0) for p in here)
    assert oracle.predict(np.eye(4, dtype=np.float32)[reference.letters][None]) == wanted


def test_a_sequence_that_is_not_what_the_model_reads_is_told_of_contexts(genome, profile):
    config = RunConfig(
        oracle=profile.replace(input_length=30), sequence=genome, locus="chr1:91-100"
    )
    with pytest.raises(InputError, match=r"sequence: got 10 letters; expected 30 .*--context"):
        run(config, stages=["mutagenizer", "attributer"])


def test_a_run_keeps_the_letters_of_the_context_and_the_positions(tmp_path, genome, profile):
    (tmp_path / "exons.bed").write_text("chr1\t92\t96\n")
    config = RunConfig(
        mutagenizer=MutagenizerParameters(n_sequences=5),
        oracle=profile.replace(input_length=30),
        attributer=AttributerParameters(method="ism", context=genome),
        sequence=genome,
        locus="chr1:91-100",
    )
    session = run(config, stages=["mutagenizer", "attributer"])
    assert session.maps.parameters.context == GENOME[80:110]
    assert session.oracle.bins == "7:11"
    (text,) = indices_to_strings(session.library.sequences[:1])
    wanted = sum({"A": 2.0, "C": 1.0}.get(each, 0.0) for each in text[2:6])
    assert session.library.predictions[0] == wanted


def test_features_need_a_sequence(profile):
    with pytest.raises(InputError, match="sequence"):
        opened(profile, AttributerParameters(), Reference("r"))


def test_bins_of_one_strand_are_not_asked_of_both(profile):
    reference = Reference("r", letters(GENOME[:30]))
    with pytest.raises(InputError, match="strands"):
        opened(profile.replace(strands="both", bins="3:4"), AttributerParameters(), reference)


def test_an_objects_gradient_is_that_of_the_number_explained():
    oracle = FunctionOracle(
        lambda x: np.stack([x[:, :, 0].sum(1), x[:, :, 1].sum(1)], 1),
        gradient=lambda x: (x[:, :, 0].sum(1), np.eye(4)[[0]] + 0 * x),
        column=1,
    )
    with pytest.raises(InputError, match="gradient"):
        oracle.gradient(np.eye(4, dtype=np.float32)[[[0, 1, 0, 2]]])
