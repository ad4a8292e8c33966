"""Write the generated part of docs/files.md: exports, and the columns of every table.

python scripts/output_files.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from seam_core.exports.columns import TABLES
from seam_core.exports.registry import exports

PAGE = Path(__file__).parents[1] / "docs" / "files.md"
START = "<!-- made by scripts/output_files.py -->"


def generated() -> str:
    """What follows the mark on the page."""
    lines = ["## What `seam export` writes", "", "| `--what` | file | what is in it |"]
    lines += ["| --- | --- | --- |"]
    for name, one in exports().items():
        if not name.startswith("picture-"):
            rows = " (of the selection, or all)" if one.of_rows else ""
            lines.append(f"| `{name}` | {' '.join(one.suffixes)} | {one.label}{rows}. {one.tip} |")
    pictures = [f"`{name}`" for name in exports() if name.startswith("picture-")]
    lines += ["", f"Pictures, as .png, .svg or .pdf: {', '.join(pictures)}.", ""]
    lines += ["## Columns of the tables", ""]
    for name, table in TABLES.items():
        lines += [f"### {name[0].upper()}{name[1:]}", "", f"One row: {table.row}. {table.where}."]
        lines += ["", "| column | meaning |", "| --- | --- |"]
        lines += [f"| `{column}` | {meaning} |" for column, meaning in table.columns.items()]
        lines.append("")
    return "\n".join(lines)


def page() -> str:
    """The whole page as it should be."""
    before = PAGE.read_text(encoding="utf-8").split(START)[0]
    return f"{before}{START}\n\n{generated()}"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif page() != PAGE.read_text(encoding="utf-8"):
        sys.exit("docs/files.md is not what scripts/output_files.py makes; run it")
