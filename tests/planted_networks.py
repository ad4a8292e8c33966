"""Hand-set networks: sites that filters read, behind the nonlinearities that networks have.

Two are of the planted family; `NETWORKS` are others, which scan the sequence as trained networks
do: the truth is which places of the reference were designed, and what the formula answers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import erf, expit

from tests.planted_base import Draft, Formula, Kind


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + erf(x / np.sqrt(2.0)))


def gelu_mlp(rng: np.random.Generator) -> Kind:
    """One hidden unit a site, a second layer that mixes them with either sign, GELU after each."""
    draft = Draft(rng, 100, (7, 8, 7))
    scores = [draft.score(s, 4.0) for s in range(3)]
    mixing, biases = rng.normal(0.0, 1.0, (8, 3)), rng.normal(0.0, 0.5, 8)
    out, ground = rng.normal(0.0, 1.0, 8), draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        first = np.stack([_gelu(score(x) - 2.0) for score in scores], axis=1)
        return _gelu(first @ mixing.T + biases) @ out + ground(x)

    return draft.kind("gelu_mlp", formula, "")


def _best_match(draft: Draft, site: int) -> Formula:
    """(N,) in 0..1: how far the best window, anywhere, is above half of the site's letters."""
    motif = draft.reference[draft.columns[site]].copy()
    width = len(motif)

    def filtered(x: np.ndarray) -> np.ndarray:
        windows = x.shape[1] - width + 1
        hits = sum((x[:, j : j + windows] == motif[j]).astype(float) for j in range(width))
        return np.maximum(2.0 * hits / width - 1.0, 0.0).max(axis=1)

    return filtered


def cnn_pool_sigmoid(rng: np.random.Generator) -> Kind:
    """Filters over the whole sequence, ReLU, the largest of each, and a sigmoid head.

    The head is saturated by the reference, or answers a few hundredths at most, as the seed has it.
    """
    draft = Draft(rng, 120, (8, 10, 9))
    found = [_best_match(draft, s) for s in range(3)]
    weights, ground = rng.uniform(2.0, 5.0, 3), draft.background()
    threshold = rng.uniform(0.2, 1.3) * weights.sum()

    def formula(x: np.ndarray) -> np.ndarray:
        total = sum(w * best(x) for w, best in zip(weights, found, strict=True))
        return expit(total - threshold + ground(x))

    return draft.kind("cnn_pool_sigmoid", formula, "logit")


