"""Parameters of the Mutagenizer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from seam_core.parameters.base import Parameters, parameter
from seam_core.parameters.generators import installed_generators

RATED = ("local", "two_hot", "optimized")
MUTATION_RATE = 0.10
WINDOWED = ("local", "combinatorial", "two_hot", "optimized", "generator")


@dataclass(frozen=True)
class MutagenizerParameters(Parameters):
    """What the library of mutated sequences looks like."""

    library: str = parameter(
        "local",
        "Local: the reference with random substitutions. Combinatorial: all its variants up to "
        "an order. Global: a pattern in many backgrounds. Optimized: an evolutionary search over "
        "the model's activity. Two-hot: diploid genotypes. Generator: a Python object of yours",
        choices=("local", "combinatorial", "global", "optimized", "two_hot", "generator"),
    )
    n_sequences: int = parameter(
        10_000,
        "Sequences in the library, the reference included",
        low=1,
        high=1_000_000_000,
        unit="sequences",
        when=("library", ("local", "global", "optimized", "two_hot", "generator")),
    )
    mutation_rate: float = parameter(
        MUTATION_RATE,
        "Chance that a position is mutated",
        low=0.0,
        high=1.0,
        unit="per position",
        when=("library", RATED),
    )
    uniform: bool = parameter(
        False,
        "The same number of mutations in every sequence, instead of a Poisson number",
        when=("library", ("local", "two_hot")),
    )
    mutate_start: int | None = parameter(
        None,
        "First position that may mutate (0-based; empty: the first)",
        low=0,
        when=("library", WINDOWED),
    )
    mutate_stop: int | None = parameter(
        None,
        "End of the positions that may mutate (exclusive; empty: the end)",
        low=1,
        when=("library", WINDOWED),
    )
    max_order: int = parameter(
        2,
        "Most substitutions in a variant; -1: every sequence there is",
        low=-1,
        high=1_000_000,
        unit="substitutions",
        when=("library", ("combinatorial",)),
    )
    pattern: str = parameter(
        "",
        "Letters put into every background, N where any letter may stand (empty: those of the "
        "reference between pattern start and stop)",
        kind="sequence",
        when=("library", ("global",)),
    )
    pattern_start: int | None = parameter(
        None,
        "Where the pattern begins (0-based; empty: in the middle)",
        low=0,
        when=("library", ("global",)),
    )
    pattern_stop: int | None = parameter(
        None,
        "End of the pattern (exclusive), where it is taken from the reference",
        low=1,
        when=("library", ("global",)),
    )
    pattern_flank: int = parameter(
        0,
        "Letters of the reference kept on each side of the pattern",
        low=0,
        high=1_000_000,
        unit="positions",
        when=("library", ("global",)),
    )
    pattern_rate: float = parameter(
        0.0,
        "Chance that a position of the pattern is mutated",
        low=0.0,
        high=1.0,
        unit="per position",
        when=("library", ("global",)),
    )
    inter_windows: str = parameter(
        "",
        "Positions between sites that take the background's letters too: start-stop, ... "
        "(0-based, stop exclusive)",
        when=("library", ("global",)),
    )
    background: str = parameter(
        "random",
        "Backgrounds: every letter as likely, or shuffles of the reference that keep its "
        "dinucleotides",
        choices=("random", "dinucleotide"),
        when=("library", ("global",)),
    )
    sequence_length: int | None = parameter(
        None,
        "Length of the sequences, where there is no reference",
        low=1,
        unit="positions",
        when=("library", ("combinatorial", "global", "optimized")),
    )
    search_goal: str = parameter(
        "range",
        "What the search is after: sequences spread evenly over the range of activities, the "
        "highest, or the lowest",
        choices=("range", "high", "low"),
        when=("library", ("optimized",)),
    )
    generations: int = parameter(
        20,
        "Rounds of mutation and selection",
        low=1,
        high=10_000,
        unit="generations",
        when=("library", ("optimized",)),
    )
    search_effort: int = parameter(
        4,
        "Sequences that the model is asked about for each one kept",
        low=1,
        high=1000,
        unit="per sequence",
        when=("library", ("optimized",)),
    )
    generator: str = parameter(
        "",
        "module:object of a callable (one-hot (L, A), number) -> one-hot (N, L, A), or "
        "module:class(name=value, ...)",
        when=("library", ("generator",)),
        suggest=partial(installed_generators, mut_rate=MUTATION_RATE),
    )
    library_limit_gb: float = parameter(
        2.0, "Memory that the library's letters may take", low=0.001, high=100_000.0, unit="GB"
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)

    @property
    def needs_reference(self) -> bool:
        """True where no length of sequences takes the place of a reference."""
        if self.library == "combinatorial":
            return self.max_order != -1
        if self.library == "global":
            from_reference = not self.pattern or self.pattern_flank > 0
            return from_reference or self.background == "dinucleotide"
        return self.library != "optimized"
