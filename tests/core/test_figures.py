"""Every figure draws, in every format, and says what the records say."""

import dataclasses
import re
import sys

import numpy as np
import pandas as pd
import pytest

from seam_core import figures
from seam_core.figures import analysis
from seam_core.validate import InputError
from tests.core.pictures import annotated, searched, texts
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return annotated(searched(make_session(n=300, length=50, clusters=8)))


FORMULA = "$\\frac{A"  # would be one to matplotlib, and a wrong one


def called(session, names):
    """The session with sites under other names."""

    def renamed(record):
        frames = {
            field.name: value.assign(
                **{
                    column: [
                        "+".join(names.get(part, part) for part in text.split("+"))
                        for text in value[column]
                    ]
                    for column in {"site", "sites"} & set(value)
                }
            )
            for field in dataclasses.fields(record)
            if isinstance(value := getattr(record, field.name), pd.DataFrame)
        }
        return dataclasses.replace(record, **frames)

    sites = [dataclasses.replace(site, name=names[site.name]) for site in session.sites.sites]
    return dataclasses.replace(
        session,
        sites=dataclasses.replace(renamed(session.sites), sites=tuple(sites)),
        trust=renamed(session.trust),
        experiments=renamed(session.experiments),
    )


@pytest.fixture(scope="module")
def protein():
    alphabet = "ACDEFGHIKLMNPQRSTVWY"
    session = make_session(n=200, length=24, clusters=4, alphabet=alphabet, n_sites=2)
    return called(annotated(searched(session)), {"A": FORMULA, "B": "$_^B$"})


@pytest.mark.parametrize("name", list(figures.PICTURES))
def test_every_picture_draws_amino_acids_and_names_as_they_are(name, protein, tmp_path):
    figures.save_figure(figures.draw(protein, name), tmp_path / "a.svg")
    if name in ("msm", "driver_mutations", "site_dendrogram"):
        assert FORMULA in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_overview_writes_every_picture_once(session, tmp_path):
    written = figures.save_overview(session, tmp_path / "new" / "folder", dpi=40)
    assert [path.stem for path in written] == list(figures.PICTURES)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
    assert all(path.stat().st_size > 1_000 for path in written)


def test_overview_draws_only_what_there_is(session, tmp_path):
    part = dataclasses.replace(
        session, maps=None, embedding=None, linkage=None, clustering=None, explanation=None,
        sites=None, trust=None, state={},
    )  # fmt: skip
    names = [path.stem for path in figures.save_overview(part, tmp_path, dpi=40)]
    assert names == ["mutations", "activities", "search_trajectory"]
    with pytest.raises(InputError, match=r"figure msm.*without explanation"):
        figures.draw(part, "msm")


def test_a_search_is_shown_beside_what_it_found(session):
    figure = figures.search_trajectory(session.library)
    assert {"Generation", "Sequences", "asked about", "in the library"} <= set(texts(figure))
    by_generation, beside = figure.axes
    assert sum(bar.get_width() for bar in beside.patches) == len(session.library)
    assert len(by_generation.collections[-1].get_offsets()) == len(session.library)
    other = make_session(n=20, length=40, clusters=2)
    assert "search_trajectory" not in figures.available(other)
    with pytest.raises(InputError, match="trajectory: got none; expected an optimized library"):
        figures.search_trajectory(other.library)


def test_overview_into_a_file_is_an_input_error(session, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="folder"):
        figures.save_overview(session, tmp_path / "file" / "inside")


def test_overview_without_sites(session):
    none = dataclasses.replace(
        session.sites,
        sites=(),
        activity=np.zeros((session.explanation.n_clusters, 0)),
        active=np.zeros((session.explanation.n_clusters, 0), bool),
        configurations=session.sites.configurations.iloc[:1],
        epistasis=session.sites.epistasis.iloc[:0],
        drivers=None,
    )
    part = dataclasses.replace(session, sites=none)
    names = figures.available(part)
    assert "site_covariance" in names
    assert "epistasis" not in names
    assert "configuration_matrix" not in names
    for name in names:
        figures.draw(part, name)


def test_no_figure_needs_pyplot():
    import subprocess

    code = (
        "import sys; from tests.factories import make_session; from seam_core import figures;"
        "figures.draw(make_session(n=60, length=40, clusters=3), 'msm');"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_text_stays_text_and_files_repeat(session, tmp_path):
    first = figures.save_figure(figures.draw(session, "msm"), tmp_path / "a.svg").read_text()
    again = figures.save_figure(figures.draw(session, "msm"), tmp_path / "b.svg").read_text()
    assert re.search(r"<text[^>]*>(<tspan[^>]*>)?Position", first)
    assert first == again
    pdf = figures.save_figure(figures.draw(session, "msm"), tmp_path / "a.pdf").read_bytes()
    assert b"/Type /Font" in pdf
    assert b"/CIDFontType2" in pdf or b"/TrueType" in pdf


def test_size_and_dpi_are_what_was_asked(session, tmp_path):
    from matplotlib.image import imread

    path = tmp_path / "a.png"
    figures.save_figure(figures.draw(session, "msm"), path, size=(4.0, 3.0), dpi=50)
    assert imread(path).shape[:2] == (150, 200)


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("a.gif", {}, "format"),
        ("a.png", {"dpi": 5}, "dpi"),
        ("a.png", {"size": (0.1, 3)}, "size"),
        ("missing/a.png", {}, "figure"),
    ],
)
def test_what_cannot_be_saved(session, tmp_path, name, options, field):
    figure = figures.draw(session, "background")
    with pytest.raises(InputError, match=field):
        figures.save_figure(figure, tmp_path / name, **options)


