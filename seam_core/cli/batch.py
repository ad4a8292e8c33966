"""`seam batch`: the same analysis at many loci."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from seam_core.cli.idle import refuse_idle
from seam_core.cli.options import (
    add_quiet,
    add_run_option,
    add_stage_options,
    config_from,
    recipe_from,
)
from seam_core.cli.terminal import say, shown
from seam_core.validate import InputError

if TYPE_CHECKING:
    from seam_core.batch import BatchResult, Cluster


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
    _add_where(batch)
    batch.add_argument("--full", action="store_true", help="keep the whole session of each locus")
    batch.add_argument(
        "--fail-on",
        choices=("any", "all"),
        default="all",
        help="exit status 2 where any locus failed, or where all did (default: %(default)s)",
    )
    add_quiet(batch)
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
        "--shard",
        metavar="I/N",
        default="1/1",
        help="only each N-th part of the loci (one locus each up to 1,000 loci, then 10, 100) from "
        "the I-th on; then --collect writes the tables",
    )
    batch.add_argument(
        "--collect", metavar="DIR", help="write the tables over the loci of a batch run in shards"
    )


def _add_where(batch: argparse.ArgumentParser) -> None:
    batch.add_argument("--workers", type=int, default=0, help="processes (default: one a core)")
    add_scheduler(batch)
    batch.add_argument(
        "--host",
        default="127.0.0.1",
        help="what the local scheduler listens on (default: %(default)s)",
    )
    batch.add_argument(
        "--dashboard", metavar="HOST:PORT", default="", help="what the dashboard listens on"
    )
    batch.add_argument(
        "--time-limit", type=float, default=0.0, metavar="SECONDS", help="end a locus after that"
    )
    batch.add_argument(
        "--memory-limit", type=float, default=0.0, metavar="MB", help="end a locus that takes more"
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """--scheduler and what belongs to it, for commands whose work may be done elsewhere."""
    parser.add_argument(
        "--scheduler",
        metavar="TCP",
        default="",
        help="of a Dask cluster that does the work, such as tcp://host:8786",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long the scheduler's cluster may be without a worker (default: no limit)",
    )
    for name, what in (
        ("ca", "certificates of who is trusted"),
        ("cert", "certificate of this user"),
        ("key", "its private key"),
    ):
        parser.add_argument(
            f"--tls-{name}", metavar="FILE.pem", default="", help=f"encrypt the cluster: {what}"
        )


def run(options: argparse.Namespace) -> None:
    """Run what is missing of a batch, or collect its shards."""
    from seam_core.batch import Cluster, collect, read_loci, run_batch
    from seam_core.recipes import runs_of

    if options.collect:
        with shown(options) as progress:
            result = collect(options.collect, progress=progress)
        _say_result(result, options)
        return
    _check(options)
    _bring(options)
    recipe = recipe_from(options) if options.recipe else None
    config = config_from(options, recipe.config) if recipe else config_from(options)
    refuse_idle(options, runs_of(recipe, config).values() if recipe else [config])
    loci = read_loci(options.loci, options.genome, width=options.width, say=say)
    cluster = Cluster(
        options.scheduler,
        options.workers,
        options.host,
        options.dashboard,
        options.wait,
        tls=(options.tls_ca, options.tls_cert, options.tls_key),
    )
    with shown(options) as progress:
        result = run_batch(
            loci,
            config,
            options.out,
            recipe=recipe,
            cluster=cluster,
            shard=_shard(options.shard),
            full=options.full or bool(options.vcf),
            time_limit=options.time_limit,
            memory_limit=options.memory_limit,
            progress=progress,
        )
    if options.vcf:
        _answer_variants(result, options, cluster)
    _say_result(result, options)


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


def _check(options: argparse.Namespace) -> None:
    if not options.loci:
        raise InputError("LOCI", "nothing", "a file of loci, or --collect DIR")
    if not options.out:
        raise InputError("--out", "nothing", "a folder")
    if options.vcf and options.shard != "1/1":
        raise InputError("--vcf", "together with --shard", "a batch that is run whole")
    if options.vcf:
        from seam_core.variants.reading import check_file

        check_file(options.vcf)
    if options.recipe and options.config:
        raise InputError("--config", "together with --recipe", "one of them")


def _bring(options: argparse.Namespace) -> None:
    """Fetch what is not on this machine to a folder beside the results, which all workers see."""
    from seam_core.locks import resolved
    from seam_core.readers.remote import brought, is_remote

    out = resolved(options.out)
    for name in ("loci", "genome", "model", "weights"):
        value = getattr(options, name, None)
        if isinstance(value, str) and is_remote(value):
            say(f"Fetching {value}")
            copy = brought(value, out.with_name(f"{out.name}.inputs"), name)
            setattr(options, name, str(copy))


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None:
        raise InputError("--shard", text, "I/N, as 3/20")
    return int(match[1]), int(match[2])


def _say_result(result: BatchResult, options: argparse.Namespace) -> None:
    """What became of the loci; raises `InputError` where that is a failure (`--fail-on`)."""
    print(f"batch: {result.folder}")
    earlier = f", {result.skipped} of them before" if result.skipped else ""
    total = len(result.done) + len(result.failed) + result.waiting
    waiting = f"; {result.waiting} not run yet" if result.waiting else ""
    print(f"{len(result.done)} of {total} loci done{earlier}; {len(result.failed)} failed{waiting}")
    for name, error in result.failed.items():
        print(f"{name}: {error}")
    if total and not result.done:
        raise InputError("loci", "none that could be run", "one or more", options.loci or "")
    if options.fail_on == "any" and result.failed:
        raise InputError("loci", f"{len(result.failed)} that failed", "none (--fail-on any)")
