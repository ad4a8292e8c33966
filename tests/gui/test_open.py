"""Opening, importing, saving, closing."""

from __future__ import annotations

import json
from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from PyQt5.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt5.QtGui import QCloseEvent, QDropEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QPlainTextEdit,
    QWidget,
)

from seam_core import store
from seam_core.sequences import indices_to_strings


def drop(window, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPoint(100, 100), Qt.CopyAction, mime, Qt.LeftButton, Qt.NoModifier, QDropEvent.Drop
    )
    window.window.dropEvent(event)
    QApplication.processEvents()


@pytest.fixture
def peer_files(tmp_path, session_folder):
    """What the peer would have written of the made-up session."""
    session = store.load(session_folder)
    library = session.library
    frame = pd.DataFrame(
        {
            "Sequence": indices_to_strings(library.sequences, library.alphabet),
            "DNN": session.table.activity,
        }
    )
    paths = {
        "table": tmp_path / "mave.csv",
        "maps": tmp_path / "maps.npy",
        "embedding": tmp_path / "embedding.npy",
        "linkage": tmp_path / "linkage.npy",
    }
    frame.to_csv(paths["table"], index=False)
    np.save(paths["maps"], session.maps.maps)
    np.save(paths["embedding"], session.embedding.coordinates)
    np.save(paths["linkage"], session.linkage.matrix)
    return paths


def test_opening_a_session_shows_it_at_explore(window, session_folder):
    window.open(session_folder)
    assert len(window.state.session.library) == 600
    assert window.tabs.current is window.tab("Explore")
    assert "made up" in window.windowTitle()
    assert not window.state.dirty


def test_recent_files(window, session_folder):
    window.open(session_folder)
    menu = window.find("menu_recent")
    menu.aboutToShow.emit()
    first = menu.actions()[0]
    assert session_folder.name in first.text()
    window.files.new()
    assert window.state.session.is_empty
    first = window.find("action_recent_0", QAction)
    first.trigger()
    window.settle()
    assert not window.state.session.is_empty


def test_dropping_a_folder_opens_it(window, session_folder):
    drop(window, session_folder)
    window.settle()
    assert len(window.state.session.library) == 600


def test_dropping_the_peers_files_suggests_and_imports_them(window, peer_files):
    drop(window, *peer_files.values())
    window.settle()
    assert window.find("import_maps").value() == str(peer_files["maps"])
    assert window.find("import_embedding").value() == str(peer_files["embedding"])
    assert window.find("import_linkage").value() == str(peer_files["linkage"])
    assert window.find("import_activity_column", QComboBox).currentText() == "DNN"
    window.find("import_reference", QComboBox).setCurrentIndex(1)
    window.click("import_ok")
    window.settle()
    session = window.state.session
    assert session.maps is not None
    assert session.embedding is not None
    assert session.linkage is not None
    assert window.state.dirty
    assert (
        not window.findChildren(QDialog, "import_dialog")
        or not window.find("import_dialog").isVisible()
    )


def test_what_is_dropped_and_not_taken_is_named(window, peer_files, tmp_path):
    (tmp_path / "signal.bw").write_bytes(b"\x26\xfc\x8f\x88" + bytes(60))
    (tmp_path / "genome.fa").write_text(">chr1\nACGT\n")
    np.save(tmp_path / "other.npy", np.zeros((3, 4, 4), np.float32))
    drop(window, *peer_files.values(), *(tmp_path / n for n in ("signal.bw", "genome.fa")))
    window.settle()
    assert window.find("import_left").isVisible()
    said = window.find("import_left", QPlainTextEdit).toPlainText()
    assert "signal.bw: a bigWig file of signals" in said
    assert "genome.fa: FASTA" in said
    window.click("import_cancel")
    window.settle()
    drop(window, peer_files["maps"], tmp_path / "other.npy")
    window.settle()
    dialog = window.findChildren(QDialog, "import_dialog")[-1]
    left = dialog.findChild(QPlainTextEdit, "import_left")
    assert "other.npy: another file for the maps" in left.toPlainText()
    QTest.mouseClick(dialog.ok, Qt.LeftButton)
    assert dialog.findChild(QLabel, "import_wrong").text() == "Choose a table first."
    assert left.isVisible()
    dialog.reject()


def test_what_is_dropped_beside_a_folder_is_named(window, tmp_path, session_folder):
    others = [tmp_path / f"{i}.txt" for i in range(25)]
    drop(window, session_folder, *others)
    window.settle()
    ((title, text),) = window.door.messages
    assert title == "One folder is opened at a time"
    assert "0.txt\n1.txt" in text
    assert text.endswith("19.txt\nand 5 more")


