"""`seam-gui --install-desktop`: what a Linux desktop is told of the application."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PyQt5.QtGui import QImage

from seam_gui.__main__ import main
from seam_gui.shell import desktop
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux")
SPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture
def home(tmp_path, monkeypatch, qapp):
    """The user's folder for data, after the command."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["--install-desktop"]) == 0
    return tmp_path / "data"


def launcher(home: Path) -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str
    read.read(home / "applications" / "seamscope.desktop", encoding="utf-8")
    return read["Desktop Entry"]


def contents(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("seamscope.*")}


def test_the_launcher_starts_this_installation(home):
    entry = launcher(home)
    assert (entry["Type"], entry["Name"], entry["Terminal"]) == (
        "Application",
        "SEAMscope",
        "false",
    )
    *start, last = shlex.split(entry["Exec"].replace("\\\\", "\\"))
    assert last == "%f"
    done = subprocess.run([*start, "--help"], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0
    assert "--install-desktop" in done.stdout


def test_icons_are_pictures_of_the_size_of_their_folder(home):
    icons = sorted((home / "icons" / "hicolor").rglob("seamscope.png"))
    assert len(icons) == 5
    for icon in icons:
        image = QImage(str(icon))
        assert f"{image.width()}x{image.height()}" == icon.parts[-3]
        assert len({image.pixel(x, image.height() // 2) for x in range(image.width())}) > 1


def test_the_launcher_takes_the_type_that_is_declared(home):
    tree = ElementTree.parse(home / "mime" / "packages" / "seamscope.xml")
    (declared,) = tree.getroot().findall(f"{SPACE}mime-type")
    assert launcher(home)["MimeType"] == declared.get("type") + ";"


def test_a_session_is_recognised_and_other_json_is_not(home, session_folder, tmp_path):
    if shutil.which("gio") is None or shutil.which("update-mime-database") is None:
        pytest.skip("no gio, or no update-mime-database")
    other = tmp_path / "manifest.json"
    other.write_text('{"format": "another"}', encoding="utf-8")

    def kind(path: Path) -> str:
        asked = ["gio", "info", "-a", "standard::content-type", str(path)]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=LIMIT_S)
        return done.stdout.split("content-type:")[-1].strip()

    assert kind(session_folder / "manifest.json") == desktop.MIME_TYPE
    assert kind(other) != desktop.MIME_TYPE


def test_again_it_writes_the_same_files_and_names_them(home, capsys):
    capsys.readouterr()
    before = contents(home)
    assert main(["--install-desktop"]) == 0
    assert contents(home) == before
    said = capsys.readouterr().out
    assert all(str(path) in said for path in before)


def test_a_folder_that_is_a_file_is_one_message(tmp_path, monkeypatch, qapp, capsys):
    (tmp_path / "data").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["--install-desktop"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path / "data") in said


def test_a_path_with_odd_signs_stays_one_argument():
    path = '/opt/my "tools"/100%/$HOME/`a`/seam-gui'
    escaped = desktop.quoted(path).replace("\\\\", "\\").replace("%%", "%")
    echoed = subprocess.run(["sh", "-c", f"printf %s {escaped}"], capture_output=True, text=True)
    assert echoed.stdout == path


def test_the_manifest_opens_its_session(window, session_folder, qtbot):
    window.files.open_path(session_folder / "manifest.json")
    qtbot.waitUntil(lambda: window.services.state.folder == session_folder)
