"""How a stage's parameters are declared: one frozen dataclass with bounds and help in its fields.

The command line, the configuration file, the forms of the application and the manifest of a run
are all made from these declarations.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from seam_core.registry import Method, Registry
from seam_core.validate import InputError, check_choice, check_range

Self = TypeVar("Self", bound="Parameters")


def parameter(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    registry: Registry[Any] | None = None,
    unit: str = "",
    kind: str = "",
    when: tuple[str, tuple[Any, ...]] | None = None,
    of_method: str = "",
    only_how: bool = False,
    several: bool = False,
    suggest: Callable[[], tuple[str, ...]] | None = None,
) -> Any:
    """A dataclass field with what a form, a command line and a check need to know of it.

    Parameters
    ----------
    low, high : inclusive bounds
    choices : the values a text may take
    registry : the methods that it names; `choices` are allowed beside them
    unit : shown behind the value
    kind : "path" or "sequence" where a text is more than a text
    when : (other field, values): the parameter matters only then; forms hide it otherwise
    of_method : the field with a registry: it matters where the method chosen there uses it
    only_how : it changes how fast or where a run goes, but not what comes out
    several : a text of several parts, separated by ";"; the option may be given more than once
    suggest : gives texts to choose from, beside any other text
    """
    metadata = {
        "help": help,
        "low": low,
        "high": high,
        "choices": choices,
        "registry": registry,
        "unit": unit,
        "kind": kind,
        "when": when,
        "of_method": of_method,
        "only_how": only_how,
        "several": several,
        "suggest": suggest,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Parameter:
    """One parameter, as a form or a command line sees it; see `parameter`."""

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
    registry: Registry[Any] | None = None
    of_method: str = ""
    several: bool = False
    suggest: Callable[[], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Parameters:
    """Base of the stages' parameters: checks itself when made.

    own : parameters that only a method has (see `seam_core.registry.Method.own`), where they are
        not at their default. They are read as attributes, set by `replace` and `from_dict`, and
        described and written like all others
    """

    own: tuple[tuple[str, Any], ...] = field(default=(), kw_only=True, repr=False)

    def __post_init__(self) -> None:
        for declared in _declared(type(self)):
            value = _checked(getattr(self, declared.name), declared)
            object.__setattr__(self, declared.name, value)
        if self.own:
            object.__setattr__(self, "own", tuple(sorted(self._checked_own(self.own))))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            known = {} if name.startswith("_") else _own_of(type(self))
            if name not in known:
                raise AttributeError(f"{type(self).__name__} has no parameter {name}")
            return dict(self.own).get(name, known[name].default)

    def _checked_own(self, own: Any) -> Iterator[tuple[str, Any]]:
        known = _own_of(type(self))
        for name, value in own:
            if name not in known:
                raise InputError(name, "an unknown parameter", "one of a method that is installed")
            value = _checked(value, known[name])
            if value != known[name].default:
                yield name, value

    def of(self, record: Method) -> Any:
        """The parameters that only `record` has, as the dataclass that declares them, or None."""
        if record.own is None:
            return None
        names = [declared.name for declared in _declared(record.own)]
        return record.own(**{name: getattr(self, name) for name in names})

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name, for JSON and TOML; of its own those of the methods chosen."""
        values = {d.name: getattr(self, d.name) for d in _declared(type(self))}
        for record in _chosen(self):
            values |= self.of(record).to_dict()
        return values | dict(self.own)

    @classmethod
    def names_of_how(cls) -> list[str]:
        """The parameters that change how fast or where a run goes, but not what comes out."""
        return [declared.name for declared in describe(cls) if declared.only_how]

    @classmethod
    def from_dict(cls: type[Self], values: dict[str, Any], source: str = "") -> Self:
        """The opposite of `to_dict`; missing names take their default, unknown ones raise."""
        stage = {declared.name for declared in _declared(cls)}
        for name in values:
            if name not in stage and name not in _own_of(cls):
                known = [declared.name for declared in describe(cls)]
                raise InputError(
                    f"{cls.__name__}.{name}",
                    "an unknown parameter",
                    "one of " + ", ".join(known),
                    source,
                )
        return cls().replace(**values)

    def replace(self: Self, **changes: Any) -> Self:
        """A copy with some values changed."""
        stage = {declared.name for declared in _declared(type(self))} | {"own"}
        own = {name: value for name, value in changes.items() if name not in stage}
        if own:
            changes = {name: changes[name] for name in changes if name in stage}
            changes["own"] = tuple((dict(self.own) | own).items())
        return dataclasses.replace(self, **changes)


def describe(cls: type[Parameters]) -> list[Parameter]:
    """The parameters of a stage, in order, then those that only methods of it have.

    Which methods there are, also of other packages, is looked up.
    """
    stage = [_resolved(cls, declared) for declared in _declared(cls)]
    return [*stage, *_own_of(cls).values()]


