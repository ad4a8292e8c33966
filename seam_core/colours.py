"""Colours of letters and clusters, the same on the screen and on paper."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

# A green, C blue, G orange, T/U red as the field draws them; the alternative is Okabe and Ito's
LETTERS = {"A": "#1a9641", "C": "#2b5fd9", "G": "#f5a300", "T": "#d7261e", "U": "#d7261e"}
LETTERS_SAFE = {"A": "#009e73", "C": "#0072b2", "G": "#e69f00", "T": "#cc79a7", "U": "#cc79a7"}
# amino acids by chemistry: acidic, basic, polar, special (the rest: hydrophobic)
_RESIDUES = {"DE": "T", "KRH": "C", "STNQ": "A", "CGP": "G"}

_CODE = re.compile("#[0-9a-fA-F]{6}")
REFERENCE = "#d7261e"  # the reference: its star and its lines

# clusters: distinct on white and on near-black, neighbours in the list most of all
CATEGORIES = (
    "#3b7ddd",
    "#e8833a",
    "#2aa198",
    "#c94f7c",
    "#8f6fd1",
    "#b59b1f",
    "#4fb3e8",
    "#a0522d",
    "#5c9e3f",
    "#d65f5f",
    "#7a8aa0",
    "#d28bd8",
)

# Okabe and Ito's
CATEGORIES_SAFE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#666666",
)
ON_SEQUENTIAL = "#ffffff"  # lines over cells of the sequential scale, whose low end is dark
NOISE = "#8c929e"  # of sequences in no cluster
# what a variant does to the mechanism; as words, too, they can be read on white and on near-black
VERDICTS = {"silent": "#7a828f", "tunes": "#3b7ddd", "reprograms": "#d6453f"}

# every ninth of matplotlib's scales (CC0), straight lines between them
_VIRIDIS = (
    "#440154",
    "#482878",
    "#3e4989",
    "#31688e",
    "#26828e",
    "#1f9e89",
    "#35b779",
    "#6ece58",
    "#b5de2b",
    "#fde725",
)
_CIVIDIS = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)


def letter_colours(
    alphabet: str, *, colour_blind: bool = False, unknown: str = "#8a93a3", rest: str = "#444c5a"
) -> dict[str, str]:
    """Colour of each letter: nucleotides as the field draws them, amino acids by chemistry.

    Parameters
    ----------
    unknown : of letters that are no nucleotide, such as N
    rest : of amino acids that are in no group, the hydrophobic ones
    """
    letters = LETTERS_SAFE if colour_blind else LETTERS
    if set(alphabet) <= set(letters) | {"N", "-"}:
        return {letter: letters.get(letter, unknown) for letter in alphabet}
    residues = {one: letters[kind] for group, kind in _RESIDUES.items() for one in group}
    return {letter: residues.get(letter, rest) for letter in alphabet}


def rgb(colour: str) -> tuple[int, int, int]:
    """ "#rrggbb" as three numbers from 0 to 255."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


@lru_cache(maxsize=32)
def categorical(n: int, *, colour_blind: bool = False) -> np.ndarray:
    """(n, 3) uint8, read-only: colours of n categories; more of them leave the first as they are.

    The first twelve are chosen by hand, later hues are a golden angle apart. For colour-blind eyes
    hues other than the first eight would tell nothing apart: these come again darker and lighter.
    """
    first = CATEGORIES_SAFE if colour_blind else CATEGORIES
    later = _again if colour_blind else _golden
    codes = [rgb(colour) for colour in first[:n]]
    codes += [later(place) for place in range(len(first), n)]
    colours = np.array(codes, dtype=np.uint8).reshape(n, 3)
    colours.setflags(write=False)
    return colours


def is_code(text: str) -> bool:
    """Is it a colour as it is written here, "#rrggbb"?"""
    return _CODE.fullmatch(text) is not None


def cluster_rgb(
    ids: np.ndarray, given: Mapping[int, str] | None = None, *, colour_blind: bool = False
) -> np.ndarray:
    """(K, 3) uint8, the colour of each cluster, whatever other clusters there are.

    Parameters
    ----------
    ids : (K,) cluster ids; negative ones are noise, which is grey
    given : id -> "#rrggbb", what the user gave in place of a cluster's own
    """
    ids = np.asarray(ids, dtype=np.int64)
    palette = categorical(int(ids.max(initial=-1)) + 1, colour_blind=colour_blind)
    rows = np.empty((len(ids), 3), dtype=np.uint8)
    rows[:] = rgb(NOISE)
    rows[ids >= 0] = palette[ids[ids >= 0]]
    for cluster_id, colour in (given or {}).items():
        rows[ids == cluster_id] = rgb(colour)
    return rows


def sequential(*, colour_blind: bool = False) -> np.ndarray:
    """(256, 3) uint8, read-only: viridis, or cividis for colour-blind eyes."""
    return interpolated(_CIVIDIS if colour_blind else _VIRIDIS)


def diverging(
    *, paper: str = "#ffffff", dark: bool = False, colour_blind: bool = False
) -> np.ndarray:
    """(256, 3) uint8, read-only: blue, the paper at the middle, red; orange for colour-blind eyes.

    dark : for a dark paper, on which colours get lighter away from the middle
    """
    if dark:
        warm = ("#b8660f", "#ffc27a") if colour_blind else ("#cc4238", "#ff9a90")
        return interpolated(("#7db8ff", "#2f6fc4", paper, *warm))
    return interpolated(("#0b559f", paper, "#c45a00" if colour_blind else "#b2182b"))


@lru_cache(maxsize=8)
def interpolated(stops: tuple[str, ...]) -> np.ndarray:
    """(256, 3) uint8, read-only: straight lines between colours that are equally far apart."""
    at, x = np.linspace(0, 1, len(stops)), np.linspace(0, 1, 256)
    parts = np.array([rgb(colour) for colour in stops], dtype=np.float64)
    scale = np.stack([np.interp(x, at, parts[:, i]) for i in range(3)], axis=1).round()
    scale = scale.astype(np.uint8)
    scale.setflags(write=False)
    return scale


def _golden(place: int) -> tuple[int, int, int]:
    hue = (0.11 + place * 0.618033988749895) % 1.0
    lightness = (0.42, 0.55, 0.67)[place % 3]
    saturation = (0.72, 0.5)[(place // 3) % 2]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _again(place: int) -> tuple[int, int, int]:
    turn = (place // len(CATEGORIES_SAFE)) % 4
    darker, lighter = (1.0, 0.62, 1.0, 0.8)[turn], (0.0, 0.0, 0.25, 0.0)[turn]
    base = rgb(CATEGORIES_SAFE[place % len(CATEGORIES_SAFE)])
    red, green, blue = (round(darker * (part + (255 - part) * lighter)) for part in base)
    return red, green, blue
