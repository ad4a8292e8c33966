"""Every figure draws, in every format, and says what the records say."""

import dataclasses
import re
import sys

import numpy as np
import pandas as pd
import pytest

from seam_core import figures
from seam_core.figures import overview, style
from seam_core.validate import InputError
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return searched(make_session(n=300, length=50, clusters=8))


@pytest.fixture(scope="module")
def protein():
    alphabet = "ACDEFGHIKLMNPQRSTVWY"
    return searched(make_session(n=200, length=24, clusters=4, alphabet=alphabet, n_sites=2))


def searched(session):
    """The same, as if its library was found by a search of 4 generations."""
    activity = session.library.predictions
    lineage = pd.DataFrame(
        {"generation": np.arange(len(activity)) % 4, "parent": -1, "activity": activity}
    )
    groups = lineage.groupby("generation")["activity"]
    trajectory = groups.agg(["count", "min", "median", "max"]).reset_index()
    trajectory.columns = ["generation", "evaluated", "lowest", "median", "highest"]
    library = dataclasses.replace(session.library, lineage=lineage, trajectory=trajectory)
    return dataclasses.replace(session, library=library)


def texts(figure):
    """All words in a figure."""
    from matplotlib.text import Text

    return [item.get_text() for item in figure.findobj(Text) if item.get_text()]


@pytest.mark.parametrize("name", list(figures.PICTURES))
def test_every_picture_draws_amino_acids(name, protein, tmp_path):
    figures.save_figure(figures.draw(protein, name), tmp_path / "a.svg")


def test_overview_writes_every_picture_once(session, tmp_path):
    written = figures.save_overview(session, tmp_path / "new" / "folder", dpi=40)
    assert [path.stem for path in written] == list(figures.PICTURES)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
    assert all(path.stat().st_size > 1_000 for path in written)


