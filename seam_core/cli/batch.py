"""`seam batch`: the same analysis at many loci."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from seam_core.cli.configuration import agree, batch_of_file, config_from
from seam_core.cli.idle import refuse_idle
from seam_core.cli.options import (
    add_parameter_options,
    add_quiet,
    add_run_option,
    add_stage_options,
    parameters_from,
    recipe_from,
)
from seam_core.cli.terminal import say, shown
from seam_core.parameters import BatchParameters
from seam_core.validate import InputError

if TYPE_CHECKING:
    from seam_core.batch import BatchResult, Cluster
    from seam_core.pipeline import RunConfig

# Loci that failed which are named at the end.
_NAMED = 100
# Parameters that name a scheduler and how it is reached.
OF_SCHEDULER = ("scheduler", "wait", "tls_ca", "tls_cert", "tls_key")


def add_to(subparsers: argparse._SubParsersAction) -> None:
    """The subcommand and its options."""
    batch = subparsers.add_parser(
        "batch",
        help="explain a model at many loci",
        description="Run one analysis at every locus, on the cores of this machine or on a Dask "
        "cluster. Started again with the same DIR it does what is missing. A locus that fails is "
        "recorded and does not stop the others.",
    )
    _add_what(batch)
    batch.add_argument("--full", action="store_true", help="keep the whole session of each locus")
    add_quiet(batch)
    add_parameter_options(batch, BatchParameters, "how it goes (in a configuration file: [batch])")
    add_stage_options(batch)
    batch.set_defaults(action=run)


def _add_what(batch: argparse.ArgumentParser) -> None:
    batch.add_argument(
        "loci",
        metavar="LOCI",
        nargs="?",
        help="BED, narrowPeak, FASTA, or a table with Name and Sequence",
    )
    batch.add_argument("--genome", metavar="FASTA", help="genome that the BED intervals are of")
    batch.add_argument(
        "--width",
        type=int,
        metavar="N",
        help="letters of each locus of BED or narrowPeak, around the summit where there is one, "
        "else around the middle (default: as in the file)",
    )
    batch.add_argument("--recipe", metavar="NAME", help="a recipe (see: seam recipes) or its file")
    add_run_option(batch)
    batch.add_argument("--config", metavar="FILE.toml", help="settings; options given here win")
    batch.add_argument("--out", metavar="DIR", help="where the results are saved")
    batch.add_argument(
        "--vcf",
        metavar="FILE",
        help="then answer the variants of this file (see: seam variants) at each locus; one table "
        "and one annotated VCF over all; keeps the whole session of each locus",
    )
    batch.add_argument(
        "--collect", metavar="DIR", help="write the tables over the loci of a batch run in shards"
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """--scheduler and what belongs to it, for commands whose work may be done elsewhere."""
    add_parameter_options(parser, BatchParameters, "where the work is done", only=OF_SCHEDULER)


def cluster_of(how: BatchParameters) -> Cluster:
    """The cluster that the options name."""
    from seam_core.batch import Cluster

    return Cluster(how.scheduler, how.workers, how.host, how.dashboard, how.wait, tls=how.tls)


def run(options: argparse.Namespace) -> None:
    """Run what is missing of a batch, or collect its shards."""
    from seam_core.batch import collect, read_loci, run_batch
    from seam_core.recipes import runs_of

    how = _how(options)
    if options.collect:
        refuse_idle(options, [], (), "--collect")
        with shown(options) as progress:
            result = collect(options.collect, stage=how.stage, progress=progress)
        _say_result(result, options, how)
        return
    _check(options, how)
    _bring(options, how)
    recipe = recipe_from(options) if options.recipe else None
    config = config_from(options, recipe.config) if recipe else config_from(options)
    config = _with_files_here(config, options, how)
    refuse_idle(options, runs_of(recipe, config).values() if recipe else [config])
    loci = read_loci(options.loci, options.genome, width=options.width, say=say)
    cluster = cluster_of(how)
    with shown(options) as progress:
        result = run_batch(
            loci,
            config,
            options.out,
            recipe=recipe,
            cluster=cluster,
            shard=how.part,
            full=options.full or bool(options.vcf),
            time_limit=how.time_limit,
            memory_limit=how.memory_limit,
            stage=how.stage,
            progress=progress,
        )
    if options.vcf:
        _answer_variants(result, options, cluster)
    _say_result(result, options, how)


def _how(options: argparse.Namespace) -> BatchParameters:
    """What the configuration file says of the batch, the options on top."""
    return parameters_from(options, BatchParameters, batch_of_file(options))


def _answer_variants(result: BatchResult, options: argparse.Namespace, cluster: Cluster) -> None:
    from seam_core.batch.variants import answer_variants

    with shown(options) as progress:
        failed = answer_variants(
            result.folder,
            result.done,
            options.vcf,
            options.genome,
            cluster=cluster,
            progress=progress,
        )
    print(f"variants: {result.folder / 'variants.csv'}, {result.folder / 'variants.vcf.gz'}")
    for name, error in failed.items():
        print(f"variants of {name}: {error}")


def _check(options: argparse.Namespace, how: BatchParameters) -> None:
    if not options.loci:
        raise InputError("LOCI", "nothing", "a file of loci, or --collect DIR")
    if not options.out:
        raise InputError("--out", "nothing", "a folder")
    if options.vcf and how.part != (1, 1):
        raise InputError("--vcf", "together with --shard", "a batch that is run whole")
    if options.vcf:
        from seam_core.readers.remote import is_remote
        from seam_core.variants.reading import check_file

        if is_remote(options.out):
            raise InputError("--vcf", f"together with --out {options.out}", "a folder, as --out")

        check_file(options.vcf)
    if options.recipe and options.config:
        raise InputError("--config", "together with --recipe", "one of them")


def _bring(options: argparse.Namespace, how: BatchParameters) -> None:
    """Fetch what the options name and is not on this machine."""
    for name in ("loci", "genome", "model", "weights"):
        value = getattr(options, name, None)
        if isinstance(value, str):
            setattr(options, name, _here(value, name, options, how))


def _with_files_here(
    config: RunConfig, options: argparse.Namespace, how: BatchParameters
) -> RunConfig:
    """The same for what a configuration file or recipe names."""
    fetched = {
        name: _here(getattr(config.oracle, name), name, options, how)
        for name in ("model", "weights")
    }
    if fetched == {name: getattr(config.oracle, name) for name in fetched}:
        return config
    config = replace(config, oracle=config.oracle.replace(**fetched))
    agree(config, vars(options))
    return config


def _here(address: str, name: str, options: argparse.Namespace, how: BatchParameters) -> str:
    """A file of another place as its copy beside the results, which all workers see."""
    from seam_core.batch.mirror import folder_of
    from seam_core.readers.remote import brought, is_remote

    if not is_remote(address):
        return address
    say(f"Fetching {address}")
    out = folder_of(options.out, how.stage)
    return str(brought(address, out.with_name(f"{out.name}.inputs"), name))


def _say_result(result: BatchResult, options: argparse.Namespace, how: BatchParameters) -> None:
    """What became of the loci; raises `InputError` where that is a failure (`--fail-on`)."""
    print(f"batch: {options.collect or options.out}")
    earlier = f", {result.skipped} of them before" if result.skipped else ""
    total = len(result.done) + len(result.failed) + result.waiting
    waiting = f"; {result.waiting} not run yet" if result.waiting else ""
    print(f"{len(result.done)} of {total} loci done{earlier}; {len(result.failed)} failed{waiting}")
    for name, error in islice(result.failed.items(), _NAMED):
        print(f"{name}: {error}")
    if len(result.failed) > _NAMED:
        print(f"and {len(result.failed) - _NAMED:,} more that failed: the column error of loci.csv")
    if result.rate is not None:
        print(f"steady rate: {result.rate}")
    if total and not result.done:
        why = "".join(f" ({name}: {error})" for name, error in [*result.failed.items()][:1])
        raise InputError("loci", f"none that could be run{why}", "one or more", options.loci or "")
    if how.fail_on == "any" and result.failed:
        raise InputError("loci", f"{len(result.failed)} that failed", "none (--fail-on any)")
