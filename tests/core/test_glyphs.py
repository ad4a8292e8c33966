import numpy as np
import pytest

from seam_core import glyphs
from seam_core.sequences import DNA, PROTEIN
from seam_core.validate import InputError


def logomaker_boxes(matrix, alphabet):
    """{(position, letter): (floor, ceiling, flipped)} as logomaker draws them."""
    import logomaker
    import matplotlib
    import pandas as pd

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    logo = logomaker.Logo(pd.DataFrame(matrix, columns=list(alphabet)), ax=axes, vsep=0.0)
    return {
        (int(item.p), item.c): (item.floor, item.ceiling, item.flip)
        for item in logo.glyph_list
        if item.ceiling > item.floor
    }


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_layout_equals_logomaker(alphabet):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(15, len(alphabet)))
    matrix[3] = 0.0
    matrix[4, 1] = 0.0
    matrix[5] = np.abs(matrix[5])
    matrix[6] = -np.abs(matrix[6])
    matrix[7] = 0.25
    stack = glyphs.stack_layout(matrix)
    ours = {
        (int(x), alphabet[letter]): (y0, y1, bool(flipped))
        for letter, x, y0, y1, flipped in zip(*stack, strict=True)
    }
    theirs = logomaker_boxes(matrix, alphabet)
    assert ours.keys() == theirs.keys()
    for key, (y0, y1, flipped) in ours.items():
        assert (y0, y1) == pytest.approx(theirs[key][:2], abs=1e-12), key
        assert flipped == theirs[key][2], key


def test_layout_meets_the_axis_and_keeps_heights():
    stack = glyphs.stack_layout(np.array([[1.0, -2.0, 3.0, -0.5]]))
    assert stack.letters.tolist() == [1, 3, 0, 2]
    assert stack.y0.tolist() == [-2.5, -0.5, 0.0, 1.0]
    assert stack.y1.tolist() == [-0.5, 0.0, 1.0, 4.0]
    assert stack.flipped.tolist() == [True, True, False, False]


def test_layout_of_nothing_is_empty():
    for matrix in (np.zeros((4, 4)), np.zeros((0, 4))):
        assert all(len(column) == 0 for column in glyphs.stack_layout(matrix))


def test_layout_refuses_what_is_not_a_matrix_of_numbers():
    with pytest.raises(InputError, match="matrix"):
        glyphs.stack_layout(np.zeros(4))
    with pytest.raises(InputError, match=r"\(1, 2\)"):
        glyphs.stack_layout(np.array([[0.0, 0, 0], [0, 0, np.nan]]))


@pytest.mark.parametrize("letter", [*PROTEIN, "U", "N", "X", "*", "-"])
def test_outline_fills_the_unit_box(letter):
    from matplotlib.path import Path

    outline = glyphs.glyph(letter)
    box = Path(outline.vertices, outline.codes).get_extents()
    assert (box.y0, box.y1) == pytest.approx((0.0, 1.0), abs=1e-9)
    assert box.x0 + box.x1 == pytest.approx(1.0, abs=1e-9)
    if letter in "ACGTU":
        assert (box.x0, box.x1) == pytest.approx((0.0, 1.0), abs=1e-9)
    if letter == "I":
        assert box.width < 0.5


def test_outline_equals_logomakers_letter():
    """Same font, same stretching: the extents agree; only hinting differs."""
    from logomaker import Glyph
    from matplotlib.figure import Figure

    for letter in "ACGTI":
        axes = Figure().add_subplot()
        patch = Glyph(0.5, letter, 0.0, 1.0, ax=axes, width=1.0).patch
        theirs = patch.get_path().get_extents()
        outline = glyphs.glyph(letter)
        path = type(patch.get_path())(outline.vertices, outline.codes)
        ours = path.get_extents()
        np.testing.assert_allclose(ours.extents, theirs.extents, atol=0.02)
        grid = np.stack(np.meshgrid(*[np.linspace(0.02, 0.98, 25)] * 2), axis=-1).reshape(-1, 2)
        same = path.contains_points(grid) == patch.get_path().contains_points(grid)
        assert same.mean() > 0.97, letter


def test_codes_are_the_ones_documented():
    for letter in "ACGTU":
        codes = glyphs.glyph(letter).codes
        assert codes[0] == glyphs.MOVE
        assert codes[-1] == glyphs.CLOSE
        known = {glyphs.MOVE, glyphs.LINE, glyphs.QUADRATIC, glyphs.CUBIC, glyphs.CLOSE}
        assert set(codes.tolist()) <= known
        assert (codes == glyphs.QUADRATIC).sum() % 2 == 0


@pytest.mark.parametrize("letter", ["", "AC", " ", "\n"])
def test_outline_of_no_letter(letter):
    with pytest.raises(InputError, match="letter"):
        glyphs.glyph(letter)


def test_placed_outlines_stand_in_their_boxes():
    matrix = np.array([[1.0, -2.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.0]])
    paths = glyphs.placed_outlines(glyphs.stack_layout(matrix), DNA, width=0.9)
    a, c, g, t = (vertices[codes != glyphs.CLOSE] for vertices, codes in paths)
    assert len(g) == len(t) == 0
    assert a[:, 1].min() == pytest.approx(0.0)
    assert a[:, 1].max() == pytest.approx(1.0)
    assert a[:, 0].min() == pytest.approx(-0.45)
    below = c[c[:, 0] < 0.5]
    assert below[:, 1].min() == pytest.approx(-2.0, abs=1e-6)
    assert below[:, 1].max() == pytest.approx(0.0, abs=1e-6)


def test_letters_below_the_axis_hang_upside_down():
    """An A's point is at the top; below the axis it points down."""
    up = glyphs.placed_outlines(glyphs.stack_layout(np.array([[1.0, 0]])), "AC")[0][0]
    down = glyphs.placed_outlines(glyphs.stack_layout(np.array([[-1.0, 0]])), "AC")[0][0]
    np.testing.assert_allclose(down[:, 1], -up[:, 1], atol=1e-12)


def test_import_of_glyphs_is_light():
    import subprocess
    import sys

    code = (
        "import sys; from seam_core.glyphs import glyph; glyph('A');"
        "assert 'matplotlib.pyplot' not in sys.modules;"
        "assert 'matplotlib.font_manager' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_of_the_positions_in_a_cell_the_tallest_is_kept():
    """Whole stacks are compared, whatever their order; one position alone stays."""
    places = np.array([0, 0, 1, 1, 2, 3])
    heights = np.array([1.0, 1.0, 0.5, 0.6, 9.0, 0.1])
    cells = np.array([0, 0, 0, 0, 1, 2])
    kept = glyphs.tallest(places, heights, cells)
    assert kept.tolist() == [True, True, False, False, True, True]
    nothing = np.zeros(0, dtype=np.int64)
    assert len(glyphs.tallest(nothing, nothing.astype(float), nothing)) == 0


def test_bars_fill_the_boxes_of_letters():
    matrix = np.array([[1.0, 0], [0, -2.0]])
    first, second = glyphs.placed_outlines(glyphs.stack_layout(matrix), "AC", width=1.0, bars=True)
    assert (first[0].min(axis=0).tolist(), first[0].max(axis=0).tolist()) == ([-0.5, 0], [0.5, 1])
    assert (second[0].min(axis=0).tolist(), second[0].max(axis=0).tolist()) == ([0.5, -2], [1.5, 0])
