"""What the user did with a session, as the plain values that are saved with it, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seam_core import curation, selection
from seam_core.manner import maps_beside
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
    "maps_beside": (),
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
    if values["maps_beside"]:
        state["maps_beside"] = [[each.source, list(each.axes)] for each in values["maps_beside"]]
    if values["carried"]:
        state["carried"] = list(values["carried"])
    return state


def restored(session: Session) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The opposite of `described`, and what is said of that which cannot be read."""
    # slow, and not needed before the window is there
    from seam_core.handwork import curation_in, kept_in, selection_in

    readers: dict[str, Callable[[Session], Any]] = {
        "selection": selection_in,
        "kept": kept_in,
        "curation": curation_in,
        "carried": lambda session: _carried_in(session.state),
        "tracks": _tracks_in,
        "maps_beside": lambda session: maps_beside(session.state),
    }
    values, unread = dict(NOTHING), []
    for name, read in readers.items():
        try:
            values[name] = read(session)
        except InputError as error:
            unread.append(str(error))
    return values, tuple(unread)


def _tracks_in(session: Session) -> tuple[tracks.Track, ...]:
    length = None if session.library is None else session.library.length
    return tracks.tracks_in(session.state, length)


def _carried_in(state: Mapping[str, Any]) -> tuple[str, ...]:
    listed = state.get("carried", ())
    if not isinstance(listed, list | tuple):
        raise InputError("carried", repr(listed)[:60], "a list of sentences", "state")
    return tuple(str(line) for line in listed)


def restored_config(session: Session) -> RunConfig:
    """The next run's parameters: as saved, else those that made the records."""
    saved = session.state.get("config")
    if saved is not None:
        try:
            return RunConfig.from_dict(saved)
        except (InputError, TypeError, AttributeError):
            pass
    return config_of(session)
