"""A figure, and the lines of Python that make it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from seam_gui.look.theme import theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Argument: TypeAlias = tuple[str, Any, str]
"""Name, value, and how a script writes it."""


# Lines that bring the clusters of `session` to what the user made of them.
AS_CURATED = [
    "from seam_core.handwork import as_curated, saved_in",
    "session = as_curated(session, saved_in(session).curation)",
]


@dataclass(frozen=True)
class FigureCall:
    """One figure.

    function : name in `seam_core.figures`
    values, texts : its arguments, as values and as a script writes them
    before : lines that come first in the script
    """

    title: str
    function: str
    values: dict[str, Any]
    texts: dict[str, str]
    before: list[str] = field(default_factory=list)
    positional: int = 1

    def make(self) -> Figure:
        """The figure."""
        from seam_core import figures

        names = list(self.values)
        first = [self.values[name] for name in names[: self.positional]]
        rest = {name: self.values[name] for name in names[self.positional :]}
        return getattr(figures, self.function)(*first, **rest)

    def script(self, folder: str) -> str:
        """The lines that make it from the session saved in `folder`."""
        names = list(self.texts)
        parts = [self.texts[name] for name in names[: self.positional]]
        parts += [f"{name}={self.texts[name]}" for name in names[self.positional :]]
        call = f"figure = {self.function}({', '.join(parts)})"
        single = self.function in ("attribution_logo", "sequence_logo")
        imported = f"{self.function}, {'logos_of, ' if single else ''}save_figure"
        restyle = [
            "logos = logos_of(figure)  # logomaker.Logo objects, one a row, to restyle:",
            '# logos[0].style_glyphs_in_sequence("ACGT...", color="black")',
        ]
        return "\n".join(
            [
                "from seam_core import store",
                f"from seam_core.figures import {imported}",
                "",
                f"session = store.load({folder!r})",
                *self.before,
                call,
                *(restyle if single else []),
                f'save_figure(figure, "{self.function}.pdf")',
                "",
            ]
        )


def figure_call(
    title: str,
    function: str,
    *arguments: Argument,
    before: list[str] | None = None,
    **plain: Any,
) -> FigureCall:
    """`arguments` are (name, value, text), the first positional; `plain` ones write themselves."""
    values = {name: value for name, value, _ in arguments} | plain
    texts = {name: text for name, _, text in arguments}
    texts |= {name: repr(value) for name, value in plain.items()}
    return FigureCall(title, function, values, texts, before or [])


def letter_colours() -> dict[str, Any]:
    """Arguments of the figures whose colours the user chose to be safe for colour-blind eyes."""
    return {"colour_blind": True} if theme().colour_blind else {}
