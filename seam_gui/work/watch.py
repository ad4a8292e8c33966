"""Whether the session shown is still what lies on the disk: said once for each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seam_gui.dialogs import dialogs
from seam_gui.state.app_state import AppState
from seam_gui.work.jobs import JobRunner

if TYPE_CHECKING:
    from seam_core.progress import Progress

_KEPT = (
    "What you see is as it was opened, with all that you did since. Save as… keeps both, Save "
    "replaces what is on the disk, Open… shows it."
)
_MAPS = (
    "Pictures of single maps may be wrong from now on, and nothing can be computed from them. "
    "Clusters, labels and names are here: Save as… writes them."
)


@dataclass(frozen=True)
class Seen:
    """Files of a folder, as they were when they were read or written here."""

    folder: Path
    files: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, folder: Path) -> Seen:
        """A session's own files as they are now."""
        from seam_core import store
        from seam_core.store.files import standing

        return cls(folder, standing(folder, store.own_files(folder)))

    def changed(self) -> bool:
        """True where another program wrote or removed one of them since."""
        from seam_core.store.files import standing

        return standing(self.folder, self.files) != self.files


class Watch:
    """Looks when it is asked to: when the window comes to the front, and before a save."""

    def __init__(self, state: AppState, jobs: JobRunner) -> None:
        self._state, self._jobs = state, jobs
        self._seen: Seen | None = None
        self._told: set[int] = set()

    def follow(self, seen: Seen | None) -> None:
        """From now on this is what lies on the disk, as far as is known here."""
        self._seen = seen

    def changed(self) -> bool:
        """True where the session's folder is not what it was when it was read or written here."""
        return self._seen is not None and self._seen.changed()

    def look(self) -> None:
        """Tell the user of a change, if there is one that was not told yet."""
        seen, maps = self._seen, self._state.session.maps

        def work(progress: Progress) -> Callable[[], None] | None:
            from seam_core import mapping

            if maps is not None and id(maps) not in self._told:
                try:
                    mapping.check(maps.maps, "maps")
                except mapping.ChangedFile as error:
                    file = error.source
                    return lambda: self._tell_of_maps(id(maps), file)
            if seen is not None and seen.changed():
                now = Seen.of(seen.folder)
                return lambda: self._tell_of_folder(seen, now)
            return None

        def done(tell: Callable[[], None] | None) -> None:
            if tell is not None:
                tell()

        self._jobs.submit(
            "watch", "Looking at the files", work, done=done, failed=lambda _: None, quiet=True
        )

    def _tell_of_maps(self, told: int, file: str) -> None:
        self._told.add(told)
        text = f"Another program cut off or rewrote {file}, which the maps are read from. {_MAPS}"
        dialogs().message(None, "The file of the maps changed on the disk", text)

    def _tell_of_folder(self, seen: Seen, now: Seen) -> None:
        if self._seen is not seen:
            return
        self._seen = now
        what = "was changed" if now.files else "was removed or renamed"
        text = f"{seen.folder} {what} by another program since it was opened here. {_KEPT}"
        dialogs().message(None, "The session changed on the disk", text)
