"""What is remembered from one start to the next: layout, recent files, theme, autosave."""

from __future__ import annotations

import os
from pathlib import Path

from PyQt5.QtCore import QByteArray, QSettings, QStandardPaths

from seam_core.product import NAME
from seam_gui.look.theme import MODES

_WIDEST = 1_000_000  # positions between two numbers of an axis
_RECENT = 12
_LABELS = 60


class Settings:
    """Typed access to the user's settings.

    SEAM_SETTINGS names another file for them, SEAM_STATE another folder for working files.
    """

    def __init__(self) -> None:
        path = os.environ.get("SEAM_SETTINGS")
        self._store = (
            QSettings(path, QSettings.Format.IniFormat) if path else QSettings("SEAM", NAME)
        )

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size of the window."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    def layout(self, name: str) -> QByteArray | None:
        """Sizes of a splitter or places of docks, as its widget saved them."""
        return self._bytes(f"layout/{name}")

    def set_layout(self, name: str, value: QByteArray) -> None:
        """Remember the layout of the widget called `name`."""
        self._store.setValue(f"layout/{name}", value)

    def forget_layout(self) -> None:
        """Back to the layout of a first start."""
        self._store.remove("layout")
        self._store.remove("window")

    @property
    def theme_mode(self) -> str:
        """One of `seam_gui.look.theme.MODES`."""
        stored = self._store.value("view/theme")
        return stored if stored in MODES else MODES[0]

    @theme_mode.setter
    def theme_mode(self, mode: str) -> None:
        self._store.setValue("view/theme", mode)

    @property
    def colour_blind(self) -> bool:
        """Letters and scales without red beside green."""
        return self._store.value("view/colour_blind", "false") in (True, "true")

    @colour_blind.setter
    def colour_blind(self, on: bool) -> None:
        self._store.setValue("view/colour_blind", "true" if on else "false")

    @property
    def position_spacing(self) -> int | None:
        """Positions between two numbers of an axis; None: as there is room."""
        stored = str(self._store.value("view/position_spacing", ""))
        return int(stored) if stored.isdecimal() and 0 < int(stored) <= _WIDEST else None

    @position_spacing.setter
    def position_spacing(self, spacing: int | None) -> None:
        self._store.setValue("view/position_spacing", str(spacing or ""))

    @property
    def autosave(self) -> bool:
        """Keep a recovery copy of unsaved work."""
        return self._store.value("session/autosave", "true") in (True, "true")

    @autosave.setter
    def autosave(self, on: bool) -> None:
        self._store.setValue("session/autosave", "true" if on else "false")

    @property
    def recent(self) -> list[Path]:
        """Sessions opened last, newest first."""
        return [Path(path) for path in self._texts("session/recent")]

    def add_recent(self, folder: Path) -> None:
        """Put a session on top of the recent ones."""
        folder = Path(folder).absolute()
        others = [path for path in self.recent if path != folder]
        self._store.setValue("session/recent", [str(p) for p in [folder, *others][:_RECENT]])

    def clear_recent(self) -> None:
        """Forget the recent sessions."""
        self._store.remove("session/recent")

    @property
    def recipes(self) -> list[Path]:
        """The user's own recipes, newest first."""
        return [Path(path) for path in self._texts("library/recipes")]

    def add_recipe(self, path: Path) -> None:
        """Remember a recipe's file."""
        path = Path(path).absolute()
        others = [other for other in self.recipes if other != path]
        self._store.setValue("library/recipes", [str(p) for p in [path, *others][:_RECENT]])

    @property
    def labels(self) -> list[str]:
        """Labels that clusters were given, newest first."""
        return self._texts("explore/labels")

    def add_label(self, text: str) -> None:
        """Offer a label first when the next cluster is named."""
        others = [other for other in self.labels if other != text]
        self._store.setValue("explore/labels", [text, *others][:_LABELS])

    @property
    def shortcuts(self) -> dict[str, str]:
        """Keys of commands that the user changed, by the command's name; "" for none."""
        self._store.beginGroup("shortcuts")
        keys = {name: str(self._store.value(name)) for name in self._store.childKeys()}
        self._store.endGroup()
        return keys

    def set_shortcut(self, name: str, keys: str, usual: str) -> None:
        """Other keys for a command; its usual ones need not be remembered."""
        if keys == usual:
            self._store.remove(f"shortcuts/{name}")
        else:
            self._store.setValue(f"shortcuts/{name}", keys)

    def forget_shortcuts(self) -> None:
        """The keys of a first start."""
        self._store.remove("shortcuts")

    @property
    def motif_source(self) -> str:
        """What sites are compared with: "" all of JASPAR, a group of it, or a MEME file."""
        return str(self._store.value("identify/motifs", ""))

    @motif_source.setter
    def motif_source(self, source: str) -> None:
        self._store.setValue("identify/motifs", source)

    @property
    def last_folder(self) -> Path:
        """Where a file was last opened or saved."""
        return Path(str(self._store.value("session/last_folder", str(Path.home()))))

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._store.setValue("session/last_folder", str(folder))

    def _bytes(self, key: str) -> QByteArray | None:
        """What a widget saved; None where there is nothing, or a file that was damaged has other
        things there."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def _texts(self, key: str) -> list[str]:
        value = self._store.value(key)
        texts = value if isinstance(value, list) else [value]
        return [text for text in texts if text and isinstance(text, str)]

    def sync(self) -> None:
        """Write everything now."""
        self._store.sync()


def state_folder() -> Path:
    """Where working copies and recovery copies of sessions lie; made when missing."""
    named = os.environ.get("SEAM_STATE")
    place = QStandardPaths.writableLocation(QStandardPaths.GenericDataLocation)
    folder = Path(named) if named else Path(place) / NAME
    folder.mkdir(parents=True, exist_ok=True)
    return folder
