"""The query language: "Activity > 3 and Hamming <= 10", answered without running any code.

A question is parsed by `ast` and only the forms below are understood:

- columns by name, upper or lower case; names with spaces in backticks; `Cluster`, `Label`, `Index`,
  `Axis1`; a file's own column of such a name is `file:Cluster`
- `Letter[88] == "T"` (the letter at position 88), `Letter[88] != Reference[88]`
- numbers, text in quotes, `+ - * /`, `abs(...)`
- `< <= > >= == != =`, chains (`2 < Activity < 3`), `Cluster in (3, 7)`, `and`, `or`, `not`
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from seam_core.sequences import DNA
from seam_core.validate import InputError, first_line

_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LONGEST = 2000
_SAID = 120  # letters of a question, and names of columns, in a message


def evaluate(
    text: str,
    columns: Mapping[str, np.ndarray],
    *,
    n: int,
    sequences: np.ndarray | None = None,
    reference: np.ndarray | None = None,
    alphabet: str = DNA,
) -> np.ndarray:
    """(N,) bool: the rows for which the question is true. NaN answers no comparison but `!=`.

    Parameters
    ----------
    text : the question
    columns : name -> (N,) values
    sequences, reference : (N, L) and (L,) int8 letters of `alphabet`, for `Letter[p]`

    Raises
    ------
    InputError
        The question cannot be read, names a column that is not there, or answers with something
        other than true or false.

    Examples
    --------
    >>> known = {"Activity": np.array([1.0, 4.0, 5.0]), "Hamming": np.array([9, 2, 20])}
    >>> evaluate("Activity > 3 and Hamming <= 10", known, n=3).tolist()
    [False, True, False]
    """
    if not text.strip():
        raise InputError("query", "an empty question", 'for example "Activity > 3"')
    if len(text) > _LONGEST:
        raise InputError("query", f"{len(text)} characters", f"at most {_LONGEST}")
    source, quoted = _normalised(text)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        expected = 'for example "Activity > 3 and Hamming <= 10"'
        raise InputError("query", _short(text), expected) from error
    answer = _answer(_Reader(columns, quoted, sequences, reference, alphabet), tree.body, text)
    if answer.dtype != np.bool_ or answer.shape not in ((), (n,)):
        raise InputError("query", _short(text), 'a comparison, for example "Activity > 3"')
    return np.broadcast_to(answer, (n,)).copy()


def _answer(reader: _Reader, question: ast.expr, text: str) -> np.ndarray:
    """What a question says; whatever Python and NumPy raise for it becomes our message."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(reader.read(question))
    except InputError:
        raise
    except RecursionError as error:
        expected = "one that is nested less deep"
        raise InputError("query", f"too deep a question, {_short(text)}", expected) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        expected = "comparisons of numbers with numbers, and of text with text"
        raise InputError("query", f"{_short(text)} ({first_line(error, 80)})", expected) from error


def _short(text: str) -> str:
    return repr(text if len(text) <= _SAID else f"{text[:_SAID]}…")


def _normalised(text: str) -> tuple[str, dict[str, str]]:
    """Python's spelling of the question, and the names that stood in backticks."""
    quoted: dict[str, str] = {}

    def keep(match: re.Match[str]) -> str:
        name = f"_quoted{len(quoted)}"
        quoted[name] = match.group(1) or match.group(2)
        return name

    parts = re.split(r"(\"[^\"]*\"|'[^']*')", text)  # text in quotes stays as it is
    for i in range(0, len(parts), 2):
        part = re.sub(r"`([^`]+)`|\b((?:file:)+\w+)", keep, parts[i])
        part = re.sub(r"(?<![<>=!])=(?!=)", "==", part)
        part = re.sub(r"\b(AND|OR|NOT|IN)\b", lambda m: m.group(1).lower(), part)
        parts[i] = part.replace("&&", " and ").replace("≤", "<=").replace("≥", ">=")
    return "".join(parts), quoted