def test_an_array_of_an_hdf5_file_is_chosen_by_its_key(window, peer_files, tmp_path):
    maps = np.load(peer_files["maps"])
    path = tmp_path / "scores.h5"
    with h5py.File(path, "w") as file:
        file["raw/seq"] = np.zeros_like(maps).swapaxes(1, 2)
        file["other/seq"] = maps.swapaxes(1, 2)
    window.files.import_files([peer_files["table"], path])
    window.settle()
    key = window.find("import_maps_key", QComboBox)
    assert [key.itemText(i) for i in range(key.count())] == ["", "other/seq", "raw/seq"]
    key.setCurrentText("other/seq")
    window.click("import_ok")
    window.settle()
    np.testing.assert_array_equal(window.state.session.maps.maps, maps)
    assert "read as (sequence, letter, position)" in window.door.messages[-1][1]


def test_transposed_maps_are_shown_and_read_when_the_user_agrees(window, peer_files):
    maps = np.load(peer_files["maps"])
    np.save(peer_files["maps"], np.ascontiguousarray(maps.swapaxes(1, 2)))
    window.files.import_files([peer_files["table"], peer_files["maps"]])
    window.settle()
    window.door.answers["confirm"] = True
    window.click("import_ok")
    window.settle()
    assert "confirm" in window.door.asked
    np.testing.assert_array_equal(window.state.session.maps.maps, maps)


def test_rows_with_odd_letters_are_dropped_where_the_user_says_so(window, peer_files):
    frame = pd.read_csv(peer_files["table"])
    frame.loc[5, "Sequence"] = "R" + frame["Sequence"][5][1:]
    frame.to_csv(peer_files["table"], index=False)
    window.files.import_files([peer_files["table"], peer_files["maps"]])
    window.settle()
    window.click("import_ok")
    window.settle()
    assert "'R' at position 0 of row 5" in window.find("import_wrong", QLabel).text()
    odd = window.find("import_odd_letters", QComboBox)
    odd.setCurrentIndex(odd.findData("drop"))
    window.click("import_ok")
    window.settle()
    session = window.state.session
    assert len(session.library) == len(session.maps) == 599
    np.testing.assert_array_equal(session.maps.maps[5], np.load(peer_files["maps"])[6])


def test_columns_of_other_names_are_asked_for(window, peer_files, tmp_path):
    frame = pd.read_csv(peer_files["table"]).rename(columns={"Sequence": "dna", "DNN": "log2"})
    path = tmp_path / "other.csv"
    frame.to_csv(path, index=False)
    window.files.import_files([path])
    window.settle()
    window.click("import_ok")
    assert "which columns" in window.find("import_wrong", QLabel).text()
    window.find("import_sequence_column", QComboBox).setCurrentText("dna")
    window.find("import_activity_column", QComboBox).setCurrentText("log2")
    window.click("import_ok")
    window.settle()
    assert len(window.state.session.table) == 600


def test_a_field_that_is_left_as_it_was_changes_no_choice(window, peer_files, tmp_path):
    maps = np.load(peer_files["maps"])
    frame = pd.read_csv(peer_files["table"]).rename(columns={"Sequence": "dna", "DNN": "log2"})
    table, arrays = tmp_path / "other.csv", tmp_path / "several.npz"
    frame.to_csv(table, index=False)
    np.savez(arrays, mine=maps, other=maps * 2)
    window.files.import_files([table, arrays])
    window.settle()
    window.find("import_sequence_column", QComboBox).setCurrentText("dna")
    window.find("import_activity_column", QComboBox).setCurrentText("log2")
    window.find("import_maps_key", QComboBox).setCurrentText("other")
    dialog = window.find("import_dialog")
    for editor in (dialog.table, dialog.maps):
        editor.line.editingFinished.emit()  # as the focus goes to another field
    window.settle()
    window.click("import_ok")
    window.settle()
    np.testing.assert_array_equal(window.state.session.maps.maps, maps * 2)


def test_what_is_wrong_takes_no_room_from_the_fields(window, peer_files, tmp_path):
    folder = tmp_path / ("a long name " * 12)
    folder.mkdir()
    np.save(folder / "maps.npy", np.zeros((599, 60, 4), dtype=np.float32))
    window.files.import_files([peer_files["table"], folder / "maps.npy"])
    window.settle()
    dialog = window.find("import_dialog")
    window.click("import_ok")
    window.settle()
    said = window.find("import_wrong", QLabel)
    assert said.height() >= said.heightForWidth(said.width()) > said.fontMetrics().lineSpacing()
    for field in (dialog.table.line, dialog.reference, dialog.name):
        assert field.height() >= field.sizeHint().height()


def test_maps_made_elsewhere_are_explained_without_a_model(window, peer_files):
    window.files.import_files([peer_files["table"], peer_files["maps"]])
    window.settle()
    window.click("import_ok")
    window.settle()
    window.show_tab("Clusters")
    window.click("cluster_run")
    window.settle()
    assert window.state.session.sites is not None
    window.show_tab("Identify")
    assert not window.find("identify_test").isEnabled()


