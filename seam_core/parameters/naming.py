"""Names of parameters in messages, as whoever reads them meets the parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

# parameters whose option has another name: `import` is a word of Python's
SHORTER = {"imports": "import"}
# columns of a table of measurements, as `--column OURS=THEIRS` names them, and their parameters
COLUMNS = {"Sequence": "sequence_column", "Activity": "measured_column"}
# an option as a message names it, and the one that says how a table calls a column
_OPTION = re.compile(r"(?<![\w/-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
_OURS = "|".join(COLUMNS)
_COLUMN = re.compile(rf"--column (?:'({_OURS})=([^']*)'|({_OURS})=([^\s,;)]*))")
# a name of several words that stands alone: not in a path, a key or a call
_NAME = re.compile(r"(?<![\w/\\.=-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/\\(]|\.\w)")


def with_names(message: str, name_of: Callable[[str], str]) -> str:
    """The message with another name for each parameter: an option's, a field's of a form.

    name_of : gives back what is not a parameter
    """
    return _NAME.sub(lambda name: name_of(name[0]), message)


def option_of(name: str, renamed: Mapping[str, str] = MappingProxyType({})) -> str:
    """The option of a parameter: n_clusters as --n-clusters; `renamed` of one command alone."""
    return "--" + renamed.get(name, SHORTER.get(name, name)).replace("_", "-")


def with_labels(message: str, label_of: Callable[[str], str]) -> str:
    """The message with another name for each option, for who has a form and no command.

    label_of : parameter -> its label; "" for what is none, which leaves the option as it is
    """
    parameters = {option: name for name, option in SHORTER.items()}

    def label(option: str) -> str:
        return label_of(parameters.get(option, option.replace("-", "_")))

    def column(found: re.Match[str]) -> str:
        return f"{label_of(COLUMNS[found[1] or found[3]])} {found[2] or found[4]}"

    message = _COLUMN.sub(column, message)
    return _OPTION.sub(lambda found: label(found[1]) or found[0], message)
