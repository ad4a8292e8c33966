"""`seam variants`: what the variants of a file do at a session's locus."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core import pipeline, store
from seam_core.cli.configuration import config_from
from seam_core.cli.folders import free_folder
from seam_core.cli.idle import refuse_idle
from seam_core.cli.keeping import add_keep, keep
from seam_core.cli.options import (
    add_overwrite,
    add_parameter_options,
    add_quiet,
    named_as_options,
    parameters_from,
)
from seam_core.cli.projecting import opened, projector_of
from seam_core.cli.terminal import say, shown
from seam_core.exports.files import made_folder
from seam_core.intervals import parse_interval
from seam_core.parameters import OracleParameters, VariantParameters, describe
from seam_core.progress import PartOfProgress
from seam_core.validate import InputError, MissingPackageError

if TYPE_CHECKING:
    from seam_core.motifs import Motif


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options besides those of the stages."""
    parser.add_argument(
        "session",
        metavar="SESSION",
        nargs="?",
        help="a session; without one, --model and --sequence or --locus run the library first",
    )
    parser.add_argument(
        "--vcf",
        metavar="FILE",
        required=True,
        help="VCF or BCF, packed or not, indexed or not; or a table with chrom, pos, ref, alt, or "
        "with position (0-based in the sequence) and letter",
    )
    parser.add_argument("--genome", metavar="FASTA", help="for the flanks of deletions")
    parser.add_argument("--out", metavar="DIR", required=True, help="where the results go")
    parser.add_argument("--sequence", metavar="FASTA_OR_LETTERS", help="the reference sequence")
    parser.add_argument("--record", metavar="NAME", help="record of the FASTA file")
    parser.add_argument(
        "--locus", metavar="CHROM:FIRST-LAST", help="where the sequence lies, 1-based"
    )
    parser.add_argument("--name", metavar="TEXT", help="name of a session that is run first")
    parser.add_argument("--config", metavar="FILE.toml", help="settings of a run")
    parser.add_argument(
        "--motifs", metavar="FILE", help="known motifs to name what is changed (default: JASPAR)"
    )
    parser.add_argument("--taxa", metavar="NAMES", help="taxa of JASPAR, as insects")
    add_overwrite(parser, "what is")
    add_keep(parser, "the table, and the maps of the largest effects,")
    add_quiet(parser)
    add_parameter_options(parser, VariantParameters, "verdicts")


@named_as_options(VariantParameters)
def variants(options: argparse.Namespace) -> None:
    """Answer all variants of a file, and write tables, annotated VCF and page."""
    from seam_core.variants.page import write_page
    from seam_core.variants.reading import check_file
    from seam_core.variants.results import table_of
    from seam_core.variants.whole import ground_of, interpret, kept

    check_file(options.vcf)
    parameters = parameters_from(options, VariantParameters)
    if options.session:
        asked = [declared.name for declared in describe(OracleParameters)]
        refuse_idle(options, [], (), "SESSION", kept=("locus", *asked))
    out = _free(options)
    with shown(options) as progress:
        folder = options.session or _run_first(options, PartOfProgress(progress, 0.0, 0.7))
        session, hand_work = opened(folder)
        locus = parse_interval(options.locus) if options.locus else session.locus
        ground = ground_of(session, options.genome, locus)
        interpretation = interpret(
            projector_of(session, options),
            ground,
            options.vcf,
            out,
            parameters,
            motifs=_meanwhile(options, ground.alphabet),
            labels={} if hand_work.curation is None else dict(hand_work.curation.names),
            progress=PartOfProgress(progress, 0.7 if not options.session else 0.0, 1.0),
        )
        write_page(interpretation, out / "variants.html")
    options.session = str(folder)
    print("\n".join(interpretation.told()))
    keep(options, lambda session: kept(session, interpretation, table_of(out)))
    print(f"variants: {out}")


def _free(options: argparse.Namespace) -> Path:
    folder = Path(options.out) / "session"
    if not options.session and store.is_session(folder) and not options.overwrite:
        expected = f"seam variants {folder}, a new folder, or --overwrite"
        raise InputError("--out", "a folder with a session", expected, str(options.out))
    return free_folder(options.out, "variants.csv", "variants", overwrite=options.overwrite)


def _meanwhile(options: argparse.Namespace, alphabet: str) -> Callable[[], Sequence[Motif]]:
    """What is done while the model answers: JASPAR read, and what draws the page imported.

    A file of motifs is read at once, so that what is wrong with it is said before.
    """
    from seam_core import motifs
    from seam_core.variants.page import get_ready

    given = motifs.read_motifs(options.motifs) if options.motifs else []

    def known() -> Sequence[Motif]:
        get_ready()
        if options.motifs:
            return [motif for motif in given if motif.alphabet == alphabet]
        return _jaspar(options) if alphabet == "ACGT" else []

    return known


def _jaspar(options: argparse.Namespace) -> Sequence[Motif]:
    """Motifs to name what is changed by; none where there is no database."""
    from seam_core import motifs

    taxa = [name.strip() for name in (options.taxa or "").split(",") if name.strip()]
    try:
        return motifs.jaspar(taxa)
    except MissingPackageError as error:
        say(str(error))
        return []


def _run_first(options: argparse.Namespace, progress: PartOfProgress) -> str:
    """A session of the model and the sequence that the options name, in DIR/session."""
    config = config_from(options)
    refuse_idle(options, [config])
    if not config.oracle.model:
        raise InputError("SESSION", "nothing", "a session, or --model and --sequence")
    if not config.sequence and options.genome and config.locus:
        config = replace(config, sequence=options.genome)
    folder = made_folder(options.out, what="--out") / "session"
    pipeline.run(config, folder=folder, progress=progress)
    return str(folder)
