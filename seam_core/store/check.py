"""Whether the arrays of a session belong together: a file that others wrote is not believed.

What is cheap is looked at whenever a session is opened: kinds and shapes of all arrays, all values
of all but the maps. `seam check-session` looks at everything.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from seam_core.curation import CURATED
from seam_core.declared import check_types
from seam_core.findings import TRUST_VERDICTS, Experiments
from seam_core.intervals import span_text
from seam_core.readers.analysis import check_linkage
from seam_core.records import LARGEST_ID, Clustering, Explanation, Library, Linkage, Sites
from seam_core.sequences import UNKNOWN, check_alphabet
from seam_core.session import Session
from seam_core.store.encode import RECORDS
from seam_core.store.tables import check_tables
from seam_core.validate import InputError, check_choice, check_finite

if TYPE_CHECKING:
    import pandas as pd

# kinds of NumPy types, and the words for them
_WORDS = {"i": "whole numbers", "f": "numbers", "b": "yes or no"}
# field -> kind and shape. A letter is one size in all of the session: N sequences, L positions, W
# of them in maps, A letters, K clusters, S sites; others are the array's own.
_SHAPES: dict[str, tuple[str, str]] = {
    "library.sequences": ("i", "NL"),
    "library.reference": ("i", "L"),
    "library.predictions": ("f", "N"),
    "library.backgrounds": ("i", "NL"),
    "maps.maps": ("f", "NWA"),
    "maps.completeness_error": ("f", "N"),
    "maps.imputed": ("b", "NWA"),
    "embedding.coordinates": ("f", "NZ"),
    "embedding.variance_ratio": ("f", "Y"),
    "linkage.matrix": ("f", "M4"),
    "clustering.labels": ("i", "N"),
    "explanation.ids": ("i", "K"),
    "explanation.sizes": ("i", "K"),
    "explanation.letter_counts": ("i", "KWA"),
    "explanation.map_sums": ("f", "KWA"),
    "explanation.activity_quartiles": ("f", "K5"),
    "explanation.entropy": ("f", "KW"),
    "explanation.reference_mismatch": ("f", "KW"),
    "explanation.consensus_match": ("f", "KW"),
    "explanation.cluster_backgrounds": ("f", "KWA"),
    "explanation.background": ("f", "WA"),
    "explanation.background_scale": ("f", "K"),
    "explanation.reference": ("i", "W"),
    "explanation.map_squares": ("f", "KWA"),
    "explanation.contribution_sums": ("f", "KWA"),
    "sites.covariance": ("f", "WW"),
    "sites.linkage": ("f", "T4"),
    "sites.cluster_ids": ("i", "J"),
    "sites.activity": ("f", "JS"),
    "sites.active": ("b", "JS"),
    "sites.states": ("b", "NS"),
    "sites.stability": ("f", "S"),
    "sites.scores": ("f", "NS"),
    "experiments.variant_maps": ("f", "VWA"),
    "experiments.variant_letters": ("i", "VL"),
}
# columns of tables that name clusters
_NAMING_CLUSTERS = (
    ("sites", "configurations", "assigned_cluster"),
    ("trust", "reprogramming", "cluster"),
)
# arrays in which "not a number" means "not defined"
_MAY_BE_NAN = {
    "explanation.reference_mismatch",
    "maps.completeness_error",
    "sites.covariance",
    "sites.stability",
}
# too long to be read at each opening
_LONG = {"maps.maps"}


def check_records(session: Session, source: str) -> None:
    """Raise `InputError` for the first array of a session that does not fit the others.

    source : the session's folder, for the message
    """
    try:
        _check_plain(session)
        session.check()
        _check_shapes(session)
        if session.library is not None:
            _check_library(session.library)
        check_tables(session)
        if session.table is not None:
            _check_table(session.table.frame, _size(session))
        if session.linkage is not None:
            _check_tree(session.linkage)
        if session.clustering is not None:
            _check_least(session.clustering.labels, "clustering.labels", -1)
            _check_most(session.clustering.labels, "clustering.labels", LARGEST_ID)
        if session.explanation is not None:
            _check_explanation(session.explanation, session)
        if session.sites is not None:
            _check_sites(session.sites, session)
        if session.experiments is not None:
            _check_variants(session.experiments, session)
        if session.trust is not None:
            check_choice(session.trust.verdict, "trust.verdict", TRUST_VERDICTS)
        _check_clusters(session)
    except InputError as error:
        raise InputError(error.field, error.got, error.expected, error.source or source) from error


def _size(session: Session) -> int:
    records = (session.library, session.table, session.maps, session.clustering)
    return next((len(record) for record in records if record is not None), 0)


def _check_plain(session: Session) -> None:
    for slot in RECORDS:
        record = getattr(session, slot)
        if record is not None:
            check_types(record, slot)
    for field, value, kind, words in (
        ("name", session.name, str, "a text"),
        ("state", session.state, dict, "a table of values"),
    ):
        if not isinstance(value, kind):
            raise InputError(field, repr(value)[:60], words)
    for slot in ("maps", "explanation", "sites"):
        record = getattr(session, slot)
        if record is not None and (type(record.start) is not int or record.start < 0):
            raise InputError(f"{slot}.start", repr(record.start)[:60], "a position, 0 or more")


def _check_shapes(session: Session) -> None:
    sizes: dict[str, tuple[int, str]] = {}
    if session.sites is not None:
        sizes["S"] = len(session.sites.sites), "sites.sites"
    for name, (kind, shape) in _SHAPES.items():
        slot, field = name.split(".")
        array = getattr(getattr(session, slot), field, None)
        if array is None:
            continue
        if not isinstance(array, np.ndarray) or not _is_kind(array, kind):
            got = f"type {array.dtype}" if isinstance(array, np.ndarray) else repr(array)[:60]
            raise InputError(name, got, _WORDS[kind])
        _check_shape(name, array, shape, sizes)
        if name not in _LONG and kind == "f":
            _check_numbers(name, array)


def _is_kind(array: np.ndarray, kind: str) -> bool:
    return array.dtype.kind in {"i": "iu", "f": "f", "b": "b"}[kind]


def _check_shape(
    name: str, array: np.ndarray, shape: str, sizes: dict[str, tuple[int, str]]
) -> None:
    if array.ndim != len(shape):
        raise InputError(name, f"shape {array.shape}", f"{len(shape)} axes")
    for size, letter in zip(array.shape, shape, strict=True):
        wanted, of = (int(letter), "") if letter.isdigit() else sizes.get(letter, (size, name))
        if size != wanted:
            expected = f"{wanted} in place of {size}" + (f", as in {of}" if of else "")
            raise InputError(name, f"shape {array.shape}", expected)
        if not letter.isdigit():
            sizes.setdefault(letter, (size, name))


def _check_numbers(name: str, array: np.ndarray) -> None:
    if name not in _MAY_BE_NAN:
        check_finite(array, name)
    elif np.isinf(array).any():
        raise InputError(name, "an infinite number", "finite numbers only")


def _check_library(library: Library) -> None:
    check_alphabet(library.alphabet)
    for field in ("sequences", "reference", "backgrounds"):
        array = getattr(library, field)
        if array is not None:
            _check_letters(array, library.alphabet, f"library.{field}")
    n = len(library)
    if library.lineage is not None and len(library.lineage) != n:
        got, expected = f"{len(library.lineage)} rows", f"{n}, one a sequence"
        raise InputError("library.lineage", got, expected)


def _check_letters(array: np.ndarray, alphabet: str, field: str) -> None:
    if array.size == 0:
        return
    low, high = int(array.min()), int(array.max())
    if low < UNKNOWN or high >= len(alphabet):
        bad = high if high >= len(alphabet) else low
        expected = f"{UNKNOWN} to {len(alphabet) - 1}, the letters of {alphabet}"
        raise InputError(field, f"letter {bad}", expected)


def _check_tree(linkage: Linkage) -> None:
    check_linkage(np.asarray(linkage.matrix, dtype=np.float64))


def _check_least(array: np.ndarray, field: str, least: int) -> None:
    if array.size and int(array.min()) < least:
        raise InputError(field, str(int(array.min())), f"{least} or more")


def _check_most(array: np.ndarray, field: str, most: int) -> None:
    if array.size and int(array.max()) > most:
        raise InputError(field, str(int(array.max())), f"{most:,} or less")


def _check_explanation(explanation: Explanation, session: Session) -> None:
    if len(np.unique(explanation.ids)) != len(explanation.ids):
        raise InputError("explanation.ids", "an id twice", "each cluster once")
    _check_most(explanation.ids, "explanation.ids", LARGEST_ID)
    _check_least(explanation.sizes, "explanation.sizes", 0)
    _check_least(explanation.letter_counts, "explanation.letter_counts", 0)
    if (
        not isinstance(explanation.alphabet, str)
        or len(explanation.alphabet) != explanation.letter_counts.shape[2]
    ):
        expected = f"{explanation.letter_counts.shape[2]} letters"
        raise InputError("explanation.alphabet", repr(explanation.alphabet)[:60], expected)
    if explanation.reference is not None:
        _check_letters(explanation.reference, explanation.alphabet, "explanation.reference")
    _check_number(explanation.mutation_rate, "explanation.mutation_rate")
    _check_window(explanation.start, explanation.entropy.shape[1], "explanation.start", session)


def _check_sites(sites: Sites, session: Session) -> None:
    stop = sites.start + len(sites.covariance)
    for site in sites.sites:
        places = site.positions
        rising = all(a < b for a, b in pairwise(places))
        if not places or not rising or places[0] < sites.start or places[-1] >= stop:
            got = f"positions {', '.join(map(str, places[:4]))}"
            expected = f"rising positions within {span_text(sites.start, stop)}"
            raise InputError(f"site {str(site.name)[:30]}", got, expected)
    _check_number(sites.cut_height, "sites.cut_height")
    _check_window(sites.start, len(sites.covariance), "sites.start", session)
    if len(sites.linkage):
        if len(sites.linkage) != len(sites.covariance) - 1:
            expected = f"{len(sites.covariance) - 1} merges"
            raise InputError("sites.linkage", f"{len(sites.linkage)} merges", expected)
        check_linkage(np.asarray(sites.linkage, dtype=np.float64))
    if sites.stability is not None and sites.stability.shape != (len(sites.sites),):
        expected = f"{len(sites.sites)} numbers, one a site"
        raise InputError("sites.stability", f"shape {sites.stability.shape}", expected)


def _check_variants(experiments: Experiments, session: Session) -> None:
    letters, library = experiments.variant_letters, session.library
    if letters is not None and library is not None:
        _check_letters(letters, library.alphabet, "experiments.variant_letters")


def _check_clusters(session: Session) -> None:
    """Every cluster that is named is one of the session's."""
    clustering, explanation, sites = session.clustering, session.explanation, session.sites
    if clustering is not None and explanation is not None and clustering.method != CURATED:
        _check_explained(explanation, clustering)
    if explanation is not None:
        known, own = explanation.ids, explanation.reference_cluster
        if own is not None:
            _check_known([own], known, "explanation.reference_cluster")
    elif clustering is not None:
        known = clustering.ids
    else:
        return
    if sites is not None:
        if len(np.unique(sites.cluster_ids)) != len(sites.cluster_ids):
            raise InputError("sites.cluster_ids", "an id twice", "each cluster once")
        _check_known(sites.cluster_ids, known, "sites.cluster_ids")
    for slot, field, column in _NAMING_CLUSTERS:
        record = getattr(session, slot)
        frame = None if record is None else getattr(record, field)
        if frame is not None and column in frame:
            _check_known(frame[column].dropna(), known, f"{slot}.{field}.{column}")


