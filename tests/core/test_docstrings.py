"""Examples in docstrings of `seam_core` are run."""

from __future__ import annotations

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
