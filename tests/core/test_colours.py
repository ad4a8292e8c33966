"""One colour a cluster: on the screen, in figures, in files."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from seam_core import colours
from seam_core.figures.style import cluster_colors

MODES = pytest.mark.parametrize("colour_blind", [False, True])


@MODES
def test_figures_have_the_colours_of_the_core(colour_blind):
    ids = np.arange(-1, 301)
    chosen = {3: "#123456", 250: "#ABCDEF", -1: "#010203"}
    for given in (None, chosen):
        core = colours.cluster_rgb(ids, given, colour_blind=colour_blind)
        figure = cluster_colors(ids, given, colour_blind=colour_blind)
        assert core.dtype == np.uint8
        np.testing.assert_array_equal(np.round(255 * figure[:, :3]).astype(np.uint8), core)
        np.testing.assert_array_equal(figure[:, 3], 1.0)
    np.testing.assert_array_equal(core[4], (0x12, 0x34, 0x56))
    np.testing.assert_array_equal(core[251], (0xAB, 0xCD, 0xEF))
    np.testing.assert_array_equal(core[0], (1, 2, 3))


@MODES
def test_a_colour_depends_on_the_id_alone(colour_blind):
    all_of_them = colours.cluster_rgb(np.arange(301), colour_blind=colour_blind)
    for cluster_id in (0, 7, 11, 12, 40, 299):
        alone = colours.cluster_rgb(np.array([cluster_id]), colour_blind=colour_blind)
        np.testing.assert_array_equal(alone[0], all_of_them[cluster_id])
    few, many = (colours.categorical(n, colour_blind=colour_blind) for n in (5, 300))
    np.testing.assert_array_equal(few, many[:5])


def test_noise_and_nothing():
    np.testing.assert_array_equal(
        colours.cluster_rgb(np.array([-1, -1])), [colours.rgb(colours.NOISE)] * 2
    )
    assert colours.cluster_rgb(np.zeros(0, dtype=int)).shape == (0, 3)
    assert colours.categorical(0).shape == (0, 3)


def test_the_colour_blind_mode_has_hues_of_its_own():
    usual, safe = (colours.categorical(300, colour_blind=mode) for mode in (False, True))
    assert (usual != safe).any(axis=1).all()
    # Okabe and Ito's eight, and 32 that differ
    assert [f"#{bytes(one).hex()}" for one in safe[:8]] == list(colours.CATEGORIES_SAFE)
    assert len(np.unique(safe[:32], axis=0)) == 32
    # later ones are darker and lighter shades of the same hues
    hues = [colorsys.rgb_to_hsv(*(one / 255.0))[0] for one in safe[:32].astype(float)]
    for place in range(8, 32):
        assert hues[place] == pytest.approx(hues[place % 8], abs=0.02)
