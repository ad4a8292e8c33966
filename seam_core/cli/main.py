"""The `seam` command: its subcommands, and what a user is told when one fails."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from seam_core import __version__, diagnostics, mapping, registry
from seam_core.cli import batch, check, commands, comparing, designing, export, projecting, variants
from seam_core.cli.annotations import add_tracks
from seam_core.cli.idle import refuse_pairs
from seam_core.cli.options import (
    add_overwrite,
    add_parameter_options,
    add_quiet,
    add_run_option,
    add_stage_options,
    in_options,
    option_names,
    parsed,
)
from seam_core.demos import DEMOS
from seam_core.interpreter import avoid_working_folder
from seam_core.parameters import OracleParameters
from seam_core.product import FIRST_DEMO, NAME
from seam_core.progress import Cancelled
from seam_core.readers import LAYOUTS
from seam_core.stages import AFTER_MAPS
from seam_core.utf8 import start_in_utf8
from seam_core.validate import SeamError, first_line

UNFORESEEN = 1
USER_ERROR = 2
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Takes options by their whole name only: an abbreviation may mean another one tomorrow."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)
        self.add_argument(
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="say what is done, and the whole of an error",
        )

    def error(self, message: str) -> NoReturn:
        """One line: the usage of some commands is longer than a screen."""
        self.exit(USER_ERROR, f"{self.prog}: {message} (see: {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the `seam` command with all subcommands."""
    parser = _Parser(
        prog="seam",
        description="Why does a genomic deep network predict what it predicts?",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    subparsers = parser.add_subparsers(
        dest="command",
        required=True,
        metavar="COMMAND",
        parser_class=_Parser,
    )
    _add_run(subparsers)
    _add_demo(subparsers)
    _add_check(subparsers)
    _add_check_session(subparsers)
    _add_import(subparsers)
    _add_info(subparsers)
    _add_report(subparsers)
    _add_export(subparsers)
    _add_compare(subparsers)
    _add_project(subparsers)
    _add_variants(subparsers)
    designing.add_to(subparsers)
    _add_models(subparsers)
    _add_recipes(subparsers)
    batch.add_to(subparsers)
    return parser


def _add_run(subparsers: argparse._SubParsersAction) -> None:
    run = subparsers.add_parser(
        "run",
        help="explain a model at one locus: all stages",
        description="Mutate a sequence, ask the model for an attribution map of every variant, "
        "group the maps into mechanisms and find the binding sites. The result is a folder: "
        "a session, with summary.json.",
    )
    run.add_argument("--sequence", metavar="FASTA_OR_LETTERS", help="the reference sequence")
    run.add_argument("--record", metavar="NAME", help="record of the FASTA file (default: first)")
    run.add_argument(
        "--locus",
        metavar="CHROM:FIRST-LAST",
        help="where the sequence lies in the genome, 1-based, both included, as "
        "chr2R:5876534-5876782; with the genome's FASTA file as --sequence: the part to take",
    )
    add_tracks(run)
    run.add_argument("--name", metavar="TEXT", help="name of the session")
    run.add_argument("--config", metavar="FILE.toml", help="settings; options given here win")
    run.add_argument("--recipe", metavar="NAME", help="a recipe (see: seam recipes) or its file")
    add_run_option(run)
    run.add_argument(
        "--session", metavar="DIR", help="start from this session and run only --stages on it"
    )
    run.add_argument(
        "--stages",
        metavar="A,B",
        help="stages to run, separated by commas (default: all; with --session: the "
        "clusterer and what follows)",
    )
    run.add_argument("--out", metavar="DIR", required=True, help="where the session is saved")
    batch.add_scheduler(run)
    run.add_argument(
        "--pictures",
        metavar="DIR",
        help="save every picture as PNG too; of a recipe of several sessions in a folder for each",
    )
    add_overwrite(run)
    add_quiet(run)
    add_stage_options(run)
    run.set_defaults(action=commands.run)


def _add_demo(subparsers: argparse._SubParsersAction) -> None:
    demo = subparsers.add_parser(
        "demo",
        help="open a demonstration in the application",
        description="Open a demonstration in the application; without a display, or with "
        "--headless, save the session and pictures instead.",
        epilog="; ".join(f"{demo.name}: {demo.title}" for demo in DEMOS.values()),
    )
    demo.add_argument("name", nargs="?", default=FIRST_DEMO, help=", ".join(DEMOS))
    demo.add_argument("--headless", action="store_true", help="open no window")
    demo.add_argument("--out", metavar="DIR", help="where to save (default: out/NAME)")
    demo.add_argument("--seed", type=int, help="seed of a demonstration that is run (default: 0)")
    add_quiet(demo)
    demo.set_defaults(action=commands.demo)


def _add_check(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "check",
        help="look at a model before a long run",
        description="Load a model and ask it about two sequences, forward and backward: its "
        "heads, its answers, what is wrong, and the time that a library would take. The model is "
        "named by --model, or alone: seam check MODEL. --method makes and times a few maps.",
    )
    check.add_arguments(parser)
    add_stage_options(parser, parts=("oracle", "attributer"))
    parser.set_defaults(action=check.check)


def _add_check_session(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "check-session",
        help="read all of a saved session and say whether it is as it was saved",
        description="Check the SHA-256 sum of every file of a session, every array against the "
        "others, and every number of the maps. Exit status 2 where something is wrong.",
    )
    check.add_session_arguments(parser)
    parser.set_defaults(action=check.check_session)


def _add_import(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "import",
        help="make a session from the files of seam-nn",
        description="Make a session from a table of sequences and attribution maps made "
        "elsewhere, check them against each other, then cluster and explain them.",
    )
    parser.add_argument(
        "--mave", metavar="TABLE", required=True, help="table: .csv or .tsv, also packed, .parquet"
    )
    parser.add_argument(
        "--maps", metavar="FILE[:KEY]", required=True, help="(N, L, A): .npy, .npz or .h5"
    )
    parser.add_argument(
        "--maps-key",
        "--key",
        metavar="KEY",
        dest="maps_key",
        default="",
        help="array of a file of maps with several, as shap/seq",
    )
    parser.add_argument(
        "--maps-layout",
        choices=LAYOUTS,
        default="auto",
        help="order of the maps' axes: (N, L, A) or (N, A, L) (default: as it is, except for "
        "contributions in HDF5)",
    )
    add_parameter_options(parser, OracleParameters, "rows of the table", only=("odd_letters",))
    parser.add_argument(
        "--embedding", metavar="FILE[:KEY]", dest="embedding_file", help="(N, Z): .npy or .h5ad"
    )
    parser.add_argument("--linkage", metavar="NPY", help="(N - 1, 4) .npy, SciPy's format")
    parser.add_argument(
        "--reference",
        metavar="LETTERS",
        default="",
        help="the reference: letters, first (row 0) or none (default: the row of Hamming 0)",
    )
    parser.add_argument(
        "--column",
        metavar="OURS=THEIRS",
        action="append",
        default=[],
        dest="columns",
        help="name of a column of the table, as in Activity=log2fc; may be repeated",
    )
    parser.add_argument(
        "--import-alphabet",
        metavar="LETTERS",
        help="order of the maps' letters; or DNA, RNA or protein",
    )
    parser.add_argument("--window-start", type=int, metavar="N", help="first position of the maps")
    parser.add_argument("--window-stop", type=int, metavar="N", help="end of the maps (exclusive)")
    parser.add_argument("--name", metavar="TEXT", default="", help="name of the session")
    parser.add_argument("--out", metavar="DIR", required=True, help="where the session is saved")
    parser.add_argument("--only", action="store_true", help="import, and compute nothing")
    add_overwrite(parser)
    add_quiet(parser)
    add_stage_options(parser, parts=AFTER_MAPS, renamed={"embedding": "embedding_method"})
    parser.set_defaults(action=commands.import_files)


def _add_info(subparsers: argparse._SubParsersAction) -> None:
    info = subparsers.add_parser("info", help="say what a session holds")
    info.add_argument("session", metavar="SESSION")
    info.add_argument("--json", action="store_true", help="summary and manifest as JSON")
    info.set_defaults(action=commands.info)


def _add_report(subparsers: argparse._SubParsersAction) -> None:
    report = subparsers.add_parser(
        "report",
        help="write a session as one HTML page",
        description="Write pictures, tables, methods and manifest of a session as one HTML page "
        "that needs no network.",
    )
    report.add_argument("session", metavar="SESSION")
    report.add_argument("--out", metavar="FILE.html", help="default: SESSION/report.html")
    report.add_argument("--pictures", metavar="DIR", help="save every picture as PNG too")
    report.add_argument(
        "--motifs",
        metavar="FILE",
        help="known motifs to name sites by: MEME, JASPAR, TRANSFAC, HOCOMOCO or HOMER "
        "(default: JASPAR)",
    )
    report.add_argument(
        "--organism",
        "--taxa",
        dest="organism",
        metavar="NAMES",
        help="whose motifs of JASPAR name sites: an organism, an assembly or a group, as human, "
        "dm6 or vertebrates,plants (default: what the genome's file is named by; else all)",
    )
    report.add_argument(
        "--locus",
        metavar="CHROM:FIRST-LAST",
        help="where the sequence lies, 1-based, both included (default: as in the session)",
    )
    add_tracks(report)
    add_quiet(report)
    report.set_defaults(action=commands.report)


def _add_export(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "export",
        help="write tables, arrays, motifs or pictures of a session",
        description="Write what a session holds in formats that other programs read. Labels, "
        "merges and selections are those saved with the session, so that the file is what the "
        "window would write.",
    )
    export.add_arguments(parser)


def _add_compare(subparsers: argparse._SubParsersAction) -> None:
    compare = subparsers.add_parser(
        "compare",
        help="say which clusters of two sessions are the same",
        description="Match the clusters of two sessions of one locus: two heads, two attribution "
        "methods or two libraries.",
    )
    comparing.add_arguments(compare)
    compare.set_defaults(action=comparing.compare)


def _add_project(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "project",
        help="say which mechanism other sequences fall into",
        description="Ask a session's model about other sequences of its length (orthologs, "
        "alleles, designs): activity, attribution map, place in the embedding and mechanism, with "
        "how sure that is.",
    )
    projecting.add_arguments(parser)
    add_stage_options(parser, parts=("oracle",))
    parser.set_defaults(action=projecting.project)


def _add_variants(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "variants",
        help="say what genetic variants do to activity, sites and mechanism",
        description="Answer each allele of a file of variants: its effect, the mechanism that it "
        "falls into, the sites that it breaks or makes, and a verdict. Writes tables, an annotated "
        "VCF and a page.",
    )
    add_stage_options(parser)
    variants.add_arguments(parser)
    parser.set_defaults(action=variants.variants)


def _add_models(subparsers: argparse._SubParsersAction) -> None:
    models = subparsers.add_parser(
        "models",
        help="known models and families of models; how one is asked; download one",
        description="seam models: the list. seam models NAME: how models of a family are opened "
        "and asked. seam models fetch NAME: download a published one.",
    )
    models.add_argument("verb", nargs="?", default="list", metavar="list|fetch|FAMILY")
    models.add_argument("name", nargs="?", metavar="NAME", help="the model to fetch")
    models.set_defaults(action=commands.models)


def _add_recipes(subparsers: argparse._SubParsersAction) -> None:
    recipes = subparsers.add_parser(
        "recipes",
        help="list the recipes, show one, or save a session as one",
        description="A recipe is a whole analysis in a file: run one with seam run --recipe NAME.",
    )
    recipes.add_argument("--show", metavar="NAME", help="print a recipe's file")
    recipes.add_argument("--save", metavar="SESSION", help="save how a session was made")
    recipes.add_argument("--to", metavar="FILE.toml", help="where --save writes")
    recipes.add_argument("--title", metavar="TEXT", help="title of the saved recipe")
    recipes.set_defaults(action=commands.recipes)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0; 2 after an error of the user's, 1 after one of ours, 130 when stopped."""
    if arguments is None:
        start_in_utf8()
        avoid_working_folder()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = sys.argv[1:] if arguments is None else list(arguments)
    diagnostics.start(verbose="--verbose" in given)
    parser = build_parser()
    for message in registry.problems():
        print(f"seam: {message}", file=sys.stderr)
    options = parsed(parser, arguments)
    diagnostics.did("seam " + " ".join(given))
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with mapping.watched(), diagnostics.threads_told():
            refuse_pairs(options, option_names(parser, given))
            options.action(options)
    except SeamError as error:
        print(f"seam: {in_options(error, parser, given)}", file=sys.stderr)
        return USER_ERROR
    except (KeyboardInterrupt, Cancelled):
        print("\nseam: stopped; nothing is left half written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MemoryError as error:
        said = first_line(error) or "more than there is"
        print(f"seam: memory: got {said}; expected less than this machine has", file=sys.stderr)
        return USER_ERROR
    except SystemExit:
        raise
    except BaseException as error:  # what Rust's packages raise is no Exception
        file = diagnostics.unforeseen(error)
        said = f"{type(error).__name__}: {first_line(error)}"
        print(f"seam: something unforeseen: {said}; it is written in {file}", file=sys.stderr)
        return UNFORESEEN
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0
