"""Parameters of the Attributer."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.parameters.base import Parameters, parameter
from seam_core.registry import ATTRIBUTIONS

BASELINES = ("auto", "zeros", "shuffle", "dinucleotide", "given")


@dataclass(frozen=True)
class AttributerParameters(Parameters):
    """How an attribution map is computed for each sequence."""

    method: str = parameter("saliency", "How a map is computed", registry=ATTRIBUTIONS)
    baseline: str = parameter(
        "auto",
        "What a sequence is compared with: nothing at all, its positions shuffled, a shuffle that "
        "keeps its dinucleotides, or arrays from a file (auto: zeros for integrated gradients, "
        "dinucleotide shuffles for DeepSHAP)",
        choices=BASELINES,
        of_method="method",
    )
    baseline_file: str = parameter(
        "",
        "A .npy file of baselines: (L, A), or (n, L, A) for several",
        kind="path",
        when=("baseline", ("given",)),
    )
    intgrad_rule: str = parameter(
        "trapezoid",
        "Where gradients are taken along the path: at even steps, as the method's authors do, or "
        "where they change most in this library, which needs fewer (of few sequences: even steps)",
        choices=("trapezoid", "calibrated"),
        of_method="method",
    )
    intgrad_nodes: int = parameter(
        0,
        "Gradients taken along the path; 0: as many as are as exact as 20 even steps are",
        low=0,
        when=("intgrad_rule", ("calibrated",)),
    )
    intgrad_steps: int = parameter(
        20,
        "Even steps along the path (one gradient more)",
        low=1,
        when=("intgrad_rule", ("trapezoid",)),
    )
    multiply_by_inputs: bool = parameter(
        False,
        "Multiply the mean gradient by (sequence - baseline)",
        of_method="method",
    )
    noise_samples: int = parameter(
        20, "Noisy copies that gradients are averaged over", low=1, of_method="method"
    )
    noise_rule: str = parameter(
        "independent",
        "Each copy with noise of its own, as the method's authors do, or every second with that of "
        "the one before, its sign turned: 14 are then about as exact as 20 of their own",
        choices=("independent", "antithetic"),
        of_method="method",
    )
    noise_sd: float = parameter(
        0.1,
        "Standard deviation of the noise on the one-hot values",
        low=0.0,
        of_method="method",
    )
    ism_score: str = parameter(
        "difference",
        "What a substitution is given: the change of the prediction, or its log2 fold change "
        "(predictions shifted to be 1 or more)",
        choices=("difference", "log2fc"),
        of_method="method",
    )
    n_backgrounds: int = parameter(
        20,
        "Shuffles that a sequence is compared with",
        low=1,
        of_method="method",
    )
    hypothetical: bool = parameter(
        True,
        "What each letter would contribute, also the letters that are not there",
        of_method="method",
    )
    precision: str = parameter(
        "float32",
        "Numbers that gradients are computed with; bfloat16 has three digits, and is used where 16 "
        "maps of the library are made at least 1.6 times faster (their error is told)",
        choices=("float32", "bfloat16"),
        of_method="method",
    )
    map_start: int | None = parameter(
        None, "First position that the maps cover (0-based; empty: the first)", low=0
    )
    map_stop: int | None = parameter(
        None,
        "End of the positions that the maps cover (exclusive; empty: the end)",
        low=1,
    )
    map_flank: int | None = parameter(
        None,
        "Of a global library, map only the pattern and so many positions on each side (empty: all)",
        low=0,
        unit="positions",
    )
    context: str = parameter(
        "",
        "The model's whole input where the library's sequences are a part of it; that part is "
        "replaced by each of them: letters; a FASTA file of the genome (with the locus) or of a "
        "record that has the sequence in it; or N for padding",
        kind="sequence",
    )
    context_start: int = parameter(
        0, "Position of the context that the library's sequences begin at", low=0
    )
    batch_size: int = parameter(
        0,
        "Sequences at a time; 0: chosen from the memory there is",
        low=0,
        unit="sequences",
        only_how=True,
    )
    device: str = parameter(
        "auto", "Where the model runs", choices=("auto", "cpu", "gpu"), only_how=True
    )
    seed: int = parameter(0, "Seed of the random numbers", low=0)
