"""What each control of the authors' window does is in front of the user after two clicks at most.

Their controls are those of docs/coming_from_seam_nn.md. A window of 1366 x 768 shows Explore; each
step is one real click. Opening a list is a click, and what is looked for is then one of its lines.
"""

from __future__ import annotations

from functools import partial

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractItemView, QApplication, QDialog, QMenu, QTabBar, QWidget

IMPORT = ("menu File", "entry Import files…")
CONTROLS = {
    "MAVE dataset, Browse": (IMPORT, "import_table"),
    "Attribution maps": (IMPORT, "import_maps"),
    "Reference sequence": (IMPORT, "import_reference"),
    "Map start position": (IMPORT, "import_start"),
    "Map stop position": (IMPORT, "import_stop"),
    "Embedding": (IMPORT, "import_embedding"),
    "Linkage": (IMPORT, "import_linkage"),
    "Confirm Imports": (IMPORT, "import_ok"),
    "Number of clusters": (("tab Clusters",), "clusterer_n_clusters"),
    "Cut criterion": (("tab Clusters",), "clusterer_cut_height"),
    "Cluster sorting: median": (("tab Clusters", "press meta_explainer_cluster_order"), "Median"),
    "Cluster sorting: none": (("tab Clusters", "press meta_explainer_cluster_order"), "Label"),
    "Cluster sorting of the matrix": (("press msm_order",), "by median"),
    "kmeans": (("tab Clusters", "press clusterer_clustering"), "K-means"),
    "dbscan": (("tab Clusters", "press clusterer_clustering"), "DBSCAN"),
    "Background separation": (("press logo_attribution",), "Foreground"),
    "Mutation rate": (("tab Clusters",), "meta_explainer_background_rate"),
    "Adaptive scaling": (("tab Clusters",), "meta_explainer_adaptive_background"),
    "Entropy multiplier": (("tab Clusters",), "meta_explainer_entropy_multiplier"),
    "Connect Path": ((), "scatter_tool_polygon"),
    "Reset Path": (("menu Select",), "Clear"),
    "View Cluster": ((), "attribution_logo"),
    "Color map: DNN": (("press scatter_colour",), "Activity"),
    "Color map: Hamming": (("press scatter_colour",), "Hamming"),
    "Color map: Histogram": (("press scatter_colour",), "density"),
    "Drawing order: original": (("press scatter_order",), "original"),
    "Drawing order: ascending": (("press scatter_order",), "ascending"),
    "Drawing order: descending": (("press scatter_order",), "descending"),
    "Marker size": ((), "scatter_size"),
    "Theme: Light": (("menu View", "entry Theme"), "Light"),
    "Theme: Dark": (("menu View", "entry Theme"), "Dark"),
    "Plot reference": (("menu View",), "Star of the reference"),
    "Logo window": ((), "position_edit"),
    "Crop view": ((), "overview_strip"),
    "Sequences": (("panel Sequences",), "selection_table"),
    "Print sequence indices": (("panel Sequences",), "sequence_indices"),
    "Statistics": (("panel Selection statistics",), "activity_view"),
    "Sequence enrichment": (("press logo_sequence",), "Enrichment"),
    "Sequence PWM": (("press logo_sequence",), "Information"),
    "Color reference": (("press logo_letters",), "Reference"),
    "Reference contribution": (("press logo_attribution",), "Contribution"),
    "Choose cluster": ((), "cluster_table"),
    "View variability logo": (("press logo_attribution",), "Variability"),
    "View average background": (("press logo_attribution",), "Background"),
    "Average of maps": (("press logo_attribution",), "Average"),
    "Fixed y-axis": ((), "logo_fixed"),
    "Intra-cluster statistics": (("panel Selection statistics",), "spread_profile"),
    "Plot type: box": (("panel Between clusters", "press comparison_kind"), "Activity: boxes"),
    "Plot type: bar": (("panel Between clusters", "press comparison_kind"), "Activity: bars"),
    "Metric: Occupancy": (("panel Between clusters", "press comparison_kind"), "Occupancy"),
    "Show outliers": (("panel Between clusters",), "comparison_outliers"),
    "Compact visualization": (
        ("panel Between clusters", "press comparison_kind"),
        "Activity: median and IQR",
    ),
    "Positional Shannon entropy": (("press msm_quantity",), "Entropy"),
    "Percent mismatches to reference": (("press msm_quantity",), "Mismatch"),
    "Consensus per cluster": (("press msm_quantity",), "Consensus"),
    "Marginal distributions": ((), "msm_with_marginals"),
    "Choose threshold": (("press msm_with_marginals",), "msm_threshold"),
    "Sequence of the marginals": (("press msm_with_marginals",), "msm_marginal_side"),
    "About": (("menu Help",), "About SEAM"),
    "Restart": (("menu File",), "New analysis"),
    "Exit": (("menu File",), "Quit"),
    "Help": (("menu Help",), "Help"),
}


def click(window, step):
    """One click: a heading or an entry of a menu, a tab, a panel, or a widget by its name."""
    kind, what = step.split(" ", 1)
    if kind == "press":
        window.click(what)
        return
    if kind in ("menu", "entry"):
        bar = window.window.menuBar() if kind == "menu" else QApplication.activePopupWidget()
        (place,) = (bar.actionGeometry(a) for a in bar.actions() if plain(a.text()) == what)
    else:
        bars = window.window.findChildren(QTabBar)
        (bar,) = (b for b in bars if kind_of(b) == kind and b.isVisible())
        (place,) = (bar.tabRect(i) for i in range(bar.count()) if bar.tabText(i) == what)
    QTest.mouseClick(bar, Qt.LeftButton, Qt.NoModifier, place.center())


def plain(text: str) -> str:
    return text.replace("&", "")


def kind_of(bar: QTabBar) -> str:
    titles = [bar.tabText(i) for i in range(bar.count())]
    return "tab" if "Explore" in titles else "panel" if "Legend" in titles else ""


def is_in_front(what: str) -> bool:
    """A line of the list or menu that is open; else a widget of that name that can be seen."""
    opened = QApplication.activePopupWidget()
    if isinstance(opened, QMenu):
        return what in [plain(action.text()) for action in opened.actions()]
    if opened is not None:
        lines = opened.findChild(QAbstractItemView).model()
        return what in [lines.index(row, 0).data() for row in range(lines.rowCount())]
    found = [w for top in QApplication.topLevelWidgets() for w in top.findChildren(QWidget, what)]
    return any(widget.isVisible() and not widget.size().isEmpty() for widget in found)


def check(control: str, what: str) -> None:
    """A menu inside a menu opens after a moment."""
    assert is_in_front(what), control


def put_back(window) -> None:
    """Menus, lists and dialogs closed, nothing ticked, the first panel and Explore in front."""
    while (opened := QApplication.activePopupWidget()) is not None:
        opened.close()
    for dialog in window.window.findChildren(QDialog):
        dialog.close()
    box = window.find("msm_with_marginals")
    if box.isChecked():
        box.click()
    window.show_tab("Explore")
    window.tab("Explore").panels.docks[0].raise_()
    window.settle()


@pytest.fixture
def shown(explore):
    explore.window.resize(1366, 768)
    for name in explore.tab_names:
        explore.tab(name)
    put_back(explore)
    return explore


def test_each_control_of_theirs_is_two_clicks_away(shown):
    for control, (steps, what) in CONTROLS.items():
        assert len(steps) <= 2
        for step in steps:
            click(shown, step)
            QApplication.processEvents()
        shown.qtbot.waitUntil(partial(check, control, what))
        put_back(shown)
