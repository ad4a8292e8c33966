"""Pages of the documentation that scripts write are what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

from seam_core.parameters import describe
from seam_core.stages import PARTS

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_the_page_of_parameters_is_what_the_declarations_say() -> None:
    written = runpy.run_path(str(SCRIPTS / "parameters_page.py"))
    assert written["PAGE"].read_text(encoding="utf-8") == written["page"]()


def test_no_parameter_is_missing_on_the_page() -> None:
    page = (SCRIPTS.parent / "docs" / "parameters.md").read_text(encoding="utf-8")
    for part, cls in PARTS.items():
        section = page[page.index(f"`[{part}]`") :].split("\n## ", 1)[0]
        assert {each.name for each in describe(cls) if f"| `{each.name}` |" not in section} == set()
