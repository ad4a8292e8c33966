"""Whether findings may be read: numbers, thresholds, and sentences that warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.experiments import robustness as keeping
from seam_core.experiments.evidence import (
    CONFIRMED,
    COPY,
    INEXACT,
    NOT_ASKED,
    NOT_CONFIRMED,
    ONE_OR_TWO,
    TWO,
    WEAK,
    WITHIN,
)
from seam_core.experiments.members import shown_by
from seam_core.experiments.stability import halves_agreement, persistence_frame
from seam_core.experiments.unclaimed import faint_said, joint_said, limit_said, standing_said
from seam_core.findings import TRUST_VERDICTS, Experiments, Trust
from seam_core.records import (
    AttributionMaps,
    Clustering,
    Explanation,
    Library,
    Linkage,
    Sites,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

GOOD, DOUBTFUL, DO_NOT_READ = TRUST_VERDICTS

STATES_NOTHING = 0.10
"""Share of the activity explained by site states below which sites are not to be read."""

STATES_LITTLE = 0.30
"""Below this share the sites are doubtful."""

LARGEST = 0.80
"""Share of sequences in one cluster above which mechanisms are not told apart."""

SINGLES = 0.50
"""Share of clusters of one sequence above which clusters are not mechanisms."""

SATURATED = 0.90
"""Share of the library at the head's bounds above which maps have little to tell."""

NEAR_BOUND = 0.02
INCOMPLETE = 0.25
"""Completeness error of the median map, in standard deviations of activity, above which maps do
not add up to what they explain."""

UNMEASURED = 0.05
"""Share of the maps' variance that estimates of unmeasured sequences may leave open."""

HALVES = 0.75
PERSISTENT = 0.40
"""Share of the cuts that a site must be found at."""

MOST_ROWS = 8_000


def assess(
    library: Library,
    table: Table,
    explanation: Explanation,
    sites: Sites,
    experiments: Experiments,
    *,
    maps: AttributionMaps | None = None,
    clustering: Clustering | None = None,
    linkage: Linkage | None = None,
) -> Trust:
    """Numbers and verdict of one analysis."""
    activity = table.activity
    labels = None if clustering is None else clustering.labels
    sizes = explanation.sizes[explanation.ids >= 0]
    persistence = persistence_frame(explanation, sites, library, linkage)
    own = explanation.reference_cluster
    curve = keeping.robustness_frame(library, labels, own, sites)
    kept = np.nan if labels is None or curve.empty else float(np.mean(labels == own))
    numbers = {
        "states_r2": states_r2(sites.states, activity, sites.scores),
        "additive_r2": additive_r2(library, activity),
        "largest_cluster": float(sizes.max() / len(library)) if len(sizes) else np.nan,
        "saturated": _saturated(activity),
        "completeness": _completeness(maps, activity),
        "halves": halves_agreement(explanation, sites, library, maps),
        "imputed": np.nan if maps is None else maps.ran.get("imputed", np.nan),
        "imputed_r2": np.nan if maps is None else maps.ran.get("imputed_r2", np.nan),
        "members": _members(experiments)[0],
    }
    singles = int((sizes == 1).sum())
    spread = float(np.std(activity))
    verdict, warnings = _judged(
        numbers, singles, len(sizes), persistence, experiments, sites, spread
    )
    return Trust(
        verdict=verdict,
        warnings=warnings,
        remarks=limit_said(experiments, sites, spread, library.length),
        clusters_of_one=singles,
        persistence=persistence,
        robustness=curve,
        kept=kept,
        half_lost=keeping.half_lost(curve),
        reprogramming=keeping.reprogramming_frame(library, labels),
        robust=keeping.robust_share(curve, library.length),
        background_share=keeping.background_share(explanation),
        leaving=keeping.leaving_frame(library, labels, own, sites),
        parameters=experiments.parameters,
        **numbers,
    )


def states_r2(
    states: np.ndarray | None, activity: np.ndarray, scores: np.ndarray | None = None
) -> float:
    """Adjusted R^2 of activity on states of sites and of their pairs; 0 without a site.

    A state is whether the site is whole, and with scores how much of it is there.
    """
    if states is None:
        return np.nan
    features = []
    for told in (states, scores):
        if told is not None:
            values = told.astype(np.float64)
            first, second = np.triu_indices(values.shape[1], 1)
            features += [values, values[:, first] * values[:, second]]
    return _adjusted_r2(np.column_stack(features), activity)