def test_a_wrong_file_is_told_in_the_dialog_and_the_session_stays(
    window, session_folder, peer_files
):
    window.open(session_folder)
    before = window.state.session
    np.save(peer_files["maps"], np.zeros((599, 60, 4), dtype=np.float32))
    window.files.import_files([peer_files["table"], peer_files["maps"]])
    window.settle()
    window.click("import_ok")
    window.settle()
    text = window.find("import_wrong", QLabel).text()
    assert "maps.npy" in text or "maps" in text
    assert "599" in text
    assert window.state.session is before
    window.click("import_cancel")


def test_a_newer_session_is_refused_and_the_window_stays(window, session_folder, tmp_path):
    window.open(session_folder)
    before = window.state.session
    newer = tmp_path / "newer"
    store.save(before, newer)
    manifest = json.loads((newer / "manifest.json").read_text())
    manifest["format_version"] = 99
    (newer / "manifest.json").write_text(json.dumps(manifest))
    window.files.open_path(newer)
    window.settle()
    QApplication.processEvents()
    (title, text, details) = window.door.errors[-1]
    assert "99" in text
    assert "Traceback" in details
    assert title.startswith("Opening newer")
    assert window.state.session is before


def test_save_as_then_open_gives_the_same(window, session_folder, tmp_path):
    window.open(session_folder)
    window.state.mark_unsaved()
    target = tmp_path / "saved"
    window.door.answers["save_file"] = target
    window.trigger("save_as")
    window.settle()
    assert not window.state.dirty
    assert window.state.folder == target
    again = store.load(target)
    assert np.array_equal(again.clustering.labels, window.state.session.clustering.labels)


def test_what_the_user_entered_is_saved_with_the_session(window, session_folder, tmp_path):
    window.open(session_folder)
    window.show_tab("Clusters")
    wanted = window.state.parameters("clusterer").replace(n_clusters=17)
    window.state.set_parameters("clusterer", wanted)
    window.door.answers["save_file"] = tmp_path / "saved"
    window.trigger("save_as")
    window.settle()
    window.files.new()
    window.open(tmp_path / "saved")
    assert window.state.parameters("clusterer").n_clusters == 17


@pytest.mark.parametrize("answer", ["cancel", "discard"])
def test_unsaved_changes_are_asked_about_on_quit(window, session_folder, answer):
    window.open(session_folder)
    window.state.mark_unsaved()
    window.door.answers["unsaved"] = answer
    event = QCloseEvent()
    QApplication.sendEvent(window.window, event)
    assert "unsaved" in window.door.asked
    assert event.isAccepted() == (answer == "discard")


def test_quitting_with_save_saves_and_closes(window, session_folder, tmp_path, qtbot):
    window.open(session_folder)
    window.state.open(window.state.session, None)
    window.state.mark_unsaved()
    window.door.answers.update(unsaved="save", save_file=tmp_path / "kept")
    window.window.close()
    qtbot.waitUntil(lambda: not window.window.isVisible())
    assert store.is_session(tmp_path / "kept")


def test_the_layout_is_remembered(window, session_folder, qtbot, door):
    from seam_gui.shell.main_window import MainWindow
    from seam_gui.state.settings import Settings

    window.window.resize(1234, 777)
    window.find("library_splitter").setSizes([400, 700])
    sizes = window.find("library_splitter").sizes()
    window.files.leave()
    again = MainWindow(Settings())
    again.show()
    qtbot.waitExposed(again)
    assert (again.width(), again.height()) == (1234, 777)
    assert again.tab("Library")._splitter.sizes() == sizes
    again.files.leave()


def test_the_demo_that_is_run_from_nothing(window, monkeypatch, toy_model):
    from seam_core import demos

    config = demos.toy_config()
    small = replace(
        config,
        mutagenizer=config.mutagenizer.replace(n_sequences=300),
        clusterer=config.clusterer.replace(embedding="pca", clustering="kmeans", n_clusters=5),
    )
    monkeypatch.setattr(demos, "toy_config", lambda: small)
    window.trigger("demo_toy")
    window.settle()
    assert window.find("reference_found", QLabel).text().startswith("60 letters")
    assert window.find("reference_fasta").value() == config.sequence  # the demo names a file
    assert len(window.state.config.sequence) == len(window.state.session.library.reference)
    assert window.find("reference_name").text() == "toy"
    assert not window.door.errors, window.door.errors
    session = window.state.session
    assert session.name == "toy"
    assert len(session.library) == 300
    assert session.sites is not None


def test_a_session_opened_in_turns_ends_with_all_panels_painted_and_the_collector_on(
    window, session_folder
):
    import gc

    window.open(session_folder)
    tab = window.tab("Explore")
    window.qtbot.waitUntil(
        lambda: all(child.updatesEnabled() for child in tab.findChildren(QWidget))
    )
    assert tab.scatter.view.updatesEnabled()
    assert gc.isenabled()
