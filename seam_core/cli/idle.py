"""An option that would do nothing beside the others is refused, not ignored.

What a parameter of a stage needs of that stage is declared with it (`parameters.in_use`); `_RULES`
has what hangs on more than that, `_PAIRS` the options of commands that are no parameters.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seam_core.cli.configuration import batch_of_file
from seam_core.parameters import BatchParameters, Parameter, Parameters, describe, in_use
from seam_core.parameters.batcher import OF_ONE_MACHINE, OF_SCHEDULER
from seam_core.parameters.naming import option_of
from seam_core.pipeline import RunConfig, names_a_file
from seam_core.stages import PARTS, STAGE_NAMES, STAGES
from seam_core.validate import InputError


class _Rule(NamedTuple):
    """Options that do nothing in some runs.

    beside : what they do nothing with, "" in a run that reads them
    wanted : what would make them be read
    """

    options: tuple[str, ...]
    beside: Callable[[RunConfig], str]
    wanted: str


def _table(config: RunConfig) -> str:
    return "a table of measurements" if config.oracle.model and _is_table(config) else ""


def _network(config: RunConfig) -> str:
    return "a model that is no table" if config.oracle.model and not _is_table(config) else ""


def _is_table(config: RunConfig) -> bool:
    from seam_core.models import locate
    from seam_core.pipeline.measured import is_table

    return is_table(config.oracle.replace(model=locate(config.oracle.model)))


def _not_global(config: RunConfig) -> str:
    library = config.mutagenizer.library
    return "" if library == "global" else f"--library {library}"


def _sites_given(config: RunConfig) -> str:
    how = config.identifier
    if how.n_sites is not None:
        return f"--n-sites {how.n_sites}"
    return "" if how.site_cut_height is None else f"--site-cut-height {how.site_cut_height:g}"


def _letters(config: RunConfig) -> str:
    if not config.sequence.strip():
        return "no --sequence"
    return "" if names_a_file(config.sequence.strip(), config.oracle.alphabet) else "letters"


_OF_NETWORKS = (
    *("weights", "imports", "head", "column", "bins", "bin_width", "input_length", "reduction"),
    *("layout", "sequence_input", "input", "channels", "other_inputs", "context"),
)
_OF_TABLES = ("measured_column", "sequence_column", "missing", "odd_letters")

_RULES = (
    _Rule(_OF_NETWORKS, _table, "a network or a function as --model"),
    _Rule(_OF_TABLES, _network, "a table of measurements as --model"),
    _Rule(("bin_width",), lambda config: "" if config.oracle.bins else "no --bins", "--bins"),
    _Rule(("record",), _letters, "a FASTA file as --sequence"),
    _Rule(
        ("sequence_length",),
        lambda config: "--sequence" if config.sequence.strip() else "",
        "no --sequence",
    ),
    _Rule(
        ("pattern_stop",),
        lambda config: f"--pattern {config.mutagenizer.pattern}" * bool(config.mutagenizer.pattern),
        "no --pattern",
    ),
    _Rule(("map_flank", "background_effect"), _not_global, "--library global"),
    _Rule(
        ("context_start",),
        lambda config: "" if config.attributer.context else "no --context",
        "--context",
    ),
    _Rule(
        ("n_components",),
        lambda config: "--embedding none" if config.clusterer.embedding == "none" else "",
        "another --embedding",
    ),
    _Rule(
        ("n_clusters",),
        lambda config: "" if config.clusterer.cut_height is None else "--cut-height",
        "one of them",
    ),
    _Rule(
        ("site_detection", "site_max_gap", "site_min_length"),
        _sites_given,
        "sites that are detected",
    ),
    _Rule(
        ("site_cut_height",),
        lambda config: "" if config.identifier.n_sites is None else "--n-sites",
        "one of them",
    ),
)

_LIBRARY = ("sequence", "record", "locus", "name")
_TLS = ("tls_ca", "tls_cert", "tls_key")
_OF_LOCI = ("loci", "genome", "width", "recipe", "vcf", "full", "out", "time_limit", "memory_limit")
WITH, WITHOUT = "with", "without"

# command, options, with or without, other: given so, they do nothing
_PAIRS = (
    ("run", (*OF_SCHEDULER, *_TLS), WITHOUT, "scheduler"),
    ("batch", OF_SCHEDULER, WITHOUT, "scheduler"),
    ("batch", OF_ONE_MACHINE, WITH, "scheduler"),
    ("batch", (*_OF_LOCI, "scheduler", "shard", *OF_ONE_MACHINE), WITH, "collect"),
    ("variants", ("taxa",), WITH, "motifs"),
    ("report", ("organism",), WITH, "motifs"),
    ("design", ("barcode_distance",), WITHOUT, "barcode_length"),
    ("reprogram", ("n_nearest",), WITH, "targets"),
    ("recipes", ("to", "title"), WITHOUT, "save"),
    ("recipes", ("save",), WITH, "show"),
    ("export", ("what", "out", "rows", "tracks"), WITH, "list"),
)


def refuse_pairs(options: argparse.Namespace, names: Mapping[str, str]) -> None:
    """Raise `InputError` for an option of a command that another one leaves without effect.

    names : destination -> option, as the command spells it
    """
    given = _set(options)
    of_file = _set(batch_of_file(options)) if options.command == "batch" else set()
    for command, idle, relation, other in _PAIRS:
        if command != options.command or (other in given | of_file) is not (relation == WITH):
            continue
        for name in given.intersection(idle):
            said, second = names.get(name, name.upper()), names.get(other, other.upper())
            if other not in given and other in of_file:
                second = f"{other} in {options.config}"
            got = f"{vars(options)[name]}, which does nothing {relation} {second}"
            raise InputError(said, got, "one of them" if relation == WITH else f"{second} too")


def _set(options: argparse.Namespace | BatchParameters) -> set[str]:
    return {name for name, value in vars(options).items() if value not in (None, "", [], False)}


def refuse_idle(
    options: argparse.Namespace,
    configs: Iterable[RunConfig],
    stages: Sequence[str] | None = None,
    because: str = "--stages",
    kept: Iterable[str] = (),
) -> None:
    """Raise `InputError` for an option of a stage that no run reads.

    Parameters
    ----------
    configs : of each run; an option that one of them reads is none too many
    stages : those that run; None: all
    because : the option that leaves the others out
    kept : options that the command reads all the same
    """
    configs, given = list(configs), vars(options)
    if stages is not None:
        left_out = {name: value for name, value in given.items() if name not in set(kept)}
        _refuse_left_out(left_out, stages, because)
    for part, cls in PARTS.items():
        settings = [getattr(config, part) for config in configs]
        for declared in _given(cls, given):
            if settings and not any(declared.name in in_use(each) for each in settings):
                _refuse_unused(declared, given, settings[0])
    for rule in _RULES:
        beside = [rule.beside(config) for config in configs if given.keys() & rule.options]
        if not all(beside):
            continue
        for name in rule.options:
            if beside and given.get(name) is not None:
                _refuse(name, given, beside[0], rule.wanted)


def refuse_unused(options: argparse.Namespace, parameters: Parameters) -> None:
    """Raise `InputError` for one of a command's own parameters that the others leave idle."""
    given, used = vars(options), in_use(parameters)
    for declared in _given(type(parameters), given):
        if declared.name not in used and declared.when is not None:
            other, values = declared.when
            got = f"{given[declared.name]}, which does nothing with "
            got += _said(other, getattr(parameters, other))
            wanted = " or ".join(_said(other, value) for value in values)
            raise InputError(declared.name, got, wanted)