class _Reader:
    """Walks the parsed question; anything it does not know is refused."""

    def __init__(
        self,
        columns: Mapping[str, np.ndarray],
        quoted: dict[str, str],
        sequences: np.ndarray | None,
        reference: np.ndarray | None,
        alphabet: str,
    ) -> None:
        self._columns = {name.lower(): np.asarray(values) for name, values in columns.items()}
        self._names = list(columns)
        self._quoted = quoted
        self._sequences = sequences
        self._reference = reference
        self._letters = np.array([*alphabet, "N"])

    def read(self, node: ast.expr) -> Any:
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise _refused(ast.unparse(node))
        return handler(node)

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, (int, float, str)):
            return node.value
        raise _refused(ast.unparse(node))

    def _name(self, node: ast.Name) -> np.ndarray:
        name = self._quoted.get(node.id, node.id)
        if name.lower() not in self._columns:
            known = ", ".join(self._names[:_SAID]) + (", …" if len(self._names) > _SAID else "")
            raise InputError("query", f"the name {name!r}", f"one of {known}")
        return self._columns[name.lower()]

    def _subscript(self, node: ast.Subscript) -> Any:
        name = node.value.id.lower() if isinstance(node.value, ast.Name) else ""
        arrays = {"letter": self._sequences, "reference": self._reference}
        if arrays.get(name) is None or not isinstance(node.slice, ast.Constant):
            raise InputError("query", ast.unparse(node), 'for example Letter[88] == "T"')
        letters = arrays[name]
        assert letters is not None
        position, length = node.slice.value, letters.shape[-1]
        if type(position) is not int or not 0 <= position < length:
            raise InputError("query", f"position {position!r}", f"0 to {length - 1}")
        return self._letters[letters[..., position]]

    def _boolop(self, node: ast.BoolOp) -> np.ndarray:
        parts = [_truth(self.read(value), value) for value in node.values]
        combine = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        answer = parts[0]
        for part in parts[1:]:
            answer = combine(answer, part)
        return answer

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.read(node.operand)
        if isinstance(node.op, ast.Not):
            return ~_truth(value, node.operand)
        if isinstance(node.op, ast.USub):
            return -_number(value, node.operand)
        raise _refused(ast.unparse(node))

    def _binop(self, node: ast.BinOp) -> Any:
        if type(node.op) not in _ARITHMETIC:
            raise _refused(ast.unparse(node))
        left = _number(self.read(node.left), node.left)
        return _ARITHMETIC[type(node.op)](left, _number(self.read(node.right), node.right))

    def _call(self, node: ast.Call) -> Any:
        simple = isinstance(node.func, ast.Name) and node.func.id == "abs" and not node.keywords
        if not simple or len(node.args) != 1:
            raise _refused(ast.unparse(node))
        return np.abs(_number(self.read(node.args[0]), node.args[0]))

    def _compare(self, node: ast.Compare) -> np.ndarray:
        left, answer = self.read(node.left), np.asarray(True)
        for test, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(test, (ast.In, ast.NotIn)):
                inside = self._one_of(left, right_node)
                step = inside if isinstance(test, ast.In) else ~inside
                right = left
            else:
                right = self.read(right_node)
                step = _compared(left, right, test, node)
            answer, left = np.logical_and(answer, step), right
        return answer

    def _one_of(self, left: Any, node: ast.expr) -> np.ndarray:
        if not isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            raise _refused(ast.unparse(node))
        inside = np.zeros(np.shape(left), dtype=bool)
        for element in node.elts:
            inside |= _compared(left, self.read(element), ast.Eq(), node)
        return inside


def _is_text(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "UOST"


def _compared(left: Any, right: Any, test: ast.cmpop, node: ast.expr) -> np.ndarray:
    if type(test) not in _COMPARE:
        raise _refused(ast.unparse(node))
    if _is_text(left) != _is_text(right):
        raise InputError("query", ast.unparse(node), "numbers with numbers, text with text")
    return np.asarray(_COMPARE[type(test)](left, right), dtype=bool)


def _truth(value: Any, node: ast.expr) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype != np.bool_:
        raise InputError("query", ast.unparse(node), "a comparison on each side of and, or, not")
    return array


def _number(value: Any, node: ast.expr) -> Any:
    if _is_text(value):
        raise InputError("query", f"the text {ast.unparse(node)}", "a number")
    return value


def _refused(what: str) -> InputError:
    return InputError(
        "query", repr(what), "columns, numbers, comparisons, and, or, not, in, abs, Letter[p]"
    )
