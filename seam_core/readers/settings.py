"""TOML and JSON: configurations, recipes and what other programs say of themselves."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from seam_core.readers.door import reading, text_of
from seam_core.toml import parse_toml
from seam_core.validate import InputError

_LONGEST = 1 << 20
LONGEST_JSON = 1 << 27  # manifests of sessions hold selections, those of batches their loci
_DEEPEST = 64
# text in quotes and comments, in which brackets mean nothing; then brackets
_TOML_TOKENS = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]',
    re.DOTALL,
)
_JSON_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}]', re.DOTALL)
_KEYS = re.compile(r"[=,{}\[\]\n]")
_DOTTED = re.compile(r"[\w\"'-]\s*\.")


def read_toml(path: Path | str) -> dict[str, Any]:
    """A TOML file as plain values; `InputError` with its line where it is not TOML."""
    text = _text(path, "config", "a .toml file")
    _check_depth(_TOML_TOKENS, text, "config", path)
    if any(len(_DOTTED.findall(key)) > _DEEPEST for key in _KEYS.split(text)):
        raise _too_deep("config", path)
    try:
        with reading(path, "config", "TOML"):
            return parse_toml(text)
    except InputError as error:
        if isinstance(error.__cause__, ValueError):
            got = f"text that is not TOML ({error.__cause__})"
            raise InputError("config", got, "TOML", str(path)) from error
        raise


def read_json(
    path: Path | str, field: str = "file", *, most: int = LONGEST_JSON, finite: bool = False
) -> Any:
    """A JSON file as plain values.

    Raises `InputError` where it is not JSON, longer, or nested absurdly deep.

    Parameters
    ----------
    most : bytes that it may have
    finite : refuse NaN and infinities, which Python reads though they are no JSON
    """
    return parse_json(_text(path, field, "JSON", most), field, path, finite=finite)


def parse_json(text: str, field: str, source: Path | str, *, finite: bool = False) -> Any:
    """The same for text that was read from `source`."""
    _check_depth(_JSON_TOKENS, text, field, source)
    checked = _finite if finite else None
    with reading(source, field, "JSON"):
        return json.loads(text, parse_float=checked, parse_constant=checked)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]}")
    return value


def read_object(path: Path | str, field: str = "file") -> dict[str, Any]:
    """A JSON file that holds names and values, else `InputError`."""
    values = read_json(path, field)
    if not isinstance(values, dict):
        raise InputError(field, repr(values)[:60], "names and values", str(path))
    return values


def _text(path: Path | str, field: str, expected: str, most: int = _LONGEST) -> str:
    path = Path(path)
    if path.is_file() and not path.stat().st_size:
        return ""
    if path.is_file() and path.stat().st_size > most:
        got = f"a file of {path.stat().st_size:,} bytes"
        raise InputError(field, got, f"at most {most:,}", str(path))
    text = text_of(path, field, expected)
    if len(text) > most:
        raise InputError(field, f"{len(text):,} letters", f"at most {most:,}", str(path))
    return text.replace("\r\n", "\n")


def _check_depth(tokens: re.Pattern[str], text: str, field: str, path: Path | str) -> None:
    depth = 0
    for match in tokens.finditer(text):  # one after another: a list of all takes much memory
        token = match[0]
        depth += (token in "[{") - (token in "]}") if len(token) == 1 else 0
        if depth > _DEEPEST:
            raise _too_deep(field, path)


def _too_deep(field: str, path: Path | str) -> InputError:
    return InputError(field, "values nested too deep", f"at most {_DEEPEST} levels", str(path))
