"""The colours of the light and of the dark mode."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of one mode, as #rrggbb."""

    name: str
    background: str  # of pictures, lists and text fields
    surface: str  # of the window behind them
    raised: str  # of buttons and headers
    text: str
    muted: str  # units, hints, axes
    separator: str
    accent: str
    accent_text: str  # on the accent
    selection: str  # behind selected rows
    reference: str  # the reference sequence's star and lines
    good: str
    warning: str
    error: str

    @property
    def dark(self) -> bool:
        """True for a dark palette."""
        return self.name == "dark"


LIGHT = Palette(
    name="light",
    background="#ffffff",
    surface="#f6f7f9",
    raised="#ffffff",
    text="#1c2330",
    muted="#667085",
    separator="#dfe3e9",
    accent="#2f6fde",
    accent_text="#ffffff",
    selection="#dce8fb",
    reference="#111111",
    good="#1f8a57",
    warning="#a66a00",
    error="#c0362c",
)
DARK = Palette(
    name="dark",
    background="#16191f",
    surface="#1e222a",
    raised="#2a2f39",
    text="#e4e7ec",
    muted="#98a2b3",
    separator="#353b47",
    accent="#5b9bff",
    accent_text="#0b1220",
    selection="#2b4067",
    reference="#ffffff",
    good="#4cc38a",
    warning="#e0a33e",
    error="#ff7b72",
)
