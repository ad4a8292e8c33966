"""`truth` and `networks`: planted kinds and hand-set networks, whose answers are known, through a
whole run and its experiments.

`--n` is the number of seeds of each kind. With and without experiments: recall and precision of
sites (half of one covers half of the other), exact bounds, runs of kinds without sites that claim
one; of interactions, the share within two standard errors of the designed ones, and false calls.
Each kind is told as it ends (standard error): 10 to 40 s, all 27 about 7 minutes on one core, the
17 networks 3. In parts: SEAM_KINDS=pwm,graded; other seeds: SEAM_FIRST_SEED=200.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark
from seam_core.experiments.factorial import NEGLIGIBLE

N_SEQUENCES, FEW_SEQUENCES, LONG = 2_000, 600, 500
FIRST_SEED = int(os.environ.get("SEAM_FIRST_SEED", "100"))


def truth(n: int) -> Action:
    """All kinds, n seeds each."""
    from tests.planted_kinds import KINDS

    return _each(kinds(tuple(KINDS)), n)


def networks(n: int) -> Action:
    """All hand-set networks, n seeds each."""
    from tests.planted_networks import NETWORKS

    return _each(kinds(tuple(NETWORKS)), n)


def _each(asked: Sequence[str], n: int) -> Action:

    def run() -> dict[str, Any]:
        rows: list[dict[str, Any]] = []
        by_kind = {}
        for kind in asked:
            began = time.perf_counter()
            of_kind = [one(kind, FIRST_SEED + seed) for seed in range(n)]
            own = _together(of_kind)
            names = ("recall", "precision", "exact", "covered")
            by_kind[kind] = {name: own[name] for name in names if own[name] is not None}
            took = time.perf_counter() - began
            print(f"{kind}: {by_kind[kind]}, {took:.0f} s", file=sys.stderr, flush=True)
            rows += of_kind
        return {**_together(rows), **by_kind}

    return run


def kinds(among: Sequence[str] = ()) -> list[str]:
    """The kinds that are asked for, by SEAM_KINDS, else all of those there are."""
    from tests.planted_kinds import KINDS

    there = list(among or KINDS)
    named = [name for name in os.environ.get("SEAM_KINDS", "").split(",") if name]
    unknown = set(named) - set(there)
    if unknown:
        raise SystemExit(f"SEAM_KINDS: no kind {', '.join(unknown)}; there are {', '.join(there)}")
    return named or there


def one(kind: str, seed: int) -> dict[str, Any]:
    """One member of the family through a run: what was found beside what is true."""
    planted, session = analysed(kind, seed)
    return {"kind": kind, **compared(planted, session)}


def compared(planted: Any, session: Any) -> dict[str, Any]:
    """What a run found beside what is true."""
    judged = session.experiments.sites
    sites = session.sites.sites
    verdicts = dict(zip(judged["site"], judged["verdict"], strict=True))
    confirmed = [site for site in sites if verdicts[site.name] == "confirmed"]
    from_library = set(judged["site"][judged["origin"] == "library"])
    wrong = _recall(confirmed, planted.sites) < 1 or _recall(planted.sites, confirmed) < 1
    return {
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
        "wrong": wrong,
        "warned": session.trust.verdict != "good",
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
        mutagenizer=MutagenizerParameters(
            n_sequences=N_SEQUENCES if planted.length < LONG else FEW_SEQUENCES
        ),
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
        "wrong_without_a_warning": sum(row["wrong"] and not row["warned"] for row in rows),
        "right_with_a_warning": sum(
            row["warned"] and not row["none"] and not row["wrong"] for row in rows
        ),
        "runs": len(rows),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None


BENCHMARKS = {
    "truth": Benchmark(truth, default_n=1),
    "networks": Benchmark(networks, default_n=1),
}
