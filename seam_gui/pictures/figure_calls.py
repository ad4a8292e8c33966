"""Publication figures of what Explore shows: made here, and as lines of Python that make the same.

It is a call of a function of `seam_core.figures`. Its arguments are kept both as values and
as the text that a script writes for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seam_core import logos
from seam_core.findings import verdicts_of
from seam_core.meta_explainer import Sums, subset_sums
from seam_core.pictures import kept_arrows, rows_named
from seam_core.records import AttributionMaps, Library
from seam_core.registry import FIGURES
from seam_core.session import Session
from seam_core.tree_drawing import cut_of
from seam_gui.pictures.figure_call import (
    AS_CURATED,
    Argument,
    FigureCall,
    figure_call,
    letter_colours,
)
from seam_gui.pictures.script_names import clusters_in, explanation_in, selection_in
from seam_gui.pictures.shown import FIGURE_QUANTITY, Shown

_SEQUENCE = {"pwm": "information", "enrichment": "enrichment", "frequency": "probability"}


def figure_calls(shown: Shown) -> dict[str, FigureCall]:
    """What can be drawn now, by name; in the order of a menu."""
    makers: dict[str, Callable[[Shown], FigureCall | None]] = {
        "scatter": _scatter,
        "attribution_logo": _attribution,
        "sequence_logo": _sequence,
        "msm": _msm,
        "cluster_logos": _cluster_logos,
        "comparison": _comparison,
        "members": _members,
        "activity": _activity,
        "dendrogram": _dendrogram,
        "tracks": _tracks,
    }
    calls = {}
    for name, maker in makers.items():
        call = maker(shown)
        if call is not None:
            calls[name] = call
    return calls | _of_others(shown)


def _of_others(shown: Shown) -> dict[str, FigureCall]:
    """The pictures that other packages declare (entry points `seam.figures`)."""
    if not FIGURES.names():
        return {}
    from seam_core.figures import available

    session = replace(shown.session, sites=shown.scene.sites)
    edited = shown.scene.curation is not None and shown.scene.curation.stale
    named = set(FIGURES.names()) & set(available(session))
    return {
        name: figure_call(
            FIGURES.get(name).title,
            "draw",
            ("session", session, "session"),
            before=AS_CURATED if edited else [],
            name=name,
        )
        for name in sorted(named)
    }


def _scatter(shown: Shown) -> FigureCall | None:
    session, scene = shown.session, shown.scene
    if session.embedding is None:
        return None
    mask, name, lines = selection_in(shown)
    clustering, clusters, more = clusters_in(shown)
    arguments: list[Argument] = [("embedding", session.embedding, "session.embedding")]
    plain: dict[str, Any] = {
        "components": shown.axes,
        "order": shown.order,
        "hidden": tuple(sorted(scene.hidden)),
        "point_size": shown.marker,
        "naming": shown.naming,
        "sight": shown.sight,
        "letter": shown.letter,
        **letter_colours(),
    }
    if shown.colour_by in scene.columns:
        column = scene.columns[shown.colour_by]
        text = f"session.table.frame[{shown.colour_by!r}].to_numpy()"
        arguments.append(("values", column, text))
        plain["value_name"] = shown.colour_by
        if shown.limits is not None:
            plain["limits"] = shown.limits
    if clustering is not None:
        arguments.append(("clustering", clustering, clusters))
        plain |= {"labels": shown.labels, "colours": scene.chosen_colours}
    if shown.colour_by == "density":
        plain["density"] = True
    elif mask is not None:
        arguments.append(("selected", mask, name))
    left_out = rows_named(scene.columns, shown.left_out)
    if left_out is not None:
        text = f"rows_named(session.table.frame, {dict(shown.left_out)!r})"
        arguments.append(("left_out", left_out, text))
        more = [*more, "from seam_core.pictures import rows_named"]
    if scene.reference is not None:
        plain |= {"reference_row": scene.reference, "star": shown.star}
        arrows = kept_arrows(session.embedding, session.experiments, shown.axes)
        if arrows:
            text = f"kept_arrows(session.embedding, session.experiments, {shown.axes})"
            arguments.append(("arrows", arrows, text))
            more = [*more, "from seam_core.pictures import kept_arrows"]
    before = [*lines, *(line for line in more if line not in lines)]
    return figure_call("Scatter", "embedding_scatter", *arguments, before=before, **plain)


def _sums(shown: Shown, library: Library, maps: AttributionMaps) -> tuple[Sums, list[str]]:
    """Sums of the selection, as `sums` in the script."""
    mask, name, lines = selection_in(shown)
    if mask is None:
        lines = ["import numpy as np"]
        name = "np.ones(len(session.library), bool)"
    take = f"sums = subset_sums(session.library, session.maps, {name})"
    lines = [*lines, "from seam_core.meta_explainer import subset_sums", take]
    if mask is None:
        import numpy as np

        mask = np.ones(len(library), dtype=bool)
    scene = shown.scene
    if scene.sums is None:
        return subset_sums(library, maps, mask), lines
    return subset_sums(library, maps, mask, clusters=scene.sums, rows=scene.rows), lines


def _logo(shown: Shown, kind: str, function: str, title: str, **plain: Any) -> FigureCall | None:
    session = shown.session
    explanation = session.explanation
    if explanation is None or session.maps is None or session.library is None:
        return None
    first, stop = shown.window
    name, more = explanation_in(shown)
    here = slice(first - explanation.start, stop - explanation.start)
    cut = f"[{here.start}:{here.stop}]"
    if kind == "background":
        matrix, lines, text = explanation.background, more, f"{name}.background"
    else:
        sums, lines = _sums(shown, session.library, session.maps)
        lines = [*lines, *(line for line in more if line not in lines)]
        matrix = logos.make(
            kind,
            letter_counts=sums.letter_counts,
            library_counts=explanation.letter_counts.sum(axis=0),
            map_sums=sums.map_sums,
            sizes=sums.sizes,
            contribution_sums=sums.contribution_sums,
            background=explanation.background,
        )[0]
        lines += [
            "from seam_core import logos",
            "matrix = logos.make(",
            f"    {kind!r},",
            "    letter_counts=sums.letter_counts,",
            f"    library_counts={name}.letter_counts.sum(axis=0),",
            "    map_sums=sums.map_sums,",
            "    sizes=sums.sizes,",
            "    contribution_sums=sums.contribution_sums,",
            f"    background={name}.background,",
            ")[0]",
        ]
        text = "matrix"
    arguments: list[Argument] = [("matrix", matrix[here], text + cut)]
    if explanation.reference is not None:
        reference = explanation.reference[here]
        arguments.append(("reference", reference, f"{name}.reference{cut}"))
        if shown.options.letters != "all":
            plain["letters"] = shown.options.letters
    if shown.options.shaded:
        plain["shaded"] = True
    if session.sites is not None:
        sites = tuple(s for s in session.sites.sites if s.start < stop and s.stop > first)
        arguments.append(("sites", sites, f"session.sites.sites[:{len(session.sites.sites)}]"))
        if len(sites) != len(session.sites.sites):
            inside = f"[s for s in session.sites.sites if s.start < {stop} and s.stop > {first}]"
            arguments[-1] = ("sites", sites, inside)
        plain |= _judged(session)
    if shown.selection is not None and shown.selection.positions is not None:
        plain["highlights"] = (shown.selection.positions,)
    plain |= {"alphabet": explanation.alphabet, "start": first, **letter_colours()}
    return figure_call(title, function, *arguments, before=lines, **plain)


def _attribution(shown: Shown) -> FigureCall | None:
    kind = shown.options.attribution
    if kind == "variability":
        name, lines = explanation_in(shown)
        explanation = shown.session.explanation
        if explanation is None:
            return None
        argument = ("explanation", explanation, name)
        return figure_call(
            "All clusters' logos overlaid",
            "variability_logo",
            argument,
            before=lines,
            centre=shown.options.centred,
            **letter_colours(),
        )
    return _logo(shown, kind, "attribution_logo", "Attribution logo", centre=shown.options.centred)


def _sequence(shown: Shown) -> FigureCall | None:
    kind = shown.options.sequence
    return _logo(shown, kind, "sequence_logo", "Sequence logo", quantity=_SEQUENCE[kind])


def _msm(shown: Shown) -> FigureCall | None:
    session = shown.session
    if session.explanation is None:
        return None
    name, lines = explanation_in(shown)
    arguments: list[Argument] = [("explanation", session.explanation, name)]
    sites = shown.scene.sites
    if sites is not None and sites is session.sites:
        arguments.append(("sites", sites, "session.sites"))
    elif sites is not None:
        lines = [
            *lines,
            "from seam_core.handwork import as_curated",
            "sites = as_curated(session, curated).sites",
        ]
        arguments.append(("sites", sites, "sites"))
    return figure_call(
        "Mechanism Summary Matrix",
        "msm_heatmap",
        *arguments,
        before=lines,
        quantity=FIGURE_QUANTITY.get(shown.quantity, shown.quantity),
        clusters=shown.clusters,
        window=shown.window,
        labels=shown.labels,
        **(_judged(session) if sites is not None else {}),
        limits=shown.matrix_limits,
        **letter_colours(),
    )


def _judged(session: Session) -> dict[str, Any]:
    """The argument that says how sites are outlined; none where they were not asked about."""
    said = verdicts_of(session.experiments)
    return {"verdicts": said} if said else {}


def _cluster_logos(shown: Shown) -> FigureCall | None:
    explanation = shown.session.explanation
    kind = shown.options.attribution
    if explanation is None or kind in ("variability", "background"):
        return None
    name, lines = explanation_in(shown)
    clusters = shown.selection.clusters() if shown.selection is not None else ()
    plain: dict[str, Any] = {"clusters": clusters} if clusters else {}
    return figure_call(
        "Logos of the clusters",
        "cluster_logos",
        ("explanation", explanation, name),
        before=lines,
        kind=kind,
        centre=shown.options.centred,
        fixed_y=shown.options.fixed,
        labels=shown.labels,
        window=shown.window,
        **plain,
        **letter_colours(),
    )


def _comparison(shown: Shown) -> FigureCall | None:
    explanation = shown.session.explanation
    if explanation is None:
        return None
    name, lines = explanation_in(shown)
    plain: dict[str, Any] = {
        "labels": shown.labels,
        "colours": shown.scene.chosen_colours,
        "clusters": shown.clusters,
        "reference_cluster": shown.scene.reference_cluster,
        **letter_colours(),
    }
    function = "cluster_activity"
    if shown.comparison in ("box", "compact", "bar"):
        plain["kind"] = shown.comparison
        plain["reference_activity"] = shown.scene.reference_activity
    else:
        function = "cluster_occupancy"
        if shown.counts is not None:
            plain |= {"counts": shown.counts, "count_name": shown.count_name}
    arguments: list[Argument] = [("explanation", explanation, name)]
    if shown.outliers is not None:
        _, clusters, more = clusters_in(shown)
        text = "outliers_of(session.table.activity, clustering.labels, ids, quartiles)"
        lines = [
            *lines,
            *(line for line in more if line not in lines),
            "from seam_core.pictures import outliers_of, shown_rows",
            f"clustering, rows = {clusters}, shown_rows({name}, {shown.clusters})",
            f"ids, quartiles = {name}.ids[rows], {name}.activity_quartiles[rows]",
        ]
        arguments.append(("outliers", shown.outliers, text))
    return figure_call("Between clusters", function, *arguments, before=lines, **plain)


def _members(shown: Shown) -> FigureCall | None:
    session = shown.session
    selected = shown.selection.clusters() if shown.selection is not None else ()
    if session.explanation is None or session.table is None or len(selected) != 1:
        return None
    name, lines = explanation_in(shown)
    clustering, clusters, _ = clusters_in(shown)
    arguments = [
        ("explanation", session.explanation, name),
        ("cluster", selected[0], repr(selected[0])),
        ("table", session.table, "session.table"),
        ("clustering", clustering, clusters),
        ("maps", session.maps, "session.maps"),
    ]
    return figure_call("Inside the cluster", "cluster_members", *arguments, before=lines)


def _activity(shown: Shown) -> FigureCall | None:
    if shown.session.table is None:
        return None
    mask, name, lines = selection_in(shown)
    arguments = [("activity", shown.session.table.activity, "session.table.activity")]
    if mask is not None:
        arguments.append(("selected", mask, name))
    plain = {} if shown.scene.reference is None else {"reference_row": shown.scene.reference}
    return figure_call("Activity", "activity_histogram", *arguments, before=lines, **plain)


def _dendrogram(shown: Shown) -> FigureCall | None:
    session = shown.session
    if session.linkage is None:
        return None
    clustering, clusters, lines = clusters_in(shown)
    arguments: list[Argument] = [("linkage", session.linkage, "session.linkage")]
    if clustering is not None:
        arguments.append(("clustering", clustering, clusters))
    plain: dict[str, Any] = {"colours": shown.scene.chosen_colours, **letter_colours()}
    cut = cut_of(session.linkage, shown.scene.session.clustering)
    if cut is not None:
        plain["cut_height"] = cut
    return figure_call("Dendrogram", "dendrogram", *arguments, before=lines, **plain)


def _tracks(shown: Shown) -> FigureCall | None:
    if not shown.tracks:
        return None
    (start, stop), sites = shown.window, shown.session.sites
    arguments: list[Argument] = [
        ("tracks", shown.tracks, "tracks_in(session.state)"),
        ("start", start, repr(start)),
        ("stop", stop, repr(stop)),
    ]
    if sites is not None:
        arguments.append(("sites", sites.sites, "session.sites.sites"))
    lines = ["from seam_core.readers.tracks import tracks_in"]
    return figure_call(
        "Annotation tracks", "annotation_tracks", *arguments, before=lines, **letter_colours()
    )
