"""About: what this is, versions, licence, citation."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PyQt5.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, Qt
from PyQt5.QtWidgets import QApplication, QDialog, QVBoxLayout, QWidget

import seam_core
from seam_core.product import NAME
from seam_gui.look.resources import application_icon
from seam_gui.look.text import PlainLabel
from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import button, label, row

CITATION = (
    "Seitz EE, McCandlish DM, Kinney JB, Koo PK. Uncovering the Mechanistic Landscape of "
    "Regulatory DNA with Deep Learning. bioRxiv (2025). "
    "https://doi.org/10.1101/2025.10.07.681052"
)
_WIDTH = 480
_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "umap-learn",
    "numba",
    "pyqtgraph",
    "tensorflow",
    "keras",
    "torch",
)


def versions() -> str:
    """This application, Python, Qt and the packages that compute, one a line."""
    lines = [
        f"{NAME} {seam_core.__version__}",
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        f"Qt {QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}",
    ]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return "\n".join(lines)


class AboutDialog(QDialog):
    """Shown by Help > About."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about_dialog")
        self.setWindowTitle("About SEAM")
        picture = PlainLabel()
        picture.setPixmap(application_icon().pixmap(64, 64))
        what = label(
            "Why does a genomic deep network predict what it predicts? Systematic Explanation of "
            "Attribution-based Mechanisms, as a desktop application. MIT licence."
        )
        cite = label(f"Please cite the method:\n{CITATION}", name="about_citation")
        cite.setTextInteractionFlags(Qt.TextSelectableByMouse)
        installed = label(versions(), "muted", "about_versions")
        installed.setTextInteractionFlags(Qt.TextSelectableByMouse)
        installed.setWordWrap(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING * 3, SPACING * 3, SPACING * 3, SPACING * 2)
        layout.setSpacing(SPACING * 2)
        layout.setSizeConstraint(QVBoxLayout.SetFixedSize)
        for text in (what, cite):
            # a wrapped label asks for a width of its own, and not for the height it then needs
            text.setFixedWidth(_WIDTH)
            text.setMinimumHeight(text.heightForWidth(_WIDTH))
        for widget in (picture, label("SEAM", "title"), what, cite, installed):
            layout.addWidget(widget)
        layout.addLayout(
            row(
                None,
                button("Copy", "about_copy", "Versions and citation, as text", self._copy),
                button("Close", "about_close", "Close", self.accept, primary=True),
            )
        )
        self.finished.connect(lambda _: self.deleteLater())

    def _copy(self) -> None:
        QApplication.clipboard().setText(f"{versions()}\n\n{CITATION}\n")
