"""Single logos are logomaker's; our outlines, which grids keep, are held against them."""

import logomaker
import numpy as np
import pytest
from matplotlib.colors import to_hex

from seam_core import figures
from seam_core.figures.style import letter_colors
from seam_core.glyphs import glyph, placed_outlines, stack_layout
from seam_core.sequences import PROTEIN
from seam_core.validate import InputError


def matrix_of(length, letters, seed=0):
    matrix = np.random.default_rng(seed).normal(size=(length, letters))
    matrix[1, 2] = 0.0
    return matrix


@pytest.mark.parametrize(("alphabet", "length"), [("ACGT", 12), ("ACGU", 6), (PROTEIN, 3)])
def test_same_letters_heights_order_and_colours(alphabet, length):
    """Each of logomaker's glyphs lies where our outline of that letter lies."""
    matrix = matrix_of(length, len(alphabet))
    figure = figures.attribution_logo(matrix, alphabet=alphabet, start=5)
    (logo,) = figures.logos_of(figure)
    assert isinstance(logo, logomaker.Logo)
    stack = stack_layout(matrix)
    theirs = {(one.p - 5, one.c): one for one in logo.glyph_list if one.patch is not None}
    assert len(theirs) == len(stack.letters) == matrix.size - 1
    colours = letter_colors(alphabet)
    for entry in zip(*stack, strict=True):
        index, x, y0, y1, flipped = entry
        letter = alphabet[index]
        one = theirs[x, letter]
        assert (one.floor, one.ceiling) == pytest.approx((y0, y1))
        assert one.flip == flipped
        assert to_hex(one.patch.get_facecolor()) == colours[letter]
        box = one.patch.get_path().get_extents()
        width = 0.95 * np.ptp(glyph(letter).vertices[glyph(letter).codes != 79][:, 0])
        assert (box.y0, box.y1) == pytest.approx((y0, y1), abs=1e-6)
        assert (box.x0 + box.x1) / 2 == pytest.approx(x + 5, abs=0.02)
        assert box.width == pytest.approx(width, abs=0.02)


def test_the_same_ink(tmp_path):
    """Drawn at the same size, less than one pixel in fifty differs."""
    from matplotlib.image import imread

    matrix = matrix_of(10, 4)
    images = []
    for outlines in (False, True):
        figure = figures.attribution_logo(matrix, outlines=outlines, size=(5, 2))
        path = figures.save_figure(figure, tmp_path / f"{outlines}.png", dpi=100)
        images.append(imread(path)[..., :3])
    assert images[0].shape == images[1].shape
    different = np.abs(images[0] - images[1]).max(axis=2) > 0.25
    assert different.mean() < 0.02
    assert (images[0] < 0.9).any(axis=2).mean() > 0.1


def test_matches_to_the_reference_are_coloured():
    matrix = np.array([[1.0, 0.5, -0.2, 0], [0, 1.0, 0, 0], [0.3, 0, 0, 0]])
    reference = np.array([0, 2, -1])
    shown = []
    for outlines in (False, True):
        figure = figures.attribution_logo(
            matrix, reference=reference, colour_by_reference=True, outlines=outlines
        )
        shown.append({to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches})
    assert shown[0] == shown[1] == {"#e8833a", "#5b6575"}


def test_users_restyle_them_as_they_know(tmp_path):
    figure = figures.attribution_logo(matrix_of(30, 4), per_row=20, start=7)
    first, second = figures.logos_of(figure)
    first.style_glyphs_in_sequence("ACGTACGTACGTACGTACGT", color="black")
    first.highlight_position_range(pmin=9, pmax=11, color="gold")
    second.style_glyphs_below(color="gray", shade=0.5)
    assert to_hex(first.glyph_df.loc[7, "A"].patch.get_facecolor()) == "#000000"
    assert figures.save_figure(figure, tmp_path / "l.svg").stat().st_size > 0
    assert figures.logos_of(figures.attribution_logo(matrix_of(3, 4), outlines=True)) == []


def test_same_axes_and_bad_input():
    matrix = matrix_of(8, 4)
    ours = figures.sequence_logo(np.abs(matrix), quantity="counts", outlines=True).axes[0]
    theirs = figures.sequence_logo(np.abs(matrix), quantity="counts").axes[0]
    assert ours.get_xlim() == theirs.get_xlim()
    assert ours.get_ylim() == pytest.approx(theirs.get_ylim())
    matrix[2, 1] = np.nan
    with pytest.raises(InputError, match="nan at index"):
        figures.attribution_logo(matrix)
    assert len(placed_outlines(stack_layout(np.zeros((3, 4))), "ACGT")) == 4