def additive_r2(library: Library, activity: np.ndarray) -> float:
    """Adjusted R^2 of activity on the letter at every position.

    Where there are few sequences for so many letters, on whether each position is mutated.
    """
    rows = np.linspace(0, len(library) - 1, min(len(library), MOST_ROWS)).astype(int)
    letters = library.sequences[rows]
    usual = library.reference
    if usual is None:
        usual = np.array([np.bincount(column[column >= 0]).argmax() for column in letters.T])
    changed = letters != usual
    n_letters = len(library.alphabet)
    if letters.shape[1] * (n_letters - 1) * 4 <= len(rows):
        which = (letters[:, :, None] == np.arange(n_letters)) & changed[:, :, None]
        features = which.reshape(len(rows), -1)
    else:
        features = changed
    varied = features.any(axis=0)
    return _adjusted_r2(features[:, varied].astype(np.float32), activity[rows])


def _adjusted_r2(features: np.ndarray, activity: np.ndarray) -> float:
    """Of least squares by the normal equations; 0 for constant activity."""
    y = activity - activity.mean()
    total = float(y @ y)
    if total == 0.0 or features.shape[1] == 0:
        return 0.0
    centred = features - features.mean(axis=0)
    gram = (centred.T @ centred).astype(np.float64)
    values, vectors = np.linalg.eigh(gram)
    used = values > 1e-6 * max(float(values[-1]), 1e-300)
    along = vectors[:, used].T @ (centred.T @ y)
    explained = float((along**2 / values[used]).sum())
    free = len(y) - 1 - int(used.sum())
    if free <= 0:
        return np.nan
    return float(np.clip(1.0 - (total - explained) / free / (total / (len(y) - 1)), 0.0, 1.0))


def _saturated(activity: np.ndarray) -> float:
    low, high = activity.min(), activity.max()
    near = NEAR_BOUND * (high - low)
    return float(((activity <= low + near) | (activity >= high - near)).mean())


def _completeness(maps: AttributionMaps | None, activity: np.ndarray) -> float:
    spread = float(np.std(activity))
    if maps is None or maps.completeness_error is None or spread == 0.0:
        return np.nan
    return float(np.median(np.abs(maps.completeness_error)) / spread)


def _members(experiments: Experiments) -> tuple[float, list[str]]:
    """Share of the confirmed sites that all folds or strands show, and what the others lack."""
    told = experiments.sites[experiments.sites["verdict"] == CONFIRMED]
    if experiments.members is None or not len(told):
        return np.nan, []
    effects = dict(zip(told["site"], told["effect"], strict=True))
    lacking = shown_by(experiments.members, effects)
    said = [
        f"Site {site} is not shown by {' and '.join(names)}."
        for site, names in lacking.items()
        if names
    ]
    return 1.0 - len(said) / len(lacking), said


def _judged(
    numbers: dict[str, float],
    singles: int,
    n_clusters: int,
    persistence: pd.DataFrame,
    experiments: Experiments,
    sites: Sites,
    spread: float,
) -> tuple[str, tuple[str, ...]]:
    """The verdict and its sentences: those that forbid reading first."""
    forbidding = _forbidding(numbers, experiments, sites)
    warning = _by_numbers(numbers, singles, n_clusters)
    warning += _by_sites(numbers, persistence, experiments)
    warning += _members(experiments)[1]
    warning += standing_said(experiments, sites)
    warning += faint_said(experiments, sites, spread)
    warning += joint_said(experiments, sites, spread)
    verdict = DO_NOT_READ if forbidding else DOUBTFUL if warning else GOOD
    return verdict, (*forbidding, *warning)


def _forbidding(numbers: dict[str, float], experiments: Experiments, sites: Sites) -> list[str]:
    if not sites.sites:
        return ["No site was found: there is nothing to read."]
    warnings = []
    explained = numbers["states_r2"]
    if explained < STATES_NOTHING:
        warnings.append(f"The sites explain {explained:.0%} of this activity: do not read them.")
    verdicts = experiments.sites["verdict"]
    if experiments.asked and len(verdicts) and not (verdicts == CONFIRMED).any():
        asked = (verdicts != NOT_ASKED).any()
        if asked:
            warnings.append(
                "No site was confirmed when the model was asked again: do not read them."
            )
    return warnings


