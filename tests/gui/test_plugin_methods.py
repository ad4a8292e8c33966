"""Methods of another package, chosen in the window's forms and run by its engine."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PyQt5.QtWidgets import QComboBox, QPlainTextEdit, QPushButton

from tests.plugin import ROOT, forget, install


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The example package of docs/, installed for the window and for its engine."""
    site = tmp_path / "site"
    install(site)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(ROOT)]))
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def asked(example, window, tmp_path):
    """A model of the package's framework and a sequence, as a user gives them."""
    rng = np.random.default_rng(0)
    with (tmp_path / "model.linear").open("wb") as file:
        np.save(file, rng.normal(size=(24, 4)).astype(np.float32))
    window.door.answers["confirm"] = True
    window.show_tab("Library")
    window.settle()
    window.type("oracle_model", str(tmp_path / "model.linear"))
    letters = "".join(rng.choice(list("ACGT"), 24))
    window.find("reference_text", QPlainTextEdit).setPlainText(letters)
    window.type("mutagenizer_n_sequences", "200")
    return window


def choose(window, name, text):
    """An entry of a list by what it says."""
    combo = window.find(name, QComboBox)
    assert combo.findText(text) >= 0, [combo.itemText(i) for i in range(combo.count())]
    combo.setCurrentIndex(combo.findText(text))


def test_they_are_chosen_in_forms_and_run(asked):
    window = asked
    window.show_tab("Attribution")
    choose(window, "attributer_method", "Occlusion")
    window.type("attributer_occlusion_width", "3")
    window.show_tab("Clusters")
    choose(window, "clusterer_embedding", "Random axes")
    choose(window, "clusterer_clustering", "By size")
    window.type("clusterer_n_clusters", "4")
    assert not window.find("clusterer_cut_height").isVisible()
    window.show_tab("Library")
    window.find("library_run", QPushButton).click()
    window.settle()
    assert not window.door.errors, window.door.errors
    session = window.state.session
    assert session.maps.parameters.method == "occlusion"
    assert session.maps.parameters.occlusion_width == 3
    assert session.embedding.method == "random-axes"
    assert np.bincount(session.clustering.labels).tolist() == [50] * 4
    assert session.provenance.versions["seam-example"] == "0.1"
    window.show_tab("Explore")
    window.settle()
    assert window.tab("Explore").scatter.view._names == ("Direction 1", "Direction 2")
