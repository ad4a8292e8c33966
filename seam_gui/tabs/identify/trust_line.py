"""Whether to read the sites, in a line above their table."""

from __future__ import annotations

from PyQt5.QtWidgets import QVBoxLayout, QWidget

from seam_core.findings import Experiments, Trust
from seam_gui.look.text import plain
from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import label

_WORDS = {
    "good": "Good: the numbers give no reason to doubt these findings.",
    "doubtful": "Doubtful.",
    "do_not_read": "Do not read these findings.",
}


class TrustLine(QWidget):
    """The verdict and its sentences; hidden where trust was not assessed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trust_line")
        self._fine = label("", "muted", "trust_good")
        self._warning = label("", "warning", "trust_warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, 0, SPACING, SPACING // 2)
        for each in (self._fine, self._warning):
            each.setWordWrap(True)
            layout.addWidget(each)
        self.hide()

    def show_trust(self, trust: Trust | None, experiments: Experiments | None) -> None:
        """Say it, with the numbers under the mouse."""
        self.setVisible(trust is not None)
        if trust is None:
            return
        good = trust.verdict == "good"
        said = self._fine if good else self._warning
        said.setText(" ".join([_WORDS[trust.verdict], *trust.sentences]))
        self._fine.setVisible(good)
        self._warning.setVisible(not good)
        self.setToolTip(plain("\n".join(_numbers(trust, experiments))))


def _numbers(trust: Trust, experiments: Experiments | None) -> list[str]:
    lines = [
        f"The sites explain {trust.states_r2:.0%} of the activity, "
        f"single positions {trust.additive_r2:.0%}",
        f"The largest cluster holds {trust.largest_cluster:.0%} of the sequences",
    ]
    if trust.kept == trust.kept:
        lines.append(f"{trust.kept:.0%} of the library keeps the reference's mechanism")
    if trust.robust == trust.robust:
        lines.append(f"Robust to mutation (1) or reprogrammable (0): {trust.robust:.2f}")
    if experiments is not None and experiments.asked:
        lines.append(f"{experiments.n_questions:,} sequences asked about; link: {experiments.link}")
    return lines
