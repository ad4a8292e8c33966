"""What the user did with a session, as the plain values that are saved with it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seam_core import curation, selection
from seam_core.pipeline import RunConfig, config_of
from seam_core.readers import tracks
from seam_core.session import Session
from seam_core.validate import InputError

NOTHING: dict[str, Any] = {
    "selection": None,
    "kept": (),
    "curation": None,
    "carried": (),
    "tracks": (),
}


def described(values: Mapping[str, Any], config: RunConfig) -> dict[str, Any]:
    """Selection, kept selections, curation and the next run's parameters, for JSON."""
    state: dict[str, Any] = {"config": config.to_dict()}
    if values["selection"] is not None:
        state["selection"] = selection.to_dict(values["selection"])
    if values["kept"]:
        state["kept"] = [selection.to_dict(kept) for kept in values["kept"]]
    if values["curation"] is not None:
        state["curation"] = curation.to_dict(values["curation"])
    if values["tracks"]:
        state["tracks"] = [tracks.to_dict(track) for track in values["tracks"]]
    if values["carried"]:
        state["carried"] = list(values["carried"])
    return state


def restored(session: Session) -> dict[str, Any]:
    """The opposite of `described`; what cannot be read is left out."""
    from seam_core.handwork import saved_in  # slow, and not needed before the window is there

    try:
        carried = tuple(str(line) for line in session.state.get("carried", ()))
        state = {**NOTHING, **vars(saved_in(session)), "carried": carried}
    except InputError:
        state = dict(NOTHING)
    try:
        return {**state, "tracks": tracks.tracks_in(session.state)}
    except InputError:
        return state


def restored_config(session: Session) -> RunConfig:
    """The next run's parameters: as saved, else those that made the records."""
    saved = session.state.get("config")
    if saved is not None:
        try:
            return RunConfig.from_dict(saved)
        except (InputError, TypeError, AttributeError):
            pass
    return config_of(session)
