"""The application in the menus of a Linux desktop: launcher, icons, MIME type of sessions.

All of it goes into the user's own folders, as the XDG specifications name them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from seam_core.exports.files import open_replacing
from seam_core.product import NAME, TITLE
from seam_core.session_files import FORMAT
from seam_core.validate import InputError

MIME_TYPE = f"application/x-{NAME}-session+json"
_LAUNCHER = """[Desktop Entry]
Type=Application
Name={title}
Comment=Why does a genomic deep network predict what it predicts?
Exec={command} %f
Icon={name}
Terminal=false
Categories=Science;Biology;
MimeType={mime};
StartupNotify=true
StartupWMClass={name}
"""
# A session is a folder; what a file manager can recognise is its manifest, by what is in it.
# 80 and more is believed before the name, which is application/json.
_MIME = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{mime}">
    <comment>{title} session</comment>
    <sub-class-of type="application/json"/>
    <icon name="{name}"/>
    <magic priority="90">
      <match type="string" offset="0:64" value="&quot;format&quot;: &quot;{form}&quot;"/>
    </magic>
  </mime-type>
</mime-info>
"""


def install() -> list[Path]:
    """Write the launcher, the MIME type and the icons; returns the files.

    Raises `InputError` on another system than Linux, and where a folder cannot be written.
    """
    if not sys.platform.startswith("linux"):
        raise InputError("--install-desktop", sys.platform, "Linux")
    home = data_home()
    words = {"name": NAME, "title": TITLE, "mime": MIME_TYPE, "form": FORMAT}
    launcher = _LAUNCHER.format(command=command(), **words)
    paths = [
        _write(home / "applications" / f"{NAME}.desktop", launcher.encode()),
        _write(home / "mime" / "packages" / f"{NAME}.xml", _MIME.format(**words).encode()),
        *_icons(home / "icons" / "hicolor"),
    ]
    _tell("update-mime-database", home / "mime")
    _tell("update-desktop-database", home / "applications")
    return paths


def data_home() -> Path:
    """The user's folder for data of applications; XDG_DATA_HOME where that is an absolute path."""
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def command() -> str:
    """What starts this installation, quoted as a launcher wants it."""
    script = Path(sysconfig.get_path("scripts")) / "seam-gui"
    if script.is_file():
        return quoted(str(script))
    return f"{quoted(sys.executable)} -m seam_gui"


def quoted(text: str) -> str:
    """An argument of `Exec`: in quotes, with what is special to a shell and to the file escaped."""
    for special in ("\\", '"', "`", "$"):
        text = text.replace(special, "\\" + special)
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'


def _icons(folder: Path) -> list[Path]:
    from PyQt5.QtCore import QBuffer, QIODevice

    from seam_gui.look.resources import application_icon

    paths = []
    icon = application_icon()
    for size in icon.availableSizes():
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        icon.pixmap(size).save(buffer, "PNG")
        path = folder / f"{size.width()}x{size.height()}" / "apps" / f"{NAME}.png"
        paths.append(_write(path, bytes(buffer.data())))
    return paths


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("folder", str(error), "one to write", str(path.parent)) from error
    with open_replacing(path) as stream:
        stream.write(content)
    return path


def _tell(program: str, folder: Path) -> None:
    """Desktops read what these programs make of the folder; without them, at the next login."""
    path = shutil.which(program)
    if path is not None:
        subprocess.run([path, str(folder)], check=False, capture_output=True, timeout=60)
