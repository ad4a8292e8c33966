"""A family of planted oracles: what each kind of grammar does, and the truth of every experiment.

A member is an oracle (`predict`, `length`, `n_letters`) with its reference, its true sites and the
activity that every configuration of sites has when "off" means replaced by letters that keep none
of the site's own. `KINDS` names them; `make(kind, seed)` makes one. Kinds without sites are the
"none" kinds: whatever is confirmed there is false.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seam_core.sequences import PROTEIN, RNA
from tests.planted_base import LEAK, Draft, Formula, Kind
from tests.planted_networks import NETWORKS, cnn_pool_sigmoid, gelu_mlp


def make(kind: str, seed: int = 0) -> Kind:
    """The member of the family that `seed` gives; of `NETWORKS` too."""
    of_family = kind in KINDS
    made = KINDS if of_family else NETWORKS
    index = list(made).index(kind)
    return made[kind](np.random.default_rng([seed, index] if of_family else [seed, index, 17]))


def _weights(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.uniform(0.8, 2.0, n)


def _sum(parts: list[Formula], weights: np.ndarray) -> Formula:
    return lambda x: sum(w * part(x) for w, part in zip(weights, parts, strict=True))


def _logistic(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def _paired(
    name: str, draft: Draft, *, weights: np.ndarray, pairs: dict[tuple[int, int], float]
) -> Kind:
    """Occupancies with weights of their own and of pairs, on a rippled ground."""
    o = [draft.occupancy(s) for s in range(len(draft.columns))]
    single, ground = _sum(o, weights), draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        both = sum(w * o[i](x) * o[j](x) for (i, j), w in pairs.items())
        return 0.5 + single(x) + both + ground(x)

    return draft.kind(name, formula, "" if pairs else "identity")


def all_or_none(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 120, (7, 6, 8))
    return _paired("all_or_none", draft, weights=_weights(rng, 3), pairs={(0, 1): 1.2})


def pwm(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 120, (8, 8, 8))
    total = _sum([draft.score(s, 1.0) for s in range(3)], _weights(rng, 3))
    ground = draft.background()
    return draft.kind("pwm", lambda x: 0.5 + total(x) + ground(x))


def graded(rng: np.random.Generator) -> Kind:
    """Occupancy follows the logistic of an additive score, as binding does."""
    draft = Draft(rng, 150, (9, 8, 10))
    scores, weights = [draft.score(s, 9.0) for s in range(3)], _weights(rng, 3)
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        bound = sum(w * _logistic(s(x) - 5.0) for w, s in zip(weights, scores, strict=True))
        return 0.2 + bound + ground(x)

    return draft.kind("graded", formula)


def and_(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 100, (7, 7))
    return _paired("and", draft, weights=np.zeros(2), pairs={(0, 1): 2.0})


def or_(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 100, (7, 7))
    return _paired("or", draft, weights=np.full(2, 2.0), pairs={(0, 1): -2.0})


def repressor(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 120, (7, 8, 7))
    return _paired("repressor", draft, weights=_weights(rng, 3) * [1, -1, 1], pairs={})


def antagonist(rng: np.random.Generator) -> Kind:
    """The second site does nothing by itself, and takes most of what the first gives."""
    draft = Draft(rng, 110, (7, 8))
    return _paired("antagonist", draft, weights=np.array([2.0, 0.0]), pairs={(0, 1): -1.4})


def overlap(rng: np.random.Generator) -> Kind:
    return _overlapping(rng, "overlap", {})


def overlap_pair(rng: np.random.Generator) -> Kind:
    """Three positions in common, and more together than the sum of both."""
    return _overlapping(rng, "overlap_pair", {(0, 1): 0.8})


def _overlapping(rng: np.random.Generator, name: str, pairs: dict[tuple[int, int], float]) -> Kind:
    draft = Draft(rng, 110, (8, 8))
    start = draft.columns[0][0]
    draft.columns[1] = np.arange(start + 5, start + 13)
    return _paired(name, draft, weights=_weights(rng, 2), pairs=pairs)


def adjacent(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 110, (7, 7), gap=0)
    start = draft.columns[0][0]
    draft.columns[1] = np.arange(start + 7, start + 14)
    return _paired("adjacent", draft, weights=_weights(rng, 2), pairs={})


def gapped(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 120, (10, 7))
    draft.columns[0] = np.delete(draft.columns[0], [4, 5, 6])
    return _paired("gapped", draft, weights=_weights(rng, 2), pairs={(0, 1): 1.0})


def degenerate(rng: np.random.Generator) -> Kind:
    """Some positions take two letters, as R and Y in a consensus."""
    draft = Draft(rng, 110, (9, 9))
    weights, tables = _weights(rng, 2), []
    for columns in draft.columns:
        fits = np.full((len(columns), 4), LEAK)
        own = draft.reference[columns]
        fits[np.arange(len(columns)), own] = 1.0
        either = rng.choice(len(columns), 3, replace=False)
        fits[either, (own[either] + 2) % 4] = 1.0
        tables.append(fits)
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        total = 0.5 + ground(x)
        for weight, columns, fits in zip(weights, draft.columns, tables, strict=True):
            total = total + weight * fits[np.arange(len(columns)), x[:, columns]].prod(axis=1)
        return total

    return draft.kind("degenerate", formula)


def _matches(x: np.ndarray, motif: np.ndarray, leak: float = LEAK) -> np.ndarray:
    """(N, offsets): occupancy of the motif wherever it may lie."""
    width = x.shape[1] - len(motif) + 1
    misses = sum((x[:, j : j + width] != letter).astype(np.int64) for j, letter in enumerate(motif))
    return np.power(leak, misses)


def copies(rng: np.random.Generator) -> Kind:
    """Three copies of one motif, found wherever they lie; their number saturates."""
    draft = Draft(rng, 120, (8, 8, 8))
    motif = draft.reference[draft.columns[0]].copy()
    for columns in draft.columns:
        draft.reference[columns] = motif
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        number = _matches(x, motif).sum(axis=1)
        return 3.0 * number / (number + 1.0) + ground(x)

    return draft.kind("copies", formula, "saturating")


def spacing(rng: np.random.Generator) -> Kind:
    """Two motifs found wherever they lie; together they give more the nearer they are to 12."""
    draft = Draft(rng, 120, (7, 7))
    start = int(rng.integers(20, 60))
    draft.columns = [np.arange(start, start + 7), np.arange(start + 19, start + 26)]
    first, second = (draft.reference[c].copy() for c in draft.columns)
    ground = draft.background()

    def formula(x: np.ndarray) -> np.ndarray:
        one, two = _matches(x, first), _matches(x, second)
        apart = two.argmax(axis=1) - one.argmax(axis=1) - 7
        near = np.exp(-(((apart - 12) / 6.0) ** 2))
        a, b = one.max(axis=1), two.max(axis=1)
        return 0.5 + a + b + 1.5 * a * b * near + ground(x)

    return draft.kind("spacing", formula, "")


def _linked(
    name: str, rng: np.random.Generator, link: str, of: Callable[[np.ndarray], np.ndarray]
) -> Kind:
    """Graded sites that add up, and a monotone link between their sum and the activity."""
    draft = Draft(rng, 130, (8, 8, 8))
    total = _sum([draft.score(s, 1.0) for s in range(3)], rng.uniform(1.2, 1.8, 3))
    ground = draft.background()
    return draft.kind(name, lambda x: of(total(x) + ground(x)), link)


def saturating(rng: np.random.Generator) -> Kind:
    return _linked("saturating", rng, "logit", lambda z: 5.0 * _logistic(1.5 * z - 3.0))


def exponential(rng: np.random.Generator) -> Kind:
    return _linked("exponential", rng, "log", lambda z: np.exp(0.8 * z))


def many_weak(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 250, (8,) * 9, gap=10)
    return _paired("many_weak", draft, weights=rng.uniform(0.15, 0.3, 9), pairs={})


def rna(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 60, (6, 7), alphabet=RNA)
    return _paired("rna", draft, weights=_weights(rng, 2), pairs={(0, 1): -0.7})


def protein(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 80, (5, 6, 5), alphabet=PROTEIN)
    return _paired("protein", draft, weights=_weights(rng, 3), pairs={(1, 2): 0.9})


def long(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 1_000, (8, 10, 7, 9, 8), gap=40)
    return _paired("long", draft, weights=_weights(rng, 5), pairs={(0, 3): -0.8})


def three_way(rng: np.random.Generator) -> Kind:
    """Three sites that give something together which no two of them do."""
    draft = Draft(rng, 120, (7, 7, 7))
    o, weights = [draft.occupancy(s) for s in range(3)], _weights(rng, 3)
    single, ground = _sum(o, weights), draft.background()
    return draft.kind(
        "three_way",
        lambda x: 0.5 + single(x) + 1.5 * o[0](x) * o[1](x) * o[2](x) + ground(x),
        "",
    )


def noise(rng: np.random.Generator) -> Kind:
    """Every sequence has an activity of its own that says nothing of any other's."""
    draft = Draft(rng, 100, ())
    keys = rng.integers(0, 1 << 62, (100, 4))

    def formula(x: np.ndarray) -> np.ndarray:
        mixed = keys[np.arange(100), x].sum(axis=1).astype(np.uint64)
        for shift in (31, 27, 33):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53

    return draft.kind("noise", formula, "")


