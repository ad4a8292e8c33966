"""The actions of Explore: menu, name, text, key, what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seam_gui.tabs.explore.actions import Offer

if TYPE_CHECKING:
    from seam_gui.tabs.explore_tab import ExploreTab


def offers(tab: ExploreTab) -> list[Offer]:
    """All of them, in the order of the menus."""
    return [*_select(tab), *_clusters(tab), *_view(tab), *_file(tab)]


def _select(tab: ExploreTab) -> list[Offer]:
    scatter = tab.scatter
    entries = [
        ("select_all", "All sequences", "Ctrl+A", "Every sequence", tab.select_all),
        ("invert", "Invert", "Ctrl+Shift+A", "What is not selected", tab.invert),
        ("clear", "Clear", "Esc", "Nothing selected, nothing brushed", tab.clear),
        (
            "query",
            "By a question…",
            "Ctrl+K",
            "Activity > 3 and Hamming <= 10",
            scatter.focus_query,
        ),
        ("keep", "Keep selection", "K", "Beside the next ones, as A, B, C …", tab.keep),
        ("next", "Next cluster", "Ctrl+Down", "In the table's order", lambda: tab.step_cluster(1)),
        (
            "previous",
            "Former cluster",
            "Ctrl+Up",
            "In the table's order",
            lambda: tab.step_cluster(-1),
        ),
    ]
    for tool, key, text in (
        ("lasso", "L", "Lasso"),
        ("polygon", "P", "Polygon"),
        ("rectangle", "B", "Box"),
        ("pan", "H", "Hand"),
    ):
        run = lambda t=tool: scatter.choose_tool(t)  # noqa: E731
        entries.append(
            (f"tool_{tool}", f"{text} tool", key, "What dragging in the scatter does", run)
        )
    return [Offer("Select", *entry) for entry in entries]


def _clusters(tab: ExploreTab) -> list[Offer]:
    entries = [
        ("merge", "Merge", "Ctrl+M", "The selected clusters as one"),
        ("split", "Split…", "Ctrl+Shift+M", "Cluster the selected cluster's maps again"),
        ("cut", "Cut at selection", "Ctrl+J", "Split the cluster that the lasso goes through"),
        ("gather", "New from selection", "Ctrl+G", "The selected sequences as a cluster"),
        ("label", "Label…", "F2", "Name the selected cluster"),
        ("colour", "Colour…", "Ctrl+L", "Colour of the selected clusters"),
        ("hide", "Hide", "Ctrl+H", "Leave the selected clusters out of the pictures"),
        ("show_all", "Show all", "Ctrl+Shift+H", "Draw hidden clusters again"),
        ("up", "Move up", "Alt+Up", "One row up, where clusters are shown as arranged"),
        ("down", "Move down", "Alt+Down", "One row down"),
    ]
    return [
        Offer("Clusters", f"cluster_{name}", text, key, tip, lambda n=name: tab.curate(n))
        for name, text, key, tip in entries
    ]


def _view(tab: ExploreTab) -> list[Offer]:
    logos, msm, scatter = tab.logos, tab.msm, tab.scatter
    entries = [
        ("fit", "Fit the scatter", "F", "Show all points", scatter.view.fit),
        (
            "reference",
            "Go to the reference",
            "R",
            "Bring it to the middle",
            scatter.go_to_reference,
        ),
        ("all_positions", "All positions", "0", "Logos and MSM from end to end", tab.axis.reset),
        ("next_logo", "Next kind of logo", "M", "Average, foreground, …", logos.next_kind),
        ("next_msm", "Next MSM quantity", "N", "Entropy, change, …", msm.next_quantity),
        ("fixed_y", "Fixed y axis", "Y", "One for all", lambda: logos.toggle("logo_fixed")),
        (
            "centred",
            "Centred logos",
            "C",
            "Mean 0 at a position",
            lambda: logos.toggle("logo_centred"),
        ),
        (
            "mutants_only",
            "Reference in grey",
            "G",
            "Colour letters that differ from the reference",
            lambda: logos.toggle("logo_by_reference"),
        ),
    ]
    return [Offer("View", *entry) for entry in entries]


def _file(tab: ExploreTab) -> list[Offer]:
    exports = tab.exports
    return [
        Offer(
            "File", "export_picture", "Export picture…", "Ctrl+E", "PNG, SVG or PDF", exports.ask
        ),
        Offer(
            "Edit",
            "copy_python",
            "Copy as Python",
            "Ctrl+Shift+C",
            "The lines that draw the current figure from the session",
            exports.copy_python,
        ),
    ]
