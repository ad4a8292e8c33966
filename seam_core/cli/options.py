"""Options made from the stages' parameter declarations."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from seam_core.parameters import Parameter, Parameters, describe
from seam_core.parameters.naming import COLUMNS, option_of, with_names
from seam_core.parameters.oracle import layout_named
from seam_core.stages import PARTS, STAGE_NAMES, STAGES
from seam_core.validate import InputError

if TYPE_CHECKING:
    from seam_core.recipes import Recipe


Chosen = TypeVar("Chosen", bound=Parameters)

# Commands that take the model as a word of its own, too.
MODEL_FIRST = ("run", "check")


def parsed(parser: argparse.ArgumentParser, words: Sequence[str] | None) -> argparse.Namespace:
    """The options; words that belong to none are the model (or folds) of a command without one."""
    options, left = parser.parse_known_args(words)
    unnamed = options.command in MODEL_FIRST and "model" not in options
    if left and unnamed and not any(word.startswith("-") for word in left):
        options.model, left = ";".join(left), []
    if left:
        command = _command(parser, sys.argv[1:] if words is None else words)
        names = [name for action in command._actions for name in action.option_strings]
        meant = {near for word in left for near in get_close_matches(word.split("=")[0], names, 1)}
        offer = f"; meant: {', '.join(sorted(meant))}?" if meant else ""
        command.error(f"unrecognized arguments: {' '.join(left)}{offer}")
    return options


def _command(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.ArgumentParser:
    """The command that `words` begin with."""
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return next((commands.choices[word] for word in words if word in commands.choices), parser)


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """`--quiet`; see `terminal.shown`."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")


