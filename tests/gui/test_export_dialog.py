"""What the export dialog previews is what it writes."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QComboBox, QDialogButtonBox, QLabel


@pytest.fixture
def dialog(explore):
    explore.show_tab("Explore")
    explore.trigger("export_picture")
    previewed(explore)
    return explore


def previewed(window):
    """Once the picture of what is entered is there."""
    label = window.find("figure_preview", QLabel)
    words = window.find("figure_preview_words", QLabel)
    words.setText("")
    window.find("figure_dialog")._later.start()
    window.qtbot.waitUntil(lambda: bool(words.text()))
    return label.pixmap().toImage()


def grey(image, width, height):
    small = image.scaled(width, height, Qt.IgnoreAspectRatio, Qt.SmoothTransformation)
    small = small.convertToFormat(QImage.Format_Grayscale8)
    pixels = small.constBits().asarray(small.bytesPerLine() * height)
    return np.array(pixels, float).reshape(height, -1)[:, :width]


def choose(window, name, data):
    combo = window.find(name, QComboBox)
    at = combo.findData(data)
    combo.setCurrentIndex(at if at >= 0 else combo.findText(data))


@pytest.mark.parametrize("picture", ["scatter", "msm", "attribution_logo"])
def test_the_file_is_the_preview(dialog, picture, tmp_path):
    choose(dialog, "figure_picture", picture)
    choose(dialog, "figure_format", "png")
    dialog.find("figure_own_size").setChecked(False)
    choose(dialog, "figure_unit", "millimetres")
    dialog.find("figure_width").setValue(127.0)
    dialog.find("figure_height").setValue(76.2)
    dialog.find("figure_dpi").setValue(120)
    shown = previewed(dialog)
    assert "600 x 360 pixels" in dialog.find("figure_preview_words", QLabel).text()
    path = tmp_path / "picture.png"
    dialog.door.answers["save_file"] = path
    dialog.find("figure_buttons", QDialogButtonBox).button(QDialogButtonBox.Save).click()
    dialog.settle()
    written = QImage(str(path))
    assert (written.width(), written.height()) == (600, 360)
    assert shown.width() / shown.height() == pytest.approx(5 / 3, rel=0.01)
    # the same drawing, apart from how finely it is drawn
    one, other = grey(shown, 50, 30), grey(written, 50, 30)
    assert np.abs(one - other).mean() < 6
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_units_are_of_one_size(dialog):
    own = dialog.find("figure_width").value(), dialog.find("figure_height").value()
    assert not dialog.find("figure_width").isEnabled()  # as the figure needs, and what that is
    said = dialog.find("figure_preview_words", QLabel).text()
    assert said.startswith(f"{own[0]:.2f} x {own[1]:.2f} in")
    choose(dialog, "figure_unit", "millimetres")
    assert dialog.find("figure_width").value() == pytest.approx(25.4 * own[0], abs=0.2)
    assert dialog.find("figure_width").suffix() == " mm"
    choose(dialog, "figure_unit", "inches")
    assert dialog.find("figure_width").value() == pytest.approx(own[0], abs=0.02)
    choose(dialog, "figure_picture", "msm")
    previewed(dialog)
    assert dialog.find("figure_width").value() != pytest.approx(own[0], abs=0.02)
    asked = dialog.find("figure_dialog")
    choose(dialog, "figure_unit", "millimetres")
    assert asked._later.isActive()
    asked.reject()
    assert not asked._later.isActive()  # no preview for what is closed
    dialog.settle()
