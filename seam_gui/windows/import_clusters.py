"""What is done with imported maps at once: how they are grouped, and how clusters are sorted."""

from __future__ import annotations

from PyQt5.QtWidgets import QCheckBox, QScrollArea, QWidget

from seam_core.parameters import ClustererParameters, MetaExplainerParameters, Parameters, describe
from seam_gui.look.theme import SPACING
from seam_gui.widgets.basics import column
from seam_gui.widgets.parameter_form import ParameterForm

_HEIGHT = SPACING * 22


class ImportClusters(QWidget):
    """A box to tick; under it the forms of the grouping and of the order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = QCheckBox("Cluster, summarise and find sites at once")
        self.asked.setObjectName("import_cluster")
        self.asked.setToolTip("As the Clusters tab does; it can be done there later, too")
        self.grouping = ParameterForm(ClustererParameters, "import", only=_of_grouping())
        self.order = ParameterForm(MetaExplainerParameters, "import", only=("cluster_order",))
        inside = QWidget()
        inside.setLayout(column(self.grouping, self.order, None))
        forms = QScrollArea()
        forms.setWidgetResizable(True)
        forms.setWidget(inside)
        forms.setFixedHeight(_HEIGHT)
        forms.hide()
        self.asked.toggled.connect(forms.setVisible)
        self.setLayout(column(self.asked, forms))

    def suggest(self, grouping: ClustererParameters) -> None:
        """What fits the files chosen, as long as the user has not looked at it."""
        if not self.asked.isChecked():
            self.grouping.set_value(grouping)

    def value(self) -> dict[str, Parameters] | None:
        """Parameters by stage, where all that follows the maps is to be run; else None."""
        if not self.asked.isChecked():
            return None
        return {"clusterer": self.grouping.value, "meta_explainer": self.order.value}


def _of_grouping() -> tuple[str, ...]:
    """The clustering and what hangs on which it is."""
    declared = {item.name: item for item in describe(ClustererParameters)}

    def hangs(name: str) -> bool:
        on = declared[name].when
        return name == "clustering" or (on is not None and hangs(on[0]))

    return tuple(name for name in declared if hangs(name))
