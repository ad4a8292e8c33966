"""Names of parameters in messages, as whoever reads them meets the parameters."""

from __future__ import annotations

import re
from collections.abc import Callable

# a name of several words that stands alone: not in a path, a key or a call
_NAME = re.compile(r"(?<![\w/\\.=-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/\\(]|\.\w)")


def with_names(message: str, name_of: Callable[[str], str]) -> str:
    """The message with another name for each parameter: an option's, a field's of a form.

    name_of : gives back what is not a parameter
    """
    return _NAME.sub(lambda name: name_of(name[0]), message)
