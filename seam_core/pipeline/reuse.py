"""Which records of a session a stage need not make again."""

from __future__ import annotations

from typing import Any

from seam_core.parameters import ClustererParameters, describe
from seam_core.registry import CLUSTERINGS
from seam_core.session import Session


def same_embedding(session: Session, wanted: ClustererParameters) -> bool:
    """True when the embedding that is there is the one that `wanted` would make."""
    record = session.embedding
    if record is None:
        return False
    if record.parameters is None:
        return True
    return _values(record.parameters, "embedding") == _values(wanted, "embedding")


def same_linkage(session: Session, wanted: ClustererParameters) -> bool:
    """True when the tree that is there is the one that `wanted` would make."""
    record = session.linkage
    if record is None or record.method != wanted.clustering:
        return False
    method, linked_with = CLUSTERINGS.get(record.method), record.parameters
    return method.own is None or linked_with is None or linked_with.of(method) == wanted.of(method)


def _values(parameters: ClustererParameters, choice: str) -> dict[str, Any]:
    """The parameters that bear on one choice: itself, those that hang on its value, the seed."""
    bearing = {choice, "seed", "n_components", "pca_before"}
    values = {}
    for declared in describe(ClustererParameters):
        on = declared.when
        hangs = on is not None and on[0] == choice and getattr(parameters, choice) in on[1]
        if declared.name in bearing or hangs:
            values[declared.name] = getattr(parameters, declared.name)
    return values