def additive(rng: np.random.Generator) -> Kind:
    """Every position has its effect, none belongs to a site."""
    draft = Draft(rng, 100, ())
    effects = rng.normal(0, 0.3, (100, 4))
    return draft.kind("additive", lambda x: effects[np.arange(100), x].sum(axis=1))


def kmer(rng: np.random.Generator) -> Kind:
    """The composition in words of three letters, wherever they lie."""
    draft = Draft(rng, 120, ())
    words = rng.normal(0, 0.3, 64)
    return draft.kind(
        "kmer", lambda x: words[16 * x[:, :-2].astype(int) + 4 * x[:, 1:-1] + x[:, 2:]].sum(axis=1)
    )


def protein_additive(rng: np.random.Generator) -> Kind:
    draft = Draft(rng, 60, (), alphabet=PROTEIN)
    effects = rng.normal(0, 0.3, (60, 20))
    return draft.kind("protein_additive", lambda x: effects[np.arange(60), x].sum(axis=1))


KINDS: dict[str, Callable[[np.random.Generator], Kind]] = {
    "all_or_none": all_or_none,
    "pwm": pwm,
    "graded": graded,
    "and": and_,
    "or": or_,
    "three_way": three_way,
    "spacing": spacing,
    "repressor": repressor,
    "antagonist": antagonist,
    "overlap": overlap,
    "adjacent": adjacent,
    "gapped": gapped,
    "degenerate": degenerate,
    "copies": copies,
    "saturating": saturating,
    "exponential": exponential,
    "many_weak": many_weak,
    "rna": rna,
    "protein": protein,
    "long": long,
    "noise": noise,
    "additive": additive,
    "kmer": kmer,
    "protein_additive": protein_additive,
    "gelu_mlp": gelu_mlp,
    "cnn_pool_sigmoid": cnn_pool_sigmoid,
    "overlap_pair": overlap_pair,
}
NONE_KINDS = ("noise", "additive", "kmer", "protein_additive")
