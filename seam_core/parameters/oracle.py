"""Which model answers, and which of its outputs is explained."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.registry import FRAMEWORKS, REDUCTIONS
from seam_core.sequences import DNA, check_alphabet

LAYOUTS = (
    "channels_last",
    "channels_first",
    "N41L",
    "N14L",
    "NL41",
    "N1L4",
    "N4L1",
    "flat",
    "flat_first",
    "tokens",
)
# What to do with rows of a table that have letters outside the alphabet.
ODD_LETTERS = ("refuse", "drop", "mask")
# Other ways to write them, without brackets and commas.
_WRITTEN = {"NL4": "channels_last", "N4L": "channels_first"}


def layout_named(text: str) -> str:
    """The layout that is written "(N, 4, L)", N4L or n4l; the text itself where it is none."""
    plain = "".join(each for each in text if each.isalnum()).upper()
    return _WRITTEN.get(plain, plain) if plain in LAYOUTS or plain in _WRITTEN else text


@dataclass(frozen=True)
class OracleParameters(Parameters):
    """The oracle: a model file, a Python callable or a measured table."""

    model: str = parameter(
        "",
        "Model file (.keras, .h5, SavedModel folder, .json with the weights beside it, "
        "TorchScript .pt, exported .pt2, .onnx), module:function, or a table of measurements; a "
        "pattern such as fold_*/model.h5, or several separated by ';', is an ensemble",
        kind="path",
        several=True,
    )
    weights: str = parameter(
        "",
        "Weights of a .json model (empty: the .h5 file of the same name) or of a model that is "
        "named as module:class",
        kind="path",
    )
    framework: str = parameter(
        "auto",
        "What the model is; auto: told from its name",
        registry=FRAMEWORKS,
        choices=("auto",),
    )
    imports: str = parameter(
        "",
        "Module or file.py that is imported before the model is read, since it defines layers of "
        "the model; its code runs",
    )
    head: str = parameter(
        "0", "Output to explain: its index or its name (human/rna); a - b: their difference"
    )
    column: str = parameter(
        "",
        "Column of that output, where it has more than one: its index; several (0,2 or 0:5): their "
        "mean; a - b: a difference; all: all tracks of a profile (empty: the first). Of a table of "
        "measurements: Sequence=NAME, Activity=NAME (on the command line)",
    )
    bins: str = parameter(
        "",
        "Positions of a profile that are explained, as 400:410 or several separated by commas, or "
        "a BED file of a gene's exons, a splice site or a TSS, in the genome where the locus is "
        "known, else in the sequence (empty: all)",
    )
    bin_width: int = parameter(
        0,
        "Letters that a position of the profile stands for, where --bins is a file: 128 of "
        "Enformer, 32 of Borzoi (0: 1, where the profile is not much shorter than the input)",
        low=0,
        unit="letters",
    )
    input_length: int = parameter(
        0,
        "Letters that a model reads which takes any number of them (0: those of the sequence; with "
        "a context it must be said)",
        low=0,
        unit="letters",
    )
    reduction: str = parameter(
        "none",
        "How a profile becomes one number: its sum or mean, its projection on the library's first "
        "principal component, or BPNet's softmax-weighted mean-normalised logits (held: gradients "
        "take the weights as they are, as bpnet and ChromBPNet do; joint: one softmax over all "
        "chosen tracks, as bpnet-lite does over both strands). logit: of a probability, where a "
        "sigmoid is saturated",
        registry=REDUCTIONS,
    )
    strands: str = parameter(
        "given",
        "both: the mean of the answers to the sequence and to its reverse complement, whose map is "
        "turned back",
        choices=("given", "both"),
    )
    alphabet: str = parameter(
        DNA, "Letters in the order of the model's input channels; or DNA, RNA or protein"
    )
    layout: str = parameter(
        "channels_last",
        "Axes of the model's input: (N, L, 4), (N, 4, L), one of those with an axis of one, as "
        "N41L for (N, 4, 1, L), the letters of a position or the positions of a letter side by "
        "side (flat, flat_first), or whole numbers that are looked up (tokens)",
        choices=LAYOUTS,
    )
    sequence_input: str = parameter(
        "",
        "The input that takes the sequence, where the model has several: its index or name (empty: "
        "the first that has its shape)",
    )
    input: str = parameter(
        "",
        "What another input is given, NAME=RULE: reverse_complement, sequence, zeros, a number or "
        "several (0,1,0), or FILE.npz:KEY; several inputs separated by ';'",
        several=True,
    )
    channels: str = parameter(
        "",
        "A .npy or .npz:KEY with more channels of each position, (length, channels), that the "
        "model takes beside the letters; they stay as they are while letters are mutated",
        kind="path",
    )
    other_inputs: str = parameter(
        "",
        "An .npz file with one row for each other input, by name or index",
        kind="path",
    )
    measured_column: str = parameter(
        "", "Column of a table of measurements with the values (empty: found by its name)"
    )
    sequence_column: str = parameter(
        "", "Column of a table of measurements with the sequences (empty: found by its name)"
    )
    missing: str = parameter(
        "impute",
        "Sequences that a table of measurements lacks: impute estimates the missing entries of "
        "maps from measured neighbours, marked and counted; refuse takes complete tables only",
        choices=("impute", "refuse"),
    )
    odd_letters: str = parameter(
        "refuse",
        "Rows of a table with letters that the alphabet lacks, as R or N: refuse the table, drop "
        "the rows, or mask the letters as unknown",
        choices=ODD_LETTERS,
    )

    def __post_init__(self) -> None:
        column: object = self.column
        if isinstance(column, int) and not isinstance(column, bool):  # of older files
            object.__setattr__(self, "column", str(column))
        if isinstance(self.layout, str):
            object.__setattr__(self, "layout", layout_named(self.layout))
        if isinstance(self.alphabet, str):
            object.__setattr__(self, "alphabet", check_alphabet(self.alphabet))
        super().__post_init__()