def add_overwrite(parser: argparse.ArgumentParser, what: str = "a session") -> None:
    """`--overwrite`: replace `what` in the folder of `--out`."""
    parser.add_argument("--overwrite", action="store_true", help=f"replace {what} in DIR")


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device`, of a command that asks a model and takes no options of stages."""
    parser.add_argument(
        "--device", choices=("auto", "cpu", "gpu"), default="auto", help="where the model runs"
    )


def add_stage_options(
    parser: argparse.ArgumentParser,
    parts: Iterable[str] = PARTS,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """An option for each parameter of `parts` (the oracle and all stages), grouped by part.

    renamed : parameter -> option, where the command has another option of the parameter's name
    """
    for part in parts:
        group = parser.add_argument_group(_title(part))
        for declared in describe(PARTS[part]):
            if declared.name != "seed":
                _add_option(group, declared, option_of(declared.name, renamed))
    parser.add_argument(
        "--seed", type=int, default=argparse.SUPPRESS, help="seed of all stages (default: 0)"
    )
    parser.add_argument(
        "--trust-model",
        action="store_true",
        default=False,
        dest="trust_model",
        help="open a model file that runs code of whoever made it (pickled modules, .pt2, "
        "SavedModels, Lambda layers), and run code that a session, recipe or configuration names; "
        "remembered for this file",
    )


def in_options(error: Exception, parser: argparse.ArgumentParser, words: Sequence[str]) -> str:
    """An error's message, parameters named by the options of the command that `words` begin with.

    What is wrong in a file or in `--run` keeps the name that it has there.
    """
    in_file = str(getattr(error, "source", "")).endswith((".toml", ".json"))
    if in_file or any(word.startswith("--run") for word in words):
        return str(error)
    options = option_names(parser, words)
    return with_names(str(error), lambda name: options.get(name, name))


def option_names(parser: argparse.ArgumentParser, words: Sequence[str]) -> dict[str, str]:
    """Destination -> option, of the command that `words` begin with."""
    actions = _command(parser, words)._actions
    return {each.dest: each.option_strings[0] for each in actions if each.option_strings}


def add_parameter_options(
    parser: argparse.ArgumentParser,
    cls: type[Parameters],
    title: str,
    renamed: Mapping[str, str] = MappingProxyType({}),
    only: Iterable[str] = (),
) -> None:
    """An option for each parameter of a command of its own; see `parameters_from`.

    renamed : parameter -> option, where that is shorter
    only : these parameters; (): all
    """
    group = parser.add_argument_group(title)
    taken = {option for action in parser._actions for option in action.option_strings}
    for declared in describe(cls):
        name = option_of(declared.name, renamed)
        if name not in taken and (not only or declared.name in only):
            _add_option(group, declared, name)


def parameters_from(
    options: argparse.Namespace, cls: type[Chosen], base: Chosen | None = None
) -> Chosen:
    """The parameters of a command of its own, from its options; those not given are `base`'s."""
    given = vars(options)
    values = {d.name: given[d.name] for d in describe(cls) if d.name in given}
    return (base or cls()).replace(**values)


@contextlib.contextmanager
def named_as_options(
    cls: type[Parameters], renamed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """Messages about parameters of a command of its own name the options."""
    try:
        yield
    except InputError as error:
        if error.field not in {declared.name for declared in describe(cls)}:
            raise
        option = option_of(error.field, renamed)
        raise InputError(option, error.got, error.expected, error.source) from error


def _title(part: str) -> str:
    if part not in STAGES:
        return "oracle: the model that answers"
    number = STAGE_NAMES.index(part) + 1
    return f"{number} {part.replace('_', '-')}: {STAGES[part].subject}"


def _add_option(group: Any, declared: Parameter, name: str) -> None:
    if declared.type is bool:
        group.add_argument(
            name,
            dest=declared.name,
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help=_help(declared),
        )
        return
    group.add_argument(
        name,
        dest=declared.name,
        action=_Column if name == "--column" else _Joined if declared.several else "store",
        type=_converter(declared),
        metavar=_metavar(declared),
        choices=declared.choices or None,
        default=argparse.SUPPRESS,
        help=_help(declared),
    )


class _Joined(argparse.Action):
    """Several of one option are one text."""

    def __call__(
        self, parser: Any, options: argparse.Namespace, value: Any, option: str | None = None
    ) -> None:
        before = getattr(options, self.dest, "")
        setattr(options, self.dest, f"{before};{value}" if before else value)


class _Column(argparse.Action):
    """A column of the model's output, or OURS=THEIRS of a table of measurements, as on import."""

    def __call__(
        self, parser: Any, options: argparse.Namespace, value: Any, option: str | None = None
    ) -> None:
        ours, equals, theirs = str(value).partition("=")
        if not equals:
            setattr(options, self.dest, value)
        elif ours in COLUMNS and theirs:
            setattr(options, COLUMNS[ours], theirs)
        else:
            given = f"got {value!r}; expected " + " or ".join(f"{each}=NAME" for each in COLUMNS)
            raise argparse.ArgumentError(self, given)


def _converter(declared: Parameter) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        if declared.optional and text.lower() in ("", "none"):
            return None
        return layout_named(text) if declared.name == "layout" else declared.type(text)

    # argparse names the converter in its message for a wrong value
    convert.__name__ = declared.type.__name__
    return convert


def _metavar(declared: Parameter) -> str | None:
    if declared.choices:
        return None
    if declared.kind == "path":
        return "FILE"
    return {"int": "N", "float": "X"}.get(declared.type.__name__, "TEXT")


def _help(declared: Parameter) -> str:
    parts = [declared.help]
    if declared.unit:
        parts.append(f"[{declared.unit}]")
    notes = []
    if declared.suggest is not None and declared.suggest():
        parts.append("Installed: " + ", ".join(declared.suggest()))
    if declared.low is not None and declared.high is not None:
        notes.append(f"{declared.low:g} to {declared.high:g}")
    elif declared.low is not None:
        notes.append(f"at least {declared.low:g}")
    if declared.when is not None:
        notes.append(f"with {declared.when[0]} {' or '.join(map(str, declared.when[1]))}")
    default = "none" if declared.default in (None, "") else declared.default
    notes.append(f"default: {default}")
    return (" ".join(parts) + f" ({'; '.join(notes)})").replace("%", "%%")


def add_run_option(parser: argparse.ArgumentParser) -> None:
    """--run, for commands that take a recipe."""
    parser.add_argument(
        "--run",
        metavar="NAME:PARAMETER=VALUE,...",
        action="append",
        default=[],
        dest="runs",
        help="with a recipe of several runs: a run in place of those of the recipe, as "
        "hepg2:head=1 or GATA:pattern=GATAAG,pattern-flank=10; give it once for each",
    )


def recipe_from(options: argparse.Namespace) -> Recipe:
    """The recipe that the options name, with their runs; see `check_not_of_runs`."""
    from seam_core import recipes

    recipe = recipes.load(options.recipe)
    if options.runs:
        recipe = recipes.with_variants(recipe, runs_from(options.runs), "--run")
    check_not_of_runs(options, recipe)
    return recipe


def runs_from(texts: Iterable[str]) -> list[dict[str, Any]]:
    """NAME:parameter=value,parameter=value of each run, as the [[variant]] tables of a recipe."""
    known = {d.name: (part, d) for part in PARTS for d in describe(PARTS[part]) if d.name != "seed"}
    runs = []
    for text in texts:
        name, colon, settings = text.partition(":")
        run: dict[str, Any] = {"name": name.strip()}
        for setting in re.split(r",(?=[\w-]+=)", settings):
            option, equals, value = setting.partition("=")
            parameter = option.strip().lstrip("-").replace("-", "_")
            if not (colon and equals) or parameter not in known:
                expected = "NAME:PARAMETER=VALUE,..., as hepg2:head=1; parameters are the options"
                raise InputError("--run", repr(text), expected)
            part, declared = known[parameter]
            run.setdefault(part, {})[parameter] = _value(declared, value.strip())
        runs.append(run)
    return runs


def _value(declared: Parameter, text: str) -> Any:
    try:
        if declared.type is bool:
            return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
        return _converter(declared)(text)
    except (ValueError, KeyError) as error:
        kind = "true or false" if declared.type is bool else declared.type.__name__
        raise InputError(f"--run {declared.name}", repr(text), kind) from error


def check_not_of_runs(options: argparse.Namespace, recipe: Recipe) -> None:
    """Raise `InputError` for an option that the runs of the recipe set, each for itself."""
    for part in PARTS:
        changed = {name for variant in recipe.variants for name in variant.changes.get(part, {})}
        for parameter in sorted(changed & set(vars(options))):
            said = ", ".join(
                f"{variant.name} {variant.changes[part][parameter]}"
                for variant in recipe.variants
                if parameter in variant.changes.get(part, {})
            )
            option = parameter.replace("_", "-")
            raise InputError(
                f"--{option}",
                f"{vars(options)[parameter]}, which the runs of the recipe set themselves ({said})",
                f"the runs that you want instead, such as --run NAME:{option}=VALUE, twice or more",
            )


@contextlib.contextmanager
def advice_on_runs(recipe: Recipe) -> Iterator[None]:
    """Adds to the error about a parameter that the recipe's runs set how to set it otherwise."""
    try:
        yield
    except InputError as error:
        changed = {
            name for run in recipe.variants for part in run.changes.values() for name in part
        }
        if error.field not in changed:
            raise
        expected = f"{error.expected}; to replace the runs of the recipe, give each as "
        expected += f"--run NAME:{error.field.replace('_', '-')}=VALUE"
        raise InputError(error.field, error.got, expected, error.source) from error
