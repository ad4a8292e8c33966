"""Stage 2: the table of sequences and what was measured or predicted for each ("MAVE" table)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seam_core.parameters import CompilerParameters
from seam_core.progress import SILENT, Progress
from seam_core.records import Library, Table
from seam_core.sequences import hamming, indices_to_strings
from seam_core.validate import InputError, check_finite, check_shape

if TYPE_CHECKING:
    import pandas as pd

# Sequences compared with the reference at a time; keeps the comparison within a few MB.
BLOCK_ROWS = 16_384


class Compiler:
    """Makes the table: activity, distance to the reference or importance over the background."""

    def __init__(self, parameters: CompilerParameters | None = None) -> None:
        self.parameters = parameters or CompilerParameters()

    def run(
        self,
        library: Library,
        *,
        background_predictions: np.ndarray | None = None,
        task: np.ndarray | None = None,
        spread: np.ndarray | None = None,
        progress: Progress = SILENT,
    ) -> Table:
        """One row a sequence, in the library's order.

        Parameters
        ----------
        library : with predictions, (N,)
        background_predictions : (N,) the oracle's answer to the background each sequence was put
            into; gives `GIA`, the prediction less that of the background. Not for libraries that
            have a reference.
        task : (N,) labels of what was predicted, where a table holds more than one thing
        spread : (N,) standard deviation of the predictions over the folds of an ensemble

        Returns
        -------
        Table
            Columns `Activity`, then where defined `Spread`, `Hamming` (to the reference), `GIA`,
            `Task`.

        Raises
        ------
        InputError
            No predictions; NaN among them; sizes that disagree; a reference and backgrounds both.
        """
        import pandas as pd

        activity = _column(library.predictions, len(library), "predictions")
        columns: dict[str, np.ndarray] = {"Activity": activity}
        if spread is not None:
            columns["Spread"] = _column(spread, len(library), "spread")
        if library.reference is not None and background_predictions is not None:
            raise InputError(
                "background_predictions",
                "backgrounds of a library that has a reference",
                "either a reference (Hamming distance) or backgrounds (GIA)",
            )
        if library.reference is not None:
            columns["Hamming"] = _distances(library.sequences, library.reference, progress)
        if background_predictions is not None:
            background = _column(background_predictions, len(library), "background_predictions")
            columns["GIA"] = activity - background
        if task is not None:
            check_shape(np.asarray(task), (len(library),), "task")
            columns["Task"] = np.asarray(task)
        progress.update(1, 1, "table compiled")
        return Table(pd.DataFrame(columns))


def _column(values: np.ndarray | None, n: int, name: str) -> np.ndarray:
    """`values` as (n,) float; an (n, 1) column of predictions is taken too."""
    if values is None:
        raise InputError(name, "nothing", f"{n} numbers, one a sequence")
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    check_shape(values, (n,), name)
    check_finite(values, name)
    return values


def _distances(sequences: np.ndarray, reference: np.ndarray, progress: Progress) -> np.ndarray:
    distances = np.empty(len(sequences), dtype=np.int32)
    for start in range(0, len(sequences), BLOCK_ROWS):
        stop = min(len(sequences), start + BLOCK_ROWS)
        distances[start:stop] = hamming(sequences[start:stop], reference)
        progress.update(stop, len(sequences), "sequences compared")
    return distances


def exported_frame(library: Library, table: Table, *, activity_name: str = "DNN") -> pd.DataFrame:
    """The table with its sequences as text, in the columns and order of the authors' files.

    Parameters
    ----------
    activity_name : "DNN", as the authors' files say, or "Activity"

    Returns
    -------
    DataFrame
        `activity_name`, then `Hamming`, `GIA` where present, `Sequence`, then all other columns.
    """
    frame = table.frame.rename(columns={"Activity": activity_name})
    frame["Sequence"] = indices_to_strings(library.sequences, library.alphabet)
    first = [activity_name, "Hamming", "GIA", "Sequence"]
    order = [name for name in first if name in frame]
    return frame[order + [name for name in frame if name not in first]]
