"""Light and dark, colour-blind-safe, fonts; that what is shown can be read."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtGui import QColor, QFontInfo, QFontMetrics
from PyQt5.QtWidgets import QAction, QApplication

from seam_core import curation as curations
from seam_core.colours import REFERENCE
from seam_core.figures.style import cluster_colors, sequential_map
from seam_core.parameters import ClustererParameters
from seam_core.records import Clustering
from seam_gui.look import theme as themes
from seam_gui.look.palette import CONTRAST, DARK, LIGHT
from seam_gui.look.theme import fixed_font, system_font, theme
from seam_gui.views.epistasis_view import ink_on
from seam_gui.widgets.cluster_colours import colour_codes, colours_of


def luminance(color):
    parts = np.array(QColor(color).getRgbF()[:3])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, two):
    """WCAG 2: 1 for the same colour, 21 for black on white."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("behind", ["background", "surface", "raised", "selection"])
def test_text_is_readable_on_everything_behind_it(palette, behind):
    assert contrast(palette.text, getattr(palette, behind)) >= 7


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["muted", "error", "good", "warning", "accent"])
def test_hints_and_messages_are_readable(palette, name):
    for behind in (palette.background, palette.surface):
        assert contrast(getattr(palette, name), behind) >= 4, behind


def test_the_reference_is_of_one_hue_on_the_screen_and_in_figures():
    assert LIGHT.reference == REFERENCE
    for palette in (LIGHT, DARK, CONTRAST):
        assert contrast(palette.reference, palette.background) >= 4
        assert QColor(palette.reference).hsvHue() == pytest.approx(
            QColor(REFERENCE).hsvHue(), abs=3
        )


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_button_that_matters_is_readable(palette):
    assert contrast(palette.accent_text, palette.accent) >= 4.5


def test_cluster_colours_are_distinct_and_visible_in_both_modes():
    colors = theme().categorical(12).astype(int)
    for i, one in enumerate(colors):
        for two in colors[i + 1 :]:
            assert np.abs(one - two).sum() > 40
    for color in theme().categorical(200):
        name = QColor(*map(int, color)).name()
        assert contrast(name, LIGHT.background) > 1.2
        assert contrast(name, DARK.background) > 1.5


def test_more_clusters_do_not_change_the_colours_of_the_first():
    assert np.array_equal(theme().categorical(30)[:12], theme().categorical(12))
    assert theme().categorical(0).shape == (0, 3)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("colour_blind", [False, True])
def test_nothing_looks_like_the_background_and_much_stands_out(mode, colour_blind):
    theme().set_mode(mode)
    theme().set_colour_blind(colour_blind)
    scale = [QColor(*map(int, colour)) for colour in theme().diverging()]
    background = theme().palette.background
    assert contrast(scale[127], background) < 1.05
    for end, sign in ((scale[0], -1), (scale[-1], 1)):
        assert contrast(end, background) > 4
        assert sign * (end.red() - end.blue()) > 60
    for colour in scale:
        assert contrast(ink_on(colour), colour) > 3


def test_scales():
    sequential, diverging = theme().sequential(), theme().diverging()
    assert sequential.shape == diverging.shape == (256, 3)
    light = [luminance(QColor(*map(int, c)).name()) for c in sequential]
    assert (np.diff(light) >= -1e-3).all()
    assert diverging[127:129].min() > 245
    assert diverging[0][2] > diverging[0][0]
    assert diverging[-1][0] > diverging[-1][2]


def test_letters_as_the_field_draws_them_and_the_safe_alternative():
    letters = theme().letter_colors("ACGT")
    hues = {letter: color.hue() for letter, color in letters.items()}
    assert 80 < hues["A"] < 160
    assert 200 < hues["C"] < 260
    assert 20 < hues["G"] < 60
    assert hues["T"] < 20 or hues["T"] > 340
    theme().set_colour_blind(True)
    safe = theme().letter_colors("ACGT")
    assert safe["T"] != letters["T"]
    assert theme().letter_colors("ACGU")["U"] == safe["T"]
    assert len(theme().letter_colors("ACDEFGHIKLMNPQRSTVWY")) == 20


def test_switching_the_theme_repaints_and_is_remembered(window, session_folder):
    window.open(session_folder)
    window.trigger("theme_dark")
    assert theme().palette is DARK
    dark = window.window.grab().toImage()
    window.trigger("theme_light")
    assert theme().palette is LIGHT
    light = window.window.grab().toImage()
    corner = (5, 5)
    assert luminance(dark.pixelColor(*corner).name()) < 0.1
    assert luminance(light.pixelColor(*corner).name()) > 0.8
    assert window.settings.theme_mode == "light"
    window.find("action_colour_blind", QAction).setChecked(True)
    assert window.settings.colour_blind


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="light"):
        theme().set_mode("pink")


def test_fonts_that_are_there_are_taken(qapp):
    assert QFontInfo(system_font()).family()
    assert system_font().pointSizeF() > 0
    metrics = QFontMetrics(fixed_font())
    assert len({metrics.horizontalAdvance(letter) for letter in "ACGTil"}) == 1


def test_a_machine_without_known_fonts_still_gets_one(qapp, monkeypatch):
    monkeypatch.setattr(themes, "_SANS", ("No Such Font",))
    monkeypatch.setattr(themes, "_FIXED", ("No Such Font",))
    assert system_font().family() != "No Such Font"
    assert QApplication.instance() is not None


def test_a_painter_ends_although_painting_failed(qtbot):
    from PyQt5.QtGui import QImage, QPainter

    from seam_gui.views.painting import painted

    used = []

    @painted
    def paint(image, painter):
        used.append(painter)
        raise ZeroDivisionError

    image = QImage(4, 4, QImage.Format_RGB32)
    with pytest.raises(ZeroDivisionError):
        paint(image, None)
    assert not used[0].isActive()
    assert QPainter(image).isActive()


@pytest.mark.parametrize("colour_blind", [False, True])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_screen_has_the_cluster_colours_of_the_figures(mode, colour_blind):
    theme().set_mode(mode)
    theme().set_colour_blind(colour_blind)
    ids = np.arange(-1, 301)
    clustering = Clustering(ids, "ward", "linkage", ClustererParameters())
    curation, _ = curations.colour(curations.start(clustering), [3, 250], "#123456")
    screen = colours_of(ids, curation)
    codes, palette = colour_codes(ids, curation)
    figure = cluster_colors(ids, curation.colours, colour_blind=colour_blind)
    figure = np.round(255 * figure[:, :3])
    np.testing.assert_array_equal(screen, figure)
    np.testing.assert_array_equal(palette[codes], figure)
    own = np.round(255 * cluster_colors(ids[1:], colour_blind=colour_blind)[:, :3])
    np.testing.assert_array_equal(theme().categorical(301), own)
    scale = sequential_map(colour_blind=colour_blind)(np.arange(256), bytes=True)
    np.testing.assert_array_equal(theme().sequential(), scale[:, :3])
