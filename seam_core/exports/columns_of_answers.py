"""Columns of what a session's model answers: projections, sites of variants, designs, ways.

Those of `variants.csv` are declared where it is made, `seam_core.variants.table.COLUMNS`.
"""

from __future__ import annotations

from seam_core.exports.table_file import TableFile

_CONFIDENCE = "share of the library's maps with such a margin that are in their own mechanism"
_OUTSIDE = "farther from every mechanism than any of the mechanism's own members"

ANSWERS: dict[str, TableFile] = {
    "projection": TableFile(
        "`projection.csv` and `.parquet` of `seam project`",
        "a sequence",
        {
            "name": "of its record",
            "activity": "what the model answers",
            "activity_...": "of each strand and fold, where the model has several",
            "hamming": "letters that differ from the reference",
            "mechanism": "id of the mechanism, as you merged and split them",
            "mechanism_label": "your name for it",
            "confidence": _CONFIDENCE,
            "confidence_low": "its 95 % interval",
            "confidence_high": "its 95 % interval",
            "outside": _OUTSIDE,
            "distance": "of its map from the mechanism's mean map",
            "percentile": "percent of the mechanism's own members that are nearer to it",
            "percentile_low": "its 95 % interval",
            "percentile_high": "its 95 % interval",
            "second_mechanism": "the next nearest",
            "second_distance": "of its map from that",
            **dict.fromkeys(
                (f"{axis} ..." for axis in ("UMAP", "t-SNE", "PHATE", "DC", "PC", "Axis")),
                "place in the embedding, by the names of its axes",
            ),
            "library_row": "row of the library that holds this very sequence, from 0",
            "note": "why a sequence was left out (where one was)",
        },
    ),
    "variant sites": TableFile(
        "`variant_sites.csv` of `seam variants`",
        "an allele and a site that it changes",
        {
            "name": "of the allele",
            "site": "of the site; new START-STOP where there was none",
            "fate": "lost, weakened, kept, strengthened or created",
            "positions": "in the allele's sequence, from 0, separated by ;",
            "strength_ref": "of the site in the reference, by its map",
            "strength_alt": "in the allele",
            "library_low": "what 2.5 % of the library's sequences with the whole site stay below",
            "library_high": "what 97.5 % of them stay below",
            "experiment": "knock-out, or the site put in",
            "effect_ref": "its effect in the reference",
            "effect_ref_low": "its 95 % interval over the random letters",
            "effect_ref_high": "its 95 % interval over the random letters",
            "effect_alt": "its effect in the allele",
            "effect_alt_low": "its 95 % interval over the random letters",
            "effect_alt_high": "its 95 % interval over the random letters",
            "se": "standard error that the verdict goes by",
            "confirmed": "whether the model bears the fate out; empty where it was not asked",
        },
    ),
    "panel": TableFile(
        "`panel.csv` and `.parquet` of `seam design`; `experiments.panel.parquet` of a session",
        "an oligo",
        {
            "name": "in the order's file",
            "kind": "design, site_broken, all_broken or shuffled",
            "of": "the design that a control belongs to",
            "broken": 'its sites that are broken, "A+B"',
            "oligo": "what is ordered: adapters, sequence, barcode",
            "sequence": "its own letters",
            "barcode": "its barcode",
            "length": "letters of the oligo",
            "activity": "what the model answers",
            "mechanism": "that it falls into",
            "confidence": _CONFIDENCE,
            "outside": _OUTSIDE,
            "expected": "what to expect of the measurement, in words",
            "substitutions": "from the reference",
            "nearest": "letters to the nearest other design; empty of controls",
            "source": "library, search or control",
            "library_row": "row of the library that holds it, from 0",
        },
    ),
    "paths": TableFile(
        "`paths.csv` and `.parquet` of `seam reprogram`; `trust.ways.parquet` of a session",
        "a step",
        {
            "mechanism": "that the path leads to",
            "path": "fewest or likeliest",
            "step": "number of substitutions made; 0: the reference",
            "position": "of the last one, from 0; -1 of the reference",
            "before": "the reference's letter there",
            "after": "the letter in its place",
            "activity": "what the model answers",
            "step_mechanism": "that the sequence is in",
            "confidence": _CONFIDENCE,
            "outside": _OUTSIDE,
            "log_likelihood": "of the substitutions made, under a model of neutral evolution",
        },
    ),
    "singles": TableFile(
        "`singles.csv` and `.parquet` of `seam reprogram`",
        "a single substitution",
        {
            "position": "in the sequence, from 0",
            "before": "the reference's letter",
            "after": "the letter in its place",
            "activity": "what the model answers",
            "mechanism": "that it falls into",
            "confidence": _CONFIDENCE,
            "outside": _OUTSIDE,
            "leaves": "whether it leaves the reference's mechanism",
        },
    ),
}
