"""Names for sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


HIGHEST_Q = 0.05
"""A match of a larger q-value gives no name."""

NO_MATCH = "no confident match"


def shown_matches(matches: pd.DataFrame, *, highest_q: float = HIGHEST_Q) -> dict[str, str]:
    """Query -> name of its best match; where its q-value is too large, that there is none.

    "no confident match (nearest: GATA4)": the nearest is told, but names nothing.
    """
    best = matches.sort_values("p_value", kind="stable").drop_duplicates("query").sort_index()
    return {
        str(query): name if q_value <= highest_q else f"{NO_MATCH} (nearest: {name})"
        for query, name, q_value in zip(best["query"], best["name"], best["q_value"], strict=True)
    }


def suggested_names(matches: pd.DataFrame, *, highest_q: float = HIGHEST_Q) -> dict[str, str]:
    """Query -> name of its best match, for those whose q-value is at most `highest_q`.

    Two queries of one name are told apart by a number: "DREF 1", "DREF 2".
    """
    good = matches[matches["q_value"] <= highest_q].sort_values("p_value", kind="stable")
    best = good.drop_duplicates("query").sort_index()
    repeated = best["name"].duplicated(keep=False)
    numbers = best.groupby("name").cumcount() + 1
    return {
        query: f"{name} {number}" if several else name
        for query, name, number, several in zip(
            best["query"], best["name"], numbers, repeated, strict=True
        )
    }
