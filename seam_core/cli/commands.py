"""What each subcommand does."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from seam_core import demos, pipeline, store
from seam_core import models as registry
from seam_core.cli.annotations import check_tracks, with_tracks
from seam_core.cli.batch import cluster_of
from seam_core.cli.configuration import config_from
from seam_core.cli.idle import refuse_idle
from seam_core.cli.options import advice_on_runs, parameters_from, recipe_from
from seam_core.cli.outcome import say_result
from seam_core.cli.terminal import say, shown
from seam_core.exports.files import made_folder
from seam_core.interpreter import own_process
from seam_core.intervals import parse_interval
from seam_core.parameters import BatchParameters, OracleParameters
from seam_core.progress import PartOfProgress, Progress, duration
from seam_core.registry import FAMILIES
from seam_core.session import Session
from seam_core.stages import AFTER_MAPS
from seam_core.validate import InputError


def run(options: argparse.Namespace) -> None:
    """`seam run`: all stages, or some of them on a session, or a recipe."""
    check_tracks(options)
    how = parameters_from(options, BatchParameters)
    if how.scheduler:
        _run_elsewhere(options, store.resolved(options.out), how)
        return
    if options.recipe:
        _run_recipe(options)
        return
    with pipeline.claimed(options.out):
        _run(options, store.resolved(options.out))


def _run(options: argparse.Namespace, out: Path) -> None:
    session, base = None, None
    stages = pipeline.STAGE_NAMES
    if options.session:
        session = store.load(options.session)
        base, stages = pipeline.config_of(session), AFTER_MAPS
    config = config_from(options, base)
    left = None
    if options.stages:
        stages = tuple(name.strip() for name in options.stages.split(","))
        if base is not None and "experimenter" in stages and "experiments" not in options:
            # to name the stage is to ask, whatever the session was made with
            config = replace(config, experimenter=config.experimenter.replace(experiments=True))
    asked = "--stages" if options.stages else "--session"
    refuse_idle(options, [config], stages if options.session else None, asked)
    if not (options.stages or options.session or options.overwrite):
        left = pipeline.unfinished(out, config)
    if left is None:
        _free(out, overwrite=options.overwrite)
    else:
        session, stages = left
        print(f"going on with the session in {out}: {', '.join(stages)}")
    if session is None:
        _say_place(config)
    if session is None and not config.oracle.model:
        raise InputError("--model", "nothing", "a model file, module:function or measured table")
    with shown(options) as progress:
        session = pipeline.run(
            config, folder=out, session=session, stages=stages, progress=progress
        )
        session = _annotated(options, session, out, progress)
    note = session.provenance.inputs.get("model", {}).get("note")
    if note:
        say(f"model: {note}")
    say_result(session, out)
    _save_asked(options, {"": session})


def _annotated(
    options: argparse.Namespace, session: Session, out: Path, progress: Progress
) -> Session:
    """The session with the tracks asked for, saved so where there are any."""
    if options.tracks:
        session = with_tracks(session, options)
        store.save(session, out, progress=progress)
    return session


def _run_elsewhere(options: argparse.Namespace, out: Path, how: BatchParameters) -> None:
    """The whole run on a worker of a cluster."""
    from seam_core.batch.elsewhere import run_elsewhere

    for other in ("recipe", "session", "stages"):
        if getattr(options, other):
            raise InputError(f"--{other}", "together with --scheduler", "one of them")
    config = config_from(options)
    refuse_idle(options, [config])
    if not config.oracle.model:
        raise InputError("--model", "nothing", "a model file, module:function or measured table")
    _free(out, overwrite=options.overwrite)
    _say_place(config)
    with shown(options) as progress:
        session = run_elsewhere(config, out, cluster=cluster_of(how), progress=progress)
        session = _annotated(options, session, out, progress)
    say_result(session, out)
    _save_asked(options, {"": session})


def _say_place(config: pipeline.RunConfig) -> None:
    """How the name of the FASTA record was read, where the locus is taken from it."""
    form = pipeline.read_reference(config).form
    if form:
        say(f"the locus is taken from the name of the record, {form}")


def _run_recipe(options: argparse.Namespace) -> None:
    from seam_core import recipes as cookbook

    for other in ("config", "session", "stages"):
        if getattr(options, other):
            raise InputError(f"--{other}", "together with --recipe", "one of them")
    recipe, out = recipe_from(options), store.resolved(options.out)
    config = config_from(options, recipe.config)
    if not config.oracle.model and not config.sequence and recipe.example:
        config = cookbook.with_example(recipe, config)
        print(f"no inputs given: the example {_said(recipe.example)}")
    recipe = cookbook.fitted(recipe, config)
    refuse_idle(options, cookbook.runs_of(recipe, config).values())
    folders = [variant.name for variant in recipe.variants] if recipe.combine == "compare" else [""]
    begun = {} if options.overwrite else cookbook.started(recipe, config, out)
    for name in folders:
        if name not in begun:
            _free(out / name, overwrite=options.overwrite)
    for name, stages in begun.items():
        left = ", ".join(stages) or "finished before"
        print(f"going on with {f'the run {name}' if name else f'the session in {out}'}: {left}")
    with shown(options) as progress, advice_on_runs(recipe):
        sessions = cookbook.run(recipe, config, out, afresh=options.overwrite, progress=progress)
        sessions = {
            name: _annotated(options, session, out / name, progress)
            for name, session in sessions.items()
        }
    for name, session in sessions.items():
        say_result(session, out / name)
    _save_asked(options, sessions)
    print(f"look at: {recipe.look_at}")


def _said(example: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in example.items())


def demo(options: argparse.Namespace) -> None:
    """`seam demo`: in the application where there is a display."""
    entry = demos.find(options.name)
    out = store.resolved(options.out or Path("out") / options.name)
    if entry.precomputed:
        if options.seed is not None:
            got = f"{options.seed}, which does nothing with {entry.name}, a finished result"
            made = " or ".join(name for name, one in demos.DEMOS.items() if not one.precomputed)
            raise InputError("--seed", got, made)
        folder = demos.demo_folder(entry.name)
        if _has_display() and not options.headless:
            _open_application("--demo", entry.name)
            return
        session = store.load(folder)
        with shown(options) as progress:
            store.save(session, out, progress=progress)
    else:
        with shown(options) as progress:
            session = pipeline.run(
                demos.toy_config(options.seed or 0), folder=out, progress=progress
            )
        if _has_display() and not options.headless:
            _open_application(str(out))
            return
    pictures = _save_pictures(session, out / "pictures")
    say_result(session, out)
    print(f"pictures: {pictures}")


def _has_display() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_application(*arguments: str) -> None:
    """Start the window as a process of its own: the engine never imports it."""
    program, first = own_process("seam_gui")
    done = subprocess.run([program, *first, *arguments], check=False)
    if done.returncode:
        raise InputError(
            "application", f"exit status {done.returncode}", "a window; try --headless"
        )


def import_files(options: argparse.Namespace) -> None:
    """`seam import`: the peer's files to a session, then the stages that follow the maps."""
    out = _free(store.resolved(options.out), overwrite=options.overwrite)
    config = config_from(options, _import_defaults(options))
    read = ("name", "odd_letters")
    refuse_idle(options, [config], () if options.only else None, "--only", kept=read)
    with shown(options) as progress:
        session = store.import_peer_files(
            options.mave,
            options.maps,
            embedding=options.embedding_file,
            linkage=options.linkage,
            reference=options.reference,
            map_start=options.window_start,
            map_stop=options.window_stop,
            columns=_columns(options.columns),
            alphabet=options.import_alphabet,
            key=options.maps_key,
            odd_letters=parameters_from(options, OracleParameters).odd_letters,
            maps_layout=options.maps_layout,
            linkage_method=config.clusterer.clustering,
            name=options.name,
            say=say,
            progress=PartOfProgress(progress, 0.0, 0.1),
        )
        if options.only:
            store.save(session, out)
        else:
            session = pipeline.run(
                config,
                folder=out,
                session=session,
                stages=AFTER_MAPS,
                progress=PartOfProgress(progress, 0.1, 1.0),
            )
    say_result(session, out)


