"""Variants in the window: a file, a typed one, the table, the arrows and the logos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.quiver import Quiver
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from seam_core import store, trust
from seam_core.colours import VERDICTS
from seam_core.figures import overview
from seam_core.intervals import Interval
from seam_core.sequences import indices_to_strings
from seam_core.session import Session
from seam_core.variants import COLUMNS
from seam_gui.pictures.figure_calls import figure_calls
from seam_gui.views.logo_view import LogoView
from seam_gui.views.scatter_view import ScatterView
from seam_gui.widgets.frame_table import FrameTable
from seam_gui.windows.variants.material import FIRST, columns_of
from seam_gui.work import variants_ahead
from tests.core.projecting import analysed
from tests.gui.pictures import calls_of
from tests.gui.reading import IDENTIFIER
from tests.gui.test_one_drawing import assert_same

MODEL = """
from tests.planted_kinds import make

made = make("all_or_none", 0)


def answer(one_hot):
    return made.predict(one_hot)
"""


def other(letter):
    return "CGTA"["ACGT".index(letter)]


@pytest.fixture
def planted_session(tmp_path):
    """A saved session, the file of its model, which is trusted, and the planted oracle."""
    file = tmp_path / "planted_model.py"
    file.write_text(MODEL)
    made, session = analysed("all_or_none")
    session = replace(session, oracle=session.oracle.replace(model=f"{file}:answer"))
    session = replace(session, locus=Interval("chr7", 1_000, 1_120))
    store.save(session, tmp_path / "s")
    return tmp_path / "s", file, made


@pytest.fixture
def opened(window, planted_session):
    """The window of variants over a planted session whose model is at hand."""
    folder, _, made = planted_session
    window.door.answers["confirm"] = True
    window.resize(1280, 800)
    window.open(folder)
    window.trigger("open_variants")
    done(window)
    yield window, made
    window.find("variants_window").close()


def done(driver):
    """Until the window of variants does nothing more."""
    jobs = driver.find("variants_window").jobs

    def idle():
        assert [job.key for job in jobs.running] == []

    for _ in range(3):
        driver.qtbot.waitUntil(idle)
        driver.settle()


def said(driver, name):
    return driver.find(name, QLabel).text()


def cells(driver):
    """What the table shows, by heading."""
    model = driver.find("variants_table", FrameTable).frame
    names = [model.headerData(c, Qt.Horizontal, Qt.DisplayRole) for c in range(model.columnCount())]
    return pd.DataFrame(
        [[model.index(r, c).data() for c in range(len(names))] for r in range(model.rowCount())],
        columns=[name.lower().replace(" ", "_") for name in names],
    )


def enter(driver, text):
    driver.type("variants_typed", text)
    done(driver)


def assert_arrows_are_drawn(driver, arrows, folder, monkeypatch):
    """In the file, in the copied lines of Python and in the report as on the screen."""
    drawing = figure_calls(driver.tab("Explore").exports.shown())["scatter"]
    (drawn,) = [each for each in drawing.make().axes[0].collections if isinstance(each, Quiver)]
    ends = np.asarray(drawn.get_offsets()) + np.stack([drawn.U, drawn.V], axis=1)
    np.testing.assert_allclose(ends, [arrow.end for arrow in arrows])
    assert [to_hex(colour) for colour in drawn.get_facecolors()] == [a.colour for a in arrows]
    store.save(driver.state.session_to_save(), folder)
    saved = overview.draw(store.load(folder), "embedding_shown")
    assert_same(drawing.make(), saved, "scatter")
    (_, shown), (_, script) = calls_of(drawing, folder, monkeypatch)
    assert script["arrows"] == shown["arrows"] == arrows


def test_a_typed_variant_is_answered(opened, tmp_path, monkeypatch):
    driver, made = opened
    letters = indices_to_strings(made.reference[None])[0]
    at = made.sites[0].start + 2
    enter(driver, f"{letters[at]}{at}{other(letters[at])}")
    row = cells(driver).iloc[0]
    assert row["verdict"] == "disrupts, reprograms"
    assert row["sites_lost"].split(";")[0] == made.sites[0].name
    assert "disrupts, reprograms" in said(driver, "variants_title")
    logos = [
        driver.find(f"variants_logo_{n}", LogoView) for n in ("reference", "variant", "difference")
    ]
    assert all(view.logo is not None for view in logos)
    gone = logos[2].logo.matrix[at - logos[2].logo.start]
    assert gone.min() < 0  # what the letter contributed is lost
    axis = driver.find("variants_window").picture.axis
    low, high = axis.window()
    assert low <= at < high
    assert len(driver.find("variants_scatter", ScatterView).arrows) == 1
    free = next(p for p in range(120) if all(not s.start <= p < s.stop for s in made.sites))
    enter(driver, f"chr7:{1_000 + free + 1}:{letters[free]}:{other(letters[free])}")
    assert cells(driver)["verdict"].tolist() == ["preserves, silent", "disrupts, reprograms"]
    driver.click("variants_keep")
    driver.settle()
    explored = driver.find("scatter_view", ScatterView)
    driver.qtbot.waitUntil(lambda: len(explored.arrows) == 2)
    assert_arrows_are_drawn(driver, explored.arrows, tmp_path / "kept", monkeypatch)
    first = driver.find("variants_window")
    with driver.qtbot.waitSignal(first.destroyed):
        first.close()
    driver.trigger("open_variants")
    done(driver)
    assert cells(driver)["verdict"].tolist() == ["preserves, silent", "disrupts, reprograms"]
    driver.find("variants_table", FrameTable).selectRow(1)
    assert "disrupts, reprograms" in said(driver, "variants_title")
    enter(driver, "85")
    assert "A85G" in said(driver, "variants_wrong")


def preparing(driver, monkeypatch):
    """The window as the application starts it: it prepares what is shown, here at once."""
    for subject in trust.subjects_of(driver.state.session.oracle):
        trust.approve(subject)
    monkeypatch.setattr(variants_ahead, "SOON_MS", 20)
    ahead = driver.window.services.ahead
    with driver.qtbot.waitSignal(ahead.prepared):
        ahead.begin()
    return ahead


def test_variants_are_prepared_while_the_session_is_looked_at(planted_session, window, monkeypatch):
    folder, model, made = planted_session
    window.open(folder)
    preparing(window, monkeypatch)
    model.unlink()  # whoever loads it again fails
    window.trigger("open_variants")
    done(window)
    letters = indices_to_strings(made.reference[None])[0]
    at = made.sites[0].start + 2
    enter(window, f"{letters[at]}{at}{other(letters[at])}")
    assert cells(window)["verdict"].tolist() == ["disrupts, reprograms"]
    window.find("variants_window").close()


def test_what_is_prepared_gives_way_to_another_session(planted_session, window, monkeypatch):
    folder, _, _ = planted_session
    window.open(folder)
    ahead = preparing(window, monkeypatch)
    first = ahead.copy().folder
    assert first.is_dir()
    with window.qtbot.waitSignal(ahead.prepared):
        window.open(folder)
    assert ahead.copy().folder != first
    window.qtbot.waitUntil(lambda: not first.exists())
    asked = []
    engine = window.window.services.engine
    monkeypatch.setattr(engine, "request", lambda do, *_, **__: asked.append(do))
    window.state.open(Session(), None)  # nothing to be asked about
    window.settle()
    assert asked == []


def test_a_session_of_another_model_is_told_so(planted_session, window):
    folder, file, _ = planted_session
    file.write_text(MODEL.replace("(one_hot)\n", "(one_hot) + 1\n"))
    window.door.answers["confirm"] = True
    window.open(folder)
    window.trigger("open_variants")
    done(window)
    enter(window, "A5G")
    assert "this is another model" in said(window, "variants_wrong")
    assert len(cells(window)) == 0
    assert window.find("variants_typed").isEnabled()
    window.find("variants_window").close()


def test_a_file_is_answered_searched_and_saved(opened, tmp_path):
    driver, made = opened
    letters = indices_to_strings(made.reference[None])[0]
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=7>",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ]
    places = [2, made.sites[0].start, made.sites[1].start + 1, 119]
    for number, p in enumerate(places):
        row = ["7", str(1_000 + p + 1), f"rs{number}", letters[p], other(letters[p]), ".", ".", "."]
        lines.append("\t".join(row))
    lines.append(f"7\t1004\tdel\t{letters[3]}\t<DEL>\t.\t.\t.")
    (tmp_path / "in.vcf").write_text("\n".join(lines) + "\n")
    driver.door.answers["open_file"] = tmp_path / "in.vcf"
    driver.click("variants_open")
    done(driver)
    assert cells(driver)["name"].tolist() == ["rs0", "rs1", "rs2", "rs3", "del"]
    assert "4 of 5 alleles answered" in said(driver, "variants_facts")
    assert cells(driver)["position"].tolist() == [*map(str, places), ""]
    frame = driver.find("variants_table", FrameTable).frame
    inks = [frame.index(row, 1).data(Qt.ForegroundRole) for row in range(5)]
    told = [VERDICTS.get(verdict.split(", ")[-1]) for verdict in cells(driver)["verdict"]]
    assert len(set(told)) >= 3  # not answered among them
    assert [ink and ink.name() for ink in inks] == told
    driver.type("variants_filter", "reprograms")
    assert "rs0" not in cells(driver)["name"].tolist()
    assert {"rs1", "rs2"} <= set(cells(driver)["name"])
    driver.find("variants_filter").clear()
    driver.find("variants_verdict").setCurrentIndex(3)
    assert set(cells(driver)["verdict"]) == {"preserves, silent"}
    driver.find("variants_verdict").setCurrentIndex(0)
    table = driver.find("variants_table", FrameTable)
    table.sortByColumn(2, Qt.AscendingOrder)
    effects = pd.to_numeric(cells(driver)["effect"], errors="coerce").dropna()
    assert effects.is_monotonic_increasing
    table.selectRow(0)
    assert said(driver, "variants_title").startswith(cells(driver)["name"][0])
    enter(driver, "rs2")  # as the table names it
    assert cells(driver)["name"].tolist()[0] == "rs2"
    assert said(driver, "variants_wrong") == ""
    driver.door.answers["save_file"] = tmp_path / "out.csv"
    driver.click("variants_save")
    done(driver)
    assert len(pd.read_csv(tmp_path / "out.csv")) == 5


def test_tips_of_columns_name_what_is_seen():
    names = dict.fromkeys([*FIRST, *COLUMNS])
    columns = columns_of(pd.DataFrame({name: pd.Series([], dtype=object) for name in names}))
    said = {column.name: column.tip for column in columns}
    assert said["verdict"] == "“Site verdict”, “Mechanism verdict”"
    assert not [tip for tip in said.values() if IDENTIFIER.search(tip)]
