"""One analysis: a slot a record. Setting one clears those that depend on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seam_core.findings import Experiments, Trust
from seam_core.intervals import Interval
from seam_core.parameters import OracleParameters
from seam_core.records import (
    AttributionMaps,
    Clustering,
    Embedding,
    Explanation,
    Library,
    Linkage,
    Provenance,
    Sites,
    Table,
)
from seam_core.stages import SLOTS, dependents
from seam_core.validate import InputError


@dataclass(frozen=True, eq=False)
class Session:
    """The records of one analysis, all of one N and one window.

    A session is a value: `with_record` gives a new one, so that a job that fails or is cancelled
    leaves the old one as it was.

    locus : where the sequences lie in a genome; None where it is not known
    state : what the user did with the records (labels, merges, selections, views) as values that
        JSON has; saved with the session, not looked into here
    """

    name: str = "untitled"
    library: Library | None = None
    table: Table | None = None
    maps: AttributionMaps | None = None
    embedding: Embedding | None = None
    linkage: Linkage | None = None
    clustering: Clustering | None = None
    explanation: Explanation | None = None
    sites: Sites | None = None
    trust: Trust | None = None
    experiments: Experiments | None = None
    oracle: OracleParameters | None = None
    locus: Interval | None = None
    provenance: Provenance = field(default_factory=Provenance)
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def activity(self) -> np.ndarray | None:
        """(N,) of each sequence: the table's, else what the oracle predicted; None before."""
        if self.table is not None:
            return self.table.activity
        return None if self.library is None else self.library.predictions

    def with_record(self, slot: str, record: Any) -> Session:
        """A session with `record` in `slot` and everything that depended on the old one cleared.

        Raises `InputError` where the record's N or window disagrees with the others.
        """
        if slot not in SLOTS:
            raise InputError("slot", repr(slot), "one of " + ", ".join(SLOTS))
        changes: dict[str, Any] = dict.fromkeys(self._stale(slot))
        changed = replace(self, **changes, **{slot: record})
        changed.check()
        return changed

    def with_findings(self, **fields: Any) -> Session:
        """The session with more that the model answered, beside the experiments on its sites.

        Raises `InputError` where there are none.
        """
        if self.experiments is None:
            raise InputError("session", "sites not tested on the model", "one with experiments")
        return replace(self, experiments=replace(self.experiments, **fields))

    def _stale(self, slot: str) -> set[str]:
        stale: set[str] = set()
        todo = list(dependents(slot))
        if self.clustering is not None and self.clustering.source == slot:
            todo.append("clustering")
        while todo:
            name = todo.pop()
            if name not in stale:
                stale.add(name)
                todo.extend(dependents(name))
        return stale

    def check(self) -> None:
        """Raise `InputError` where records disagree about N, the length, window or alphabet."""
        sizes = {}
        for name in ("library", "table", "maps", "embedding", "clustering"):
            record = getattr(self, name)
            if record is not None:
                sizes[name] = len(record)
        if self.linkage is not None:
            sizes["linkage"] = self.linkage.n_leaves
        if len(set(sizes.values())) > 1:
            first, *others = sizes
            for name in others:
                if sizes[name] != sizes[first]:
                    raise InputError(
                        name, f"{sizes[name]} sequences", f"{sizes[first]}, as in the {first}"
                    )
        if self.library is not None and self.locus is not None:
            self.locus.check_length(self.library.length)
        if self.library is not None and self.maps is not None:
            self._check_window()

    def _check_window(self) -> None:
        assert self.library is not None
        assert self.maps is not None
        if self.maps.start < 0 or self.maps.stop > self.library.length:
            raise InputError(
                "maps",
                f"positions {self.maps.start}-{self.maps.stop}",
                f"positions within 0 to {self.library.length}, the sequences' length",
            )
        if self.maps.maps.shape[2] != self.library.n_letters:
            raise InputError(
                "maps",
                f"{self.maps.maps.shape[2]} letters",
                f"{self.library.n_letters}, as in the alphabet {self.library.alphabet}",
            )

    @property
    def is_empty(self) -> bool:
        """True when no record is set."""
        return all(getattr(self, slot) is None for slot in SLOTS)
