"""Whether the plain values of a record are of the types that it declares."""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any

from seam_core.validate import InputError

_WORDS = {str: "a text", int: "a whole number", float: "a finite number", bool: "yes or no"}


def check_types(record: Any, name: str) -> None:
    """Raise `InputError` for the first text, number or list of `record` that is of another type.

    Arrays and tables are not looked at.

    name : of the record, for the message
    """
    for field in dataclasses.fields(record):
        value, declared = getattr(record, field.name), _declared(type(record), field)
        if declared is not None and not _fits(value, declared):
            kinds = [_WORDS.get(kind, "") for kind in (declared, *typing.get_args(declared))]
            expected = " or ".join(filter(None, kinds)) or str(field.type)
            raise InputError(f"{name}.{field.name}", repr(value)[:60], expected)


def _declared(kind: type, field: dataclasses.Field[Any]) -> Any:
    """The type of a field; None for those of packages that are imported late (pandas)."""
    if not isinstance(field.type, str):
        return field.type
    for owner in kind.__mro__:
        try:
            return eval(field.type, vars(sys.modules[owner.__module__]))
        except NameError:
            continue
    return None


def _fits(value: Any, declared: Any) -> bool:
    origin, inner = typing.get_origin(declared), typing.get_args(declared)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, each) for each in inner)
    if origin is tuple:
        if not isinstance(value, tuple) or (inner[1:] != (...,) and len(inner) != len(value)):
            return False
        each_of = inner if inner[1:] != (...,) else inner[:1] * len(value)
        return all(_fits(each, kind) for each, kind in zip(value, each_of, strict=True))
    if origin is dict:
        return isinstance(value, Mapping)
    if declared is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if declared is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if declared in (str, bool, None, types.NoneType):
        return isinstance(value, declared or types.NoneType)
    record = isinstance(declared, type) and dataclasses.is_dataclass(declared)
    if record and not isinstance(value, declared):
        return False
    if dataclasses.is_dataclass(value):
        kinds = {each.name: _declared(type(value), each) for each in dataclasses.fields(value)}
        return all(_fits(getattr(value, name), kind or Any) for name, kind in kinds.items())
    return True
