"""DeepSHAP: contributions against a set of references, many pairs at a time."""

from __future__ import annotations

import numpy as np

from seam_core.attributer.baselines import Baselines, in_words
from seam_core.attributer.batches import BatchMaps, Method
from seam_core.attributer.declared import AttributionJob, AttributionMethod, Calls
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import Multipliers, capabilities_of, rows_in_memory
from seam_core.progress import Tick
from seam_core.records import AttributionMaps
from seam_core.sequences import is_diploid
from seam_core.validate import InputError

# Pairs of sequence and reference that go through the model at once, where memory allows it.
PAIRS = 160


def multipliers_of(oracle: Oracle) -> Multipliers:
    """DeepLIFT multipliers of an oracle; `InputError` where it knows none."""
    multipliers = capabilities_of(oracle).multipliers()
    if multipliers is None:
        raise InputError(
            "method",
            "deepshap, whose rule is known for the layers of networks only",
            "a Keras, PyTorch or JAX model, an object with multipliers, or another method",
        )
    return multipliers


def deepshap(
    multipliers: Multipliers,
    one_hot: np.ndarray,
    references: np.ndarray,
    *,
    hypothetical: bool,
    copies: int = 1,
    pairs: int = PAIRS,
    tick: Tick,
) -> BatchMaps:
    """Contributions to the difference between each sequence and its references, averaged.

    Source: Lundberg & Lee, NeurIPS 2017; hypothetical contributions as in Shrikumar et al.,
    arXiv:1811.00416.

    Parameters
    ----------
    one_hot : (n, L, A) float32
    references : (n, R, L, A), or (1, R, L, A) for all sequences the same
    pairs : of sequence and reference that go through the model at once
    hypothetical : what each letter would contribute with the multipliers of the sequence as it
        is, sum over letters b of (h_b - r_b) m_b; else only that of the letters present
    copies : letters at a position, 2 of diploid genotypes; each copy answers for half of r

    Returns
    -------
    Maps with the completeness error |sum((x - r) m) - (f(x) - f(r))|, means over references taken
    first.
    """
    n, n_references = len(one_hot), references.shape[1]
    calls = -(-3 * n_references // (4 * pairs))  # of about one size; a third more is no harm
    each = -(-n_references // calls)
    together = max(1, pairs // each)
    maps = np.empty_like(one_hot)
    predictions = np.empty(n, dtype=np.float32)
    error = np.empty(n, dtype=np.float32)
    for first in range(0, n, together):
        # Every call has the same shape, so that graphs are compiled once: the last is filled up.
        rows = np.minimum(np.arange(first, first + together), n - 1)
        total = np.zeros((together, *one_hot.shape[1:]), dtype=np.float32)
        explained = np.zeros(together)
        sequences = one_hot[rows]
        for begin in range(0, n_references, each):
            tick((first + together * begin / n_references) / n)
            drawn = np.arange(begin, begin + each)
            weight = (drawn < n_references).astype(np.float32) / n_references
            of_rows = references[rows] if len(references) > 1 else references
            refs = of_rows[:, np.minimum(drawn, n_references - 1)]
            refs = np.broadcast_to(refs, (together, each, *refs.shape[2:]))
            ours, theirs, slopes = multipliers(sequences, refs.reshape(-1, *refs.shape[2:]))
            slopes = slopes.reshape(refs.shape)
            at_reference = np.einsum("nrla,nrla->nrl", refs, slopes)
            total += np.einsum("r,nrla->nla", weight, slopes - at_reference[..., None] / copies)
            moved = np.einsum("nla,nrla->nr", sequences, slopes) - at_reference.sum(axis=2)
            gap = ours[:, None] - theirs.reshape(together, each)
            explained += (moved - gap) @ weight
        last = min(n, first + together)
        maps[first:last] = (total if hypothetical else total * sequences)[: last - first]
        predictions[first:last] = ours[: last - first]
        error[first:last] = np.abs(explained)[: last - first]
    return BatchMaps(maps, predictions, error)


def _held(oracle: Oracle, length: int) -> int:
    """A pair is a reference, and its rules hold its activations once and a half more."""
    return rows_in_memory(oracle, length, 5 * PAIRS // 2)


def _prepare(job: AttributionJob) -> Method:
    oracle, settings, library = job.oracle, job.parameters, job.library
    job.gradient()  # says what is wrong with an oracle that has none
    n_each = settings.n_backgrounds
    references = Baselines(
        settings, library, job.baselines, n_each=n_each, usual="dinucleotide", beside=job.beside
    )
    multipliers = multipliers_of(oracle)
    pairs = max(1, _held(oracle, library.length) * 2 // 5)
    job.ran.update(baseline=references.kind, backgrounds=references.n_each)

    def method(first: int, last: int, tick: Tick) -> BatchMaps:
        return deepshap(
            multipliers,
            job.one_hot(first, last),
            references(first, last),
            hypothetical=settings.hypothetical,
            copies=2 if is_diploid(library.alphabet) else 1,
            pairs=pairs,
            tick=tick,
        )

    return method


def _sentence(maps: AttributionMaps) -> str:
    settings, ran = maps.parameters, maps.ran
    assert settings is not None
    usual = "dinucleotide" if settings.baseline == "auto" else settings.baseline
    kind = ran.get("baseline") or usual
    # maps made before this was noted: all zeros are one background, given ones were not counted
    unknown = {"zeros": 1, "given": ""}.get(kind, settings.n_backgrounds)
    n = ran.get("backgrounds", unknown)
    count = "" if kind == "zeros" else f"{n} " if n else ""
    hypothetical = ", for all letters" if settings.hypothetical else ", of the letters present"
    return f"DeepSHAP contributions {{cite}} against {count}{in_words(kind)}{hypothetical}"


DEEPSHAP = AttributionMethod(
    name="deepshap",
    label="DeepSHAP",
    parameters=("baseline", "n_backgrounds", "hypothetical"),
    prepare=_prepare,
    largest_batch=16,
    needs_gradient=True,
    held=_held,
    # of the sequence and of each background
    calls=lambda settings, length, letters: Calls(gradients=2 * settings.n_backgrounds),
    trial=lambda oracle, pair: multipliers_of(oracle)(pair[:1], pair[1:]),
    sentence=_sentence,
    citation="Shrikumar A, Greenside P, Kundaje A. Learning important features through propagating "
    "activation differences. ICML (2017). arXiv:1704.02685; Lundberg SM, Lee S-I. A unified "
    "approach to interpreting model predictions. NeurIPS (2017). arXiv:1705.07874.",
)
