"""Every command of the application, in one table.

Menus, context menus, buttons, the list of shortcuts in Help and tests are made from it. What a
command does is given by whoever can do it: `actions.Actions` binds the two by the command's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seam_gui.commands.needs import (
    CLUSTERS,
    COMPARED,
    KEPT,
    MATCHED,
    PLACE,
    REPORTED,
    SAVED,
    SELECTED,
    SESSION,
    SITES,
)
from seam_gui.commands.record import Command, Item, Submenu
from seam_gui.commands.submenus import EXPORT, THEME


def _edit(name: str, text: str, keys: str, tip: str, button: str = "") -> Command:
    return Command(f"cluster_{name}", text, keys, tip, CLUSTERS, button)


TABS = ("Library", "Table", "Attribution", "Clusters", "Explore", "Identify")

# of the window, whatever tab is in front
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
        Command("run_all", "Run the whole analysis", "Ctrl+R", "All six stages"),
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

_TOOLS = (("lasso", "L", "Lasso"), ("polygon", "P", "Polygon"), ("rectangle", "B", "Box"))
_SELECT = (
    Command("select_all", "All sequences", "Ctrl+A", "Every sequence"),
    Command("invert", "Invert", "Ctrl+Shift+A", "What is not selected"),
    Command("clear", "Clear", "Esc", "Nothing selected, nothing brushed"),
    Command("query", "By a question…", "Ctrl+K", "Activity > 3 and Hamming <= 10"),
    Command("keep", "Keep selection", "K", "Beside the next ones, as A, B, C …", SELECTED),
    Command(
        "compare_kept",
        "Compare kept selections…",
        "Shift+K",
        "Side by side: logos and their difference, MSM rows, histograms, what distinguishes them",
        KEPT,
    ),
    Command(
        "neighbours",
        "Nearest neighbours",
        "W",
        "The sequences whose maps are nearest to the one under the mouse, or selected alone",
    ),
    Command(
        "subspace",
        "Zoom into the selection",
        "Ctrl+Shift+Down",
        "Embed the selected sequences anew, alone; clusters edited there come back with you",
        SELECTED,
    ),
    Command(
        "subspace_back",
        "Back to all sequences",
        "Ctrl+Shift+Up",
        "Leave the space of a selection, with what was done in it",
    ),
    Command("next", "Next cluster", "Ctrl+Down", "In the table's order", CLUSTERS),
    Command("previous", "Former cluster", "Ctrl+Up", "In the table's order", CLUSTERS),
    *(
        Command(f"tool_{tool}", f"{text} tool", key, "What dragging in the scatter does")
        for tool, key, text in (*_TOOLS, ("pan", "H", "Hand"), ("zoom", "Z", "Zoom"))
    ),
)
_CURATE = (
    _edit("merge", "Merge", "Ctrl+M", "The selected clusters as one"),
    _edit("split", "Split…", "Ctrl+Shift+M", "Cluster the selected cluster's maps again"),
    _edit("cut", "Cut at selection", "Ctrl+J", "Split the cluster the lasso goes through", "Cut"),
    _edit("gather", "New from selection", "Ctrl+G", "The selected sequences as a cluster", "New"),
    _edit("label", "Label…", "F2", "Name the selected cluster"),
    _edit("colour", "Colour…", "Ctrl+L", "Colour of the selected clusters"),
    _edit("hide", "Hide", "Ctrl+H", "Leave the selected clusters out of the pictures"),
    _edit("show_all", "Show all", "Ctrl+Shift+H", "Draw hidden clusters again"),
    _edit("up", "Move up", "Alt+Up", "One row up, where clusters are shown as arranged"),
    _edit("down", "Move down", "Alt+Down", "One row down"),
)
_CANDIDATES = (
    Command(
        "candidate_next",
        "Next merge candidate",
        "J",
        "The next pair of clusters that are alike; both are selected",
        CLUSTERS,
        "Next",
    ),
    Command(
        "candidate_previous",
        "Former merge candidate",
        "Shift+J",
        "The pair before",
        CLUSTERS,
        "Former",
    ),
    Command(
        "candidate_skip",
        "Skip merge candidate",
        "X",
        "Offer this pair no more, go on to the next",
        CLUSTERS,
        "Skip",
    ),
)
_TRACKS = (
    Command(
        "add_track",
        "Add annotation tracks…",
        "Ctrl+T",
        "BED, narrowPeak, GFF, GTF, VCF, bedGraph or bigWig below the logos and the matrix",
        PLACE,
    ),
    Command("remove_track", "Remove a track…", "", "Take an annotation track away"),
)
_SHOW = (
    Command("fit", "Fit the scatter", "F", "Show all points"),
    Command(
        "next_names",
        "Names in the scatter",
        "T",
        "Ids or labels of the clusters at their points: none, all, labels alone",
        CLUSTERS,
    ),
    Command("reference", "Go to the reference", "R", "Bring it to the middle"),
    Command("star", "Star of the reference", "Shift+R", "Shown, with its name, hidden"),
    Command("all_positions", "All positions", "0", "Logos and MSM from end to end"),
    Command("go_to", "Go to positions…", "Ctrl+Shift+G", "85-110, 88 or chr2R:5,876,620"),
    Command("tick_spacing", "Spacing of position numbers…", "", "Every how many positions"),
    Command("view_back", "Back", "Alt+Left", "What the picture showed before it was moved"),
    Command("view_forward", "Forward", "Alt+Right", "What it showed before going back"),
    Command("view_home", "Home", "Home", "All that the picture has"),
    Command("next_logo", "Next kind of logo", "M", "Average, foreground, …"),
    Command("next_msm", "Next MSM quantity", "N", "Entropy, change, …"),
    Command("fixed_y", "Fixed y axis", "Y", "One for all"),
    Command("centred", "Centred logos", "C", "Mean 0 at a position"),
    Command(
        "mutants_only", "Reference in grey", "G", "Colour letters that differ from the reference"
    ),
    Command("reference_only", "Reference in colour", "Shift+G", "All other letters are grey"),
    Command("shaded", "Shade below zero", "", "Letters below zero are darker"),
)
_PICTURE = Command("export_picture", "Export picture…", "Ctrl+E", "PNG, SVG or PDF")
_COPY = Command(
    "copy_python",
    "Copy as Python",
    "Ctrl+Shift+C",
    "The lines that draw the current figure from the session",
)
_COPY_PICTURE = Command(
    "copy_picture",
    "Copy picture",
    "Ctrl+Alt+C",
    "The picture as it is on the screen; a drag with Ctrl+Alt takes it into another program",
)
_SITE = (
    Command("site_add", "Add site", "", "A site over the brushed positions", SITES, "Add"),
    Command("site_remove", "Remove sites", "Del", "The selected sites away", SITES, "Remove"),
    Command("site_join", "Join sites", "", "The selected sites as one", SITES, "Join"),
    Command(
        "site_split",
        "Split site",
        "",
        "The selected site in two, at the brush or in its middle",
        SITES,
        "Split",
    ),
    Command("site_match", "Match motifs", "", "Compare the sites with known motifs", MATCHED),
    Command("site_use_names", "Use names", "", "Name sites after their best matches", MATCHED),
    Command("site_export", "Export table of sites…", "", "Write the table", SITES, "CSV…"),
)

# asked for by buttons alone
OTHERS = (Command("first_demo", "Open the demo", "", "A precomputed result"),)

# what a tab adds to the menus while it is in front
TAB_MENUS: Mapping[str, Mapping[str, tuple[Command, ...]]] = {
    "Explore": {
        "Select": _SELECT,
        "Clusters": (*_CURATE, *_CANDIDATES),
        "View": _SHOW,
        "File": (*_TRACKS, _PICTURE),
        "Edit": (_COPY, _COPY_PICTURE),
    },
    "Identify": {
        "Sites": _SITE,
        "File": (
            Command(
                "export_sites_picture",
                "Export picture of sites…",
                "Ctrl+E",
                "Covariance, tree, summary matrix, interactions as PNG, SVG or PDF",
            ),
        ),
        "Edit": (
            Command(
                "copy_sites_python",
                "Copy picture of sites as Python",
                "Ctrl+Shift+C",
                "The lines that draw the current figure of Identify from the session",
            ),
        ),
    },
}
CANDIDATE_BUTTONS = (
    *_CANDIDATES,
    *(one for one in _CURATE if one.name in ("cluster_merge", "cluster_label")),
)
# what the context menus of views offer, by name; "": a line between
_PICTURES = ("", "export_picture", "copy_picture", "copy_python")
_SITE_PICTURES = ("", "export_sites_picture", "copy_sites_python")
_EDITS = tuple(command.name for command in _CURATE)
_VIEW = ("view_back", "view_forward", "view_home")
_LOGOS = (
    "next_logo",
    "fixed_y",
    "centred",
    "mutants_only",
    "reference_only",
    "shaded",
    "all_positions",
    "go_to",
    "tick_spacing",
)
VIEW_MENUS: Mapping[str, tuple[str, ...]] = {
    "scatter": (
        *(
            "select_all",
            "invert",
            "clear",
            "keep",
            "compare_kept",
            "subspace",
            "",
            "neighbours",
            "",
            "fit",
            "next_names",
            "reference",
            "star",
            *_VIEW,
            "",
        ),
        *("tool_lasso", "tool_polygon", "tool_rectangle", "tool_pan", "tool_zoom"),
        *_PICTURES,
    ),
    "logos": ("keep", "compare_kept", "clear", "", *_LOGOS, *_VIEW, *_PICTURES),
    "msm": (
        *(*_EDITS, "", "keep", "clear", "", "next_msm", "all_positions", "go_to", "tick_spacing"),
        *(*_VIEW, *_PICTURES),
    ),
    "clusters": (*_EDITS, "", "keep", "subspace", "clear"),
    "candidates": (*(one.name for one in CANDIDATE_BUTTONS), "", "keep", "clear"),
    "comparison": (*_EDITS, "", "keep", "clear", *_PICTURES),
    "sequences": ("select_all", "invert", "clear", "keep", "cluster_gather"),
    "tree": ("keep", "clear", *_PICTURES),
    "statistics": ("all_positions", *_PICTURES),
    "sites": tuple(command.name for command in _SITE),
    "positions": ("site_add", *_SITE_PICTURES),
    "results": _SITE_PICTURES[1:],
}

SITE_BUTTONS = _SITE
CLUSTER_BUTTONS = tuple(
    command
    for command in _CURATE
    if command.name.removeprefix("cluster_")
    in ("merge", "split", "cut", "gather", "hide", "show_all")
)


def commands_of(items: Iterable[Item]) -> Iterator[Command]:
    """The commands among the items of a menu, those of its submenus too."""
    for item in items:
        if isinstance(item, Submenu):
            yield from item.commands
        elif item is not None:
            yield item


def every_command() -> Iterator[tuple[str, Command]]:
    """(menu, command) of all there are: the window's first, then the tabs'."""
    for menus in (MENUS, *TAB_MENUS.values()):
        for menu, items in menus.items():
            for command in commands_of(items):
                yield menu, command
