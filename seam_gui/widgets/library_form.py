"""The form of the Mutagenizer, with what the kind of library chosen is and how large it gets."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from seam_core.mutagenizer import count_variants
from seam_core.mutagenizer.checks import check_memory, check_window
from seam_core.pipeline import RunConfig
from seam_core.progress import readable_bytes
from seam_core.validate import SeamError
from seam_gui.look.words import in_words
from seam_gui.state.app_state import AppState
from seam_gui.widgets.basics import column, label, set_role
from seam_gui.widgets.stage_form import StageForm

_ABOUT = {
    "local": "The reference with random substitutions.",
    "combinatorial": "Every variant of the reference up to a number of substitutions.",
    "global": "A pattern in many backgrounds: what it does whatever is around it.",
    "optimized": "Found by an evolutionary search over the model's activity, which asks the model "
    "about {asked:,} sequences.",
    "two_hot": "Genotypes of two copies: one letter (IUPAC code) stands for both.",
    "generator": "What a Python object makes: one of those installed, or yours.",
}
_LONGEST = 10_000  # letters; counting the variants of longer ones takes too long for a form


class LibraryForm(QWidget):
    """Edits `state.config.mutagenizer`; says at once when the library would be too large."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._about = label("", "muted", "mutagenizer_about")
        self._size = label("", "muted", "mutagenizer_size")
        self.setLayout(column(self._about, StageForm(state, "mutagenizer"), self._size))
        state.config_changed.connect(self._show)
        state.session_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        config = self._state.config
        asked = config.mutagenizer
        text = _ABOUT[asked.library].format(asked=asked.n_sequences * asked.search_effort)
        self._about.setText(text)
        try:
            text, role = _size_of(config), "muted"
        except SeamError as error:
            text, role = in_words(error), "error"
        self._size.setText(text)
        self._size.setVisible(bool(text))
        set_role(self._size, role)


def _size_of(config: RunConfig) -> str:
    """How many variants a combinatorial library has; raises what makes any library impossible."""
    asked = config.mutagenizer
    length = len(config.sequence) or asked.sequence_length or 0
    if asked.library != "combinatorial":
        check_memory(asked.n_sequences, length, asked.library_limit_gb)
        return ""
    if not 0 < length <= _LONGEST:
        return ""
    start, stop = check_window(asked.mutate_start, asked.mutate_stop, length, "mutate")
    n = count_variants(stop - start, len(config.oracle.alphabet), asked.max_order)
    check_memory(n, length, asked.library_limit_gb)
    return f"{n:,} sequences, {readable_bytes(n * length)}"
