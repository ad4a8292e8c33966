"""`seam check`: a look at a model before a long run; `seam check-session`: at a saved session."""

from __future__ import annotations

import argparse
from dataclasses import replace

from seam_core.cli.idle import refuse_idle
from seam_core.cli.options import config_from
from seam_core.parameters import MutagenizerParameters
from seam_core.validate import OracleError, SeamError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options besides those of the oracle and of how maps are made."""
    parser.add_argument("--config", metavar="FILE.toml", help="settings; options given here win")
    parser.add_argument("--sequence", metavar="FASTA_OR_LETTERS", help="a sequence to ask about")
    parser.add_argument("--record", metavar="NAME", help="record of the FASTA file")
    parser.add_argument(
        "--locus", metavar="CHROM:FIRST-LAST", help="where it lies in the genome, as for seam run"
    )
    parser.add_argument(
        "--length", type=int, metavar="N", help="length to ask about, where the model takes any"
    )
    parser.add_argument(
        "--n-sequences",
        dest="n_sequences",
        type=int,
        metavar="N",
        default=MutagenizerParameters().n_sequences,
        help="size of the library that the time is estimated for (default: %(default)s)",
    )


def check(options: argparse.Namespace) -> None:
    """Print what the model takes and answers, and how fast; `OracleError` when that fails."""
    from seam_core import models
    from seam_core.attributer import oracle_of_sequences
    from seam_core.frameworks.signature import family_lines, family_of
    from seam_core.oracles import check_oracle
    from seam_core.pipeline import read_reference
    from seam_core.pipeline.estimate import estimate_line, lines_by_method
    from seam_core.pipeline.placing import asked_about, opened
    from seam_core.registry import ATTRIBUTIONS

    config = config_from(options)
    refuse_idle(options, [config])
    parameters = models.located(config.oracle)
    if options.length:
        parameters = parameters.replace(input_length=options.length)
    reference = read_reference(config)
    try:
        oracle, how = opened(parameters, config.attributer, reference)
    except SeamError:
        print(
            "\n".join(family_lines(family_of(parameters), parameters.model))
        )  # it may say what is lacking
        raise
    print("\n".join(family_lines(family_of(parameters, oracle=oracle), parameters.model)))
    alphabet = config.oracle.alphabet
    library = asked_about(reference, alphabet)
    by_method = "method" in options
    asked = oracle if library is None else oracle_of_sequences(oracle, how, library)
    report = check_oracle(
        asked,
        library,
        length=options.length,
        n_sequences=options.n_sequences,
        alphabet=alphabet,
        gradients=not by_method or ATTRIBUTIONS.get(how.method).needs_gradient,
    )
    print("\n".join(report.answers()))
    if not report.ok:
        raise OracleError("; ".join(report.problems))
    if by_method:
        library_of = config.mutagenizer.replace(
            sequence_length=options.length or config.mutagenizer.sequence_length
        )
        config = replace(config, attributer=how, mutagenizer=library_of)
        print(estimate_line(config, oracle, reference.letters, options.n_sequences))
    else:
        print("\n".join(lines_by_method(report, config.attributer, asked)))


def add_session_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `seam check-session`."""
    parser.add_argument("session", metavar="SESSION", nargs="+")


def check_session(options: argparse.Namespace) -> None:
    """Read all of each session: its sums, its arrays against each other; raises at the first."""
    from seam_core import store

    for folder in options.session:
        session = store.verify(folder)
        summary = store.summary(session)
        print(
            f"{folder}: well; {summary['n_sequences']} sequences, {summary['n_clusters']} clusters"
        )
