"""The page of a file of variants: lollipops above the logo, logo pairs, and the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seam_core import __version__
from seam_core.exports.files import write_text
from seam_core.figures.variants import lollipops, variant_logos
from seam_core.logos import centre
from seam_core.product import TITLE
from seam_core.report import html
from seam_core.variants.interpreter import Answer
from seam_core.variants.whole import Interpreted, tables

_AROUND = 45
_MOST_ROWS = 2_000
_SHOWN = {
    "name": "Variant",
    "position": "Position",
    "effect": "Effect",
    "library_low": "Library, low",
    "library_high": "Library, high",
    "mechanism_alt": "Mechanism",
    "confidence": "Confidence",
    "verdict": "Verdict",
    "sites_lost": "Lost",
    "sites_weakened": "Weakened",
    "sites_strengthened": "Strengthened",
    "sites_created": "Created",
    "sites_unconfirmed": "Not confirmed",
    "motif_ref": "Motif before",
    "motif_alt": "Motif after",
}


def write_page(interpreted: Interpreted, path: Path, labels: dict[int, str] | None = None) -> Path:
    """Write the answers as one HTML page that needs no network."""
    interpreter = interpreted.interpreter
    frame, _ = tables(interpreted, labels)
    answered = frame[frame["outcome"] == ""]
    session = interpreter.projector.session
    parts = [
        f"<h1>Variants of {html.escape(session.name)}</h1>",
        html.paragraph(f"Made by {TITLE} {__version__}.", kind="muted"),
        html.facts(
            [
                ("variants answered", html.shown(len(answered))),
                ("activity of the reference", f"{float(interpreter.reference.activity[0]):.3g}"),
                ("mechanism of the reference", str(interpreter.mechanism)),
                ("effects below are silent", f"{interpreter.silent_below:.3g}"),
            ]
        ),
        *[html.paragraph(line.strip()) for line in interpreted.told()],
    ]
    if len(answered):
        parts.append(_along(interpreted))
        parts.append("<h2>Largest effects</h2>")
        parts += [_pair(interpreted, answer) for answer in interpreted.shown]
        ranked = answered.reindex(answered["effect"].abs().sort_values(ascending=False).index)
        parts += ["<h2>All variants</h2>", html.table(ranked.head(_MOST_ROWS), headings=_SHOWN)]
    left = frame[frame["outcome"] != ""]
    if len(left):
        headings = {"name": "Variant", "outcome": "Not answered", "detail": "Because"}
        parts += ["<h2>Not answered</h2>", html.table(left.head(_MOST_ROWS), headings=headings)]
    page = html.PAGE.format(
        version=__version__,
        title=html.escape(f"Variants of {session.name}"),
        style=html.CSS,
        links="",
        body="\n".join(parts),
    )
    return write_text(path, page, what="variants")


def reference_logo(interpreted: Interpreted) -> np.ndarray:
    """(W, A): contributions of the reference's letters, centred."""
    interpreter = interpreted.interpreter
    return _present(interpreted, interpreter.reference.maps[0], interpreter.ground.reference)


def _present(interpreted: Interpreted, matrix: np.ndarray, letters: np.ndarray) -> np.ndarray:
    start = interpreted.interpreter.start
    window = letters[start : start + len(matrix)]
    present = np.zeros(matrix.shape)
    rows = np.arange(len(matrix))
    present[rows, window] = centre(matrix.astype(np.float64))[rows, window]
    return present


def _along(interpreted: Interpreted) -> str:
    interpreter = interpreted.interpreter
    told = [a for a in interpreted.answers if a.sequence is not None and a.allele.kind == "variant"]
    figure = lollipops(
        np.array([a.allele.position for a in told]),
        np.array([a.effect for a in told]),
        [a.mechanism_verdict for a in told],
        [a.allele.edits[0].text for a in told],
        reference_logo(interpreted),
        alphabet=interpreter.ground.alphabet,
        start=interpreter.start,
        sites=interpreter.sites,
    )
    caption = "Change of the activity by each variant, above what each letter of the reference "
    return html.picture(figure, caption + "contributes.")


def _pair(interpreted: Interpreted, answer: Answer) -> str:
    interpreter = interpreted.interpreter
    assert answer.map is not None
    assert answer.sequence is not None
    first = interpreter.start
    middle = answer.allele.position - first
    width = len(answer.map)
    begin = max(0, min(middle - _AROUND, width - 2 * _AROUND))
    part = slice(begin, min(width, begin + 2 * _AROUND))
    letters = interpreter.ground.reference
    changed = np.flatnonzero(answer.sequence.changed)
    inside = [int(p) for p in changed if part.start <= p - first < part.stop]
    figure = variant_logos(
        reference_logo(interpreted)[part],
        _present(interpreted, answer.map, answer.sequence.letters)[part],
        alphabet=interpreter.ground.alphabet,
        start=first + begin,
        changed=inside,
        letters=(letters[first:][part], answer.sequence.letters[first:][part]),
        sites=interpreter.sites,
        title=f"{answer.allele.name}: {answer.effect:+.3g}, {answer.verdict}",
    )
    return html.picture(figure, f"{answer.allele.name}: {answer.verdict}.")
