"""Sessions of every version of the format that there was open, and keep what they hold.

`data/sessions/vN` was saved by the last release that wrote version N, from
`make_session(n=24, length=20, clusters=3, n_sites=2)`, and is never written again.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from seam_core import store
from seam_core.exports.columns import TABLES, undocumented
from seam_core.stages import SLOTS
from seam_core.store.tables import KNOWN_COLUMNS
from seam_core.validate import InputError
from seam_core.variants.table import COLUMNS

FOLDER = Path(__file__).parent / "data" / "sessions"
VERSIONS = range(1, store.FORMAT_VERSION + 1)
PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


def folder_of(version: int) -> Path:
    return FOLDER / f"v{version}"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_of_each_version_opens_whole(version: int) -> None:
    assert store.read_manifest(folder_of(version))["format_version"] == version
    store.verify(folder_of(version))
    session = store.load(folder_of(version))
    assert {slot for slot in SLOTS if getattr(session, slot) is None} <= {"trust", "experiments"}
    assert len(session.library) == len(session.table) == 24
    assert session.maps.maps.shape == (24, 20, 4)
    assert session.linkage.matrix.shape == (23, 4)
    assert [site.name for site in session.sites.sites] == ["A", "B"]
    assert session.state["labels"] == {"1": "both sites"}
    activity = session.table.activity
    assert np.isfinite(activity).all()
    np.testing.assert_allclose(session.library.predictions, activity)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_columns_of_its_tables_are_documented(version: int) -> None:
    paths = sorted(folder_of(version).glob("*.parquet"))
    assert paths
    for path in paths:
        assert undocumented(_documented_as(path.stem), pq.read_schema(path).names) == []


def test_every_table_that_a_session_may_hold_is_documented() -> None:
    for record, columns in KNOWN_COLUMNS.items():
        names = " ".join(columns.values()).replace("!", "").split()
        name = ".".join(record)
        if name == "experiments.variants":  # its page is docs/variants.md
            assert set(names) - {"map"} <= set(COLUMNS)
        else:
            assert undocumented(_documented_as(name), names) == [], name


def _documented_as(stem: str) -> str:
    """Name of the one table of `TABLES` that is said to be in a file of the session."""
    (name,) = (name for name, table in TABLES.items() if f"`{stem}.parquet`" in table.where)
    return name


@pytest.mark.parametrize("version", VERSIONS)
def test_saved_anew_it_is_of_this_version_and_holds_the_same(version: int, tmp_path: Path) -> None:
    before = store.load(folder_of(version))
    store.save(before, tmp_path / "again")
    assert store.read_manifest(tmp_path / "again")["format_version"] == store.FORMAT_VERSION
    after = store.load(tmp_path / "again")
    np.testing.assert_array_equal(after.maps.maps, before.maps.maps)
    np.testing.assert_array_equal(after.clustering.labels, before.clustering.labels)
    assert after.sites.sites == before.sites.sites
    assert after.state == before.state


def test_a_session_of_a_later_version_is_refused_with_its_writer(tmp_path: Path) -> None:
    later = dict(store.read_manifest(folder_of(1)))
    later |= {"format_version": store.FORMAT_VERSION + 1, "written_by": "seamscope 99.0.0"}
    (tmp_path / "manifest.json").write_text(json.dumps(later), encoding="utf-8")
    with pytest.raises(InputError, match=r"seamscope 99\.0\.0"):
        store.load(tmp_path)


def test_the_page_lists_every_version() -> None:
    rows = re.findall(r"^\| (\d+) \| [\d.]+ \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == list(VERSIONS)