def _given(cls: type[Parameters], given: Mapping[str, Any]) -> Iterator[Parameter]:
    for declared in describe(cls):
        if declared.name != "seed" and declared.name in given:
            yield declared


def _refuse_left_out(given: Mapping[str, Any], stages: Sequence[str], because: str) -> None:
    """Options of stages that do not run, and of the model and the library where none is asked."""
    beside = because if not stages else f"{because} {','.join(stages)}"
    for part in STAGE_NAMES:
        if part not in stages:
            wanted = f"no such option, as the {part} does not run"
            for declared in _given(PARTS[part], given):
                _refuse(declared.name, given, beside, wanted)
    if "mutagenizer" not in stages:
        for name in _LIBRARY:
            if given.get(name):
                _refuse(name, given, beside, "no such option, as no library is made")
    if not any(STAGES[name].asks_model for name in stages if name in STAGES):
        for declared in _given(PARTS["oracle"], given):
            _refuse(declared.name, given, beside, "no such option, as no model is asked")


def _refuse_unused(declared: Parameter, given: Mapping[str, Any], parameters: Parameters) -> None:
    """Name what leaves the parameter without effect, as far up as it goes."""
    known = {item.name: item for item in describe(type(parameters))}
    above = declared
    while above.when is not None and getattr(parameters, above.when[0]) in above.when[1]:
        above = known[above.when[0]]
    if above.when is None:  # of some methods of two kinds
        users = [
            _said(item.name, record.name)
            for item in known.values()
            if item.registry is not None
            for record in item.registry
            if declared.name in record.parameters
        ]
        chosen = [item.name for item in known.values() if item.registry is not None]
        beside = " and ".join(_said(name, getattr(parameters, name)) for name in chosen)
        _refuse(declared.name, given, beside, " or ".join(users))
        return
    other, values = above.when
    wanted = " or ".join(_said(other, value) for value in values)
    _refuse(declared.name, given, _said(other, getattr(parameters, other)), wanted)


def _refuse(name: str, given: Mapping[str, Any], beside: str, wanted: str) -> None:
    value = given[name]
    if isinstance(value, bool):
        raise InputError(_said(name, value), f"what does nothing with {beside}", wanted)
    raise InputError(option_of(name), f"{value}, which does nothing with {beside}", wanted)


def _said(name: str, value: Any) -> str:
    option = option_of(name)
    if isinstance(value, bool):
        return option if value else option.replace("--", "--no-", 1)
    return f"{option} {value}"
