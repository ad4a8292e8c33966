"""`seam design`: sequences of a mechanism to order; `seam reprogram`: ways to other mechanisms."""

from __future__ import annotations

import argparse
from pathlib import Path

from seam_core import store
from seam_core.cli.folders import free_folder
from seam_core.cli.options import (
    add_device,
    add_overwrite,
    add_parameter_options,
    add_quiet,
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


def add_design_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `seam design`."""
    _add_session(parser, "write panel.fa, panel.csv, panel.parquet and design.json there")
    parser.add_argument(
        "--session",
        metavar="DIR",
        dest="panel_session",
        help="also write the panel as a session, in the space of this one",
    )
    add_parameter_options(parser, DesignerParameters, "what is designed", _DESIGN_OPTIONS)


def add_reprogram_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `seam reprogram`."""
    _add_session(parser, "write paths, singles (.csv, .parquet), paths_maps.npy there")
    add_parameter_options(parser, ReprogrammerParameters, "what is looked for", _REPROGRAM_OPTIONS)


def _add_session(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("--out", metavar="DIR", required=True, help=out)
    add_device(parser)
    add_overwrite(parser, "what is")
    add_quiet(parser)


def design(options: argparse.Namespace) -> None:
    """`seam design`: write a panel, and say what it holds."""
    from seam_core.design import Designer, panel_session, write_panel

    if "mechanism" not in options:
        raise InputError("--mechanism", "nothing", "the number of a cluster")
    parameters = parameters_from(options, DesignerParameters)
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
    kinds = panel.frame["kind"].value_counts(sort=False)
    counts = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in kinds.items())
    print(f"panel: {out}")
    print(f"mechanism {panel.mechanism}: {counts}")
    activity = panel.answers.activity[: panel.n_designs]
    print(f"activity of the designs: {activity.min():.4g} to {activity.max():.4g}")
    for note in panel.notes:
        print(f"note: {note}")
    if options.panel_session:
        print(f"session: {options.panel_session}")


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


def reprogram(options: argparse.Namespace) -> None:
    """`seam reprogram`: write the ways, and say the least number of substitutions of each."""
    from seam_core.reprogramming import Reprogrammer, write_reprogramming

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
