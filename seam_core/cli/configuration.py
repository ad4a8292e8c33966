"""What a run is made with: the configuration file, and the options of the command line on top."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from seam_core import trust
from seam_core.parameters import BatchParameters, describe
from seam_core.pipeline import RunConfig
from seam_core.readers.settings import read_toml
from seam_core.stages import AFTER_MAPS, PARTS, STAGES
from seam_core.validate import InputError

# Table of a configuration file with the parameters of a batch, which other commands pass over.
_BATCH = "batch"


def batch_of_file(options: argparse.Namespace) -> BatchParameters:
    """What the configuration file, if any, says of the batch."""
    if not options.config:
        return BatchParameters()
    values, source = read_toml(options.config).get(_BATCH, {}), str(options.config)
    if not isinstance(values, dict):
        raise InputError(_BATCH, repr(values), "a table of settings", source)
    return BatchParameters.from_dict(values, source)


def config_from(options: argparse.Namespace, base: RunConfig | None = None) -> RunConfig:
    """The configuration file, if any, with the options of the command line on top."""
    if getattr(options, "runs", None) and not options.recipe:
        raise InputError("--run", "without --recipe", "a recipe of several runs")
    config = base or RunConfig()
    if getattr(options, "config", None):
        values = read_toml(options.config)
        values.pop(_BATCH, None)
        config = RunConfig.from_dict(values, str(options.config))
    given = vars(options)
    changes: dict[str, Any] = {
        name: given[name]
        for name in ("sequence", "record", "locus", "name")
        if given.get(name) is not None
    }
    for part, cls in PARTS.items():
        names = [d.name for d in describe(cls) if d.name in given and d.name != "seed"]
        if names:
            values = {name: given[name] for name in names}
            changes[part] = getattr(config, part).replace(**values)
    config = replace(config, **changes)
    agree(config, given)
    return config.with_seed(given["seed"]) if "seed" in given else config


def _asks_model(given: Mapping[str, Any]) -> bool:
    """Will the command ask the model, or make a library?"""
    stages = given.get("stages") or (",".join(AFTER_MAPS) if given.get("session") else "")
    names = [name.strip() for name in stages.split(",") if name.strip()]
    asking = [STAGES[name] for name in names if name in STAGES]
    return not names or any(each.asks_model or each.name == "mutagenizer" for each in asking)


def agree(config: RunConfig, given: Mapping[str, Any]) -> None:
    """What the user named on the command line is agreed to; code that a file named needs a yes.

    Raises `TrustError` for the latter.
    """
    if given.get("trust_model"):
        for subject in trust.subjects_of(config.oracle):
            trust.approve(subject)
    for part, name, code in trust.code_in(config.oracle, config.mutagenizer):
        if name in given or given.get("trust_model"):
            trust.approve(trust.subject_of_code(code))
        elif _asks_model(given):
            trust.require_for_code(code, part)
