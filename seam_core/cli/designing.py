"""`seam design`: sequences of a mechanism to order; `seam reprogram`: ways to other mechanisms."""

from __future__ import annotations

import argparse
from pathlib import Path

from seam_core import store
from seam_core.cli.folders import free_folder
from seam_core.cli.idle import refuse_unused
from seam_core.cli.keeping import add_keep, keep
from seam_core.cli.options import (
    add_device,
    add_overwrite,
    add_parameter_options,
    add_quiet,
    add_stage_options,
    named_as_options,
    parameters_from,
)
from seam_core.cli.projecting import opened, projector_of
from seam_core.cli.terminal import shown
from seam_core.parameters import DesignerParameters, ReprogrammerParameters
from seam_core.progress import PartOfProgress
from seam_core.validate import InputError

# parameters whose option is shorter, or that the command gives by itself
_DESIGN_OPTIONS = {"n_designs": "n", "search_effort_per_design": "effort"}
_REPROGRAM_OPTIONS = {"targets": "mechanism", "n_nearest": "nearest", "n_starts": "starts"}


def add_to(subparsers: argparse._SubParsersAction) -> None:
    """`seam design` and `seam reprogram`."""
    _add_design(subparsers)
    _add_reprogram(subparsers)


def _add_design(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "design",
        help="design sequences of a mechanism, ready to be ordered",
        description="Choose diverse sequences of a mechanism from a session's library, or breed "
        "new ones from them, verify each by the model, add controls, adapters and barcodes, and "
        "write FASTA and CSV.",
    )
    add_stage_options(parser, parts=("oracle",))
    _add_design_arguments(parser)
    parser.set_defaults(action=design)


def _add_reprogram(subparsers: argparse._SubParsersAction) -> None:
    parser = subparsers.add_parser(
        "reprogram",
        help="find the fewest substitutions to other mechanisms",
        description="Find the fewest and the likeliest substitutions that lead from the reference "
        "of a session to other mechanisms, each step asked of the model.",
    )
    add_stage_options(parser, parts=("oracle",))
    _add_reprogram_arguments(parser)
    parser.set_defaults(action=reprogram)


def _add_design_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `seam design`."""
    _add_session(parser, "write panel.fa, panel.csv, panel.parquet and design.json there")
    parser.add_argument(
        "--session",
        metavar="DIR",
        dest="panel_session",
        help="also write the panel as a session, in the space of this one",
    )
    add_keep(parser, "the panel")
    add_parameter_options(parser, DesignerParameters, "what is designed", _DESIGN_OPTIONS)


def _add_reprogram_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `seam reprogram`."""
    _add_session(parser, "write paths, singles (.csv, .parquet), paths_maps.npy there")
    add_keep(parser, "the ways")
    add_parameter_options(parser, ReprogrammerParameters, "what is looked for", _REPROGRAM_OPTIONS)


def _add_session(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("--out", metavar="DIR", required=True, help=out)
    add_device(parser)
    add_overwrite(parser, "what is")
    add_quiet(parser)


@named_as_options(DesignerParameters, _DESIGN_OPTIONS)
def design(options: argparse.Namespace) -> None:
    """`seam design`: write a panel, and say what it holds."""
    from seam_core.design import Designer, counted, panel_session, with_panel, write_panel

    if "mechanism" not in options:
        raise InputError("--mechanism", "nothing", "the number of a cluster")
    parameters = parameters_from(options, DesignerParameters)
    refuse_unused(options, parameters)
    parameters.bounds  # noqa: B018 - raises before the model is loaded
    out = free_folder(options.out, "panel.csv", "a panel", overwrite=options.overwrite)
    if options.panel_session:
        _check_session(options, out)
    session, _ = opened(options.session)
    projector = projector_of(session, options)
    with shown(options) as progress:
        panel = Designer(projector, parameters).run(PartOfProgress(progress, 0.0, 0.95))
        write_panel(panel, out)
        if options.panel_session:
            store.save(panel_session(panel, session), Path(options.panel_session))
    print(f"panel: {out}")
    print(f"mechanism {panel.mechanism}: {counted(panel.frame)}")
    activity = panel.answers.activity[: panel.n_designs]
    print(f"activity of the designs: {activity.min():.4g} to {activity.max():.4g}")
    for note in panel.notes:
        print(f"note: {note}")
    if options.panel_session:
        print(f"session: {options.panel_session}")
    keep(options, lambda own: with_panel(own, panel))


def _check_session(options: argparse.Namespace, out: Path) -> None:
    """Raise `InputError` where the panel's session could not be saved in the end, or would take
    the place of the session that it is made from."""
    folder, overwrite = options.panel_session, options.overwrite
    if store.resolved(folder) == store.resolved(out):
        raise InputError("--session", "the folder of --out", "another folder", folder)
    if store.is_session(folder) and not overwrite:
        expected = "a new folder, or --overwrite"
        raise InputError("--session", "a folder with a session", expected, folder)
    if store.resolved(folder) == store.resolved(options.session):
        raise InputError("--session", "the session designed from", "another folder", folder)
    store.check_target(store.resolved(folder))


@named_as_options(ReprogrammerParameters, _REPROGRAM_OPTIONS)
def reprogram(options: argparse.Namespace) -> None:
    """`seam reprogram`: write the ways, and say the least number of substitutions of each."""
    from seam_core.reprogramming import Reprogrammer, with_ways, write_reprogramming

    parameters = parameters_from(options, ReprogrammerParameters)
    out = free_folder(options.out, "paths.csv", "ways", overwrite=options.overwrite)
    session, _ = opened(options.session)
    projector = projector_of(session, options)
    with shown(options) as progress:
        paths = Reprogrammer(projector, parameters).run(progress)
        write_reprogramming(paths, out)
    print(f"paths: {out}")
    for row in paths.least().to_dict("records"):
        many = "substitution" if row["substitutions"] == 1 else "substitutions"
        print(f"mechanism {row['mechanism']}: {row['substitutions']} {many}")
    for mechanism in paths.missing:
        print(f"mechanism {mechanism}: no way found")
    keep(options, lambda own: with_ways(own, paths))
