"""The colours of the light, the dark and the high-contrast mode."""

from __future__ import annotations

from dataclasses import dataclass

from seam_core.colours import REFERENCE


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
        return self.name != "light"


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
    reference=REFERENCE,
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
    reference="#ff6b61",
    good="#4cc38a",
    warning="#e0a33e",
    error="#ff7b72",
)
CONTRAST = Palette(
    name="contrast",
    background="#000000",
    surface="#000000",
    raised="#101010",
    text="#ffffff",
    muted="#d6d6d6",
    separator="#9a9a9a",
    accent="#ffd800",
    accent_text="#000000",
    selection="#0b3d91",
    reference="#ff6b61",
    good="#5dff9b",
    warning="#ffb84d",
    error="#ff8f8f",
)
