"""What a run would take from the user's labels and selections is shown before it goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seam_core.sequences import indices_to_strings
from seam_gui.dialogs import dialogs
from seam_gui.state.app_state import AppState

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.records import Library


def may_run(stages: Iterable[str], state: AppState) -> bool:
    """False where the user, shown what hand work may go, does not want the run."""
    return not _loses_clusters(set(stages), state) or may_lose(state)


def may_lose(state: AppState) -> bool:
    """True where there is no hand work that might go, or the user, shown it, goes on."""
    from seam_core.carrying import describe

    listed = describe(state.hand_work, state.session)
    if not listed:
        return True
    lines = "\n".join(f"• {line}" for line in listed)
    return dialogs().confirm(
        None,
        "Run, though labels and selections may go?",
        "The result may have other sequences or no clusters. What you made by hand goes over to "
        "sequences and clusters that are there again; the rest of this goes:\n\n"
        f"{lines}\n\nEdit > Undo brings it back.",
        "Run",
    )


def _loses_clusters(stages: set[str], state: AppState) -> bool:
    """True where there will be other sequences, or no clusters for labels to go over to."""
    if "mutagenizer" in stages:
        return not _same_library(state.session.library, state.config)
    return "attributer" in stages and "clusterer" not in stages


def _same_library(library: Library | None, config: RunConfig) -> bool:
    """True where a run makes the very sequences again."""
    if library is None or library.reference is None or library.parameters != config.mutagenizer:
        return False
    (reference,) = indices_to_strings(library.reference[None], library.alphabet)
    return reference == str(config.sequence).upper()
