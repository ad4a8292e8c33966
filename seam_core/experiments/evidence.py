"""Each candidate site knocked out and put in, judged beside its controls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from seam_core.experiments.controls import (
    FLOOR,
    MORE,
    SIGNIFICANT,
    SURE,
    UNKNOWN_LIMIT,
    Controls,
    Limit,
    control_context,
    control_necessity,
    control_sufficiency,
    enough,
    shape_of,
)
from seam_core.experiments.designs import (
    Positions,
    Setting,
    in_context,
    necessity,
    put_in,
    sufficiency,
)
from seam_core.experiments.questions import Block, Questions, mean_and_error
from seam_core.oracles.alike import Alike
from seam_core.parameters import ExperimenterParameters

CONFIRMED, WEAK, NOT_CONFIRMED, NOT_ASKED = "confirmed", "weak", "not_confirmed", "not_asked"
VERDICTS = (CONFIRMED, WEAK, NOT_CONFIRMED, NOT_ASKED)
NEAR = 2.0
"""Standard errors of an effect within which it is near the limit of its controls."""

HELD = 1.5
"""Times the effect in the reference that a site does where others do not hold what it does."""

WITHIN = "within another site"
WORD = "holds a word that acts without the rest, "
"""Followed by where it lies."""

TWO = "perhaps two sites, "
"""Followed by where each would lie."""

COPY = "perhaps a weak copy of site "
"""Followed by where that lies, and how alike they are."""

ONE_OR_TWO = "the measured sequences do not tell whether it is one site or two"

INEXACT = "bounds not exact, open at "
"""Followed by the positions of which it is not sure whether they belong to the site."""
UNSETTLED = "more of its positions are open than sure"
LEAST_MATTERING = 0.5
"""Share of a site's positions that must matter each by itself."""


@dataclass(frozen=True)
class Measurement:
    """One experiment on one site; p and limit only where controls were asked."""

    effect: float = np.nan
    se: float = np.nan
    p: float = np.nan
    limit: Limit = UNKNOWN_LIMIT
    n_controls: int = 0

    def stands(self, spread: float) -> bool:
        """Beyond the controls' margin for sure, not small, and told apart from nothing."""
        size = abs(self.effect)
        beyond = size >= max(self.limit.least, FLOOR * spread) and size >= SURE * self.se
        return bool(beyond and not self.near)

    @property
    def near(self) -> bool:
        """Whether other draws, of controls and of the site, may place it on the other side.

        Their errors are independent: the difference of effect and limit has both in quadrature.
        """
        least, low, high = self.limit
        beyond = abs(self.effect) - least
        error = np.hypot(NEAR * self.se, high - least if beyond >= 0 else least - low)
        return bool(np.isfinite(least) and abs(beyond) <= error)


@dataclass(frozen=True)
class Evidence:
    """All that was asked about one site.

    q : of the smallest p, over the candidates
    told_by : the experiment that has it
    open_at : positions of which the answers leave open whether its bounds hold them
    settled : whether at least as many of its positions are sure as are open
    """

    necessity: Measurement
    context: Measurement
    sufficiency: Measurement
    with_partners: Measurement
    matter: float = np.nan
    q: float = np.nan
    verdict: str = NOT_ASKED
    told_by: str = ""
    note: str = ""
    open_at: Positions = ()
    settled: bool = True

    def measured(self) -> dict[str, Measurement]:
        """What the verdict may rest on.

        Among mutations and put in a site counts where it does more than in the reference, where
        another may hold what it does; else these say the same again, beside fewer controls.
        """
        others = {"knock-out among mutations": self.context, "put in": self.sufficiency}
        own = self.necessity.effect
        more = {
            name: m
            for name, m in others.items()
            if not np.isfinite(own) or abs(m.effect) >= HELD * abs(own)
        }
        return {"knock-out": self.necessity, **more}

    @property
    def p(self) -> float:
        return _least([m.p for m in self.measured().values()])

    def stands(self, spread: float) -> bool:
        """Whether one of the experiments places the site beyond its controls for sure."""
        return any(m.stands(spread) for m in self.measured().values())


