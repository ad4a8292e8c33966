"""The report: one file, whole, readable without a network."""

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from seam_core import curation as curating
from seam_core import motifs
from seam_core.exports.sites import write_meme
from seam_core.intervals import Interval
from seam_core.parameters import AttributerParameters, ClustererParameters, MutagenizerParameters
from seam_core.progress import Cancelled
from seam_core.registry import ATTRIBUTIONS, CLUSTERINGS, EMBEDDINGS
from seam_core.report import html, write_report
from seam_core.report.methods import REFERENCES, describe_methods
from seam_core.session import Session
from seam_core.validate import InputError
from tests.factories import make_session

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Checks that tags close in order; keeps words, headings and addresses."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.headings, self.addresses, self.ids = [], [], [], [], set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.addresses += [values[key] for key in ("src", "href") if key in values]
        self.ids.add(values.get("id"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def session():
    return make_session(n=800, length=60, clusters=8)


@pytest.fixture(scope="module")
def page(session, tmp_path_factory):
    path = write_report(
        dataclasses.replace(session, name='<b>"eve" & co</b>', locus=Interval("chr2R", 1000, 1060)),
        tmp_path_factory.mktemp("report") / "report.html",
        taxa=["insects"],
    )
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def no_pictures(monkeypatch):
    """Drawing takes seconds; the tests of words and files do without."""
    from seam_core.figures import analysis, overview

    monkeypatch.setattr(overview, "draw", lambda session, name: None)
    monkeypatch.setattr(analysis, "reference_comparison", lambda session, window: None)
    monkeypatch.setattr(html, "picture", lambda figure, caption: "<figure></figure>")


def test_sections_are_there_and_linked(page):
    assert page.headings == [
        "Summary",
        "Trust",
        "Mechanism space",
        "Clusters",
        "Mechanism Summary Matrix",
        "Attribution",
        "Binding sites",
        "Tested on the model",
        "Configurations and interactions",
        "Driver mutations",
        "Methods",
        "How this was run",
    ]
    links = {address[1:] for address in page.addresses if address.startswith("#")}
    assert links <= page.ids
    assert len(links) == len(page.headings)


def test_nothing_is_fetched(page):
    for address in page.addresses:
        assert address.startswith(("#", "data:image/svg+xml;base64,", "data:image/png;base64,"))


def test_names_are_escaped(page):
    assert '<b>"eve" & co</b>' in page.text


def test_it_says_what_was_found(page, session):
    assert "3 binding sites were found" in page.text
    assert "like BEAF-32" in page.text or "like Dref" in page.text
    said = "3 interactions are significant by experiment, in units of activity"
    assert f"{said} on the model's own scale: A x B" in page.text
    assert "What does less than 0.01 is not looked for." in page.text
    site = session.sites.sites[0]
    assert f"chr2R:{1001 + site.start}-{1000 + site.stop}" in page.text
    assert "TATCGATA" in page.text
    assert "Seqlets" in page.text


def test_pictures_open(page):
    import base64
    import xml.etree.ElementTree as ElementTree

    kinds = {"svg": 0, "png": 0}
    for address in page.addresses:
        if address.startswith("data:"):
            head, data = address.split(",", 1)
            content = base64.b64decode(data, validate=True)
            if "svg" in head:
                ElementTree.fromstring(content)
                kinds["svg"] += 1
            else:
                assert content.startswith(b"\x89PNG")
                kinds["png"] += 1
    assert kinds["svg"] > 12


def test_sections_without_records_are_left_out(session, tmp_path, no_pictures):
    part = (
        Session("part").with_record("library", session.library).with_record("table", session.table)
    )
    text = Page(write_report(part, tmp_path / "r.html").read_text(encoding="utf-8"))
    assert text.headings == ["Summary", "Methods", "How this was run"]
    assert "No sites were looked for" in text.text


def test_no_site_no_reference_and_other_letters(tmp_path):
    protein = make_session(n=120, length=24, clusters=3, alphabet="ACDEFGHIKLMNPQRSTVWY", n_sites=2)
    bare = dataclasses.replace(
        protein, library=dataclasses.replace(protein.library, reference=None)
    )
    text = Page(write_report(bare, tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "JASPAR, which holds DNA motifs only" in text
    none = dataclasses.replace(
        protein,
        sites=dataclasses.replace(
            protein.sites,
            sites=(),
            activity=np.zeros((len(protein.explanation.ids), 0)),
            active=np.zeros((len(protein.explanation.ids), 0), bool),
            configurations=protein.sites.configurations.iloc[:1],
            epistasis=protein.sites.epistasis.iloc[:0],
            drivers=protein.sites.drivers.iloc[:0],
        ),
    )
    text = Page(write_report(none, tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "No binding site was found" in text


def test_without_pyjaspar_the_report_says_so(session, tmp_path, monkeypatch, no_pictures):
    import sys

    from seam_core.motifs import database

    monkeypatch.setitem(sys.modules, "pyjaspar", None)
    database._jaspar.cache_clear()
    text = Page(write_report(session, tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert 'pip install "pyjaspar' in text


def test_given_motifs_and_none(session, tmp_path, no_pictures):
    given = motifs.site_motifs(session.explanation, session.sites)
    path = write_report(session, tmp_path / "a.html", database=given, database_name="my motifs")
    assert "Compared with my motifs" in Page(path.read_text(encoding="utf-8")).text
    path = write_report(session, tmp_path / "b.html", database=[])
    assert "Known motifs" not in Page(path.read_text(encoding="utf-8")).text


def test_users_names_and_notes_are_shown(session, tmp_path, no_pictures):
    cluster = int(session.explanation.ids[0])
    curation, _ = curating.label(curating.start(session.clustering), cluster, "lost both")
    curation, _ = curating.note(curation, cluster, "check")
    named = dataclasses.replace(session, state={"curation": curating.to_dict(curation)})
    text = Page(
        write_report(named, tmp_path / "r.html", database=[]).read_text(encoding="utf-8")
    ).text
    assert "lost both" in text
    assert "check" in text
    assert "By hand: 1 label; 1 note." in text
    assert (
        "By hand"
        not in Page(
            write_report(session, tmp_path / "r.html", database=[]).read_text(encoding="utf-8")
        ).text
    )


def test_clusters_edited_by_hand_are_not_called_imported(session, tmp_path, no_pictures):
    ids = [int(i) for i in session.explanation.ids if i >= 0]
    curation, _ = curating.merge(curating.start(session.clustering), ids[:2])
    curation, _ = curating.hide(curation, [ids[2]])
    edited = dataclasses.replace(session, state={"curation": curating.to_dict(curation)})
    text = Page(
        write_report(edited, tmp_path / "r.html", database=[]).read_text(encoding="utf-8")
    ).text
    assert f"The {len(ids) - 1} clusters are as edited by hand" in text
    assert "clusters was imported" not in text
    assert "By hand: clusters merged, split or drawn (what follows is of the clusters as" in text
    assert f"has a new number); not drawn: {ids[2]}." in text
    assert "least_" not in text


def test_bad_paths_leave_what_was_there(session, tmp_path, no_pictures):
    with pytest.raises(InputError, match="empty session"):
        write_report(Session("x"), tmp_path / "r.html")
    with pytest.raises(InputError, match="can be written"):
        write_report(session, tmp_path / "missing" / "r.html", database=[])


def test_cancelling_leaves_the_old_report(session, tmp_path, no_pictures):
    class Stop:
        def update(self, done, total, message=""):
            if done > 0.5:
                raise Cancelled

    path = tmp_path / "r.html"
    path.write_text("old")
    with pytest.raises(Cancelled):
        write_report(session, path, database=[], progress=Stop())
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["r.html"]


def test_command_line(session, tmp_path, no_pictures, capsys):
    from seam_core import store
    from seam_core.cli import main

    store.save(session, tmp_path / "s")
    known = motifs.site_motifs(session.explanation, session.sites)
    meme = write_meme(known, tmp_path / "known.meme")
    arguments = ["report", str(tmp_path / "s"), "--quiet", "--out", str(tmp_path / "r.html")]
    assert main([*arguments, "--motifs", str(meme), "--locus", "chrX:1-60(-)"]) == 0
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "Compared with known.meme" in text
    assert "chrX:1-60(-)" in text
    for wrong, says in (
        (["--motifs", str(tmp_path / "r.html")], "MEME"),
        (["--organism", "beetles"], "organism"),
        (["--locus", "chrX:1-9"], "locus"),
    ):
        assert main([*arguments, *wrong]) == 2
        assert says in capsys.readouterr().err


class TestMethods:
    def test_imported_records_are_called_so(self, session):
        text = " ".join(describe_methods(session).sentences)
        assert "was imported" in text
        assert "{" not in text

    @pytest.mark.parametrize("method", ["saliency", "intgrad", "smoothgrad", "ism", "deepshap"])
    @pytest.mark.parametrize("clustering", ["ward", "average", "kmeans", "leiden", "dbscan"])
    def test_what_was_used_is_cited(self, session, method, clustering):
        made = dataclasses.replace(
            session,
            library=dataclasses.replace(
                session.library, parameters=MutagenizerParameters(mutation_rate=0.06, seed=3)
            ),
            maps=dataclasses.replace(session.maps, parameters=AttributerParameters(method=method)),
            clustering=dataclasses.replace(
                session.clustering,
                method=clustering,
                parameters=ClustererParameters(clustering=clustering),
            ),
            embedding=dataclasses.replace(session.embedding, method="umap"),
        )
        described = describe_methods(made, motif_source="JASPAR 2026 (insects)")
        text = " ".join(described.sentences)
        assert "rate of 0.06" in text
        assert "seed 3" in text
        for key in ("seam", "squid", "tomtom", "jaspar", "fdr", "bootstrap"):
            assert REFERENCES[key] in described.references
        for record in (ATTRIBUTIONS.get(method), EMBEDDINGS.get("umap")):
            assert record.citation in described.references
        ward = CLUSTERINGS.get("ward").citation
        assert (ward in described.references) == (clustering == "ward")
        numbers = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
        assert numbers == set(range(1, len(described.references) + 1))


class TestHtml:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1204, "1,204"),
            (np.int32(7), "7"),
            (0.03125, "0.031"),
            (3.2e-9, "3.2e-09"),
            (123456.7, "123,457"),
            (float("nan"), "–"),
            (True, "yes"),
            (np.bool_(False), "no"),
            (None, "–"),
            ("<a>", "<a>"),
            (0.0, "0.000"),
        ],
    )
    def test_shown(self, value, text):
        assert html.shown(value) == text

    def test_tables_escape(self):
        import pandas as pd

        text = html.table(pd.DataFrame({"a<b": ["<script>"], "n": [1.5]}))
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
        assert '<td class="n">1.500</td>' in text