def _sums(x: np.ndarray, weights: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(N, places): of a filter (W, 4) whose columns lie at `offsets` from its first, at each."""
    places = x.shape[1] - int(offsets[-1])
    return sum(w[x[:, o : o + places]] for w, o in zip(weights, offsets, strict=True))


def _filter(draft: Draft, site: int) -> np.ndarray:
    """(W, 4): 1 in all for the site's letters; another takes about half of what its own gives."""
    columns = draft.columns[site]
    own = draft.rng.uniform(0.75, 1.25, len(columns))
    weights = draft.rng.uniform(-0.8, -0.4, (len(columns), 4))
    weights[np.arange(len(columns)), draft.reference[columns]] = own
    return weights / own.sum()


def _scanner(draft: Draft, site: int, *, gain: float = 14.0, bias: float = 9.0) -> Formula:
    """(N, places) in 0..1: how much each place looks like the site."""
    weights, columns = _filter(draft, site), draft.columns[site]
    return lambda x: expit(gain * _sums(x, weights, columns - columns[0]) - bias)


def _turned(draft: Draft, site: int) -> Formula:
    """As `_scanner`, on both strands: the places of one, then of the other."""
    weights, columns = _filter(draft, site), draft.columns[site]
    offsets = columns - columns[0]
    strands = [(weights, offsets), (weights[::-1, ::-1], (offsets[-1] - offsets)[::-1])]
    return lambda x: np.hstack([expit(14.0 * _sums(x, w, o) - 9.0) for w, o in strands])


def _without(draft: Draft, site: int, first: int, n: int) -> None:
    """The site's columns, but n of them from the `first` on."""
    draft.columns[site] = np.delete(draft.columns[site], range(first, first + n))


def _implant(draft: Draft, site: int, wrong: int) -> None:
    """A copy of the site, with so many letters wrong, where no site is: designed, and none."""
    columns = draft.columns[site]
    offsets, taken = columns - columns[0], np.concatenate(draft.columns)
    starts = np.arange(3, len(draft.reference) - offsets[-1] - 3)
    apart = np.abs(starts[:, None, None] + offsets[:, None] - taken).min(axis=(1, 2))
    place = draft.rng.choice(starts[apart > 6]) + offsets
    draft.reference[place] = draft.reference[columns]
    bad = place[draft.rng.choice(len(columns), wrong, replace=False)]
    draft.reference[bad] = (draft.reference[bad] + draft.rng.integers(1, 4, wrong)) % 4


def dilated(rng: np.random.Generator, *, faint: float = 0.3, wrong: int = 0) -> Kind:
    """A word and a gapped one by log-sum-exp over places, and an antagonist of the first."""
    draft = Draft(rng, 150, (8, 11, 7), gap=9)
    _without(draft, 1, 4, 3)
    if wrong:
        _implant(draft, 0, wrong)
    reads = [_scanner(draft, s) for s in range(3)]
    ground, weights = draft.background(), rng.uniform(0.8, 1.4, 2)

    def formula(x: np.ndarray) -> np.ndarray:
        first, second, third = (read(x) for read in reads)
        pooled = [np.logaddexp.reduce(4.0 * own, axis=1) for own in (first, second)]
        lost = faint * third.max(axis=1) * first.max(axis=1)
        return weights[0] * pooled[0] + weights[1] * pooled[1] - lost + ground(x)

    return draft.kind("dilated", formula, "")


def faint(rng: np.random.Generator, *, effect: float) -> Kind:
    """An activator, and a repressor that does about as much as the ground ripples."""
    draft = Draft(rng, 130, (8, 7), gap=9)
    first, second = (_scanner(draft, s) for s in range(2))
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        return 1.2 * first(x).max(axis=1) - effect * second(x).max(axis=1) + 0.3 * ground(x)

    return draft.kind("faint", formula)


def shadow(rng: np.random.Generator) -> Kind:
    """An antagonist that lowers the binding of an activator, which is nearly whole without it."""
    draft = Draft(rng, 130, (8, 7), gap=9)
    weights, columns = _filter(draft, 0), draft.columns[0]
    second, ground = _scanner(draft, 1), draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        bound = 14.0 * _sums(x, weights, columns - columns[0]).max(axis=1) - 9.0
        return 1.2 * expit(bound - 0.4 * second(x).max(axis=1)) + 0.3 * ground(x)

    return draft.kind("shadow", formula, "")


def hidden(rng: np.random.Generator) -> Kind:
    """Two activators and a repressor behind an output that the reference saturates."""
    draft = Draft(rng, 130, (8, 7, 8), gap=9)
    reads, ground = [_scanner(draft, s) for s in range(3)], draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        first, second, third = (read(x).max(axis=1) for read in reads)
        return 1.5 * expit(7.0 * first - 1.5 * second + 3.0 * third - 3.0) + 0.2 * ground(x)

    return draft.kind("hidden", formula, "logit")


def attention(rng: np.random.Generator) -> Kind:
    """Two words, and what both give at their distance, wherever they lie."""
    draft = Draft(rng, 120, (7, 8), gap=10)
    reads, ground = [_scanner(draft, s) for s in range(2)], draft.background()
    apart = int(draft.columns[1][0] - draft.columns[0][0])

    def formula(x: np.ndarray) -> np.ndarray:
        first, second = (read(x) for read in reads)
        n = min(first.shape[1], second.shape[1] - apart)
        joint = (first[:, :n] * second[:, apart : apart + n]).max(axis=1)
        return 0.8 * first.max(axis=1) + 0.6 * second.max(axis=1) + joint + ground(x)

    return draft.kind("attention", formula, "")


def repressors(rng: np.random.Generator) -> Kind:
    """A repressor of two activators, and a silencer by itself."""
    draft = Draft(rng, 140, (8, 7, 8, 7), gap=8)
    reads, ground = [_scanner(draft, s) for s in range(4)], draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        one, two, repressor, silencer = (read(x).max(axis=1) for read in reads)
        return (1.2 * one + 0.9 * two) * (1 - 0.6 * repressor) - 0.4 * silencer + ground(x)

    return draft.kind("repressors", formula, "")


def strands(rng: np.random.Generator) -> Kind:
    """Two words on either strand, every place counted, behind a softplus."""
    draft = Draft(rng, 140, (8, 9), gap=9)
    first, second = (_turned(draft, s) for s in range(2))
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        total = first(x).sum(axis=1) + 0.8 * second(x).sum(axis=1)
        return np.logaddexp(0.0, 2.0 * total - 1.0) + ground(x)

    return draft.kind("strands", formula, "")


def thermodynamic(rng: np.random.Generator) -> Kind:
    """Three factors; two bind better together, and what is bound gives activity."""
    draft = Draft(rng, 120, (8, 8, 7), gap=9)
    reads = [_scanner(draft, s, gain=16.0, bias=11.0) for s in range(3)]
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        p, q, t = (4.0 * read(x).sum(axis=1) for read in reads)
        states = [(1, 0), (p, 0.6), (q, 0.5), (t, 0.4)]
        states += [(3 * p * q, 1.1), (p * t, 1.0), (q * t, 0.9), (3 * p * q * t, 1.5)]
        weight = sum(own for own, _ in states)
        return 2.0 * sum(own * gives for own, gives in states) / weight + ground(x)

    return draft.kind("thermodynamic", formula, "")


def flanks(rng: np.random.Generator) -> Kind:
    """Wide sites whose letters weigh less towards their ends."""
    draft = Draft(rng, 140, (12, 11), gap=9)
    filters = []
    for columns in draft.columns:
        places = np.arange(1, len(columns) + 1)
        own = np.clip(np.minimum(places, places[::-1]) / 4.0, 0.4, 1.0)
        weights = np.zeros((len(columns), 4))
        weights[places - 1, draft.reference[columns]] = own / own.sum()
        filters.append(weights)
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        bound = [expit(12.0 * _sums(x, w, np.arange(len(w))) - 8.0).max(axis=1) for w in filters]
        return 1.2 * bound[0] + 0.9 * bound[1] + ground(x)

    return draft.kind("flanks", formula)


def helical(rng: np.random.Generator) -> Kind:
    """Two words that give more on one face of the helix; all pairs of places count."""
    draft = Draft(rng, 140, (7, 8), gap=12)
    reads, ground = [_scanner(draft, s) for s in range(2)], draft.background()
    best = int(draft.columns[1][0] - draft.columns[0][0])

    def formula(x: np.ndarray) -> np.ndarray:
        first, second = (read(x) for read in reads)
        apart = np.arange(second.shape[1]) - np.arange(first.shape[1])[:, None]
        face = 0.5 + 0.5 * np.cos(2 * np.pi * (apart - best) / 10.5)
        face = np.where(apart > 0, face * np.exp(-np.abs(apart) / 80), 0.0)
        pairs = ((first @ face) * second).sum(axis=1)
        return 0.8 * first.max(axis=1) + 0.7 * second.max(axis=1) + 0.9 * pairs + ground(x)

    return draft.kind("helical", formula, "")


def strong_and_faint(rng: np.random.Generator) -> Kind:
    """Four words from 2.0 to -0.25."""
    draft = Draft(rng, 140, (8, 8, 7, 7), gap=8)
    reads, ground = [_scanner(draft, s) for s in range(4)], draft.background()
    gives = (2.0, 1.0, 0.35, -0.25)

    def formula(x: np.ndarray) -> np.ndarray:
        bound = (read(x).max(axis=1) for read in reads)
        return sum(w * own for w, own in zip(gives, bound, strict=True)) + ground(x)

    return draft.kind("strong_and_faint", formula)


def composition(rng: np.random.Generator) -> Kind:
    """No site: how often each letter stands in the sequence."""
    draft, weights = Draft(rng, 120, ()), rng.normal(0.0, 4.0, 4)

    def formula(x: np.ndarray) -> np.ndarray:
        return np.tanh(sum(w * (x == k).mean(axis=1) for k, w in enumerate(weights)))

    return draft.kind("composition", formula, "")


def untrained(rng: np.random.Generator) -> Kind:
    """No site: random filters, the mean of each over places, and a second layer."""
    draft = Draft(rng, 120, ())
    filters = rng.normal(0.0, 8**-0.5, (16, 8, 4))
    mixing, out = rng.normal(0.0, 0.4, (16, 16)), rng.normal(0.0, 4.0, 16)

    def formula(x: np.ndarray) -> np.ndarray:
        places = [_sums(x, weights, np.arange(8)) for weights in filters]
        first = np.stack([np.maximum(own, 0.0).mean(axis=1) for own in places], axis=1)
        return np.maximum(first @ mixing, 0.0) @ out

    return draft.kind("untrained", formula, "")


NETWORKS: dict[str, Callable[[np.random.Generator], Kind]] = {
    "dilated": dilated,
    "dilated_copy": lambda rng: dilated(rng, wrong=2),
    "dilated_faint": lambda rng: dilated(rng, faint=0.02),
    "faint_20": lambda rng: faint(rng, effect=0.020),
    "faint_10": lambda rng: faint(rng, effect=0.010),
    "faint_4": lambda rng: faint(rng, effect=0.004),
    "shadow": shadow,
    "hidden": hidden,
    "attention": attention,
    "repressors": repressors,
    "strands": strands,
    "thermodynamic": thermodynamic,
    "flanks": flanks,
    "helical": helical,
    "strong_and_faint": strong_and_faint,
    "composition": composition,
    "untrained": untrained,
}
