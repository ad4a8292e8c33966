"""Examples in docstrings are run; what a docstring says stands before its sections."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "seam_core").rglob("*.py")
    if re.search(r"(?m)^ +>>> ", path.read_text(encoding="utf-8"))
)


def test_there_are_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of(name: str):
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.FAIL_FAST)
    assert found.attempted > 0
    assert found.failed == 0


def test_nothing_is_said_behind_the_parameters():
    """The site would show it as one more parameter: `Raises`, of no type."""
    behind = []
    for path in sorted((ROOT / "seam_core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                said = ast.get_docstring(node) or ""
                sections = re.split(r"(?m)^(?:Parameters|Returns|Attributes|Yields)\n-+\n", said)
                own = [re.split(r"(?m)^\w+\n-+\n", text)[0] for text in sections[1:]]
                if any(re.search(r"\n\n\S", text.rstrip()) for text in own):
                    behind.append(f"{path.name}: {node.name}")
    assert behind == []
