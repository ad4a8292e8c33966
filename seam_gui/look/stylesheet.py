"""How the application's widgets look in a palette: quiet, flat, one accent colour."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtGui import QColor, QFontMetrics, QPalette
from PyQt5.QtWidgets import QApplication, QWidget

from seam_gui.look.palette import Palette

# a colour of ours: the roles in which Qt has it, and what style sheets call the first of them
_ROLES = {
    "background": ((QPalette.Base,), "base"),
    "surface": ((QPalette.Window, QPalette.AlternateBase), "window"),
    "raised": ((QPalette.Button, QPalette.ToolTipBase), "button"),
    "text": (
        (QPalette.Text, QPalette.WindowText, QPalette.ButtonText, QPalette.ToolTipText),
        "text",
    ),
    "muted": ((QPalette.Dark, QPalette.PlaceholderText), "dark"),
    "separator": ((QPalette.Mid,), "mid"),
    "accent": ((QPalette.Highlight, QPalette.Link), "highlight"),
    "accent_text": ((QPalette.HighlightedText,), "highlighted-text"),
    "selection": ((QPalette.Midlight,), "midlight"),
    "good": ((QPalette.Shadow,), "shadow"),
    "warning": ((QPalette.LinkVisited,), "link-visited"),
    "error": ((QPalette.BrightText,), "bright-text"),
}
# pictures cannot follow the palette: seen on light, dark and black, and on every accent
_ARROW, _CHECK = "#808892", "#0b1220"

_TEMPLATE = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {separator}; padding: 4px; }}
QMainWindow, QDialog {{ background: {surface}; }}
QDialogButtonBox, QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMainWindow::separator {{ background: {separator}; width: 1px; height: 1px; }}
QSplitter::handle {{ background: {separator}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}

QMenuBar {{ background: {surface}; border: none; padding: 2px 8px; }}
QMenuBar::item {{ background: transparent; padding: 4px 8px; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {selection}; }}
QMenu {{ background: {raised}; border: 1px solid {separator}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 16px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selection}; color: {text}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {separator}; margin: 4px 8px; }}

QTabWidget::pane {{ border: none; border-top: 1px solid {separator}; background: {surface}; }}
QTabBar {{ background: {surface}; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 8px 16px; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar[dense="true"]::tab {{ padding: 8px 9px; }}
QTabBar::scroller {{ width: 28px; }}
QTabBar QToolButton {{ padding: 0; border: none; min-height: 0; background: {surface}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}

QPushButton, QToolButton {{ background: {raised}; color: {text}; border: 1px solid {separator};
    border-radius: 5px; padding: 4px 12px; min-height: {line}px; }}
QToolButton {{ padding: 3px 8px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {muted}; }}
QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{ background: {selection}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {muted}; background: {surface}; }}
QPushButton[primary="true"] {{ background: {accent}; color: {accent_text};
    border-color: {accent}; }}
QPushButton[primary="true"]:hover {{ border-color: {text}; }}
QPushButton[primary="true"]:disabled {{ background: {separator}; color: {muted};
    border-color: {separator}; }}
QPushButton[flat="true"], QToolButton[flat="true"] {{ background: transparent; border: none; }}
QPushButton[link="true"] {{ background: transparent; border: none; color: {accent};
    text-align: left; padding: 4px 0px; }}
QPushButton[link="true"]:hover {{ text-decoration: underline; }}
QPushButton[link="true"]:focus {{ text-decoration: underline; }}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {background}; color: {text}; border: 1px solid {separator}; border-radius: 5px;
    padding: 3px 6px; min-height: {line}px; selection-background-color: {accent};
    selection-color: {accent_text}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus {{ border-color: {accent}; }}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"] {{ border-color: {error}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled,
QComboBox:disabled {{ color: {muted}; background: {surface}; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-origin: border;
    subcontrol-position: top right; width: 18px; border: none; background: transparent; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-origin: border;
    subcontrol-position: bottom right; width: 18px; border: none; background: transparent; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({up}); width: 8px; height: 8px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow, QComboBox::down-arrow {{
    image: url({down}); width: 8px; height: 8px; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px;
    border: 1px solid {muted}; background: {background}; border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: 7px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{ background: {accent};
    border-color: {accent}; image: url({check}); }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {separator}; }}

QAbstractItemView {{ background: {background}; color: {text}; border: none; outline: none;
    alternate-background-color: {surface}; gridline-color: {separator};
    selection-background-color: {selection}; selection-color: {text}; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {separator}; }}
QListWidget::item {{ padding: 6px 12px; border: none; }}
QListWidget::item:selected {{ background: {selection}; color: {text}; }}
QTableView::item {{ padding: 0px 5px; border: none; }}
QHeaderView {{ background: {background}; border: none; }}
QHeaderView::section {{ background: {background}; color: {muted}; border: none;
    border-bottom: 1px solid {separator}; padding: 6px 8px; }}
QTableCornerButton::section {{ background: {background}; border: none; }}

QScrollArea, QGraphicsView {{ border: none; background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {separator}; border-radius: 4px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QAbstractScrollArea::corner {{ background: transparent; border: none; }}

QStatusBar {{ background: {surface}; border-top: 1px solid {separator}; }}
QStatusBar::item {{ border: none; }}
QProgressBar {{ background: {separator}; border: none; border-radius: 3px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QDockWidget {{ titlebar-close-icon: none; color: {muted}; }}
QDockWidget::title {{ background: {surface}; padding: 4px 8px; }}
QGroupBox {{ border: none; margin-top: 24px; font-weight: 600; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 0px; }}

QLabel[role="title"] {{ font-size: {title_pt}pt; font-weight: 600; }}
QLabel[role="heading"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {muted}; }}
QLabel[role="error"] {{ color: {error}; }}
QLabel[role="warning"] {{ color: {warning}; }}
QLabel[role="good"] {{ color: {good}; }}
QFrame[role="separator"] {{ background: {separator}; border: none; max-height: 1px; }}
QWidget[role="page"] {{ background: {background}; }}
QWidget[role="side"] {{ background: {surface}; }}
"""


