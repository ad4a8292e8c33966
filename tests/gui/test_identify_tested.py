"""What the model answered about the sites, in the real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLabel, QPushButton, QTabWidget

from seam_gui.tabs.identify import results_panel
from seam_gui.views.site_table import KNOCKOUT, STABILITY, START, VERDICT, Q
from seam_gui.widgets.frame_table import FrameTable


def tab(identify):
    return identify.tab("Identify")


def cells(identify, column):
    model = tab(identify).results.table.sites
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_the_table_shows_verdict_knockout_and_q(identify):
    assert cells(identify, VERDICT) == ["confirmed", "weak", "not confirmed"]
    assert cells(identify, KNOCKOUT)[:2] == ["1 ± 0.01", "0.5 ± 0.01"]
    assert cells(identify, Q) == ["0.0075"] * 3


def test_sites_are_copied_as_they_are_shown(identify):
    table = tab(identify).results.table
    QTest.keyClick(table, Qt.Key_C, Qt.ControlModifier)
    names, *rows = (row.split("\t") for row in QApplication.clipboard().text().splitlines())
    assert "Place" not in names  # there is no locus
    for column in (VERDICT, START, KNOCKOUT):
        assert [row[column] for row in rows] == cells(identify, column)


def test_the_trust_is_said_above_the_table(identify):
    said = tab(identify).findChild(QLabel, "trust_warning")
    assert said.isVisibleTo(tab(identify))
    assert said.text() == (
        "Doubtful. Site B was only weakly confirmed by experiment. "
        "What does less than 0.01 is not looked for."
    )
    assert "81%" in tab(identify).results.trust.toolTip()


def test_boxes_look_as_their_sites_verdicts(identify):
    axis = tab(identify).axis
    styles = [axis.site_pen(site, 1.0).style() for site in axis.sites]
    assert styles == [Qt.SolidLine, Qt.DashLine, Qt.DotLine]


def test_pages_list_what_was_asked(identify):
    pages = tab(identify).findChild(QTabWidget, "identify_pages")
    titles = [pages.tabText(i) for i in range(pages.count())]
    assert {"Tested", "Tested interactions"} <= set(titles)
    table = tab(identify).findChild(FrameTable, "tested_terms_table")
    assert table.frame.rowCount() == len(identify.state.session.experiments.interactions)


def test_a_page_says_how_robust_the_mechanism_is(identify):
    page = tab(identify).results.robustness
    said = page.findChild(QLabel, "robustness_facts").text()
    assert said.startswith("0.25 from 0 (reprogrammable) to 1 (robust): readily reprogrammed")
    assert "half of the sequences have left with 5 substitutions" in said
    assert "30% of the attribution is background" in said
    assert said.endswith("positions whose mutation leaves it: 3-6")
    shares = {share.name: list(share.values) for share in page.curve.shares}
    assert shares == {"shows the same sites": [1.0, 0.6], "in the reference's cluster": [1.0, 0.4]}
    model = page.findChild(FrameTable, "reprogramming_table").frame
    assert [model.index(1, column).data() for column in range(2)] == ["1", "4"]


def test_an_edit_forgets_the_answers(identify):
    model = tab(identify).results.table.sites
    start = int(cells(identify, START)[0])
    model.setData(model.index(0, START), str(start + 1))
    identify.settle()
    assert identify.state.session.experiments is None
    assert cells(identify, VERDICT) == [""] * 3
    assert not tab(identify).results.trust.isVisibleTo(tab(identify))
    identify.trigger("undo")
    identify.settle()
    assert cells(identify, VERDICT)[0] == "confirmed"


def test_the_button_asks_for_the_stage(identify):
    asked = []
    identify.state.run_requested.disconnect()
    identify.state.run_requested.connect(asked.append)
    button = tab(identify).findChild(QPushButton, "identify_test")
    assert not button.isEnabled()  # there is no model
    config = identify.state.config
    identify.state.set_config(replace(config, oracle=config.oracle.replace(model="model.keras")))
    identify.settle()
    button.click()
    assert asked == [("experimenter",)]


def test_a_site_that_was_not_asked_has_no_numbers(identify):
    session = identify.state.session
    nothing = session.experiments.sites.assign(verdict="not_asked", effect=np.nan, q=np.nan)
    new = replace(session, experiments=replace(session.experiments, sites=nothing))
    identify.state.set_session(new)
    identify.settle()
    assert cells(identify, VERDICT) == ["not asked"] * 3
    assert cells(identify, KNOCKOUT) == [""] * 3


def moved_apart():
    distance = np.tile(np.arange(20), 2)
    turned = np.repeat(["as found", "second turned"], 20)
    near = np.exp(-(((distance - 8) / 4.0) ** 2)) * (turned == "as found")
    parts = [
        pd.DataFrame(
            {
                "sites": pair,
                "distance": distance,
                "orientation": turned,
                "activity": 1.0 + times * near,
                "se": 0.05,
            }
        )
        for pair, times in (("A+B", 1.0), ("A+C", 0.5))
    ]
    return pd.concat(parts, ignore_index=True)


def test_distance_and_order_are_drawn_pair_by_pair(identify):
    page = tab(identify).results.spacing
    assert not page.curves.has_data
    session = identify.state.session
    asked = replace(session.experiments, spacing=moved_apart())
    identify.state.set_session(replace(session, experiments=asked))
    identify.settle()
    tab(identify).results.pages.setCurrentWidget(page)
    identify.settle()
    assert [page.pair.itemText(k) for k in range(page.pair.count())] == ["A+B", "A+C"]
    assert page.curves.frame["activity"].max() == 2.0
    page.pair.setCurrentText("A+C")
    identify.settle()
    assert page.curves.frame["activity"].max() == 1.5


def test_the_table_has_a_column_of_stability(identify):
    session = identify.state.session
    shares = np.array([1.0, 0.4, 0.9])
    sites = replace(session.sites, stability=shares)
    identify.state.set_session(replace(session, sites=sites))
    identify.settle()
    assert cells(identify, STABILITY) == ["100%", "40%, unstable", "90%"]
    judged = session.experiments
    scanned = judged.sites.assign(origin=["library", "library", "scan"])
    told = replace(session.with_record("experiments", replace(judged, sites=scanned)), sites=sites)
    identify.state.set_session(told)
    identify.settle()
    assert cells(identify, STABILITY) == ["100%", "40%, unstable", "found by the scan"]


def test_a_match_of_a_large_q_does_not_look_like_a_hit():
    columns = {"query": ["s1", "s1", "s2"], "name": ["GATA4", "SOX2", "TBP"]}
    chances = {"p_value": [1e-3, 0.4, 1e-9], "q_value": [1.0, 1.0, 1e-6]}
    shown = results_panel._best(pd.DataFrame({**columns, **chances}))
    assert shown["s1"] == (
        "no confident match (nearest: GATA4)", "GATA4  (q 1)\nSOX2  (q 1)",
    )  # fmt: skip
    assert shown["s2"] == ("TBP  (q 1e-06)", "TBP  (q 1e-06)")
