"""Commands of the tabs: what each adds to the menus while it is in front, and its buttons."""

from __future__ import annotations

from collections.abc import Mapping

from seam_core.readers.tracks import FORMATS
from seam_gui.commands.needs import (
    CHOSEN,
    CLUSTERS,
    HIDDEN,
    KEPT,
    LIBRARY,
    MAPS,
    MARKED,
    MATCHED,
    POINTS,
    SELECTED,
    SITES,
    TRACKS,
)
from seam_gui.commands.record import Command, Need


def _edit(
    name: str, text: str, keys: str, tip: str, needs: Need = CHOSEN, button: str = ""
) -> Command:
    return Command(f"cluster_{name}", text, keys, tip, needs, button)


_TOOLS = (("lasso", "L", "Lasso"), ("polygon", "P", "Polygon"), ("rectangle", "B", "Box"))
_SELECT = (
    Command("select_all", "All sequences", "Ctrl+A", "Every sequence", LIBRARY),
    Command("invert", "Invert", "Ctrl+Shift+A", "What is not selected", LIBRARY),
    Command("clear", "Clear", "Esc", "Nothing selected, nothing brushed", MARKED),
    Command("query", "By a question…", "Ctrl+K", "Activity > 3 and Hamming <= 10", LIBRARY),
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
        MAPS,
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
CURATION = (
    _edit("merge", "Merge", "Ctrl+M", "The selected clusters as one"),
    _edit("split", "Split…", "Ctrl+Shift+M", "Cluster the selected cluster's maps again"),
    _edit(
        "cut",
        "Cut at selection",
        "Ctrl+J",
        "Split the cluster the lasso goes through",
        CLUSTERS,
        "Cut",
    ),
    _edit(
        "gather",
        "New from selection",
        "Ctrl+G",
        "The selected sequences as a cluster",
        CLUSTERS,
        "New",
    ),
    _edit("label", "Label…", "F2", "Name the selected cluster"),
    _edit("colour", "Colour…", "Ctrl+L", "Colour of the selected clusters"),
    _edit("hide", "Hide", "Ctrl+H", "Leave the selected clusters out of the pictures"),
    _edit("show_all", "Show all", "Ctrl+Shift+H", "Draw hidden clusters again", HIDDEN),
    _edit("up", "Move up", "Alt+Up", "One row up, where clusters are shown as arranged"),
    _edit("down", "Move down", "Alt+Down", "One row down"),
)
_READ = Command(
    "read_labels",
    "Read labels…",
    "",
    "Labels, notes and colours from a table with a column Cluster: one exported here, or phy's",
    CLUSTERS,
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
        f"{FORMATS} below the logos and the matrix",
        LIBRARY,
    ),
    Command("remove_track", "Remove a track…", "", "Take an annotation track away", TRACKS),
)
_SHOW = (
    Command("fit", "Fit the scatter", "F", "Show all points", POINTS),
    Command(
        "map_beside",
        "Another map beside",
        "Ctrl+Alt+M",
        "Other axes or another embedding below the scatter, with the same selection and colours",
        POINTS,
    ),
    Command(
        "next_names",
        "Names in the scatter",
        "T",
        "Ids or labels of the clusters at their points: none, all, labels alone",
        CLUSTERS,
    ),
    Command("reference", "Go to the reference", "R", "Bring it to the middle", POINTS),
    Command("star", "Star of the reference", "Shift+R", "Shown, with its name, hidden", POINTS),
    Command("all_positions", "All positions", "0", "Logos and MSM from end to end", LIBRARY),
    Command("go_to", "Go to positions…", "Ctrl+Shift+G", "85-110, 88 or chr2R:5,876,620", LIBRARY),
    Command("tick_spacing", "Spacing of position numbers…", "", "Every how many positions"),
    Command("view_back", "Back", "Alt+Left", "What the picture showed before it was moved"),
    Command("view_forward", "Forward", "Alt+Right", "What it showed before going back"),
    Command("view_home", "Home", "Home", "All that the picture has", LIBRARY),
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

TAB_MENUS: Mapping[str, Mapping[str, tuple[Command, ...]]] = {
    "Explore": {
        "Select": _SELECT,
        "Clusters": (*CURATION, _READ, *_CANDIDATES),
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
    *(one for one in CURATION if one.name in ("cluster_merge", "cluster_label")),
)
SITE_BUTTONS = _SITE
CLUSTER_BUTTONS = tuple(
    command
    for command in CURATION
    if command.name.removeprefix("cluster_")
    in ("merge", "split", "cut", "gather", "hide", "show_all")
)