def style_application(application: QApplication, palette: Palette) -> None:
    """Fusion in the palette's colours, and the style sheet above.

    The sheet names roles of the palette and stays: for another one Qt asks all widgets, 50
    microseconds each. What is in sight takes the new colours now, the rest when it is shown.
    """
    application.setPalette(qt_palette(palette))
    sheet = _sheet(application)
    if application.styleSheet() == sheet:
        _dress_windows(application)
        return
    if application.property("fusion") is None:  # each time it dresses every widget anew
        application.setStyle("Fusion")
        application.setProperty("fusion", True)
    application.setStyleSheet("")  # one sheet over another takes Qt five times as long
    application.setStyleSheet(sheet)


def _sheet(application: QApplication) -> str:
    """The style sheet in the font of the application."""
    from seam_gui.look.resources import icon_path

    return _TEMPLATE.format(
        **{name: f"palette({said})" for name, (_, said) in _ROLES.items()},
        line=QFontMetrics(application.font()).height(),
        title_pt=round(application.font().pointSizeF() * 1.5, 1),
        up=icon_path("chevron-up", _ARROW),
        down=icon_path("chevron-down", _ARROW),
        check=icon_path("check", _CHECK),
    )


class _WhenShown(QObject):
    """What was hidden while the palette changed takes its colours as soon as it is shown."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Show and isinstance(watched, QWidget):
            watched.removeEventFilter(self)
            self.dress(watched)
        return False

    def dress(self, widget: QWidget) -> None:
        """The style's answers for a widget and what it shows, found anew in today's palette."""
        if widget.isHidden():
            widget.installEventFilter(self)
            return
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
        for child in widget.children():
            if isinstance(child, QWidget):
                self.dress(child)


def _dress_windows(application: QApplication) -> None:
    dresser = application.findChild(_WhenShown) or _WhenShown(application)
    for window in application.topLevelWidgets():
        dresser.dress(window)


def qt_palette(palette: Palette) -> QPalette:
    """The colours that Qt itself draws with."""
    qt = QPalette()
    for name, (roles, _) in _ROLES.items():
        for role in roles:
            qt.setColor(role, QColor(getattr(palette, name)))
    for role in (QPalette.Text, QPalette.ButtonText, QPalette.WindowText):
        qt.setColor(QPalette.Disabled, role, QColor(palette.muted))
    return qt
