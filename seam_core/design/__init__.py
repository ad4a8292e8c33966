"""Design: from a mechanism to sequences that can be ordered, each verified by the model.

panel = Designer(projector, DesignerParameters(mechanism=7, n_designs=24)).run()
write_panel(panel, "out/panel")
"""

from seam_core.design.designer import Designer
from seam_core.design.panel import Panel, counted
from seam_core.design.write import panel_session, with_panel, write_panel

__all__ = ["Designer", "Panel", "counted", "panel_session", "with_panel", "write_panel"]