def _by_numbers(numbers: dict[str, float], singles: int, n_clusters: int) -> list[str]:
    warnings = []
    explained, additive = numbers["states_r2"], numbers["additive_r2"]
    if STATES_NOTHING <= explained < STATES_LITTLE:
        single = f"; single positions explain {additive:.0%}" if additive > explained else ""
        warnings.append(f"The sites explain only {explained:.0%} of this activity{single}.")
    if numbers["largest_cluster"] > LARGEST:
        share = numbers["largest_cluster"]
        warnings.append(
            f"One cluster holds {share:.0%} of the sequences: mechanisms are not apart."
        )
    if n_clusters and singles / n_clusters > SINGLES:
        warnings.append(f"{singles} of {n_clusters} clusters are a single sequence.")
    if numbers["saturated"] > SATURATED:
        share = numbers["saturated"]
        warnings.append(f"{share:.0%} of the library lies at the ends of the model's range.")
    imputed, told = numbers["imputed"], numbers["imputed_r2"]
    if imputed > 0 and not imputed * (1.0 - told) <= UNMEASURED:
        warnings.append(
            f"{imputed:.0%} of the maps' entries were not measured; their estimates tell "
            f"{max(0.0, told):.0%} of the variance of what was."
        )
    if numbers["completeness"] > INCOMPLETE:
        warnings.append(
            "The maps do not add up to what they explain: their median completeness error is "
            f"{numbers['completeness']:.2f} standard deviations of the activity."
        )
    return warnings


def _by_note(site: str, note: str) -> list[str]:
    """What the experiments left open about one site."""
    warnings = []
    for part in note.split("; "):
        _, inexact, positions = part.partition(INEXACT)
        if inexact:
            noun, verb = ("positions", "belong") if "," in positions else ("position", "belongs")
            warnings.append(
                f"The bounds of site {site} are not exact: whether {noun} {positions} {verb} to it "
                "is open, and more draws may tell; its effects are those of the positions listed."
            )
        _, two, places = part.partition(TWO)
        if two:
            warnings.append(
                f"Site {site} is perhaps two, {places}: draw both by hand and test them again."
            )
        if part.startswith(COPY):
            warnings.append(f"Site {site} is {part}.")
        if part == ONE_OR_TWO:
            warnings.append(f"Of site {site}, {ONE_OR_TWO}.")
    return warnings


def _not_standing(told: pd.DataFrame) -> list[str]:
    """Which sites are not confirmed or weak, and why: a sentence for each reason."""
    warnings = []
    for verdict, words in ((NOT_CONFIRMED, "not confirmed"), (WEAK, "only weakly confirmed")):
        own = told[told["verdict"] == verdict]
        for reason, rows in own.groupby(own["note"].map(_reason), sort=False):
            noun, are = ("Site", "was") if len(rows) == 1 else ("Sites", "were")
            why = f" ({reason})" if reason else ""
            warnings.append(f"{noun} {', '.join(rows['site'])} {are} {words} by experiment{why}.")
    return warnings


def _reason(note: str) -> str:
    """What of a note has no sentence of its own."""
    own = (INEXACT, TWO, ONE_OR_TWO)
    return "; ".join(part for part in str(note).split("; ") if not part.startswith(own))


def _by_sites(
    numbers: dict[str, float], persistence: pd.DataFrame, experiments: Experiments
) -> list[str]:
    told = experiments.sites[experiments.sites["note"] != WITHIN]
    warnings = _not_standing(told)
    for site, note in zip(told["site"], told["note"], strict=True):
        warnings += _by_note(site, str(note))
    untested = set(told["site"][told["verdict"] == NOT_ASKED])
    unstable = persistence["site"][persistence["persistence"] < PERSISTENT]
    names = [name for name in unstable if name in untested]
    if names:
        noun, verb = ("Site", "is") if len(names) == 1 else ("Sites", "are")
        warnings.append(f"{noun} {', '.join(names)} {verb} found at few other numbers of clusters.")
    if numbers["halves"] < HALVES and not experiments.asked:
        warnings.append(f"Half the library shows only {numbers['halves']:.0%} of the sites.")
    if not experiments.asked and experiments.note and len(told):
        warnings.append(f"The sites were not tested on the model ({experiments.note}).")
    return warnings
