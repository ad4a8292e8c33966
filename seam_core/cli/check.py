"""`seam check`: a look at a model before a long run; `seam check-session`: at a saved session."""

from __future__ import annotations

import argparse

from seam_core.cli.configuration import config_from
from seam_core.cli.idle import refuse_idle
from seam_core.families.offers import WHAT_FOR, differing
from seam_core.parameters import MutagenizerParameters, OracleParameters
from seam_core.validate import OracleError

# Seconds after which a check asks nothing more, and letters of the names in its table.
SECONDS, WIDTH = 60.0, 22


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
        help="seconds from when the model is open after which nothing more is begun; what began is "
        "finished (default: %(default)g)",
    )


def check(options: argparse.Namespace) -> None:
    """Print what the model takes and answers, and how fast; `OracleError` when that fails."""
    from seam_core.pipeline.checking import check_model

    config = config_from(options)
    refuse_idle(options, [config])
    checked = check_model(
        config,
        lambda what, said: print(f"{what + ':':<{WIDTH}} {said}", flush=True),
        n_sequences=options.n_sequences,
        length=options.length,
        method="method" in options,
        patience_s=options.seconds,
        said=_said(options, config.oracle),
    )
    if checked.problems:
        raise OracleError("; ".join(checked.problems))


def _said(options: argparse.Namespace, oracle: OracleParameters) -> set[str]:
    """Parameters of the oracle that the user set, on the command line or in a file."""
    said = differing(oracle).union(name for name in vars(oracle) if name in options)
    return said.union(WHAT_FOR) if options.config else said


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
