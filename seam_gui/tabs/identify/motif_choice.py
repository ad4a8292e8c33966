"""Which known motifs the sites are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt5.QtCore import QSignalBlocker, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QWidget

from seam_core import motifs
from seam_core.motifs import TAXA, Motif
from seam_gui.dialogs import dialogs
from seam_gui.state.settings import Settings
from seam_gui.widgets.fields import ComboBox

_ASK, _ALL = "another file", "all"
_FILES = "Motif files (*.meme *.jaspar *.pfm *.pcm *.transfac *.motif *.txt *.gz);;All files (*)"


class MotifChoice(ComboBox):
    """A group of JASPAR, or a file of motifs; remembered from one start to the next.

    Where the user chose nothing, the group that the genome's assembly belongs to.

    chosen : the user took another one
    """

    chosen = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("site_motifs")
        # fewer motifs are fewer comparisons to correct for, so q-values are lower
        self.setToolTip(
            "Known motifs to compare with: those of one group of organisms give the clearest "
            "answer\nA file may hold motifs of your own: MEME, JASPAR, TRANSFAC, HOCOMOCO or HOMER"
        )
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(14)
        self._settings = Settings()
        self._of_genome = ""
        self._fill()
        self.activated.connect(self._take)

    @property
    def source(self) -> str:
        """ "" for all of JASPAR, a group of it, or the path of a MEME file."""
        source = self.currentData()
        return {"": self._of_genome, _ALL: ""}.get(source, source)

    def set_genome(self, taxa: Sequence[str]) -> None:
        """The group that the session's genome belongs to, if that is known."""
        self._of_genome = next(iter(taxa), "")
        self._fill()

    def _fill(self) -> None:
        source = self._settings.motif_source
        with QSignalBlocker(self):
            self.clear()
            if self._of_genome:
                self.addItem(f"JASPAR, {self._of_genome} (of the genome)", "")
            self.addItem("JASPAR, all", _ALL if self._of_genome else "")
            for taxon in TAXA:
                self.addItem(f"JASPAR, {taxon}", taxon)
            if source and source not in (*TAXA, _ALL):
                self.addItem(Path(source).name, source)
            self.addItem("MEME file…", _ASK)
            self.setCurrentIndex(max(0, self.findData(source)))

    def _take(self) -> None:
        source = self.currentData()
        if source == _ASK:
            path = dialogs().open_file(self, "Motifs", _FILES)
            source = self._settings.motif_source if path is None else str(path.absolute())
        asked_for_another = source != self._settings.motif_source
        self._settings.motif_source = source
        self._fill()
        if asked_for_another:
            self.chosen.emit()


def name_of(source: str) -> str:
    """The motifs in words."""
    if source and source not in TAXA:
        return Path(source).name
    return f"JASPAR ({source})" if source else "JASPAR"


def read_motifs(source: str) -> list[Motif]:
    """The motifs of a `MotifChoice.source`; raises as `jaspar` and `read_motifs` of motifs do."""
    if source and source not in TAXA:
        return motifs.read_motifs(source)
    return motifs.jaspar([source] if source else [])
