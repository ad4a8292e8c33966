"""An option that would do nothing beside the others is refused, not ignored."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from seam_core.cli.options import SHORTER
from seam_core.parameters import Parameter, describe
from seam_core.pipeline import RunConfig
from seam_core.stages import PARTS, STAGES
from seam_core.validate import InputError


def refuse_idle(
    options: argparse.Namespace,
    configs: Iterable[RunConfig],
    stages: Sequence[str] | None = None,
    because: str = "--stages",
) -> None:
    """Raise `InputError` for an option of a stage that no run reads.

    Parameters
    ----------
    configs : of each run; an option that one of them reads is none too many
    stages : those that run; None: all
    because : the option that leaves the others out
    """
    configs = list(configs)
    for part, cls in PARTS.items():
        for declared in describe(cls):
            if declared.name == "seed" or declared.name not in vars(options):
                continue
            if stages is not None and part in STAGES and part not in stages:
                run = because if not stages else f"{because} {','.join(stages)}"
                _refuse(declared, vars(options), run, f"no such option, as the {part} does not run")
            settings = [getattr(config, part) for config in configs]
            if declared.when is not None and not any(_reads(each, declared) for each in settings):
                other, values = declared.when
                beside = _said(other, getattr(settings[0], other))
                wanted = " or ".join(_said(other, value) for value in values)
                _refuse(declared, vars(options), beside, wanted)


def _reads(parameters: Any, declared: Parameter) -> bool:
    assert declared.when is not None
    other, values = declared.when
    return getattr(parameters, other) in values


def _refuse(declared: Parameter, given: dict[str, Any], beside: str, wanted: str) -> None:
    got = f"{given[declared.name]}, which does nothing with {beside}"
    raise InputError(_option(declared.name), got, wanted)


def _option(name: str) -> str:
    return "--" + SHORTER.get(name, name).replace("_", "-")


def _said(name: str, value: Any) -> str:
    option = _option(name)
    if isinstance(value, bool):
        return option if value else option.replace("--", "--no-", 1)
    return f"{option} {value}"
