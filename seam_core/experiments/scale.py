"""The monotone link between the sum of sites and the activity: y = g(sum + interactions).

An interaction that is there on y and not on g^-1(y) is the link's doing. g^-1 is a power of the
odds between two bounds, ((y - low) / (high - y))^power, its logarithm where the power is 0. With
the bounds fitted it is logistic, exponential, saturating as a binding curve, or all but straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seam_core.experiments.factorial import Factorial
from seam_core.identifier.subsets import moebius
from seam_core.records import Library
from seam_core.validate import InputError

MOST_ROWS = 2_000
POWERS = (0.0, 0.5, 1.0)
LEAST_GAIN = 0.5
"""A fitted link leaves at most this share of what a straight line leaves unexplained."""

LEAST_VANISHING = 0.3
"""And interactions of at most this share of their size beside the sites' own effects."""

LEAST_UNEXPLAINED = 0.005
"""Below this share unexplained a straight line is good enough."""

VANISHED = 0.1
"""An interaction has vanished below this share of the largest effect of one site on the scale."""

FAR = 8.0
STARTS = ((-2.0, -2.0), (-2.0, 4.0), (4.0, -2.0), (-5.0, 2.0), (2.0, -5.0))


@dataclass(frozen=True)
class Link:
    """g^-1: from activity to the scale on which sites add up.

    name : "identity", "log" or "logit"; what was fitted is a logit between bounds, or a power of
        its odds
    low, high : bounds of the activity
    unexplained : share of the variance that a sum over sites leaves, straight and with the link
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    power: float = 0.0
    fitted: bool = False
    unexplained: tuple[float, float] = (np.nan, np.nan)

    def inverse(self, activity: np.ndarray) -> np.ndarray:
        """The same shape; NaN where the link gives no such activity."""
        y = np.asarray(activity, dtype=np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.name == "log":
                latent = np.log(y)
            elif self.name == "logit":
                latent = _odds(y, self.low, self.high, self.power)
            else:
                return y
        return np.where(np.isfinite(latent), latent, np.nan)


def _odds(y: np.ndarray, low: float, high: float, power: float) -> np.ndarray:
    logit = np.log(y - low) - np.log(high - y)
    return logit if power == 0.0 else np.exp(power * logit)


def given_link(name: str, combined: Factorial) -> Link:
    """A link by its name; `InputError` where activities lie outside of what it gives."""
    lowest, highest = np.nanmin(combined.activity), np.nanmax(combined.activity)
    if name == "log" and lowest <= 0:
        raise InputError("link", f"log, with activities down to {lowest:.3g}", "activities above 0")
    if name == "logit" and (lowest <= 0 or highest >= 1):
        got = f"logit, with activities from {lowest:.3g} to {highest:.3g}"
        raise InputError("link", got, "activities between 0 and 1, or the link fitted")
    return Link(name)


def fitted_link(
    library: Library, activity: np.ndarray, combined: Factorial, rng: np.random.Generator
) -> Link:
    """The link under which activity is most nearly a sum over sites.

    Fitted to sequences of the library and of the factorial. A site's score is a sum over its
    positions, of their letters; or its state, where states tell more. States of fewer than three
    sites fit any link and are not used. A link that leaves interactions about as large as they
    were is not taken: then they are interactions, on any scale.

    Parameters
    ----------
    activity : (N,) of the library
    """
    y, letters, states = _examples(library, activity, combined, rng)
    if len(y) == 0 or np.ptp(y) == 0:
        return Link("identity")
    assert library.reference is not None
    low, high = _extremes(y, combined)
    best = Link("identity", unexplained=(1.0, 1.0))
    scored = [_letter_features(letters, library.reference[combined.columns])]
    if states.shape[1] >= 3:
        scored.append(states.astype(np.float64))
    for features in scored:
        basis = _basis(features)
        for power in POWERS:
            link = _fit(y, basis, low, high, power)
            if link.unexplained[1] < best.unexplained[1]:
                best = link
    straight, bent = best.unexplained
    line = Link("identity", unexplained=(straight, straight))
    if straight <= LEAST_UNEXPLAINED or bent > LEAST_GAIN * straight:
        return line
    vanishing = _interacting(combined, best) <= LEAST_VANISHING * _interacting(combined, line)
    return best if vanishing else line


def _examples(
    library: Library, activity: np.ndarray, combined: Factorial, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activities, letters at the sites' positions, and which sites are whole."""
    reference = library.reference
    assert reference is not None
    rows = np.linspace(0, len(library) - 1, min(len(library), MOST_ROWS)).astype(int)
    draws, masks = combined.activity.shape
    picked = rng.choice(draws * masks, min(MOST_ROWS, draws * masks), replace=False)
    asked, letters = combined.examples(picked, reference)
    y = np.concatenate([np.asarray(activity, dtype=np.float64)[rows], asked])
    letters = np.concatenate([library.sequences[np.ix_(rows, combined.columns)], letters])
    own = letters == reference[combined.columns]
    whole = np.stack(
        [own[:, np.isin(combined.columns, site)].all(axis=1) for site in combined.sites], axis=1
    )
    known = np.isfinite(y)
    return y[known], letters[known], whole[known]


