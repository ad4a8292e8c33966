"""Commands of the window, whatever tab is in front."""

from __future__ import annotations

from collections.abc import Mapping

from seam_gui.commands.needs import (
    CLUSTERS,
    COMPARED,
    PLACE,
    REPORTED,
    SAVED,
    SESSION,
)
from seam_gui.commands.record import Command, Item, Submenu
from seam_gui.commands.submenus import EXPORT, THEME
from seam_gui.state.tab_titles import TABS

MENUS: Mapping[str, tuple[Item, ...]] = {
    "File": (
        Command("new", "New analysis", "Ctrl+N", "Start from a model and a sequence"),
        Command(
            "recipe",
            "Start from a recipe…",
            "Ctrl+Shift+N",
            "A published analysis, or one of yours",
        ),
        Command("open", "Open session…", "Ctrl+O", "A folder saved before"),
        Submenu("demo", "Open demo"),
        Submenu("recent", "Open recent"),
        Command(
            "import",
            "Import files…",
            "Ctrl+I",
            "A table with maps, embedding or linkage made elsewhere",
        ),
        Command("new_batch", "New batch…", "Ctrl+Shift+B", "The settings of the tabs at many loci"),
        Command(
            "open_batch",
            "Open batch results…",
            "",
            "Tables over the loci of a batch, finished or under way, and each locus",
        ),
        Command(
            "open_variants",
            "Open variants…",
            "Ctrl+Shift+V",
            "What the variants of a VCF, or a typed one, do to activity, sites and mechanism",
            CLUSTERS,
        ),
        None,
        Command("save", "Save", "Ctrl+S", "Write the session into its folder", SAVED),
        Command("save_as", "Save as…", "Ctrl+Shift+S", "Write it into another folder", SESSION),
        Command(
            "save_recipe",
            "Save as recipe…",
            "",
            "The parameters of every stage, for other models and sequences",
        ),
        None,
        Command(
            "compare",
            "Compare with session…",
            "Ctrl+Shift+K",
            "Two heads, methods or libraries: one embedding, which clusters are which, logos",
            COMPARED,
        ),
        Command("report", "Report…", "Ctrl+Shift+R", "One HTML file of all findings", REPORTED),
        EXPORT,
        None,
        Command("quit", "Quit", "Ctrl+Q", "Close the window"),
    ),
    "Edit": (
        Command("undo", "Undo", "Ctrl+Z"),
        Command("redo", "Redo", "Ctrl+Shift+Z"),
        None,
        Command(
            "locus",
            "Locus…",
            "",
            "Where the sequence lies in the genome: for sites as BED, and the report",
            PLACE,
        ),
        None,
        Command(
            "autosave",
            "Keep a recovery copy",
            "",
            "Write unsaved work aside every half minute, in case of a crash",
            checkable=True,
        ),
    ),
    "Select": (),
    "Clusters": (
        Command(
            "design",
            "Design sequences…",
            "Ctrl+Shift+D",
            "Sequences that have a cluster's mechanism, verified by the model, ready to be ordered",
            CLUSTERS,
        ),
    ),
    "Sites": (),
    "Run": (
        Command(
            "run_tab", "Run this tab's stage", "Ctrl+Return", "What the blue button of the tab does"
        ),
        Command("run_all", "Run the whole analysis", "Ctrl+R", "All stages"),
        None,
        Command("cancel", "Cancel", "Ctrl+.", "Stop what is running"),
    ),
    "View": (
        *(
            Command(f"tab_{name.lower()}", name, f"Ctrl+{i}", f"Show the tab {name}")
            for i, name in enumerate(TABS, 1)
        ),
        None,
        THEME,
        Command(
            "colour_blind",
            "Colour-blind-safe colours",
            "",
            "Letters and scales without red beside green",
            checkable=True,
        ),
        None,
        Command("fullscreen", "Full screen", "F11", "And back"),
        Command("reset_layout", "Reset the layout", "", "As at the first start"),
    ),
    "Help": (
        Command("help", "Help", "F1", "About the tab that is shown"),
        Command(
            "palette", "Find a command…", "Ctrl+Shift+P", "Every command, by some of its words"
        ),
        Command("tour", "Tour", "", "What is where, in a minute"),
        Command("shortcuts", "Keyboard shortcuts", "Ctrl+/", "All of them"),
        Command("edit_shortcuts", "Edit shortcuts…", "", "Other keys for commands; remembered"),
        Command("problem", "Report a problem…", "", "Versions, the last actions and the log"),
        None,
        Command("about", "About SEAM", "", "Versions, licence, citation"),
    ),
}

# asked for by buttons alone
OTHERS = (Command("first_demo", "Open the demo", "", "A precomputed result"),)
