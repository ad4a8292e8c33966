"""What the panels of Explore show, taken together from the session and the curation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from seam_core.curation import Curation
from seam_core.findings import verdicts_of
from seam_core.identifier.activity import site_active, site_activity
from seam_core.meta_explainer import Sums, reference_row, rows_of, sums_of
from seam_core.parameters import IdentifierParameters
from seam_core.pictures import (
    Colouring,
    by_cluster,
    by_column,
    drawing_order,
    groups_of,
    looks_of,
)
from seam_core.records import Clustering, Explanation, Site, Sites
from seam_core.selection import Landscape, Selection, landscape_of
from seam_core.session import Session
from seam_gui.look.theme import theme
from seam_gui.views.scatter_parts import number
from seam_gui.widgets.cluster_colours import colours_of

_MOST_MUTATIONS = 6  # named on the card


@dataclass(frozen=True, eq=False)
class Scene:
    """One session, its clusters as the user has them, and what follows from both.

    explanation : of the clusters as they are now; None until it is computed
    """

    session: Session
    curation: Curation | None = None
    explanation: Explanation | None = None

    @property
    def n(self) -> int:
        """Sequences."""
        for name in ("library", "table", "embedding", "clustering", "maps"):
            record = getattr(self.session, name)
            if record is not None:
                return len(record)
        return 0

    @cached_property
    def labels(self) -> np.ndarray | None:
        """(N,) cluster ids as the user has them."""
        if self.curation is not None:
            return self.curation.labels
        return None if self.session.clustering is None else self.session.clustering.labels

    @cached_property
    def groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(K,) ids of the clusters in use, (N,) the place of each label in them, (K,) sizes."""
        return groups_of(np.zeros(0, dtype=np.int64) if self.labels is None else self.labels)

    @property
    def clustering(self) -> Clustering | None:
        """The clusters as a record."""
        if self.curation is not None:
            return self.curation.as_clustering()
        return self.session.clustering

    @cached_property
    def columns(self) -> Mapping[str, np.ndarray]:
        """Columns of the table by name."""
        return self.landscape.columns

    @cached_property
    def landscape(self) -> Landscape:
        """What gestures are resolved against."""
        session = self.session
        records = (session.library, session.table, session.embedding)
        if all(record is None for record in (*records, self.clustering)):
            return Landscape(0)
        names = None if self.curation is None else self.curation.names
        return landscape_of(*records, self.clustering, session.linkage, names)

    @cached_property
    def reference(self) -> int | None:
        """Index of the sequence that equals the reference."""
        library = self.session.library
        return None if library is None else reference_row(library)

    @property
    def reference_cluster(self) -> int | None:
        """Id of the cluster that the reference is in."""
        if self.reference is None or self.labels is None:
            return None
        return int(self.labels[self.reference])

    @cached_property
    def sites(self) -> Sites | None:
        """The sites, and which of the clusters as they are now show them."""
        sites, explanation = self.session.sites, self.explanation
        if sites is None or explanation is None:
            return sites
        if np.array_equal(sites.cluster_ids, explanation.ids):
            return sites
        multiplier = (sites.parameters or IdentifierParameters()).active_multiplier
        return replace(
            sites,
            cluster_ids=explanation.ids,
            activity=site_activity(explanation, sites.sites),
            active=site_active(explanation, sites.sites, multiplier),
        )

    @property
    def judged_sites(self) -> tuple[tuple[Site, ...], dict[str, str]]:
        """Where the sites are, and what experiments say of them by name."""
        sites = self.session.sites
        return () if sites is None else sites.sites, verdicts_of(self.session.experiments)

    @cached_property
    def sums(self) -> Sums | None:
        """Sums of every cluster of the explanation."""
        return None if self.explanation is None else sums_of(self.explanation)

    @cached_property
    def total(self) -> Sums | None:
        """Sums of all sequences, as one row."""
        return None if self.sums is None else self.sums.total()

    @cached_property
    def rows(self) -> np.ndarray | None:
        """(N,) row of the explanation that each sequence is summed in."""
        if self.explanation is None or self.clustering is None:
            return None
        return rows_of(self.explanation, self.clustering)

    @property
    def order(self) -> tuple[int, ...]:
        """Cluster ids as arranged by the user, else as explained."""
        if self.curation is not None:
            return self.curation.order
        if self.explanation is not None:
            return tuple(int(i) for i in self.explanation.ids)
        return () if self.clustering is None else tuple(int(i) for i in self.clustering.ids)

    @property
    def hidden(self) -> frozenset[int]:
        """Clusters that are not drawn."""
        return frozenset() if self.curation is None else self.curation.hidden

    def name_of(self, cluster_id: int) -> str:
        """The user's label of a cluster, or ""."""
        return "" if self.curation is None else self.curation.name_of(cluster_id)

    @property
    def names(self) -> dict[int, str]:
        """Labels that the user gave to clusters, by id."""
        return {} if self.curation is None else dict(self.curation.names)

    def title_of(self, cluster_id: int) -> str:
        """A cluster in words: 'cluster 7 "both sites"'."""
        name = self.name_of(cluster_id)
        base = "noise" if cluster_id == -1 else f"cluster {cluster_id}"
        return f"{base} “{name}”" if name else base

    def colours(self, ids: np.ndarray) -> np.ndarray:
        """(K, 3) uint8 colours of clusters."""
        return colours_of(ids, self.curation)

    @property
    def chosen_colours(self) -> dict[int, str]:
        """Colours that the user gave to clusters, "#rrggbb"."""
        return {} if self.curation is None else dict(self.curation.colours)

    def coloured(self, by: str, limits: tuple[float, float] | None = None) -> Colouring:
        """Colours of the points: by a column, numbers between `limits`, else by cluster."""
        safe = theme().colour_blind
        if by in self.columns:
            return by_column(by, self.columns[by], limits=limits, colour_blind=safe)
        labels = np.zeros(self.n, dtype=np.int64) if self.labels is None else self.labels
        return by_cluster(labels, self.chosen_colours, colour_blind=safe)

    def drawn_in(self, order: str, by: str) -> np.ndarray | None:
        """Points from the first drawn to the one on top; None: their own order."""
        return drawing_order(order, self.n, self.columns.get(by))

    def looks(self, selection: Selection | None, left_out: np.ndarray | None = None) -> np.ndarray:
        """(N,) uint8: which points are hidden, dim, chosen; `left_out`: of `rows_named`."""
        mask = None if selection is None else selection.mask
        return looks_of(self.n, mask, self.labels, self.hidden, left_out)

    @property
    def reference_activity(self) -> float | None:
        """Activity of the reference itself."""
        activity = self.columns.get("Activity")
        if self.reference is None or activity is None:
            return None
        return float(activity[self.reference])

    def title_of_selection(self, selection: Selection | None) -> str:
        """What is selected, in words; nothing where there are no sequences."""
        if selection is None or selection.count == 0:
            return "All sequences" if self.n else ""
        words = self.words_of(selection)[:80] or "selection"
        return words[0].upper() + words[1:]

    def count_of_selection(self, selection: Selection | None) -> str:
        """How many sequences are selected, of how many; nothing where there are none."""
        if selection is None or selection.count in (0, self.n):
            return f"{self.n:,} sequences" if self.n else ""
        return f"{selection.count:,} of {self.n:,} sequences"

    def words_of(self, selection: Selection) -> str:
        """How it was made; a cluster with its label."""
        clusters = selection.clusters()
        return self.title_of(clusters[0]) if len(clusters) == 1 else selection.describe()

    def describe_point(self, index: int) -> str:
        """What the card says about a sequence."""
        words = [f"#{index:,}"]
        for name in ("Activity", "GIA"):
            if name in self.columns:
                words.append(f"{name} {number(float(self.columns[name][index]))}")
        lines = ["   ".join(words)]
        second = []
        if self.labels is not None:
            second.append(self.title_of(int(self.labels[index])))
        mutations = self.mutations(index)
        if mutations is not None:
            n = len(mutations)
            second.append("reference" if n == 0 else f"{n} mutation" + "s" * (n > 1))
        if second:
            lines.append("   ".join(second))
        if mutations:
            more = " …" if len(mutations) > _MOST_MUTATIONS else ""
            lines.append(" ".join(mutations[:_MOST_MUTATIONS]) + more)
        return "\n".join(lines)

    def mutations(self, index: int) -> list[str] | None:
        """Differences to the reference, like A88T (0-based); None without a reference."""
        library = self.session.library
        if library is None or library.reference is None:
            return None
        letters = library.alphabet + "N"
        here, reference = library.sequences[index], library.reference
        return [
            f"{letters[reference[p]]}{p}{letters[here[p]]}"
            for p in np.flatnonzero(here != reference)
        ]

    def with_explanation(self, explanation: Explanation | None) -> Scene:
        """The same with what the clusters are now known to be."""
        return replace(self, explanation=explanation)
