"""What the claims of the pages share: what holds is said, and how sessions are read."""

from __future__ import annotations

import numpy as np

from seam_core.intervals import span_text
from seam_core.session import Session

Sessions = dict[str, Session]
PAIRS = {"AT", "TA", "CG", "GC", "GT", "TG"}  # of RNA, the wobble pair too
DRE = "ATCGAT"


class ClaimFailed(Exception):
    """A sentence of a page that its run does not bear out."""


def claim(holds: bool, sentence: str) -> str:
    """The sentence, or `ClaimFailed`."""
    if not holds:
        raise ClaimFailed(sentence)
    return sentence


def spans(session: Session) -> str:
    """The sites of a session in a line: positions from 0, stop exclusive."""
    sites = session.sites.sites if session.sites is not None else ()
    return ", ".join(f"{site.name} {span_text(site.start, site.stop)}" for site in sites) or "none"


def letters_of(session: Session) -> str:
    return "".join(session.library.alphabet[i] for i in session.library.reference)


def intact(session: Session, positions: tuple[int, ...]) -> np.ndarray:
    columns = list(positions)
    return (session.library.sequences[:, columns] == session.library.reference[columns]).all(axis=1)


def present(session: Session) -> np.ndarray:
    """(K, W) mean attribution of the letter that is there."""
    record = session.explanation
    return record.contribution_sums.sum(axis=2) / record.sizes[:, None]


def mean_present(session: Session, rows: np.ndarray) -> np.ndarray:
    """(W,) mean attribution of the letter that is there, over some sequences."""
    maps = session.maps
    letters = session.library.sequences[rows, maps.start : maps.stop].astype(np.int64)
    return np.take_along_axis(maps.maps[rows], letters[:, :, None], axis=2)[:, :, 0].mean(axis=0)


def shares(session: Session, column: int) -> np.ndarray:
    """(K, A) share of each letter in one column of the maps."""
    counts = session.explanation.letter_counts[:, column]
    return counts / counts.sum(axis=1, keepdims=True)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(x, y).statistic)
