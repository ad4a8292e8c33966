"""Write docs/parameters.md from the declarations in seam_core/parameters."""

from __future__ import annotations

from pathlib import Path

from seam_core.parameters import (
    BatchParameters,
    DesignerParameters,
    Parameter,
    Parameters,
    ReprogrammerParameters,
    VariantParameters,
    describe,
)
from seam_core.parameters.naming import SHORTER
from seam_core.stages import PARTS, STAGES

PAGE = Path(__file__).parents[1] / "docs" / "parameters.md"
HEAD = """# Every parameter

One declaration is the option of `seam run` (`--n-clusters`), the key of a configuration file or
recipe (`n_clusters`, in the section of its stage), the field of the window's form and the argument
of the class in `seam_core.parameters`. Values in brackets are inclusive bounds; *empty* means that
the value is left to the stage. Packages that are installed beside SEAMscope may add methods with
parameters of their own; `seam run --help` lists those too. Options of the commands at the end may
be shorter than the parameters; their `--help` names them.

Written by `scripts/parameters_page.py`.
"""
COMMANDS: dict[str, type[Parameters]] = {
    "seam batch": BatchParameters,
    "seam variants": VariantParameters,
    "seam design": DesignerParameters,
    "seam reprogram": ReprogrammerParameters,
}


def cell(text: str) -> str:
    """Text that stays within its cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def kind(declared: Parameter) -> str:
    """Type, choices, bounds and unit, in a few words."""
    if declared.choices:
        return ", ".join(f"`{choice}`" for choice in declared.choices)
    words = {bool: "yes or no", int: "whole number", float: "number", str: "text"}
    text = declared.kind or words.get(declared.type, declared.type.__name__)
    if declared.low is not None or declared.high is not None:
        low = "" if declared.low is None else f"{declared.low:g}"
        high = "" if declared.high is None else f"{declared.high:g}"
        text += f" [{low}, {high}]"
    return f"{text}, {declared.unit}" if declared.unit else text


def default(declared: Parameter) -> str:
    """The default as a reader types it."""
    if declared.default is None or declared.default == "":
        return "empty"
    if isinstance(declared.default, bool):
        return "yes" if declared.default else "no"
    return f"`{declared.default}`"


def meaning(declared: Parameter) -> str:
    """The help, and when it matters."""
    text = declared.help.rstrip(".") + "."
    if declared.name in SHORTER:
        text += f" Option `--{SHORTER[declared.name]}`."
    if declared.when is None:
        return text
    field, values = declared.when
    shown = ", ".join(f"`{value}`" for value in values)
    return f"{text} With `{field}` {shown}." if shown else text


def section(title: str, cls: type[Parameters]) -> str:
    """One table: the parameters of a stage or of a command."""
    rows = [
        f"| `{each.name}` | {cell(kind(each))} | {default(each)} | {cell(meaning(each))} |"
        for each in describe(cls)
    ]
    about = (cls.__doc__ or "").strip().split("\n")[0]
    head = [f"## {title}", "", f"`{cls.__name__}`. {about}", ""]
    return "\n".join(
        [*head, "| name | values | default | meaning |", "| --- | --- | --- | --- |", *rows]
    )


def page() -> str:
    """The whole page."""
    stages = [
        section(f"`[{part}]`: {STAGES[part].subject if part in STAGES else 'the model'}", cls)
        for part, cls in PARTS.items()
    ]
    commands = [section(f"`{command}`", cls) for command, cls in COMMANDS.items()]
    return "\n\n".join([HEAD.rstrip(), *stages, *commands]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