def _import_defaults(options: argparse.Namespace) -> pipeline.RunConfig:
    grouping = store.grouping_of_files(
        embedding=bool(options.embedding_file), linkage=bool(options.linkage)
    )
    return pipeline.RunConfig(clusterer=grouping)


def _columns(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise InputError("--column", pair, "OURS=THEIRS, as in Activity=log2fc")
        columns[ours] = theirs
    return columns


def info(options: argparse.Namespace) -> None:
    """`seam info`: what a session holds, for people or as JSON."""
    folder = Path(options.session)
    session = store.load(folder)
    if options.json:
        print(json.dumps({"summary": store.summary(session), "manifest": _manifest(folder)}))
        return
    say_result(session, folder)
    for role, file in session.provenance.inputs.items():
        note = f"; {file['note']}" if file.get("note") else ""
        print(f"{role}: {file['path']} (SHA-256 {file['sha256'][:12]}…{note})")
    timings = session.provenance.timings_s.items()
    print("times: " + (", ".join(f"{name} {duration(s)}" for name, s in timings) or "not known"))


def _manifest(folder: Path) -> dict[str, object]:
    manifest = store.read_manifest(folder)
    return {key: value for key, value in manifest.items() if key != "records"}


def report(options: argparse.Namespace) -> None:
    """`seam report`: a session as one HTML page."""
    from seam_core import motifs
    from seam_core.report import write_report

    folder = Path(options.session)
    session = store.load(folder)
    if options.locus:
        session = replace(session, locus=parse_interval(options.locus))
        session.check()
    session = with_tracks(session, options)
    of_genome = motifs.taxa_of_inputs(session.provenance.inputs)
    with shown(options) as progress:
        out = write_report(
            session,
            options.out or folder / "report.html",
            database=motifs.read_motifs(options.motifs) if options.motifs else None,
            database_name=Path(options.motifs).name if options.motifs else "",
            taxa=motifs.taxa_of(options.organism) if options.organism else of_genome,
            progress=progress,
        )
    print(f"report: {out}")
    if options.pictures:
        print(f"pictures: {_save_pictures(session, Path(options.pictures))}")


def models(options: argparse.Namespace) -> None:
    """`seam models`: list, or download one."""
    if options.verb == "fetch":
        if not options.name:
            raise InputError("name", "nothing", "one of " + ", ".join(registry.MODELS))
        with shown(options) as progress:
            path = registry.fetch(options.name, progress=progress)
        print(f"{options.name}: {path}")
        return
    if options.name:
        raise InputError("NAME", repr(options.name), "nothing, but after fetch")
    if options.verb != "list":
        print("\n".join(FAMILIES.get(options.verb).lines()))
        return
    for name, (file, about) in registry.SHIPPED.items():
        print(f"{name}  {about}; ships as {file}")
    for model in registry.MODELS.values():
        here = registry.fetched(model.name)
        state = f"at {here}" if here else f"not downloaded; seam models fetch {model.name}"
        print(f"{model.name}  {model.title}")
        print(f"    {model.length} nt; heads {', '.join(model.heads)}; licence {model.licence}")
        print(f"    {model.citation}")
        print(f"    {state}")
    print("\nFamilies of models, told from their files (seam models NAME says more):")
    for family in FAMILIES:
        print(f"{family.name:<16} {family.label}: {family.predicts}")


def recipes(options: argparse.Namespace) -> None:
    """`seam recipes`: list them, print one, or make one of a session."""
    from seam_core import recipes as cookbook

    if options.show:
        print(cookbook.path_of(options.show).read_text(encoding="utf-8"), end="")
        return
    if options.save:
        if not options.to:
            raise InputError("--to", "nothing", "the .toml file to write")
        session = store.load(options.save)
        cookbook.save(cookbook.from_session(session, options.title or session.name), options.to)
        print(f"recipe: {options.to}")
        return
    for name in cookbook.names():
        recipe = cookbook.load(name)
        print(f"{recipe.number}  {name}: {recipe.title}")
        print(f"     {recipe.question}")
        print(f"     {recipe.authors}; needs a {' and a '.join(recipe.needs)}")


def _free(out: Path, *, overwrite: bool) -> Path:
    """`out`, unless a session is there that the user did not say to replace."""
    if store.is_session(out) and not overwrite:
        raise InputError(
            "--out", "a folder with a session", "a new folder, or --overwrite", str(out)
        )
    store.check_target(out)
    if Path.cwd().is_relative_to(out):  # the shell would stand in a folder that is gone
        expected = "a new one: a session takes the place of the folder that was there"
        raise InputError("--out", "the folder that you are in", expected, str(out))
    return out


def _save_asked(options: argparse.Namespace, sessions: dict[str, Session]) -> None:
    """Pictures of the sessions of a run in `--pictures DIR`, each in the folder of its name."""
    if options.pictures:
        for name, session in sessions.items():
            print(f"pictures: {_save_pictures(session, Path(options.pictures) / name)}")


def _save_pictures(session: Session, folder: Path) -> Path:
    from seam_core.figures.overview import save_overview

    made_folder(folder, what="--pictures")
    save_overview(session, folder)
    return folder
