"""DeepSHAP: contributions against a set of references, many pairs at a time."""

from __future__ import annotations

import numpy as np

from seam_core.attributer.batches import BatchMaps
from seam_core.oracles import Oracle
from seam_core.oracles.capabilities import Multipliers, capabilities_of
from seam_core.progress import Tick
from seam_core.validate import InputError

# Pairs of sequence and reference that go through the model at once, where memory allows it.
PAIRS = 160


def multipliers_of(oracle: Oracle) -> Multipliers:
    """DeepLIFT multipliers of an oracle; `InputError` where it knows none."""
    found = capabilities_of(oracle).multipliers()
    if found is None:
        raise InputError(
            "method",
            f"deepshap, with an oracle of the kind {type(oracle).__name__}",
            "a Keras or PyTorch model",
        )
    return found


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

    Source: Lundberg & Lee, NeurIPS 2017; hypothetical contributions as in Shrikumar et al.,
    arXiv:1811.00416.
    """
    n, n_references = len(one_hot), references.shape[1]
    each = min(n_references, pairs)
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
            chosen = np.arange(begin, begin + each)
            weight = (chosen < n_references).astype(np.float32) / n_references
            of_rows = references[rows] if len(references) > 1 else references
            refs = of_rows[:, np.minimum(chosen, n_references - 1)]
            refs = np.broadcast_to(refs, (together, each, *refs.shape[2:]))
            ours, theirs, found = multipliers(sequences, refs.reshape(-1, *refs.shape[2:]))
            found = found.reshape(refs.shape)
            at_reference = np.einsum("nrla,nrla->nrl", refs, found)
            total += np.einsum("r,nrla->nla", weight, found - at_reference[..., None] / copies)
            moved = np.einsum("nla,nrla->nr", sequences, found) - at_reference.sum(axis=2)
            gap = ours[:, None] - theirs.reshape(together, each)
            explained += (moved - gap) @ weight
        last = min(n, first + together)
        maps[first:last] = (total if hypothetical else total * sequences)[: last - first]
        predictions[first:last] = ours[: last - first]
        error[first:last] = np.abs(explained)[: last - first]
    return BatchMaps(maps, predictions, error)
