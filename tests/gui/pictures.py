"""How tests have pictures written, and scripts run."""

from __future__ import annotations

from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QComboBox, QDialog, QDialogButtonBox

from seam_core import figures


def written(window, action, picture, path):
    """The picture, of 5 x 3 inches at 60 dpi, that an entry of a menu writes."""
    window.door.answers["save_file"] = path
    window.trigger(action)
    dialog = window.find("figure_dialog", QDialog)
    dialog.findChild(QComboBox, "figure_format").setCurrentText("png")
    pictures = dialog.findChild(QComboBox, "figure_picture")
    pictures.setCurrentIndex(pictures.findData(picture))
    window.find("figure_own_size").setChecked(False)
    window.find("figure_width").setValue(5.0)
    window.find("figure_height").setValue(3.0)
    window.find("figure_dpi").setValue(60)
    buttons = dialog.findChild(QDialogButtonBox, "figure_buttons")
    buttons.button(QDialogButtonBox.Save).click()
    window.settle()
    return QImage(str(path))


def calls_of(drawing, folder, monkeypatch):
    """What a drawing gives its figure function, and what its script does: (args, options) each."""
    calls = []

    def record(*args, **kwargs):
        calls.append((args, kwargs))

    with monkeypatch.context() as patch:
        patch.setattr(figures, drawing.function, record)
        patch.setattr(figures, "save_figure", lambda *a, **k: None)
        patch.setattr(figures, "logos_of", lambda figure: [])
        drawing.make()
        exec(compile(drawing.script(str(folder)), drawing.function, "exec"), {})
    return calls
