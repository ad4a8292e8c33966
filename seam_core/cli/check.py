"""`seam check`: a look at a model before a long run; `seam check-session`: at a saved session."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from seam_core.cli.configuration import config_from
from seam_core.cli.idle import refuse_idle
from seam_core.parameters import MutagenizerParameters
from seam_core.validate import OracleError, SeamError

if TYPE_CHECKING:
    from seam_core.oracles import ModelCheck

# Seconds after which a check asks nothing more, and letters of the names in its table.
SECONDS, WIDTH = 60.0, 22
# Rows that later answers change.
UNSETTLED = ("memory", "predict", "gradient takes", "numbers", "not asked")


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
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        default=SECONDS,
        help="seconds after which no further question is begun (default: %(default)g)",
    )


class _Table:
    """Rows on the terminal, as soon as they are known, each once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        """Print those whose name was not printed before."""
        for what, said in rows:
            if what not in self._said:
                self._said.add(what)
                print(f"{what + ':':<{WIDTH}} {said}", flush=True)


def check(options: argparse.Namespace) -> None:
    """Print what the model takes and answers, and how fast; `OracleError` when that fails."""
    from seam_core import models
    from seam_core.attributer import oracle_of_sequences
    from seam_core.frameworks.signature import family_of, family_rows
    from seam_core.oracles import check_oracle
    from seam_core.pipeline import read_reference
    from seam_core.pipeline.estimate import (
        estimate_row,
        memory_in_words,
        rows_by_method,
        seconds_by_calls,
    )
    from seam_core.pipeline.placing import asked_about, opened
    from seam_core.registry import ATTRIBUTIONS

    config = config_from(options)
    refuse_idle(options, [config])
    parameters = models.located(config.oracle)
    if options.length:
        parameters = parameters.replace(input_length=options.length)
    reference = read_reference(config)
    table = _Table()
    try:
        oracle, how = opened(parameters, config.attributer, reference)
    except SeamError:  # the family may say what is lacking
        table.add(family_rows(family_of(parameters), parameters.model))
        raise
    table.add(family_rows(family_of(parameters, oracle=oracle), parameters.model))
    alphabet = config.oracle.alphabet
    library = asked_about(reference, alphabet)
    by_method = "method" in options
    asked = oracle if library is None else oracle_of_sequences(oracle, how, library)

    def told(found: ModelCheck) -> None:
        if found.memory:
            words = memory_in_words(how.method, asked, found.input_shape[0])
            table.add([("memory", words)])
        table.add(row for row in found.rows() if row[0] not in UNSETTLED)

    report = check_oracle(
        asked,
        library,
        length=options.length,
        n_sequences=options.n_sequences,
        alphabet=alphabet,
        gradients=not by_method or ATTRIBUTIONS.get(how.method).needs_gradient,
        patience_s=options.seconds,
        told=told,
    )
    table.add(report.rows())
    if not report.ok:
        raise OracleError("; ".join(report.problems))
    if not report.memory:
        table.add([("memory", memory_in_words(how.method, asked, report.input_shape[0]))])
    makes = by_method and not 2 * seconds_by_calls(how.method, report, how) > report.left_s
    if makes:
        library_of = config.mutagenizer.replace(
            sequence_length=options.length or config.mutagenizer.sequence_length
        )
        config = replace(config, attributer=how, mutagenizer=library_of)
        table.add([estimate_row(config, oracle, reference.letters, options.n_sequences)])
        return
    rows = rows_by_method(report, how, asked, tries=not by_method)
    said = "a map by method, asked call by call"
    if by_method:
        rows = [row for row in rows if row[0] == how.method]
        table.add([(said, f"a map takes longer than the {options.seconds:g} s of the check")])
    elif rows:
        table.add([(said, "--method NAME measures what it takes")])
    table.add(rows)


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
