"""Projected sequences as a table, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.projection.mechanisms import NO_MECHANISM
from seam_core.projection.projector import Projection, Projector
from seam_core.sequences import hamming

if TYPE_CHECKING:
    import pandas as pd


def projection_frame(
    projector: Projector,
    projection: Projection,
    names: Sequence[str],
    labels: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """One row a sequence.

    Columns: `name`; `activity`, and `activity_forward`, `activity_fold_0`, ... where the model has
    several; `hamming` to the reference, where there is one; `mechanism`, `mechanism_label`,
    `confidence`, `outside`; `distance` and `percentile` beside the mechanism's own members;
    `confidence_low`, ... the ends of 95 % intervals; `second_mechanism`, `second_distance`; one
    column an axis of the embedding; `library_row`, where the library holds the sequence.

    Parameters
    ----------
    names : (M,) what the sequences are called
    labels : mechanism -> the user's name for it
    """
    import pandas as pd

    told = projection.mechanisms
    columns: dict[str, Any] = {"name": list(names), "activity": projection.activity}
    for name, answers in projection.apart.items():
        columns[f"activity_{name.replace(' ', '_')}"] = answers
    reference = projector.library.reference
    if reference is not None:
        columns["hamming"] = hamming(projection.sequences, reference)
    columns |= {
        "mechanism": told.ids,
        "mechanism_label": [(labels or {}).get(int(i), "") for i in told.ids],
        "confidence": told.confidence,
        "confidence_low": told.confidence_interval[:, 0],
        "confidence_high": told.confidence_interval[:, 1],
        "outside": told.outside,
        "distance": told.distance,
        "percentile": told.percentile,
        "percentile_low": told.percentile_interval[:, 0],
        "percentile_high": told.percentile_interval[:, 1],
        "second_mechanism": _or_none(told.second, NO_MECHANISM),
        "second_distance": told.second_distance,
    }
    embedding = projector.session.embedding
    if projection.places is not None and embedding is not None:
        for axis in range(projection.places.shape[1]):
            columns[embedding.axis_name(axis)] = projection.places[:, axis]
    columns["library_row"] = _or_none(projection.members, -1)
    return pd.DataFrame(columns)


def _or_none(values: np.ndarray, missing: int) -> Any:
    import pandas as pd

    return pd.array([None if v == missing else int(v) for v in values], dtype="Int64")