@dataclass(frozen=True)
class Candidate:
    """A site to be judged.

    matter : share of its positions that matter, if that is known
    unsure : positions of which the answers leave open whether they belong to it
    missed : the library does not show it
    """

    positions: Positions
    matter: float = 1.0
    note: str = ""
    unsure: Positions = ()
    missed: bool = False

    @property
    def open_at(self) -> Positions:
        """Those of the unsure that its bounds hang on: not what lies between sure positions."""
        sure = {*self.positions} - {*self.unsure}
        if not sure:
            return self.unsure
        return tuple(p for p in self.unsure if not min(sure) < p < max(sure))

    @property
    def settled(self) -> bool:
        """Whether at least as many positions are sure as are open: else another draw makes
        another site."""
        return len({*self.positions} - {*self.unsure}) >= len(self.unsure)


def gather(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Candidate],
    spread: float,
    parameters: ExperimenterParameters,
    rng: np.random.Generator,
) -> list[Evidence]:
    """Experiments and controls of all candidates, and their verdicts.

    Every site is knocked out of the reference beside controls. Sites that this does not confirm
    may be held by others that do the same, so they are also judged by the other two experiments.
    What is near its limit is asked again, with more draws of the site and more controls.
    """
    sites = [candidate.positions for candidate in candidates]
    if not sites:
        return []
    evidence = _measurements(questions, setting, candidates, parameters.n_draws, rng)
    n = enough(parameters.n_controls, len(sites))
    numbers = (n, parameters.control_draws, rng)

    def beside(
        name: str, which: Sequence[int], shape: Positions, controls: Controls
    ) -> tuple[bool, bool]:
        alike = [s for s in which if shape_of(sites[s]) == shape]
        told = [getattr(_beside(name, evidence[s], sites[s], controls), name) for s in alike]
        return all(m.stands(spread) for m in told), any(m.near for m in told)

    by_all = partial(beside, "necessity", range(len(sites)))
    controls = control_necessity(questions, setting, sites, *numbers, by_all)
    evidence = [_beside("necessity", e, s, controls) for e, s in zip(evidence, sites, strict=True)]
    more = MORE * parameters.n_draws
    for s, e in enumerate(evidence):
        if e.necessity.near:
            e = _again("necessity", questions, setting, e, sites[s], more, rng)
            evidence[s] = _beside("necessity", e, sites[s], controls)
    open_ = [s for s, e in enumerate(evidence) if not e.necessity.stands(spread) and _may_stand(e)]
    own = [sites[s] for s in open_]
    by_open = partial(beside, "context", open_)
    controls = control_context(questions, setting, sites, own, *numbers, by_open)
    for s in open_:
        evidence[s] = _beside("context", evidence[s], sites[s], controls)
        if evidence[s].context.near:
            e = _again("context", questions, setting, evidence[s], sites[s], more, rng)
            evidence[s] = _beside("context", e, sites[s], controls)
    open_ = [s for s in open_ if not evidence[s].stands(spread)]
    for times in (1, MORE):
        own = [sites[s] for s in open_]
        controls = control_sufficiency(
            questions, setting, own, times * n, parameters.control_draws, rng
        )
        for s in open_:
            evidence[s] = _beside("sufficiency", evidence[s], sites[s], controls)
        open_ = [s for s in open_ if evidence[s].sufficiency.near]
    return _judged(evidence, spread)


_ASK: dict[str, Callable[..., np.ndarray]] = {"necessity": necessity, "context": in_context}


def _again(
    name: str,
    questions: Questions,
    setting: Setting,
    evidence: Evidence,
    site: Positions,
    n: int,
    rng: np.random.Generator,
) -> Evidence:
    """The evidence with one experiment on the site asked anew, with n draws."""
    told = mean_and_error(_ASK[name](questions, setting, [site], n, rng))
    if name == "necessity":
        told = _with_noise(told, setting)
    changed: dict[str, Measurement] = {name: _measured(told, 0)}
    return replace(evidence, **changed)  # type: ignore[arg-type]


def _measurements(
    questions: Questions,
    setting: Setting,
    candidates: Sequence[Candidate],
    n: int,
    rng: np.random.Generator,
) -> list[Evidence]:
    """The four experiments on every candidate, without controls."""
    sites = [candidate.positions for candidate in candidates]
    out, among, put_in, beside = (
        mean_and_error(effects)
        for effects in (
            necessity(questions, setting, sites, n, rng),
            in_context(questions, setting, sites, n, rng),
            *_put_in(questions, setting, sites, n),
        )
    )
    out = _with_noise(out, setting)
    return [
        Evidence(
            _measured(out, s),
            _measured(among, s),
            _measured(put_in, s),
            _measured(beside, s),
            matter=candidate.matter,
            note=candidate.note,
            open_at=candidate.open_at,
            settled=candidate.settled,
        )
        for s, candidate in enumerate(candidates)
    ]


