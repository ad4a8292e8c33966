"""`truth`: planted kinds, whose answers are known, through a whole run and its experiments.

`--n` is the number of seeds of each kind. With and without experiments: recall and precision of
sites (half of one covers half of the other), exact bounds, runs of kinds without sites that claim
one; of interactions, the share within two standard errors of the designed ones, and false calls.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark
from seam_core.experiments.factorial import NEGLIGIBLE

N_SEQUENCES = 2_000
FIRST_SEED = 100


def truth(n: int) -> Action:
    """All kinds, n seeds each."""
    from tests.planted_kinds import KINDS

    def run() -> dict[str, Any]:
        rows = [one(kind, FIRST_SEED + seed) for kind in KINDS for seed in range(n)]
        figures: dict[str, Any] = _together(rows)
        for kind in KINDS:
            own = _together([row for row in rows if row["kind"] == kind])
            names = ("recall", "precision", "exact", "covered")
            figures[kind] = {name: own[name] for name in names if own[name] is not None}
        return figures

    return run


def one(kind: str, seed: int) -> dict[str, Any]:
    """One member of the family through a run: what was found beside what is true."""
    planted, session = analysed(kind, seed)
    judged = session.experiments.sites
    sites = session.sites.sites
    verdicts = dict(zip(judged["site"], judged["verdict"], strict=True))
    confirmed = [site for site in sites if verdicts[site.name] == "confirmed"]
    from_library = set(judged["site"][judged["origin"] == "library"])
    wrong = _recall(confirmed, planted.sites) < 1 or _recall(planted.sites, confirmed) < 1
    return {
        "kind": kind,
        "none": not planted.sites,
        "n_true": len(planted.sites),
        "n_found": len(confirmed),
        "recalled": _recall(confirmed, planted.sites) * len(planted.sites),
        "right": _recall(planted.sites, confirmed) * len(confirmed),
        "exact": sum(any(s.positions == t.positions for s in confirmed) for t in planted.sites),
        "without": len(from_library),
        "recalled_without": _recall(
            [site for site in sites if site.name in from_library], planted.sites
        )
        * len(planted.sites),
        **_interactions(planted, session, confirmed),
        "warned": session.trust.verdict != "good",
        "unwarned": wrong and session.trust.verdict == "good",
    }


def analysed(kind: str, seed: int) -> tuple[Any, Any]:
    """The planted oracle, and the session of a run on it."""
    from seam_core import pipeline
    from seam_core.parameters import (
        AttributerParameters,
        ClustererParameters,
        IdentifierParameters,
        MutagenizerParameters,
        OracleParameters,
    )
    from seam_core.sequences import indices_to_strings
    from tests.planted_kinds import make

    planted = make(kind, seed)
    (letters,) = indices_to_strings(planted.reference[None], planted.alphabet)
    config = pipeline.RunConfig(
        oracle=OracleParameters(model="tests.planted_kinds:make", alphabet=planted.alphabet),
        sequence=letters,
        mutagenizer=MutagenizerParameters(n_sequences=N_SEQUENCES),
        attributer=AttributerParameters(method="ism"),
        clusterer=ClustererParameters(embedding="none"),
        identifier=IdentifierParameters(n_bootstrap=0),
    )
    return planted, pipeline.run(config, oracle=planted)


def _recall(sites: Any, wanted: Any) -> float:
    """Share of `wanted` that one of `sites` covers by half; 1 where nothing is wanted."""
    if not wanted:
        return 1.0
    hits = [
        any(2 * len(set(w.positions) & set(f.positions)) >= len(w.positions) for f in sites)
        for w in wanted
    ]
    return float(np.mean(hits))


def _interactions(planted: Any, session: Any, confirmed: list[Any]) -> dict[str, int]:
    """Terms of confirmed sites beside the designed ones; only where the sites are exact."""
    place = {site.positions: index for index, site in enumerate(planted.sites)}
    masks = {site.name: 1 << place[site.positions] for site in confirmed if site.positions in place}
    counted: dict[str, int] = defaultdict(int)
    if len(masks) != len(planted.sites) or len(masks) != len(confirmed) or len(masks) > 5:
        return dict.fromkeys(("terms", "covered", "false_calls", "missed_calls"), 0)
    true = planted.interactions()
    # what is negligible is so beside the sites' own effects: a model may answer between 0 and 0.03
    small = NEGLIGIBLE * max(abs(true[mask][0]) for mask in masks.values()) if masks else 0.0
    for row in session.experiments.interactions.to_dict("records"):
        value, error = true[sum(masks[name] for name in row["sites"].split("+"))]
        counted["terms"] += 1
        within = abs(row["estimate"] - value) <= 2 * np.hypot(row["se"], error) + 1e-6
        counted["covered"] += int(within)
        if row["order"] > 1:
            there = abs(value) > 4 * error + small
            counted["false_calls"] += int(row["called"] and not there)
            counted["missed_calls"] += int(there and not row["called"])
    return {name: counted[name] for name in ("terms", "covered", "false_calls", "missed_calls")}


def _together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def total(name: str) -> float:
        return float(sum(row[name] for row in rows))

    return {
        "recall": _share(total("recalled"), total("n_true")),
        "precision": _share(total("right"), total("n_found")),
        "exact": _share(total("exact"), total("n_true")),
        "recall_without_experiments": _share(total("recalled_without"), total("n_true")),
        "covered": _share(total("covered"), total("terms")),
        "false_calls": int(total("false_calls")),
        "missed_calls": int(total("missed_calls")),
        "none_kinds_with_a_confirmed_site": sum(row["none"] and row["n_found"] > 0 for row in rows),
        "none_kinds_with_a_site_without_experiments": sum(
            row["none"] and row["without"] > 0 for row in rows
        ),
        "wrong_without_a_warning": int(total("unwarned")),
        "right_with_a_warning": sum(
            row["warned"] and not row["none"] and row["recalled"] == row["n_true"] for row in rows
        ),
        "runs": len(rows),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None


BENCHMARKS = {"truth": Benchmark(truth, default_n=1)}