def _check_explained(explanation: Explanation, clustering: Clustering) -> None:
    """The clusters explained are those that there are; not so while edits are not explained yet."""
    ids, sizes = np.unique(clustering.labels, return_counts=True)
    _check_known(explanation.ids, ids, "explanation.ids")
    _check_known(ids, explanation.ids, "clustering.labels", "of the explanation")
    (wrong,) = np.nonzero(sizes[np.searchsorted(ids, explanation.ids)] != explanation.sizes)
    if len(wrong):
        got = f"{explanation.sizes[wrong[0]]} sequences in cluster {explanation.ids[wrong[0]]}"
        raise InputError("explanation.sizes", got, "as many as the clustering has")


def _check_known(ids: Any, known: np.ndarray, field: str, of: str = "of the session") -> None:
    """Raise `InputError` for the first id that is not among those known."""
    unknown = np.setdiff1d(np.asarray(ids), known)
    if len(unknown):
        raise InputError(field, f"cluster {str(unknown[0])[:30]}", f"a cluster {of}")


def _check_window(start: int, width: int, field: str, session: Session) -> None:
    maps, library = session.maps, session.library
    if maps is not None and (start, width) != (maps.start, maps.maps.shape[1]):
        raise InputError(field, f"{start}, of {width} positions", f"{maps.start}, as the maps")
    if library is not None and start + width > library.length:
        expected = f"positions within 0 to {library.length}"
        raise InputError(field, f"{start}, of {width} positions", expected)


def _check_number(value: Any, field: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise InputError(field, repr(value)[:60], "a finite number")


def _check_table(frame: pd.DataFrame, n: int) -> None:
    if "Activity" not in frame:
        have = ", ".join(str(name) for name in frame)[:200]
        raise InputError("table", f"columns {have}", "a column Activity")
    if len(frame) != n:
        raise InputError("table", f"{len(frame)} rows", f"{n}, one a sequence")
    activity = frame["Activity"]
    if activity.dtype.kind not in "fiu" or not np.isfinite(activity.to_numpy()).all():
        raise InputError("table.Activity", "what is no finite number", "finite numbers only")
