"""Pieces of a self-contained HTML page: text, tables and pictures, nothing fetched."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.figures.style import STYLE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_MOST_SVG_BYTES = 600_000
_LONG_TEXT = 48

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="seamscope {version}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<nav><strong>{title}</strong>{links}</nav>
<main>
{body}
</main>
</body>
</html>
"""

CSS = """
:root { --ink: #1c2330; --muted: #667085; --line: #dfe3e9; --accent: #2f6fde; --pale: #f6f7f9; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--pale);
  font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
nav { position: fixed; top: 0; bottom: 0; left: 0; width: 210px; padding: 24px 16px;
  overflow-y: auto; background: #fff; border-right: 1px solid var(--line); font-size: 14px; }
nav strong { display: block; margin-bottom: 16px; overflow-wrap: anywhere; }
nav a { display: block; padding: 4px 8px; color: var(--muted); text-decoration: none;
  border-radius: 4px; }
nav a:hover { color: var(--accent); background: var(--pale); }
main { margin-left: 210px; padding: 24px 40px 80px; max-width: 1290px; }
h1 { font-size: 26px; margin: 8px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 48px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 24px 0 8px; }
p { max-width: 75ch; margin: 8px 0; }
.muted { color: var(--muted); }
.facts { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0; }
.facts div { background: #fff; border: 1px solid var(--line); border-radius: 6px;
  padding: 8px 16px; min-width: 116px; }
.facts b { display: block; font-size: 20px; font-weight: 600; }
.facts span { color: var(--muted); font-size: 13px; }
.row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
figure { margin: 12px 0; padding: 12px; background: #fff; border: 1px solid var(--line);
  border-radius: 6px; max-width: 100%; }
figure img { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: 8px; color: var(--muted); font-size: 13px; max-width: 95ch; }
.scroll { overflow: auto; max-height: 480px; background: #fff; border: 1px solid var(--line);
  border-radius: 6px; margin: 12px 0; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th, td { padding: 4px 10px; text-align: left; white-space: nowrap;
  border-bottom: 1px solid #eef0f3; }
th { position: sticky; top: 0; background: var(--pale); font-weight: 600; }
td.t { white-space: normal; min-width: 260px; max-width: 460px; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
details { margin: 8px 0; } summary { cursor: pointer; color: var(--accent); }
code { font: 13px ui-monospace, "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
ol.references { font-size: 13px; padding-left: 24px; max-width: 95ch; }
.note { border-left: 3px solid #e0a33e; padding: 4px 12px; background: #fff; max-width: 75ch; }
@media (max-width: 900px) { nav { display: none; } main { margin-left: 0; padding: 16px; } }
@media print { nav { display: none; } main { margin: 0; padding: 0; } .scroll { max-height: none; }
  figure, table { break-inside: avoid; } body { background: #fff; } }
"""


def escape(text: object) -> str:
    """Text for HTML, quotes included."""
    return html.escape(str(text), quote=True)


def picture(figure: Figure, caption: str, *, dpi: float = 170.0) -> str:
    """A figure as a <figure> with its picture inside the page: SVG, or PNG where that would be
    large. Drawn at the size it was made for."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    width = figure.get_size_inches()[0] * 96
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]
        figure.set_dpi(dpi)
        # `savefig` draws and lays out a figure twice
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})
        kind = "svg+xml"
        if buffer.tell() > _MOST_SVG_BYTES:
            buffer, kind = io.BytesIO(), "png"
            figure.savefig(buffer, format="png", dpi=dpi)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f'<figure><img width="{width:.0f}" alt="{escape(caption)}" '
        f'src="data:image/{kind};base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>'
    )


def table(frame: pd.DataFrame, *, headings: dict[str, str] | None = None) -> str:
    """A DataFrame as a scrolling table: numbers right-aligned, gaps as a dash."""
    heads = headings or {name: str(name) for name in frame.columns}
    kinds = {name: _kind(frame[name]) for name in heads}
    top = "".join(f"<th{kinds[name]}>{escape(text)}</th>" for name, text in heads.items())
    rows = [
        "<tr>" + "".join(f"<td{kinds[n]}>{escape(shown(v))}</td>" for n, v in row.items()) + "</tr>"
        for row in frame[list(heads)].to_dict("records")
    ]
    body = "\n".join(rows)
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def facts(values: Sequence[tuple[str, str]]) -> str:
    """Large numbers with what they are below."""
    boxes = "".join(f"<div><b>{escape(v)}</b><span>{escape(k)}</span></div>" for k, v in values)
    return f'<div class="facts">{boxes}</div>'


def paragraph(text: str, *, kind: str = "") -> str:
    """Plain text as a paragraph of class `kind`."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def shown(value: Any) -> str:
    """A value as a reader wants it: 1,204; 0.0312; 3.2e-09; yes; a dash for what is missing."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return "–"
        small = value != 0 and abs(value) < 1e-3
        return (
            f"{value:.1e}" if small else f"{value:,.3f}" if abs(value) < 1000 else f"{value:,.0f}"
        )
    return "–" if value is None else str(value)


def _kind(column: pd.Series) -> str:
    """Class of a column's cells: numbers right-aligned, long texts wrapped."""
    if column.dtype.kind in "iuf":
        return ' class="n"'
    longest = max((len(str(value)) for value in column), default=0)
    return ' class="t"' if longest > _LONG_TEXT else ""