def test_overview_draws_only_what_there_is(session, tmp_path):
    part = dataclasses.replace(
        session, maps=None, embedding=None, linkage=None, clustering=None, explanation=None,
        sites=None,
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


class TestColours:
    def test_nucleotides_as_the_field_draws_them(self):
        from matplotlib.colors import to_rgb

        for alphabet in ("ACGT", "ACGU"):
            red, green, blue = zip(
                *(to_rgb(c) for c in style.letter_colors(alphabet).values()), strict=True
            )
            assert np.argmax([red[0], green[0], blue[0]]) == 1  # A green
            assert np.argmax([red[1], green[1], blue[1]]) == 2  # C blue
            assert red[2] > green[2] > blue[2]  # G orange
            assert np.argmax([red[3], green[3], blue[3]]) == 0  # T/U red

    def test_safe_letters_differ_in_lightness(self):
        """Distinct for every kind of colour vision: no two letters of one luminance and hue."""
        from matplotlib.colors import to_rgb

        colors = [to_rgb(c) for c in style.letter_colors("ACGT", colour_blind=True).values()]
        deutan = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
        seen = np.array(colors) @ deutan.T
        distance = np.linalg.norm(seen[:, None] - seen[None], axis=-1) + np.eye(4)
        assert distance.min() > 0.2

    def test_every_amino_acid_has_a_colour(self):
        from seam_core.sequences import PROTEIN

        assert set(style.letter_colors(PROTEIN)) == set(PROTEIN)

    def test_a_cluster_keeps_its_colour(self):
        few, many = style.cluster_colors([3, 7]), style.cluster_colors(np.arange(50))
        np.testing.assert_array_equal(few, many[[3, 7]])
        assert len(np.unique(many.round(6), axis=0)) == 50
        np.testing.assert_allclose(
            style.cluster_colors([-1])[0], [196 / 255, 201 / 255, 209 / 255, 1]
        )


class TestLogos:
    def test_heights_and_axes(self):
        matrix = np.zeros((10, 4))
        matrix[2, 1] = 2.0
        matrix[4, 0] = -1.0
        figure = figures.attribution_logo(matrix, start=100)
        (axes,) = figure.axes
        low, high = axes.get_ylim()
        assert -1.2 < low < -1.0 < 2.0 < high < 2.2
        assert axes.get_xlim() == (99.5, 109.5)
        boxes = [patch.get_path().get_extents() for patch in axes.patches]
        tallest = max(boxes, key=lambda box: box.y1)
        assert (tallest.y0, tallest.y1) == pytest.approx((0.0, 2.0), abs=1e-9)
        assert (tallest.x0 + tallest.x1) / 2 == pytest.approx(102.0, abs=1e-9)

    def test_fixed_and_adaptive_heights(self, session):
        fixed = figures.cluster_logos(session.explanation, fixed_y=True)
        assert len({axes.get_ylim() for axes in fixed.axes}) == 1
        adaptive = figures.cluster_logos(session.explanation, fixed_y=False)
        assert len({axes.get_ylim() for axes in adaptive.axes}) > 1

    def test_information_is_on_its_own_scale(self, session):
        figure = figures.sequence_logo(session.explanation.logos("pwm")[0])
        assert figure.axes[0].get_ylim() == pytest.approx((0.0, 2.08))

    def test_centring_subtracts_the_mean_over_letters(self):
        from seam_core import logos

        matrix = np.random.default_rng(0).normal(1.0, 1.0, (6, 4))
        ours = figures.attribution_logo(matrix, centre=True).axes[0].get_ylim()
        theirs = figures.attribution_logo(logos.centre(matrix)).axes[0].get_ylim()
        assert ours == pytest.approx(theirs)

    def test_coloured_by_reference(self):
        from matplotlib.colors import to_hex

        matrix = np.array([[1.0, 0.5, 0, 0], [0, 1.0, 0, 0]])
        reference = np.array([0, 2])
        figure = figures.attribution_logo(matrix, reference=reference, colour_by_reference=True)
        shown = {to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches}
        assert shown == {"#e8833a", "#5b6575"}
        with pytest.raises(InputError, match="reference"):
            figures.attribution_logo(matrix, colour_by_reference=True)

    def test_rows_cover_the_sequence_on_one_scale(self):
        matrix = np.random.default_rng(0).normal(size=(50, 4))
        figure = figures.attribution_logo(matrix, per_row=20, start=7)
        limits = [axes.get_xlim() for axes in figure.axes]
        assert limits == [(6.5, 26.5), (26.5, 46.5), (46.5, 66.5)]
        assert len({axes.get_ylim() for axes in figure.axes}) == 1

    def test_sites_with_gaps_are_not_one_block(self):
        from seam_core.records import Site

        matrix = np.ones((20, 4))
        bare = figures.attribution_logo(matrix)
        figure = figures.attribution_logo(matrix, sites=[Site("S", (3, 4, 8, 9, 10))])
        assert len(figure.axes[0].patches) - len(bare.axes[0].patches) == 2
        assert texts(figure).count("S") == 1

    def test_comparison_is_of_one_cluster_on_one_scale(self, session):
        cluster = int(session.explanation.ids[0])
        reference = session.maps.maps[0]
        figure = figures.comparison(reference, session.explanation, cluster, window=(10, 30))
        assert len({axes.get_ylim() for axes in figure.axes}) == 1
        assert figure.axes[0].get_xlim() == (9.5, 29.5)
        with pytest.raises(InputError, match="reference map"):
            figures.comparison(reference[:-1], session.explanation, cluster)

    def test_nothing_to_draw_still_has_an_axis(self):
        assert figures.attribution_logo(np.zeros((5, 4))).axes[0].get_ylim()[0] < 0

    def test_bad_input(self, session):
        with pytest.raises(InputError, match="attribution map"):
            figures.attribution_logo(np.zeros((5, 3)))
        with pytest.raises(InputError, match="highlights"):
            figures.attribution_logo(np.ones((5, 4)), highlights=[(3, 3), (4, 2)])
        with pytest.raises(InputError, match="window"):
            figures.cluster_logos(session.explanation, window=(10, 500))
        with pytest.raises(InputError, match="kind"):
            figures.cluster_logos(session.explanation, kind="mean")
        with pytest.raises(KeyError):
            figures.cluster_logos(session.explanation, clusters=[99])

    @pytest.mark.parametrize(
        "kind", ["average", "foreground", "background", "contribution", "pwm", "enrichment"]
    )
    def test_all_kinds(self, session, kind):
        figures.cluster_logos(session.explanation, kind=kind, centre=True, window=(5, 30))
        figures.variability_logo(session.explanation, kind=kind)


class TestScatter:
    def test_options(self, session):
        for options in (
            {"density": True},
            {"values": session.table.activity, "order": "descending", "colour_blind": True},
            {"clustering": session.clustering, "labels": {0: "both sites"}},
            {"selected": np.arange(len(session.library)) < 50, "clustering": session.clustering},
            {"components": (1, 0), "reference_row": 0},
        ):
            figures.embedding_scatter(session.embedding, **options)

    def test_names_clusters_and_axes(self, session):
        words = texts(
            figures.embedding_scatter(
                session.embedding, clustering=session.clustering, labels={1: "mine"}
            )
        )
        assert "mine" in words
        assert any(word.startswith("PC 1 (") and "% of variance" in word for word in words)

    def test_order_draws_the_highest_last(self, session):
        values = session.table.activity
        figure = figures.embedding_scatter(session.embedding, values=values, order="ascending")
        drawn = np.asarray(figure.axes[0].collections[0].get_offsets())
        np.testing.assert_allclose(drawn[-1], session.embedding.coordinates[values.argmax()])

    def test_bad_input(self, session):
        with pytest.raises(InputError, match="components"):
            figures.embedding_scatter(session.embedding, components=(0, 5))
        with pytest.raises(InputError, match="values"):
            figures.embedding_scatter(session.embedding, values=np.zeros(3))
        with pytest.raises(InputError, match="order"):
            figures.embedding_scatter(session.embedding, order="random")

    def test_noise_has_a_colour_of_its_own(self, session):
        labels = session.clustering.labels.copy()
        labels[:40] = -1
        noisy = dataclasses.replace(session.clustering, labels=labels)
        figure = figures.embedding_scatter(session.embedding, clustering=noisy)
        colors = figure.axes[0].collections[0].get_facecolors()
        assert len(np.unique(colors[:40], axis=0)) == 1
        assert "-1" not in texts(figure)


class TestMsm:
    @pytest.mark.parametrize("quantity", ["entropy", "entropy_change", "reference", "consensus"])
    def test_shows_the_record(self, session, quantity):
        figure = figures.msm_heatmap(
            session.explanation, quantity=quantity, sites=session.sites, marginals=True
        )
        image = figure.axes[0].images[0].get_array()
        wanted = {
            "entropy": session.explanation.entropy,
            "entropy_change": session.explanation.entropy - session.explanation.expected_entropy,
            "reference": session.explanation.reference_mismatch,
            "consensus": session.explanation.consensus_match,
        }[quantity]
        np.testing.assert_allclose(image, wanted)

    def test_window_crops(self, session):
        figure = figures.msm_heatmap(session.explanation, window=(10, 20), sites=session.sites)
        assert figure.axes[0].images[0].get_array().shape[1] == 10
        assert figure.axes[0].get_xlim() == (9.5, 19.5)

    def test_boxes_are_where_sites_are_active(self, session):
        """One rectangle a site and run of active rows."""
        figure = figures.msm_heatmap(session.explanation, sites=session.sites)
        runs = 0
        for column in session.sites.active.T:
            runs += int(np.count_nonzero(np.diff(np.concatenate([[False], column])) & column))
        rectangles = [p for p in figure.axes[0].patches if not p.get_fill()]
        assert len(rectangles) == runs

    def test_marginals_count_conserved_cells(self, session):
        figure = figures.msm_heatmap(session.explanation, marginals=True, threshold=0.3)
        heights = [patch.get_height() for patch in figure.axes[1].patches]
        np.testing.assert_array_equal(heights, (session.explanation.entropy <= 0.3).sum(axis=0))

    def test_windowed_maps(self):
        """Maps of a window: positions are the sequence's own."""
        part = make_session(n=120, length=40, clusters=4, start=12)
        figure = figures.msm_heatmap(part.explanation, sites=part.sites)
        assert figure.axes[0].get_xlim() == (11.5, 39.5)

    def test_without_reference(self, session):
        bare = dataclasses.replace(session.explanation, reference=None)
        with pytest.raises(InputError, match="reference"):
            figures.msm_heatmap(bare, quantity="reference")
        figures.msm_heatmap(bare)


class TestClusters:
    @pytest.mark.parametrize("kind", ["box", "compact", "bar"])
    def test_activity(self, session, kind):
        reference = int(session.clustering.labels[0])
        figure = figures.cluster_activity(
            session.explanation, kind=kind, reference_cluster=reference
        )
        quartiles = session.explanation.activity_quartiles
        iqr = (quartiles[:, 3] - quartiles[:, 1]).mean()
        assert any(f"mean IQR {iqr:.3g}" in word for word in texts(figure))
        marked = [
            line.get_xdata()[0] for line in figure.axes[0].lines if line.get_color() == "#d7261e"
        ]
        row = session.explanation.row_of(reference)
        assert marked == [quartiles[row, 2]]

    def test_occupancy(self, session):
        figure = figures.cluster_occupancy(session.explanation)
        widths = [patch.get_width() for patch in figure.axes[0].patches]
        np.testing.assert_array_equal(widths, session.explanation.sizes)

    def test_members(self, session):
        cluster = int(session.clustering.labels[0])
        figure = figures.cluster_members(
            session.explanation,
            cluster,
            table=session.table,
            clustering=session.clustering,
            maps=session.maps,
        )
        assert len(figure.axes) == 4

    def test_members_of_nobody(self, session):
        cluster = int(session.explanation.ids[0])
        elsewhere = dataclasses.replace(
            session.clustering, labels=np.full(len(session.library), 10_000)
        )
        with pytest.raises(InputError, match="no sequences"):
            figures.cluster_members(
                session.explanation, cluster, table=session.table, clustering=elsewhere
            )

    def test_spread_is_the_norm_of_the_difference(self, session):
        from seam_core.figures.clusters import map_spread

        rows = np.arange(20)
        mean = session.maps.maps[rows].mean(axis=0)
        wanted = [np.linalg.norm(session.maps.maps[row] - mean) for row in rows]
        np.testing.assert_allclose(map_spread(session.maps, rows, mean), wanted, rtol=1e-5)


class TestTrees:
    def test_top_of_tree_equals_fcluster(self, session):
        from scipy.cluster.hierarchy import fcluster

        from seam_core.figures.tree import top_of_tree

        for leaves in (2, 7, 40, 300):
            top, branch = top_of_tree(session.linkage.matrix, leaves)
            groups = fcluster(session.linkage.matrix, leaves, "maxclust")
            pairs = np.unique(np.stack([branch, groups], axis=1), axis=0)
            assert len(pairs) == min(leaves, 300) == len(np.unique(branch)) == len(top) + 1
            np.testing.assert_allclose(top[:, 2], session.linkage.matrix[-len(top) :, 2])

    def test_leaves_and_links_equal_scipys(self, session):
        from matplotlib.figure import Figure
        from scipy.cluster.hierarchy import dendrogram

        from seam_core.figures.tree import draw_tree

        matrix = session.sites.linkage
        axes = Figure().add_subplot()
        none = np.full(len(matrix) + 1, -1)
        order = draw_tree(axes, matrix, none, np.zeros((0, 4)), background="black")
        theirs = dendrogram(matrix, no_plot=True)
        np.testing.assert_array_equal(order, theirs["leaves"])
        ours = {tuple(np.round(link.ravel(), 9)) for link in axes.collections[0].get_segments()}
        x = (np.array(theirs["icoord"]) - 5.0) / 10.0
        wanted = {
            tuple(np.round(np.stack([a, b], axis=1).ravel(), 9))
            for a, b in zip(x, theirs["dcoord"], strict=True)
        }
        assert ours == wanted

    def test_a_tree_as_deep_as_it_has_leaves(self):
        """SciPy's own drawing recurses; a chain of 3,000 must not."""
        from seam_core.records import Linkage

        n = 3_000
        chain = np.zeros((n - 1, 4))
        chain[:, 0] = np.concatenate([[0], np.arange(n, 2 * n - 2)])
        chain[:, 1] = np.arange(1, n)
        chain[:, 2] = np.arange(1, n)
        chain[:, 3] = np.arange(2, n + 1)
        figures.dendrogram(Linkage(chain, "single"), leaves=2_500)

    def test_cut_is_named(self, session):
        figure = figures.dendrogram(session.linkage, clustering=session.clustering, leaves=50)
        count = (session.linkage.matrix[:, 2] > session.clustering.cut_height).sum() + 1
        assert f"{count} clusters" in texts(figure)


class TestSites:
    def test_square_and_triangle_show_one_matrix(self, session):
        square = figures.site_covariance(session.sites)
        np.testing.assert_allclose(square.axes[0].images[0].get_array(), session.sites.covariance)
        triangle = figures.site_covariance(session.sites, shape="triangular", window=(5, 45))
        mesh = triangle.axes[0].collections[0].get_array()
        part = session.sites.covariance[5:45, 5:45]
        upper = np.triu_indices(40)
        np.testing.assert_allclose(np.asarray(mesh)[upper], part[upper])
        figures.site_covariance(session.sites, by_tree=True)

    def test_bad_input(self, session):
        with pytest.raises(InputError, match="shape"):
            figures.site_covariance(session.sites, shape="round")
        with pytest.raises(InputError, match="by_tree"):
            figures.site_covariance(session.sites, shape="triangular", by_tree=True)
        with pytest.raises(InputError, match="window"):
            figures.site_covariance(session.sites, window=(40, 10))

    @pytest.mark.parametrize("binary", [True, False])
    @pytest.mark.parametrize("horizontal", [True, False])
    def test_configuration_matrix(self, session, binary, horizontal):
        figure = figures.configuration_matrix(session.sites, binary=binary, horizontal=horizontal)
        shown = np.asarray(figure.axes[0].collections[0].get_array())
        wanted = session.sites.active if binary else session.sites.activity
        np.testing.assert_allclose(shown, wanted.T if horizontal else wanted)


class TestInteractions:
    def test_pairs_stand_in_the_lower_triangle(self, session):
        figure = figures.epistasis(session.sites)
        shown = np.asarray(figure.axes[0].images[0].get_array().filled(np.nan))
        frame = session.sites.epistasis.set_index("sites")["estimate"]
        assert shown[0, 0] == pytest.approx(frame["A+B"])
        assert shown[1, 0] == pytest.approx(frame["A+C"])
        assert shown[1, 1] == pytest.approx(frame["B+C"])
        assert np.isnan(shown[0, 1])
        assert any("*" in word for word in texts(figure))

    def test_authors_terms_where_nothing_else_is_known(self, session):
        frame = session.sites.epistasis[["sites", "order", "authors_estimate"]]
        bare = dataclasses.replace(session.sites, epistasis=frame)
        shown = figures.epistasis(bare).axes[0].images[0].get_array()
        assert shown[0, 0] == pytest.approx(frame["authors_estimate"][3])

    def test_what_is_not_represented_is_said(self, session):
        frame = session.sites.epistasis.copy()
        frame.loc[frame["sites"] == "A+C", ["estimate", "low", "high"]] = np.nan
        frame.loc[frame["sites"] == "A+C", "represented"] = False
        sparse = dataclasses.replace(session.sites, epistasis=frame)
        assert any("not\nrepresented" in word for word in texts(figures.epistasis(sparse)))
        assert "not represented" in texts(figures.interaction_terms(sparse))

    def test_orders(self, session):
        figure = figures.interaction_terms(session.sites, lowest_order=2)
        assert {"A·B", "A·B·C"} <= set(texts(figure))
        with pytest.raises(InputError, match="lowest_order"):
            figures.interaction_terms(session.sites, lowest_order=9)

    def test_twelve_sites(self):
        """4,096 configurations: the best represented are drawn."""
        many = make_session(n=300, length=120, clusters=6, n_sites=12)
        assert len(many.sites.configurations) == 4_096
        figures.configuration_activities(many.sites)
        figures.interaction_terms(many.sites)
        figures.epistasis(many.sites)

    def test_too_few_sites(self, session):
        one = dataclasses.replace(session.sites, sites=session.sites.sites[:1])
        with pytest.raises(InputError, match="two sites"):
            figures.epistasis(one)

    def test_drivers_need_a_table(self, session):
        bare = dataclasses.replace(session.sites, drivers=None)
        with pytest.raises(InputError, match="drivers"):
            figures.driver_mutations(bare, alphabet="ACGT")


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
    assert overview.reference_row(session) == 0
    bare = dataclasses.replace(
        session, library=dataclasses.replace(session.library, reference=None)
    )
    assert overview.reference_row(bare) is None
    assert "reference_comparison" not in figures.available(bare)


def test_noise_is_called_noise_and_names_are_the_users(session):
    labels = np.where(np.arange(len(session.library)) < 40, -1, session.clustering.labels)
    noisy = dataclasses.replace(session.clustering, labels=labels.astype(np.int32))
    from tests.factories import explain

    record = explain(session.library, session.table, session.maps, noisy, 0.06)
    words = texts(figures.cluster_activity(record, labels={int(record.ids[-1]): "both"}))
    assert "noise" in words
    assert "both" in words
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