class TestLibrary:
    def test_mutations_are_counted(self, session):
        figure = figures.mutation_histogram(session.library)
        heights = [patch.get_height() for patch in figure.axes[0].patches]
        assert sum(heights) == len(session.library)
        figures.mutation_histogram(session.library, by_position=True)
        with pytest.raises(InputError, match="reference"):
            figures.mutation_histogram(dataclasses.replace(session.library, reference=None))

    def test_activities(self, session):
        activity = session.table.activity
        figure = figures.activity_histogram(activity, selected=activity > 2, reference_row=0)
        assert f"reference {activity[0]:.3g}" in texts(figure)
        with pytest.raises(InputError, match="activity"):
            figures.activity_histogram(np.full(5, np.nan))
        figures.activity_histogram(np.ones(50))

    def test_spectrum(self, session):
        from seam_core.records import Embedding

        ratio = np.array([0.5, 0.25, 0.1, 0.06, 0.04])
        figure = figures.pca_spectrum(Embedding(np.zeros((9, 2)), "pca", variance_ratio=ratio))
        assert {"3 for 80 %", "4 for 90 %"} <= set(texts(figure))
        bare = dataclasses.replace(session.embedding, variance_ratio=None)
        with pytest.raises(InputError, match="variance_ratio"):
            figures.pca_spectrum(bare)

    def test_cluster_numbers(self):
        numbers = np.arange(2, 12)
        figure = figures.cluster_numbers(
            numbers, {"Silhouette": 1.0 / numbers, "Gap": np.log(numbers)}, suggested=5
        )
        assert "5 suggested" in texts(figure)
        with pytest.raises(InputError, match="scores"):
            figures.cluster_numbers(numbers, {})


class TestSpread:
    def test_variation(self, session):
        from seam_core.meta_explainer import attribution_variation

        variation = attribution_variation(session.explanation)
        figure = figures.attribution_variation(
            variation, session.explanation, sites=session.sites.sites, window=(5, 30)
        )
        np.testing.assert_allclose(figure.axes[1].images[0].get_array(), variation[5:30].T)
        with pytest.raises(InputError, match="variation"):
            figures.attribution_variation(variation[1:], session.explanation)

    def test_consistency(self, session):
        from seam_core.meta_explainer import consistency_frame

        frame = consistency_frame(session.explanation)
        frame.loc[0, ["snr_single", "snr_mean", "gain_db"]] = np.nan
        figure = figures.map_consistency(frame, reference_cluster=int(frame["cluster"][1]))
        assert len(figure.axes[1].collections[0].get_offsets()) == len(frame) - 1

    def test_profiles(self):
        from seam_core.meta_explainer import profile_overlay

        profiles = np.random.default_rng(0).random((40, 100))
        overlay = profile_overlay(profiles, np.arange(40) % 2, 1, n_shown=7)
        figure = figures.cluster_profiles(overlay, start=-50)
        assert len(figure.axes[0].lines) == 8
        np.testing.assert_allclose(
            figure.axes[0].lines[-1].get_ydata(), profiles[1::2].mean(axis=0)
        )
        assert figure.axes[0].get_xlim() == (-50, 49)


def test_reference_row_is_found_and_may_be_absent(session):
    assert analysis.reference_row(session) == 0
    bare = dataclasses.replace(
        session, library=dataclasses.replace(session.library, reference=None)
    )
    assert analysis.reference_row(bare) is None
    assert "reference_comparison" not in figures.available(bare)


def test_noise_is_called_noise_and_names_are_the_users(session):
    labels = np.where(np.arange(len(session.library)) < 40, -1, session.clustering.labels)
    noisy = dataclasses.replace(session.clustering, labels=labels.astype(np.int32))
    from tests.factories import explain

    record = explain(session.library, session.table, session.maps, noisy, 0.06)
    words = texts(figures.cluster_activity(record, labels={int(record.ids[-1]): "both"}))
    assert "noise" in words
    assert f"{record.ids[-1]} both" in words
    assert "noise" in texts(figures.msm_heatmap(record))


@pytest.mark.parametrize("labels", ["one", "noise", "single"])
def test_every_picture_of_odd_clusterings(session, labels):
    """One cluster, a noise group, a cluster of one."""
    from seam_core.identifier import Identifier
    from seam_core.meta_explainer import MetaExplainer

    ids = session.clustering.labels.copy()
    if labels == "one":
        ids[:] = 0
    elif labels == "noise":
        ids[:40] = -1
    else:
        ids[7] = 99
    clustering = dataclasses.replace(session.clustering, labels=ids)
    explanation = MetaExplainer().run(session.library, session.table, session.maps, clustering)
    sites = Identifier().run(
        explanation, library=session.library, table=session.table, clustering=clustering
    )
    odd = dataclasses.replace(session, clustering=clustering, explanation=explanation, sites=sites)
    for name in figures.available(odd):
        figures.draw(odd, name)


def test_ends_of_the_colours_are_the_users(session):
    whole = figures.msm_heatmap(session.explanation, limits=(0.2, 0.9))
    assert whole.axes[0].images[0].get_clim() == (0.2, 0.9)
    square = figures.site_covariance(session.sites, limits=(-0.1, 0.1))
    assert square.axes[0].images[0].get_clim() == (-0.1, 0.1)
    manner = {"pictures": {"quantity": "entropy", "matrix_limits": [0.1, 0.8]}}
    drawn = figures.draw(dataclasses.replace(session, state=manner), "msm")
    assert drawn.axes[0].images[0].get_clim() == (0.1, 0.8)
