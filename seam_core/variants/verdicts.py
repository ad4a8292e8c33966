"""The verdicts, in the words of the method's authors."""

from __future__ import annotations

from collections.abc import Sequence

from seam_core.variants.sites import CREATED, LOST, STRENGTHENED, WEAKENED, Fate

PRESERVES, DISRUPTS, CREATES = "preserves", "disrupts", "creates"
SILENT, TUNES, REPROGRAMS = "silent", "tunes", "reprograms"
SITE_VERDICTS = (PRESERVES, DISRUPTS, CREATES, f"{DISRUPTS} and {CREATES}")
MECHANISM_VERDICTS = (SILENT, TUNES, REPROGRAMS)


def site_verdict(of_sites: Sequence[Fate]) -> str:
    """disrupts: a site is lost or weakened; creates: one is new or stronger; else preserves."""
    counted = {fate.fate for fate in of_sites if fate.counts}
    disrupts = bool(counted & {LOST, WEAKENED})
    creates = bool(counted & {CREATED, STRENGTHENED})
    if disrupts and creates:
        return f"{DISRUPTS} and {CREATES}"
    return DISRUPTS if disrupts else CREATES if creates else PRESERVES


def mechanism_verdict(effect: float, silent_below: float, *, moved: bool) -> str:
    """reprograms: another mechanism; tunes: the same, another activity; else silent."""
    if moved:
        return REPROGRAMS
    return TUNES if abs(effect) > silent_below else SILENT
