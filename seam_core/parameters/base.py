"""How a stage's parameters are declared: one frozen dataclass with bounds and help in its fields.

The command line, the configuration file, the forms of the application and the manifest of a run
are all made from these declarations.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from dataclasses import dataclass
from typing import Any, TypeVar

from seam_core.validate import InputError, check_choice, check_range

Self = TypeVar("Self", bound="Parameters")


def parameter(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    unit: str = "",
    kind: str = "",
    when: tuple[str, tuple[Any, ...]] | None = None,
    only_how: bool = False,
    several: bool = False,
) -> Any:
    """A dataclass field with what a form, a command line and a check need to know of it.

    Parameters
    ----------
    low, high : inclusive bounds
    choices : the values a text may take
    unit : shown behind the value
    kind : "path" or "sequence" where a text is more than a text
    when : (other field, values): the parameter matters only then; forms hide it otherwise
    only_how : it changes how fast or where a run goes, but not what comes out
    several : a text of several parts, separated by ";"; the option may be given more than once
    """
    metadata = {
        "help": help,
        "low": low,
        "high": high,
        "choices": choices,
        "unit": unit,
        "kind": kind,
        "when": when,
        "only_how": only_how,
        "several": several,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Parameter:
    """One parameter, as a form or a command line sees it."""

    name: str
    type: type
    optional: bool
    default: Any
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    kind: str
    when: tuple[str, tuple[Any, ...]] | None
    only_how: bool
    several: bool = False


@dataclass(frozen=True)
class Parameters:
    """Base of the stages' parameters: checks itself when made."""

    def __post_init__(self) -> None:
        for declared in describe(type(self)):
            value = _coerced(getattr(self, declared.name), declared)
            object.__setattr__(self, declared.name, value)
            if value is None:
                continue
            if declared.choices:
                check_choice(value, declared.name, declared.choices)
            if declared.low is not None or declared.high is not None:
                check_range(value, declared.name, declared.low, declared.high)

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name, for JSON and TOML."""
        return dataclasses.asdict(self)

    @classmethod
    def names_of_how(cls) -> list[str]:
        """The parameters that change how fast or where a run goes, but not what comes out."""
        return [declared.name for declared in describe(cls) if declared.only_how]

    @classmethod
    def from_dict(cls: type[Self], values: dict[str, Any], source: str = "") -> Self:
        """The opposite of `to_dict`; missing names take their default, unknown ones raise."""
        known = [declared.name for declared in describe(cls)]
        for name in values:
            if name not in known:
                raise InputError(
                    f"{cls.__name__}.{name}",
                    "an unknown parameter",
                    "one of " + ", ".join(known),
                    source,
                )
        return cls(**values)

    def replace(self: Self, **changes: Any) -> Self:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)


def describe(cls: type[Parameters]) -> list[Parameter]:
    """The declared parameters of a stage, in order."""
    hints = _type_hints(cls)  # type: ignore[arg-type]
    found = []
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        optional = isinstance(hint, types.UnionType)
        if optional:
            (hint,) = (arg for arg in typing.get_args(hint) if arg is not type(None))
        found.append(
            Parameter(field.name, hint, optional, field.default, **field.metadata)  # type: ignore[arg-type]
        )
    return found


@functools.cache
def _type_hints(cls: Any) -> dict[str, Any]:
    """Slow: each annotation is compiled."""
    return typing.get_type_hints(cls)


def _coerced(value: Any, declared: Parameter) -> Any:
    """`value` as the declared type, or `InputError`: 3.0 is an int, "3" is not."""
    if value is None and declared.optional:
        return None
    if declared.type is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if declared.type is int and isinstance(value, float) and value.is_integer():
        return int(value)
    wrong_bool = isinstance(value, bool) and declared.type is not bool
    if wrong_bool or not isinstance(value, declared.type):
        raise InputError(declared.name, repr(value), f"{declared.type.__name__}")
    return value