def _extremes(y: np.ndarray, combined: Factorial) -> tuple[float, float]:
    everything = np.concatenate([y, combined.activity[np.isfinite(combined.activity)]])
    return float(everything.min()), float(everything.max())


def _letter_features(letters: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(N, F): each other letter at each position; only that it is another where rows are few."""
    changed = letters != reference
    kinds = np.unique(letters)
    if letters.shape[1] * len(kinds) > len(letters) / 10:
        return changed.astype(np.float64)
    features = (letters[:, :, None] == kinds) & changed[:, :, None]
    return features.reshape(len(letters), -1).astype(np.float64)


def _basis(features: np.ndarray) -> np.ndarray:
    """(N, r) orthonormal columns that span the features and a constant."""
    whole = np.column_stack([np.ones(len(features)), features])
    left, size, _ = np.linalg.svd(whole, full_matrices=False)
    return left[:, size > 1e-9 * size[0]]


def _unexplained(z: np.ndarray, basis: np.ndarray) -> float:
    centred = z - z.mean()
    total = float(centred @ centred)
    rest = centred - basis @ (basis.T @ centred)
    return float(rest @ rest) / total if total > 0 else 1.0


def _fit(y: np.ndarray, basis: np.ndarray, low: float, high: float, power: float) -> Link:
    from scipy.optimize import minimize

    width = high - low

    def bounds(place: np.ndarray) -> tuple[float, float]:
        below, above = np.exp(np.clip(place, -FAR, FAR))
        return low - width * below, high + width * above

    def loss(place: np.ndarray) -> float:
        outside = float(np.maximum(np.abs(place) - FAR, 0).sum())
        return _unexplained(_odds(y, *bounds(place), power), basis) + outside

    tried = sorted((loss(np.array(start)), start) for start in STARTS)[:2]
    fits = [
        minimize(loss, start, method="Nelder-Mead", options={"maxiter": 150}) for _, start in tried
    ]
    best = min(fits, key=lambda result: float(result.fun))
    a, b = bounds(best.x)
    return Link("logit", a, b, power, True, (_unexplained(y, basis), float(best.fun)))


def _interacting(combined: Factorial, link: Link) -> float:
    """Size of the interactions beside that of the sites' own effects, on the link's scale."""
    terms = moebius(np.nanmean(link.inverse(combined.activity), axis=0), combined.masks)
    order = combined.order
    single = float(np.sqrt(np.nansum(terms[order == 1] ** 2)))
    return float(np.sqrt(np.nansum(terms[order > 1] ** 2))) / max(single, 1e-300)


def with_unit(link: Link, combined: Factorial) -> np.ndarray:
    """(R, n): the factorial on the link's scale; of a fitted one in units of activity.

    The unit: from the least active to the most active combination it is as far on this scale as
    in activity.
    """
    values = link.inverse(combined.activity)
    if not link.fitted:
        return values
    means, latent = np.nanmean(combined.activity, axis=0), np.nanmean(values, axis=0)
    low, high = int(means.argmin()), int(means.argmax())
    far = latent[high] - latent[low]
    return values * float((means[high] - means[low]) / far if far else 1.0)


def named(link: Link) -> str:
    """The link in words."""
    if link.name != "logit" or not link.fitted:
        return link.name
    kind = "logistic" if link.power == 0.0 else "saturating"
    return f"{kind} between {link.low:.3g} and {link.high:.3g}, fitted"