def _with_noise(
    told: tuple[np.ndarray, np.ndarray], setting: Setting
) -> tuple[np.ndarray, np.ndarray]:
    """Knock-outs with the noise of the reference, which was measured once, in their errors."""
    return told[0], np.hypot(told[1], setting.noise)


def _may_stand(evidence: Evidence) -> bool:
    """Whether one of the other two experiments may confirm the site: else no controls are asked."""
    limit = evidence.necessity.limit.least
    others = [abs(m.effect) for name, m in evidence.measured().items() if name != "knock-out"]
    return not np.isfinite(limit) or max(others, default=0.0) >= limit / 2


def _measured(told: tuple[np.ndarray, np.ndarray], index: int) -> Measurement:
    return Measurement(float(told[0][index]), float(told[1][index]))


def _put_in(
    questions: Questions, setting: Setting, sites: list[Positions], n: int
) -> tuple[np.ndarray, np.ndarray]:
    """(S, n) each: what a site does to backgrounds, and to those that hold all the others, at
    their distance."""
    everything = tuple(sorted({p for site in sites for p in site}))
    without = [
        tuple(sorted({p for other in sites if other is not site for p in other})) for site in sites
    ]
    alone = sufficiency(questions, setting, sites, n)
    backgrounds = setting.backgrounds[:n]
    whole = put_in(backgrounds, everything, setting.reference)

    def blocks() -> Iterator[Block]:
        yield whole
        for others in without:
            yield Alike(put_in(backgrounds, others, setting.reference), whole)

    answers = questions.answers(blocks(), "Putting in").reshape(len(sites) + 1, len(whole))
    return alone, answers[0] - answers[1:]


def _beside(name: str, evidence: Evidence, site: Positions, controls: Controls) -> Evidence:
    measured: Measurement = getattr(evidence, name)
    judged = replace(
        measured,
        p=controls.p_value(site, measured.effect),
        limit=controls.limit(site, evidence.matter),
        n_controls=len(controls.of(site)),
    )
    changed: dict[str, Measurement] = {name: judged}
    return replace(evidence, **changed)  # type: ignore[arg-type]


def _judged(evidence: list[Evidence], spread: float) -> list[Evidence]:
    from scipy.stats import false_discovery_control

    p = np.array([each.p for each in evidence])
    known = np.isfinite(p)
    q = np.full(len(p), np.nan)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return [_verdict(e, float(value), spread) for e, value in zip(evidence, q, strict=True)]


def _verdict(evidence: Evidence, q: float, spread: float) -> Evidence:
    measured = evidence.measured()
    asked = {name: m for name, m in measured.items() if np.isfinite(m.p)}
    if not asked:
        note = evidence.note.replace(ONE_OR_TWO, "")
        note = note or "the measured sequences hold too few of those to compare"
        return replace(evidence, verdict=NOT_ASKED, note=note)
    standing = [name for name, m in asked.items() if m.stands(spread)]
    told_by = standing[0] if standing else min(asked, key=lambda name: asked[name].p)
    verdict, note = NOT_CONFIRMED, evidence.note
    large = abs(asked[told_by].effect) >= FLOOR * spread
    whole = evidence.settled and evidence.matter >= LEAST_MATTERING
    if q <= SIGNIFICANT and standing and whole:
        verdict = CONFIRMED
        if evidence.open_at:
            open_at = INEXACT + ", ".join(map(str, evidence.open_at))
            note = f"{note}; {open_at}" if note else open_at
    elif q <= SIGNIFICANT and large and note != WITHIN:
        verdict = WEAK
        few = f"only {evidence.matter:.0%} of its positions matter"
        why = few if evidence.settled else UNSETTLED
        note = note or (why if standing else _why_weak(asked[told_by]))
    else:
        note = note or "no more than windows without a site"
    return replace(evidence, q=q, verdict=verdict, told_by=told_by, note=note)


def _why_weak(told: Measurement) -> str:
    if not told.near:
        return "too near to what windows without a site do"
    least, low, high = told.limit
    return (
        f"near its limit: {abs(told.effect):.3g} beside {least:.3g}, which is {low:.3g} to "
        f"{high:.3g} from draw to draw"
    )


def _least(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return min(known) if known else np.nan
