"""The menus: what there is, its shortcut, what it says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QAction, QActionGroup, QMenu

from seam_gui.look.theme import MODES, theme
from seam_gui.work.documents import demos

if TYPE_CHECKING:
    from seam_gui.shell.main_window import MainWindow

MENUS = ("File", "Edit", "Select", "Clusters", "Run", "View", "Help")


@dataclass(frozen=True)
class Entry:
    """One menu entry; its objectName is `action_<name>`."""

    name: str
    text: str
    shortcut: str
    tip: str
    triggered: Callable[[], object]


def build_menus(window: MainWindow) -> dict[str, QMenu]:
    """All menus of the window, by name."""
    bar = window.menuBar()
    menus = {}
    for name in MENUS:
        menus[name] = bar.addMenu(f"&{name}")
        menus[name].setObjectName(f"menu_{name.lower()}")
        menus[name].setToolTipsVisible(True)
    _file(window, menus["File"])
    _edit(window, menus["Edit"])
    _run(window, menus["Run"])
    _view(window, menus["View"])
    _help(window, menus["Help"])
    return menus


def add(window: MainWindow, menu: QMenu, *entries: Entry | None) -> None:
    """Append entries; None is a separator."""
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        action = QAction(entry.text, window)
        action.setObjectName(f"action_{entry.name}")
        action.setToolTip(entry.tip)
        action.setStatusTip(entry.tip)
        if entry.shortcut:
            action.setShortcut(entry.shortcut)
        action.triggered.connect(lambda _checked, run=entry.triggered: run())
        menu.addAction(action)


def _file(window: MainWindow, menu: QMenu) -> None:
    files = window.files
    add(
        window,
        menu,
        Entry("new", "New analysis", "Ctrl+N", "Start from a model and a sequence", files.new),
        Entry(
            "recipe",
            "Start from a recipe…",
            "Ctrl+Shift+N",
            "A published analysis, or one of yours",
            files.choose_recipe,
        ),
        Entry("open", "Open session…", "Ctrl+O", "A folder saved before", files.open_session),
    )
    demo = menu.addMenu("Open demo")
    demo.setObjectName("menu_demo")
    for name in demos():
        add(
            window,
            demo,
            Entry(f"demo_{name}", name, "", "A precomputed result", lambda n=name: files.demo(n)),
        )
    demo.setEnabled(bool(demos()))
    recent = menu.addMenu("Open recent")
    recent.setObjectName("menu_recent")
    recent.aboutToShow.connect(lambda: _recent(window, recent))
    _recent(window, recent)
    tip = "A table with maps, embedding or linkage made elsewhere"
    add(
        window,
        menu,
        Entry("import", "Import files…", "Ctrl+I", tip, files.import_files),
        Entry(
            "new_batch",
            "New batch…",
            "Ctrl+Shift+B",
            "The settings of the tabs at many loci",
            files.new_batch,
        ),
        Entry(
            "open_batch",
            "Open batch results…",
            "",
            "Tables over the loci of a batch, finished or under way, and each locus",
            files.open_batch,
        ),
        None,
        Entry("save", "Save", "Ctrl+S", "Write the session into its folder", files.save),
        Entry("save_as", "Save as…", "Ctrl+Shift+S", "Write it into another folder", files.save_as),
        Entry(
            "save_recipe",
            "Save as recipe…",
            "",
            "The parameters of every stage, for other models and sequences",
            files.save_recipe,
        ),
        None,
        Entry(
            "compare",
            "Compare with session…",
            "Ctrl+Shift+K",
            "Two heads, methods or libraries: one embedding, which clusters are which, logos",
            files.compare,
        ),
        Entry("report", "Report…", "Ctrl+Shift+R", "One HTML file of all findings", files.report),
    )
    export = menu.addMenu("Export")
    export.setObjectName("menu_export")
    export.setToolTipsVisible(True)
    add(window, export, *[Entry(*entry) for entry in window.exports.entries()])
    add(window, menu, None, Entry("quit", "Quit", "Ctrl+Q", "Close the window", window.close))


def _recent(window: MainWindow, menu: QMenu) -> None:
    menu.clear()
    recent = [path for path in window.settings.recent if path.is_dir()]
    for i, path in enumerate(recent):
        text = f"{path.name}   –   {path.parent}"
        add(
            window,
            menu,
            Entry(f"recent_{i}", text, "", str(path), lambda p=path: window.files.open_path(p)),
        )
    if recent:
        forget = window.settings.clear_recent
        add(window, menu, None, Entry("recent_clear", "Clear the list", "", "", forget))
    else:
        menu.addAction("Nothing yet").setEnabled(False)


def _edit(window: MainWindow, menu: QMenu) -> None:
    history = window.state.history
    for made, name, shortcut in (
        (history.createUndoAction(window, "Undo"), "undo", "Ctrl+Z"),
        (history.createRedoAction(window, "Redo"), "redo", "Ctrl+Shift+Z"),
    ):
        made.setObjectName(f"action_{name}")
        made.setShortcut(shortcut)
        menu.addAction(made)
    tip = "Where the sequence lies in the genome: for sites as BED, and the report"
    add(window, menu, None, Entry("locus", "Locus…", "", tip, window.files.locus), None)
    autosave = QAction("Keep a recovery copy", window, checkable=True)
    autosave.setObjectName("action_autosave")
    autosave.setToolTip("Write unsaved work aside every half minute, in case of a crash")
    autosave.setChecked(window.settings.autosave)
    autosave.toggled.connect(lambda on: setattr(window.settings, "autosave", on))
    menu.addAction(autosave)


def _run(window: MainWindow, menu: QMenu) -> None:
    add(
        window,
        menu,
        Entry(
            "run_tab",
            "Run this tab's stage",
            "Ctrl+Return",
            "What the blue button of the tab does",
            window.run_tab,
        ),
        Entry("run_all", "Run the whole analysis", "Ctrl+R", "All six stages", window.run_all),
        None,
        Entry("cancel", "Cancel", "Ctrl+.", "Stop what is running", window.jobs.cancel_all),
    )


def _view(window: MainWindow, menu: QMenu) -> None:
    for i, name in enumerate(window.tab_names):
        add(
            window,
            menu,
            Entry(
                f"tab_{name.lower()}",
                name,
                f"Ctrl+{i + 1}",
                f"Show the tab {name}",
                lambda n=name: window.show_tab(n),
            ),
        )
    menu.addSeparator()
    modes = menu.addMenu("Theme")
    modes.setObjectName("menu_theme")
    group = QActionGroup(window)
    for mode in MODES:
        action = QAction(mode.capitalize(), group, checkable=True)
        action.setObjectName(f"action_theme_{mode}")
        action.setChecked(theme().mode == mode)
        action.triggered.connect(lambda _checked, m=mode: window.set_theme(m))
        modes.addAction(action)
    safe = QAction("Colour-blind-safe colours", window, checkable=True)
    safe.setObjectName("action_colour_blind")
    safe.setToolTip("Letters and scales without red beside green")
    safe.setChecked(theme().colour_blind)
    safe.toggled.connect(window.set_colour_blind)
    menu.addAction(safe)
    add(
        window,
        menu,
        None,
        Entry("fullscreen", "Full screen", "F11", "And back", window.toggle_full_screen),
        Entry("reset_layout", "Reset the layout", "", "As at the first start", window.reset_layout),
    )


def _help(window: MainWindow, menu: QMenu) -> None:
    add(
        window,
        menu,
        Entry("help", "Help", "F1", "About the tab that is shown", window.show_help),
        Entry("shortcuts", "Keyboard shortcuts", "Ctrl+/", "All of them", window.show_shortcuts),
        None,
        Entry("about", "About SEAM", "", "Versions, licence, citation", window.show_about),
    )
