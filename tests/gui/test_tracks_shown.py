"""Annotation tracks in Explore: added, dropped, on the logos' axis, saved, in the report."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt5.QtWidgets import QAction

from seam_core import store
from seam_core.figures import annotation_tracks
from seam_core.readers.tracks import read_track, sites_on_tracks
from seam_core.report import write_report
from tests.gui.exploring import tab


@pytest.fixture
def files(tmp_path, session_folder):
    """Peaks over the first site, and a signal."""
    site = store.load(session_folder).sites.sites[0]
    bed = tmp_path / "peaks.bed"
    bed.write_text(
        f"s\t{site.start}\t{site.stop}\tpeak_1\t5\t+\n"
        f"s\t{site.start + 1}\t{site.stop + 4}\tpeak_2\n"
    )
    graph = tmp_path / "phylop.bedGraph"
    graph.write_text("".join(f"s\t{i}\t{i + 1}\t{i / 10}\n" for i in range(60)))
    return [bed, graph]


@pytest.fixture
def tracked(explore, files):
    explore.door.answers["open_files"] = files
    explore.trigger("add_track")
    explore.settle()
    return explore


def test_tracks_lie_below_the_logos_on_their_axis(tracked):
    view, axis = tab(tracked).panels.tracks, tab(tracked).axis
    assert view.isVisible()
    assert [track.name for track in view.tracks] == ["peaks", "phylop"]
    axis.show_range(10, 30)
    low, high = view.plot.getViewBox().viewRange()[0]
    assert (low, high) == pytest.approx((axis.low, axis.high))
    tops = [top for top, *_ in view._boxes]
    assert len(set(tops)) == 2, "features that overlap are under each other"
    assert all(bottom - top >= view.fontMetrics().height() for top, bottom, *_ in view._boxes)
    site = tracked.state.session.sites.sites[0]
    said = view.text_at(site.start, view._boxes[0][0] + 2)
    assert "peaks   peak_1" in said
    assert "score 5" in said


def test_tracks_have_their_full_height_in_a_low_window(tracked):
    tracked.window.resize(1000, 500)
    tracked.settle()
    view = tab(tracked).panels.tracks
    assert view.height() == view.sizeHint().height() > 40


def test_a_track_added_in_a_low_window_is_in_sight(explore, files):
    explore.window.resize(1000, 500)
    explore.settle()
    explore.door.answers["open_files"] = files
    explore.trigger("add_track")
    explore.settle()
    panels = tab(explore).panels
    seen = panels.tracks.viewport().visibleRegion().boundingRect()
    assert seen.height() == panels.tracks.height() > 40
    assert panels.centre.column.verticalScrollBar().value() > 0, "they were below the fold"


def test_added_and_removed_with_undo_and_saved(tracked, tmp_path):
    names = [track.name for track in tracked.state.tracks]
    tracked.door.answers["ask_text"] = "peaks"
    tracked.trigger("remove_track")
    assert [track.name for track in tracked.state.tracks] == ["phylop"]
    tracked.find("action_undo", QAction).trigger()
    assert [track.name for track in tracked.state.tracks] == names
    store.save(tracked.state.session_to_save(), tmp_path / "saved")
    tracked.open(tmp_path / "saved")
    again = tracked.state.tracks
    assert [track.name for track in again] == names
    np.testing.assert_allclose(again[1].values, np.arange(60) / 10)
    assert tab(tracked).panels.tracks.isVisible()
    tracked.find("action_new", QAction).trigger()
    tracked.settle()
    assert tracked.state.tracks == ()


def test_the_report_says_which_site_lies_on_what(tracked, tmp_path):
    write_report(tracked.state.session_to_save(), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="annotations"' in page
    assert "peak_1" in page
    found = sites_on_tracks(tracked.state.session.sites.sites, tracked.state.tracks)
    site = tracked.state.session.sites.sites[0]
    own = found[(found["site"] == site.name) & (found["feature"] == "peak_1")]
    assert own["shared"].tolist() == [len(site.positions)]
    signal = found[(found["site"] == site.name) & (found["feature"] == "signal")]
    assert signal["score"].iloc[0] == pytest.approx(np.mean(site.positions) / 10)


def test_dropped_files_are_tracks(explore, files):
    explore.show_tab("Library")
    explore.window.files.open_dropped(files[:1])
    explore.settle()
    assert [track.name for track in explore.state.tracks] == ["peaks"]
    assert tab(explore).isVisible()


def test_what_cannot_be_read_is_told_and_nothing_changes(explore, tmp_path):
    bad = tmp_path / "bad.bed"
    bad.write_text("s\tx\ty\n")
    explore.door.answers["open_files"] = [bad]
    explore.trigger("add_track")
    explore.settle()
    explore.qtbot.waitUntil(lambda: bool(explore.door.errors))
    assert "line 1" in explore.door.errors[0][1]
    assert explore.state.tracks == ()


def test_of_several_files_the_good_are_added_and_the_others_are_told(explore, files, tmp_path):
    (tmp_path / "bad.bed").write_text("s\tx\ty\n")
    (tmp_path / "peaks.gff3").write_text("s\tx\tgene\t3\t30\t.\t+\t.\tName=g\n")
    explore.door.answers["open_files"] = [*files, tmp_path / "bad.bed", tmp_path / "peaks.gff3"]
    explore.trigger("add_track")
    explore.settle()
    assert [track.name for track in explore.state.tracks] == ["peaks", "phylop", "peaks.gff3"]
    ((title, text),) = explore.door.messages
    assert title == "1 of 4 tracks not added"
    assert text.startswith("bad.bed: line 1: got")
    explore.trigger("add_track")
    explore.settle()
    names = [track.name for track in explore.state.tracks]
    assert names[3:] == ["peaks.bed", "phylop.bedGraph", "peaks (2)"]


def test_a_name_stands_in_the_middle_of_what_is_in_sight(explore, tmp_path):
    (tmp_path / "long.bed").write_text("s\t0\t60\twhole\n")
    explore.door.answers["open_files"] = [tmp_path / "long.bed"]
    explore.trigger("add_track")
    explore.settle()
    axis, view = tab(explore).axis, tab(explore).panels.tracks
    ((item, _),) = view._names
    axis.show_range(40, 60)
    assert item.isVisible()
    assert item.pos().x() == pytest.approx((axis.low + axis.high) / 2)


def test_the_figure_has_a_row_a_track(files):
    tracks = [read_track(path, 60) for path in files]
    figure = annotation_tracks(tracks, 0, 60)
    assert [axes.get_ylabel() for axes in figure.axes] == ["peaks", "phylop"]
    bars = figure.axes[0].patches
    assert {(bar.get_x(), bar.get_width()) for bar in bars} == {
        (f.start - 0.5, f.stop - f.start) for f in tracks[0].features
    }
