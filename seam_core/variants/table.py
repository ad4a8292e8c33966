"""Answers as tables: one row an allele, and one row an allele and site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.variants.alleles import PAIR, SINGLE
from seam_core.variants.interpreter import Answer, Interpreter
from seam_core.variants.sites import FATES, KEPT
from seam_core.variants.spread import around

if TYPE_CHECKING:
    import pandas as pd

INTEGERS = ("mechanism_ref", "mechanism_alt", "nearest_alt", "second_mechanism")
COLUMNS: dict[str, str] = {
    "name": "what the file calls it, else its place and letters",
    "chrom": "as in the file; empty where it counts positions of the sequence",
    "pos": "as in the file: 1-based of the chromosome, or 0-based of the sequence without one",
    "ref": "as in the file; the letter of the sequence where it names none",
    "alt": "as in the file; of several variants together joined by +",
    "kind": "variant, haplotype or pair",
    "row": "row of the file, from 1 (with an index, of the window's rows); 0 for several together",
    "position": "0-based in the sequence, of the first letter changed; -1 where not answered",
    "edits": "what changes in the sequence, on its strand",
    "outcome": "empty where answered, else why not",
    "detail": "the letters or places of that reason",
    "activity_ref": "of the reference",
    "activity_alt": "of the allele",
    "effect": "activity_alt less activity_ref",
    "library_effect": "mean difference of the library's sequences with and without these letters",
    "library_low": "its 95 % interval",
    "library_high": "its 95 % interval",
    "mechanism_ref": "of the reference",
    "mechanism_alt": "of the allele",
    "mechanism_ref_label": "the user's name for it",
    "mechanism_alt_label": "the user's name for it",
    "confidence": "share of the library's maps with such a margin that are in their own mechanism",
    "confidence_low": "its 95 % interval",
    "confidence_high": "its 95 % interval",
    "percentile": "percent of the mechanism's own members that are nearer to it",
    "percentile_low": "its 95 % interval",
    "percentile_high": "its 95 % interval",
    "outside": "farther from every mechanism than any of the mechanism's own members",
    "nearest_alt": "the nearest mechanism, which is mechanism_alt unless the map hardly moved",
    "moved": "share of the way to the nearest mechanism's mean map that the allele took the map",
    "moved_low": "its 95 % interval",
    "moved_high": "its 95 % interval",
    "second_mechanism": "the next after mechanism_alt",
    "map_change": "Euclidean distance of the allele's map from the reference's",
    "verdict": "site_verdict, mechanism_verdict",
    "site_verdict": "preserves, disrupts, creates, or disrupts and creates",
    "mechanism_verdict": "silent, tunes or reprograms",
    "sites_lost": "names, separated by ;",
    "sites_weakened": "names, separated by ;",
    "sites_kept": "names, separated by ;",
    "sites_strengthened": "names, separated by ;",
    "sites_created": "names, separated by ;: new START-STOP where there was none",
    "sites_unconfirmed": "changed by the map, denied by the model, as A lost",
    "motif_ref": "known motif at the changed letters, before",
    "motif_alt": "known motif at the changed letters, after",
    "interaction": "of a pair: its effect less the sum of both alone",
    "samples": "chromosomes that carry a haplotype, separated by ;",
}


def variants_frame(
    interpreter: Interpreter,
    answers: Iterable[Answer],
    labels: Mapping[int, str] | None = None,
    alone: dict[str, float] | None = None,
) -> pd.DataFrame:
    """One row an allele, with the columns of `COLUMNS`, then `activity_alt_forward`, ... where the
    model has strands or folds, then the axes of the embedding.

    alone : effects of single variants by name, added to: for pairs in frames after theirs
    """
    import pandas as pd

    known = {} if alone is None else alone
    columns, rows = columns_of(interpreter), []
    for answer in answers:
        row = _row(interpreter, answer, labels or {})
        if answer.allele.kind == SINGLE:
            known[answer.allele.name] = answer.effect
        elif answer.allele.kind == PAIR:
            row["interaction"] = answer.effect - sum(
                known.get(part, np.nan) for part in answer.allele.parts
            )
        rows.append([row.get(column, np.nan) for column in columns])
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(INTEGERS, "Int64"))


def columns_of(interpreter: Interpreter) -> list[str]:
    """The names of the columns, whatever is answered."""
    embedding = interpreter.projector.session.embedding
    axes = range(0 if embedding is None else embedding.coordinates.shape[1])
    apart = [name.replace(" ", "_") for name in interpreter.reference.apart]
    return [
        *COLUMNS,
        *(f"{what}_{name}" for name in apart for what in ("activity_alt", "effect")),
        *(embedding.axis_name(axis) for axis in axes if embedding is not None),
    ]


def _apart(interpreter: Interpreter, answer: Answer) -> dict[str, float]:
    """What strands and folds say, and where it lies in the embedding."""
    row = {}
    for name, value in answer.apart.items():
        called = name.replace(" ", "_")
        row[f"activity_alt_{called}"] = value
        row[f"effect_{called}"] = value - float(interpreter.reference.apart[name][0])
    embedding = interpreter.projector.session.embedding
    if answer.place is not None and embedding is not None:
        row |= {embedding.axis_name(i): float(v) for i, v in enumerate(answer.place)}
    return row


def sites_frame(answers: Iterable[Answer]) -> pd.DataFrame:
    """One row an allele and site that changed, with the model's word.

    Columns: `name`; `site`, `fate`, `positions` in the allele's sequence; `strength_ref`,
    `strength_alt` by the maps, `library_low` and `library_high`, 95 % of the library's sequences
    that have the site whole; `experiment`, `effect_ref`, `effect_alt` with the ends of their 95 %
    intervals, `se`: the knock-out, or the site put in, of the reference and of the allele;
    `confirmed`, empty where it was not asked.
    """
    import pandas as pd

    rows = [
        {
            "name": answer.allele.name,
            "site": fate.site,
            "fate": fate.fate,
            "positions": ";".join(map(str, fate.positions)),
            "strength_ref": fate.before,
            "strength_alt": fate.after,
            "library_low": fate.low,
            "library_high": fate.high,
            "experiment": fate.answered.how,
            "effect_ref": fate.answered.before,
            **_ends("effect_ref", around(fate.answered.before, fate.answered.before_se)),
            "effect_alt": fate.answered.after,
            **_ends("effect_alt", around(fate.answered.after, fate.answered.after_se)),
            "se": fate.answered.se,
            "confirmed": fate.confirmed,
        }
        for answer in answers
        for fate in answer.fates
        if fate.fate != KEPT
    ]
    columns = [
        "name", "site", "fate", "positions", "strength_ref", "strength_alt", "library_low",
        "library_high", "experiment", "effect_ref", "effect_ref_low", "effect_ref_high",
        "effect_alt", "effect_alt_low", "effect_alt_high", "se", "confirmed",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"confirmed": "boolean"})


def _row(interpreter: Interpreter, answer: Answer, labels: Mapping[int, str]) -> dict[str, Any]:
    allele, answered = answer.allele, answer.answered
    reference = interpreter.mechanism if answered else None
    return {
        "name": allele.name,
        "chrom": allele.chrom,
        "pos": allele.pos,
        "ref": allele.ref,
        "alt": allele.alt,
        "kind": allele.kind,
        "row": allele.row,
        "position": allele.position,
        "edits": " ".join(edit.text for edit in allele.edits),
        "outcome": allele.outcome,
        "detail": allele.detail,
        "activity_ref": float(interpreter.reference.activity[0]) if answered else np.nan,
        "activity_alt": answer.activity,
        "effect": answer.effect,
        "library_effect": answer.library.effect,
        "library_low": answer.library.low,
        "library_high": answer.library.high,
        "mechanism_ref": reference,
        "mechanism_alt": answer.mechanism,
        "mechanism_ref_label": _called(reference, labels),
        "mechanism_alt_label": _called(answer.mechanism, labels),
        "confidence": answer.confidence,
        **_ends("confidence", answer.confidence_interval),
        "percentile": answer.percentile,
        **_ends("percentile", answer.percentile_interval),
        "outside": answer.outside,
        "nearest_alt": answer.nearest,
        "moved": answer.moved,
        **_ends("moved", answer.moved_interval),
        "second_mechanism": answer.second,
        "map_change": answer.map_change,
        "verdict": answer.verdict,
        "site_verdict": answer.site_verdict,
        "mechanism_verdict": answer.mechanism_verdict,
        **_sites(answer),
        "motif_ref": answer.motifs[0],
        "motif_alt": answer.motifs[1],
        "interaction": np.nan,
        "samples": ";".join(allele.samples),
        **_apart(interpreter, answer),
    }


def _ends(name: str, interval: tuple[float, float]) -> dict[str, float]:
    return dict(zip((f"{name}_low", f"{name}_high"), interval, strict=True))


def _called(mechanism: int | None, labels: Mapping[int, str]) -> str:
    return "" if mechanism is None else labels.get(mechanism, "")


def _sites(answer: Answer) -> dict[str, str]:
    columns: dict[str, list[str]] = {f"sites_{fate}": [] for fate in FATES}
    denied = []
    for fate in answer.fates:
        if fate.counts:
            columns[f"sites_{fate.fate}"].append(fate.site)
        else:
            denied.append(f"{fate.site} {fate.fate}")
    return {**{k: ";".join(v) for k, v in columns.items()}, "sites_unconfirmed": ";".join(denied)}
