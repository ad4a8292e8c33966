"""`variants`: verdicts of every single substitution of planted models, beside what is true.

`--n` is the number of seeds of each kind. Truth comes from the planted formula. A site is disrupted
where its true knock-out effect falls below 0.8 of the reference's; one is made where one rises
above 1.25, as that of a site whose stand-in is lost; a variant reprograms where one falls below
0.4, and is silent where its exact effect is below the session's threshold. Rates are shares of the
variants for which each is true (missed) or false (wrongly said).

Each kind is told as it ends (standard error): 4 to 30 s for two seeds, all about 4 minutes on
one core. In parts: SEAM_KINDS=additive,kmer.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from benchmarks.runner import Action, Benchmark

GROUPS = {
    "sites of all or none": (
        "all_or_none", "and", "repressor", "antagonist", "gapped", "degenerate", "copies",
    ),
    "graded sites": ("pwm", "graded"),
    "no sites": ("additive", "kmer"),
}  # fmt: skip
KINDS = (*(kind for group in GROUPS.values() for kind in group), "saturating")
FIRST_SEED = 300
DRAWS = 200


def variants(n: int) -> Action:
    """All kinds, n seeds each."""

    def run() -> dict[str, Any]:
        from benchmarks.truth import kinds

        rows: dict[str, list[dict[str, Any]]] = {}
        for kind in kinds(KINDS):
            began = time.perf_counter()
            rows[kind] = [row for seed in range(n) for row in one(kind, FIRST_SEED + seed)]
            wrong = {name: rate for name, rate in rates(rows[kind]).items() if _is_wrong(name)}
            took = time.perf_counter() - began
            print(f"{kind}: {wrong}, {took:.0f} s", file=sys.stderr, flush=True)
        together = {"all": [*rows], **{name: [*group] for name, group in GROUPS.items()}}
        figures = {
            name: [row for kind in group if kind in rows for row in rows[kind]]
            for name, group in together.items()
        }
        return {name: rates(told) for name, told in (figures | rows).items() if told}

    return run


def _is_wrong(name: str) -> bool:
    return name.endswith(("_missed", "_wrongly"))


def one(kind: str, seed: int) -> list[dict[str, Any]]:
    """Every substitution of one member of the family: what was said, and what is true."""
    from benchmarks.truth import analysed
    from seam_core.projection import Projector
    from seam_core.variants import Ground, Interpreter, place_rows, typed

    planted, session = analysed(kind, seed)
    ground = Ground(planted.reference, planted.alphabet)
    interpreter = Interpreter(Projector(session, planted), ground)
    letters = ground.letters
    rows = [
        typed(f"{own}{p}{new}")
        for p, own in enumerate(letters)
        for new in planted.alphabet
        if new != own
    ]
    began = time.perf_counter()
    answers = [a for part in interpreter.answers(list(place_rows(rows, ground))) for a in part]
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    alone = [planted.predict(_one_hot(answer, planted))[0] for answer in answers]
    one_by_one = time.perf_counter() - began
    reference = planted.formula(planted.reference[None])[0]
    before = _knockouts(planted, planted.reference)
    told = []
    for answer, activity in zip(answers, alone, strict=True):
        share = _shares(planted, answer.sequence.letters, before)
        told.append(
            {
                "disrupts": bool((share < 0.8).any()),
                "creates": bool((share > 1.25).any()),
                "said_disrupts": answer.site_verdict.startswith("disrupts"),
                "said_creates": answer.site_verdict.endswith("creates"),
                "silent": abs(activity - reference) <= interpreter.silent_below,
                "reprograms": bool((share < 0.4).any()),
                "said": answer.mechanism_verdict,
                "error": abs(answer.activity - activity),
                "s": seconds / len(answers),
                "one_by_one_s": one_by_one / len(answers),
            }
        )
    return told


def _one_hot(answer: Any, planted: Any) -> np.ndarray:
    from seam_core.sequences import encode

    return encode(answer.sequence.letters[None], planted.alphabet)


def _knockouts(planted: Any, letters: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(5)
    shift = rng.integers(1, planted.n_letters, (DRAWS, planted.length))
    effects = []
    for site in planted.sites:
        rows, columns = np.tile(letters, (DRAWS, 1)), list(site.positions)
        own = planted.reference[columns].astype(np.int64)
        rows[:, columns] = (own + shift[:, columns]) % planted.n_letters
        effects.append(planted.formula(letters[None])[0] - planted.formula(rows).mean())
    return np.array(effects)


def _shares(planted: Any, letters: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Of each site's effect that is left; of those that have one."""
    if not planted.sites:
        return np.empty(0)
    known = np.abs(before) > 0.1 * np.abs(before).max()
    return _knockouts(planted, letters)[known] / before[known]


def rates(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of wrong verdicts, and times."""
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    disrupts, said = columns["disrupts"], columns["said"]
    silent, reprograms = columns["silent"], columns["reprograms"]

    def share(wrong: np.ndarray, among: np.ndarray) -> float | None:
        return round(float(wrong[among].mean()), 4) if among.any() else None

    return {
        "variants": len(rows),
        "disrupts_missed": share(~columns["said_disrupts"], disrupts),
        "disrupts_wrongly": share(columns["said_disrupts"], ~disrupts),
        "creates_wrongly": share(columns["said_creates"], ~columns["creates"]),
        "silent_missed": share(said != "silent", silent),
        "silent_wrongly": share(said == "silent", ~silent),
        "reprograms_missed": share(said != "reprograms", reprograms),
        "reprograms_wrongly": share(said == "reprograms", ~reprograms),
        "largest_error": float(columns["error"].max()),
        "ms_each": round(1e3 * float(columns["s"].mean()), 3),
        "ms_one_by_one": round(1e3 * float(columns["one_by_one_s"].mean()), 3),
    }


BENCHMARKS = {"variants": Benchmark(variants, default_n=2)}
