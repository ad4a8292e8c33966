"""The Attribution tab."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from PyQt5.QtWidgets import QComboBox, QLabel, QSpinBox

from tests.gui.reading import facts
from tests.gui.test_jobs import toy_config


def test_the_first_maps_are_drawn_as_logos(window, session_folder):
    window.open(session_folder)
    window.show_tab("Attribution")
    window.settle()
    maps = window.state.session.maps.maps
    for i in range(6):
        logo = window.find(f"attribution_logo_{i}").logo
        assert np.allclose(logo.matrix, maps[i])
    window.find("attribution_first", QSpinBox).setValue(100)
    window.settle()
    assert np.allclose(window.find("attribution_logo_0").logo.matrix, maps[100])
    window.click("attribution_next")
    window.settle()
    assert np.allclose(window.find("attribution_logo_0").logo.matrix, maps[106])


def test_the_end_of_the_library_shows_fewer_logos(window, session_folder):
    window.open(session_folder)
    window.show_tab("Attribution")
    window.find("attribution_first", QSpinBox).setValue(598)
    window.settle()
    assert window.find("attribution_logo_1").isVisible()
    assert not window.find("attribution_logo_2").isVisible()


def test_the_completeness_error_is_shown_where_there_is_one(window, session_folder):
    window.open(session_folder)
    window.show_tab("Attribution")
    window.settle()
    assert not window.find("completeness_histogram").isVisible()
    maps = window.state.session.maps
    errors = np.linspace(0, 1, len(maps))
    session = window.state.session
    window.state.set_session(replace(session, maps=replace(maps, completeness_error=errors)))
    window.settle()
    histogram = window.find("completeness_histogram")
    assert histogram.isVisible()
    assert histogram.counts.sum() == 600
    assert histogram.marks[0].value == np.median(errors)


def test_the_form_shows_what_the_method_needs(window):
    window.show_tab("Attribution")
    method = window.find("attributer_method", QComboBox)
    method.set_value("saliency")
    assert not window.find("attributer_multiply_by_inputs").isVisible()
    method.set_value("intgrad")
    assert window.find("attributer_multiply_by_inputs").isVisible()
    assert window.state.parameters("attributer").method == "intgrad"


def test_what_is_missing(window):
    window.show_tab("Attribution")
    text = window.find("attribution_missing", QLabel).text()
    assert "a library" in text
    assert "a model" in text
    window.show_tab("Clusters")
    text = window.find("cluster_missing", QLabel).text()
    # maps made elsewhere are explained without a model
    assert text == "Needs attribution maps, a library and a table."


def test_the_model_and_the_time_are_checked_before_a_run(window, toy_model):
    toy_config(window, toy_model)
    window.show_tab("Attribution")
    window.find("attributer_method", QComboBox).set_value("ism")
    window.click("attribution_check")
    window.settle()
    found = window.find("attribution_found", QLabel)
    assert "The model loads" in found.text()
    shown = facts(window.find("attribution_found_table"))
    assert shown["input"] == "60 positions x 4 letters"
    assert shown["runs on"] == "CPU"
    n = window.state.config.mutagenizer.n_sequences
    assert re.fullmatch(rf"\S+ ms a map, about .+ for {n:,}; \S+ [MG]B, \d+ at once", shown["ism"])
    assert "saliency" not in shown
    assert not found.visibleRegion().isEmpty()  # scrolled to where it is seen
    # of another method nothing is known yet
    window.find("attributer_method", QComboBox).set_value("saliency")
    assert not found.isVisible()


def test_a_model_that_fails_is_one_message_before_a_run(window, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("sequence,y\n" + "".join(f"{x}{y},1\n" for x in "ACGT" for y in "ACGT"))
    config = window.state.config
    oracle = config.oracle.replace(model=str(table))
    window.state.set_config(replace(config, oracle=oracle, sequence="AC"))
    window.show_tab("Attribution")
    window.click("attribution_check")  # by saliency, which a table cannot do
    window.settle()
    found = window.find("attribution_found", QLabel)
    assert "gradient" in found.text()
    assert found.property("role") == "error"
    assert not window.door.errors


def slow_run(window, toy_model):
    """Maps that come in many small batches."""
    toy_config(window, toy_model)
    config = window.state.config
    window.state.set_config(
        replace(
            config,
            mutagenizer=config.mutagenizer.replace(n_sequences=1500),
            attributer=config.attributer.replace(method="ism", batch_size=10),
        )
    )
    window.show_tab("Attribution")
    window.state.run_requested.emit(("mutagenizer", "attributer", "compiler"))


def test_maps_are_seen_while_others_are_made_and_go_with_a_cancelled_run(window, toy_model, qtbot):
    slow_run(window, toy_model)
    facts, logo = window.find("attribution_facts", QLabel), window.find("attribution_logo_0")
    qtbot.waitUntil(logo.isVisible)
    assert "of 1,500 maps so far" in facts.text()
    window.click("job_cancel")
    window.settle()
    assert window.find("attribution_empty").isVisible()
    assert window.state.coming_maps is None

    slow_run(window, toy_model)
    qtbot.waitUntil(logo.isVisible)
    seen = np.array(logo.logo.matrix)
    assert seen.any()
    window.settle()
    assert len(window.state.session.maps) == 1500
    assert np.allclose(seen, window.state.session.maps.maps[0])
    assert "so far" not in facts.text()
    assert not window.door.errors
