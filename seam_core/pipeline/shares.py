"""Which share of a run's time each stage may take, for its progress."""

from __future__ import annotations

from collections.abc import Sequence

from seam_core.experiments.expected import USUAL_SITES, of_all
from seam_core.oracles.check import OF_A_GRADIENT
from seam_core.pipeline.config import RunConfig
from seam_core.records import Library
from seam_core.registry import ATTRIBUTIONS
from seam_core.stages import STAGES

# Experiments take no more of a run than so many times all the other stages.
MOST = 4.0


def share_left(
    stage: str, order: Sequence[str], config: RunConfig, library: Library | None
) -> float:
    """How much of what is left of the time a stage takes, 0 to 1.

    Experiments and maps share theirs by how much they ask the model, once the library is known.

    Parameters
    ----------
    order : the stages of the run
    """
    shares = {name: STAGES[name].share for name in order}
    asks = config.experimenter.experiments and {"attributer", "experimenter"} <= shares.keys()
    if library is not None and asks:
        of_maps = len(library) * _predictions_a_map(config, library)
        window = range(library.length)
        of_experiments = of_all(USUAL_SITES, window, config.experimenter)
        others = sum(shares.values()) - shares["experimenter"]
        by_questions = shares["attributer"] * of_experiments / max(of_maps, 1.0)
        shares["experimenter"] = min(max(shares["experimenter"], by_questions), MOST * others)
    return shares[stage] / sum(shares[name] for name in order[order.index(stage) :])


def _predictions_a_map(config: RunConfig, library: Library) -> float:
    """Predictions that take as long as a map; infinity where the method does not say."""
    calls = ATTRIBUTIONS.get(config.attributer.method).calls
    if calls is None:
        return float("inf")
    asked = calls(config.attributer, library.length, library.n_letters)
    return asked.predictions + OF_A_GRADIENT * asked.gradients
