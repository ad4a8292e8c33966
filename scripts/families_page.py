"""Write docs/families.md from the registry of families."""

from __future__ import annotations

from pathlib import Path

from seam_core.families import Family
from seam_core.registry import FAMILIES

PAGE = Path(__file__).parents[1] / "docs" / "families.md"
HEAD = """# Families of models

How models that the field shares are opened and asked. `seam check --model FILE` recognises a
family from the file's names and shapes (nothing of it is run) and prints the options below;
*Check* in the Library form offers them; `seam models NAME` prints one section. A `?` is yours to
choose: a track, a cell type, a position.

Written by `scripts/families_page.py` from the records in `seam_core/families`; another package adds
a family by an entry point `seam.families` ([plugins](plugins.md)).
"""


def section(family: Family) -> str:
    """One family's part of the page."""
    lines = [f"## {family.label}", "", f"`{family.name}`. Predicts {family.predicts}.", ""]
    lines += [f"- Takes {family.takes}.", f"- `--model` {family.model}", f"- Files: {family.get}."]
    if family.packages:
        lines.append(f"- Needs {', '.join(f'`{each}`' for each in family.packages)}.")
    lines += ["", "| asked for | options |", "| --- | --- |"]
    for question in family.questions:
        options = f"`{question.options()}`" if question.settings else "none"
        lines.append(f"| {question.what} | {options} |")
    lines += ["", "```bash", family.command(), "```"]
    rest = [family.note, f"Tried here: {family.tried}" if family.tried else "Not tried here."]
    lines += ["", *(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in rest if text)]
    if family.citation:
        lines += ["", f"{family.citation}."]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    return "\n\n".join([HEAD.rstrip(), *map(section, FAMILIES)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
