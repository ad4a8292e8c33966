"""What the context menus of views offer, by name; "": a line between."""

from __future__ import annotations

from collections.abc import Mapping

from seam_gui.commands.tabs import CANDIDATE_BUTTONS, CURATION, SITE_BUTTONS

_PICTURES = ("", "export_picture", "copy_picture", "copy_python")
_SITE_PICTURES = ("", "export_sites_picture", "copy_sites_python")
_EDITS = tuple(command.name for command in CURATION)
_VIEW = ("view_back", "view_forward", "view_home")
_PLACES = ("all_positions", "go_to", "tick_spacing")
_LOGOS = (
    "next_logo",
    "fixed_y",
    "centred",
    "mutants_only",
    "reference_only",
    "shaded",
    *_PLACES,
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
            "map_beside",
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
        *(*_EDITS, "", "keep", "clear", "", "next_msm", *_PLACES),
        *(*_VIEW, *_PICTURES),
    ),
    "overview": (*_PLACES, "", *_VIEW),
    "tracks": ("add_track", "remove_track", "", *_PLACES, "", *_VIEW),
    "legend": ("cluster_show_all", "next_names", "", "select_all", "invert", "clear", "keep"),
    "clusters": (*_EDITS, "", "keep", "subspace", "clear"),
    "candidates": (*(one.name for one in CANDIDATE_BUTTONS), "", "keep", "clear"),
    "comparison": (*_EDITS, "", "keep", "clear", *_PICTURES),
    "sequences": ("select_all", "invert", "clear", "keep", "cluster_gather"),
    "tree": ("keep", "clear", *_PICTURES),
    "statistics": ("all_positions", *_PICTURES),
    "sites": tuple(command.name for command in SITE_BUTTONS),
    "positions": ("site_add", *_SITE_PICTURES),
    "results": _SITE_PICTURES[1:],
}
