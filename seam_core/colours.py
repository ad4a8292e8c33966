"""Colours of letters and clusters, the same on the screen and on paper."""

from __future__ import annotations

# A green, C blue, G orange, T/U red as the field draws them; the alternative is Okabe and Ito's
LETTERS = {"A": "#1a9641", "C": "#2b5fd9", "G": "#f5a300", "T": "#d7261e", "U": "#d7261e"}
LETTERS_SAFE = {"A": "#009e73", "C": "#0072b2", "G": "#e69f00", "T": "#cc79a7", "U": "#cc79a7"}
# amino acids by chemistry: acidic, basic, polar, special (the rest: hydrophobic)
_RESIDUES = {"DE": "T", "KRH": "C", "STNQ": "A", "CGP": "G"}

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