def in_use(value: Parameters) -> set[str]:
    """Names of the parameters that matter, given the others: forms show no more."""
    cls = type(value)
    declared = {item.name: item for item in describe(cls)}
    registries = _registries(cls)
    chosen = [registry.find(getattr(value, name)) for name, registry in registries.items()]
    of_chosen = _named_by(chosen)
    of_some = _named_by(record for registry in registries.values() for record in registry)

    def matters(item: Parameter) -> bool:
        if item.when is None:
            return item.name in of_chosen or item.name not in of_some
        other, values = item.when
        return getattr(value, other) in values and matters(declared[other])

    return {name for name, item in declared.items() if matters(item)}


def _named_by(records: Iterable[Any]) -> set[str]:
    return {name for record in records for name in getattr(record, "parameters", ())}


def _resolved(cls: type[Parameters], declared: Parameter) -> Parameter:
    """The parameter with the methods that can be chosen now, or that use it."""
    changes: dict[str, Any] = {}
    if declared.registry is not None:
        names, others = declared.registry.names(), declared.choices
        usual_first = declared.default in others
        changes["choices"] = (*others, *names) if usual_first else (*names, *others)
    if declared.of_method:
        methods = _registries(cls)[declared.of_method]
        users = tuple(record.name for record in methods if declared.name in record.parameters)
        changes["when"] = (declared.of_method, users)
    return dataclasses.replace(declared, **changes) if changes else declared


def _registries(cls: type[Parameters]) -> dict[str, Registry[Any]]:
    """Field -> the methods that it names."""
    return {d.name: d.registry for d in _declared(cls) if d.registry is not None}


def _chosen(parameters: Parameters) -> Iterator[Method]:
    """Records of the methods chosen that have parameters of their own."""
    for name, registry in _registries(type(parameters)).items():
        record = registry.find(getattr(parameters, name))
        if record is not None and getattr(record, "own", None) is not None:
            yield record


def _own_of(cls: type[Parameters]) -> Mapping[str, Parameter]:
    """Name -> parameter that only one method of the stage has.

    A plug-in whose names are taken is left out, with a message.
    """
    gathered: dict[str, Parameter] = {}
    for choice, registry in _registries(cls).items():
        for record in registry:
            if getattr(record, "own", None) is None:
                continue
            own = _own_declared(record.own, choice, record.name)
            taken = {item.name for item in own} & {*gathered, *(d.name for d in _declared(cls))}
            if taken:
                why = f"parameters of these names there are already: {', '.join(sorted(taken))}"
                registry.leave_out(record.name, why)
                continue
            gathered |= {item.name: item for item in own}
    return gathered


def _own_declared(own: type[Parameters], choice: str, method: str) -> list[Parameter]:
    return [
        item if item.when else dataclasses.replace(item, when=(choice, (method,)))
        for item in _declared(own)
    ]


def _declared(cls: Any) -> tuple[Parameter, ...]:
    """The fields of a dataclass of parameters, as they are written there."""
    return _fields(cls)


@functools.cache
def _fields(cls: Any) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(cls)  # slow: each annotation is compiled
    fields = []
    for item in dataclasses.fields(cls):
        if item.name == "own":
            continue
        hint = hints[item.name]
        optional = isinstance(hint, types.UnionType)
        if optional:
            (hint,) = (arg for arg in typing.get_args(hint) if arg is not type(None))
        fields.append(Parameter(item.name, hint, optional, item.default, **item.metadata))
    return tuple(fields)


# whole numbers as forms and generators of random numbers take them
_FARTHEST = {int: 2**31 - 1, float: 1e12}


def _checked(value: Any, declared: Parameter) -> Any:
    """`value` as the declared type and within its bounds, or `InputError`."""
    value = _coerced(value, declared)
    if value is None:
        return None
    if declared.registry is not None:
        if value not in declared.choices and value not in declared.registry:
            check_choice(value, declared.name, (*declared.registry.names(), *declared.choices))
    elif declared.choices:
        check_choice(value, declared.name, declared.choices)
    if declared.low is not None or declared.high is not None:
        check_range(value, declared.name, declared.low, declared.high)
    return value


def _coerced(value: Any, declared: Parameter) -> Any:
    """`value` as the declared type, or `InputError`: 3.0 is an int, "3" is not."""
    if value is None and declared.optional:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and declared.type in (int, float) and not abs(value) <= _FARTHEST[declared.type]:
        most = _FARTHEST[declared.type]
        raise InputError(declared.name, repr(value)[:60], f"a number from {-most:,} to {most:,}")
    if declared.type is float and number:
        return float(value)
    if declared.type is int and isinstance(value, float) and value.is_integer():
        return int(value)
    wrong_bool = isinstance(value, bool) and declared.type is not bool
    if wrong_bool or not isinstance(value, declared.type):
        raise InputError(declared.name, repr(value), f"{declared.type.__name__}")
    return value
