"""Figures of logos, of the scatter and of the matrix, and their colours."""

import dataclasses
import io
import pickle

import numpy as np
import pytest

from seam_core import figures
from seam_core.figures import style
from seam_core.figures.drawing import letters_below
from seam_core.validate import InputError
from tests.core.pictures import searched, texts
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return searched(make_session(n=300, length=50, clusters=8))


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
            style.cluster_colors([-1])[0], [140 / 255, 146 / 255, 158 / 255, 1]
        )


class TestLogos:
    @pytest.mark.parametrize("outlines", [True, False])
    def test_a_pickled_figure_is_the_same_picture(self, session, outlines):
        logo = np.tile(session.explanation.logos("average")[0], (8, 1))
        figure = figures.attribution_logo(logo, outlines=outlines, per_row=len(logo))
        again = pickle.loads(pickle.dumps(figure))
        for width in (9.0, 2.4):  # letters, and bars finer than a hair
            pictures = []
            for each in (figure, again):
                each.set_size_inches(width, 2)
                written = io.BytesIO()
                each.savefig(written, format="png", dpi=60)
                pictures.append(written.getvalue())
            assert pictures[0] == pictures[1]

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

    @pytest.mark.parametrize("outlines", [False, True])
    def test_of_several_positions_in_a_hair_the_tallest_is_drawn(self, outlines, tmp_path):
        """As on the screen: every tenth of 6,000 is an A, twice as high; no T is seen between."""
        from matplotlib.colors import to_rgb
        from matplotlib.image import imread

        matrix = np.zeros((6_000, 4))
        matrix[:, 3] = 1.0
        matrix[::10] = (2.0, 0, 0, 0)
        figure = figures.attribution_logo(matrix, size=(4.0, 2.0), outlines=outlines)
        assert figures.logos_of(figure) == []
        image = imread(figures.save_figure(figure, tmp_path / "logo.png", dpi=144))[..., :3]
        box = figure.axes[0].get_window_extent()
        middle = image[
            round(len(image) - (box.y0 + 0.3 * box.height) * 144 / figure.dpi),
            round(box.x0 * 144 / figure.dpi) + 4 : round(box.x1 * 144 / figure.dpi) - 4,
        ]
        inks = style.letter_colors("ACGT")
        near = {a: np.abs(middle - to_rgb(inks[a])).max(axis=1) < 0.1 for a in "AT"}
        assert near["A"].mean() > 0.9
        assert not near["T"].any()
        wide = figures.save_figure(figure, tmp_path / "wide.svg", size=(60.0, 2.0))
        assert inks["T"] in wide.read_text(), "where there is room for them all are there"

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
        figure = figures.attribution_logo(matrix, sites=[Site("S", (3, 4, 8, 9, 10))])
        (bands,) = figure.axes[0].collections
        spans = [path.get_extents().intervalx.tolist() for path in bands.get_paths()]
        assert spans == [[2.5, 4.5], [7.5, 10.5]]
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
        assert "1 mine" in words
        assert any(word.startswith("PC 1 (") and "% of variance" in word for word in words)

    def test_order_draws_the_highest_last(self, session):
        values = session.table.activity
        figure = figures.embedding_scatter(session.embedding, values=values, order="ascending")
        drawn = np.asarray(figure.axes[0].collections[0].get_offsets())
        np.testing.assert_allclose(drawn[-1], session.embedding.coordinates[values.argmax()])
        figure = figures.embedding_scatter(session.embedding, values=values, order="random")
        mixed = np.asarray(figure.axes[0].collections[0].get_offsets())
        assert not np.allclose(mixed, drawn)
        np.testing.assert_allclose(np.sort(mixed, axis=0), np.sort(drawn, axis=0))

    def test_bad_input(self, session):
        with pytest.raises(InputError, match="components"):
            figures.embedding_scatter(session.embedding, components=(0, 5))
        with pytest.raises(InputError, match="values"):
            figures.embedding_scatter(session.embedding, values=np.zeros(3))
        with pytest.raises(InputError, match="order"):
            figures.embedding_scatter(session.embedding, order="sideways")

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


class TestLetters:
    """Which letters of a logo have their colours."""

    matrix = np.array([[1.0, 0.5, 0.0, -0.25], [0.0, 1.0, 0.75, 0.0]])
    reference = np.array([0, 2])

    def inks(self, outlines, **options):
        from matplotlib.colors import to_hex

        figure = figures.attribution_logo(
            self.matrix, reference=self.reference, outlines=outlines, **options
        )
        return {to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches}

    @pytest.mark.parametrize("outlines", [True, False])
    def test_grey_are_those_that_are_not_meant(self, outlines):
        from seam_core.figures.style import MUTED, letter_colors

        a, c, g, t = (letter_colors("ACGT")[letter].lower() for letter in "ACGT")
        assert self.inks(outlines) == {a, c, g, t}
        assert self.inks(outlines, letters="mutants") == {c, t, MUTED}
        assert self.inks(outlines, letters="reference") == {a, g, MUTED}

    @pytest.mark.parametrize("outlines", [True, False])
    def test_letters_below_zero_are_darker_where_they_are_shaded(self, outlines):
        from matplotlib.colors import to_rgb

        plain, shaded = self.inks(outlines), self.inks(outlines, shaded=True)
        [before], [after] = plain - shaded, shaded - plain
        assert to_rgb(after) == pytest.approx([0.5 * part for part in to_rgb(before)], abs=0.005)


def test_a_small_t_below_the_axis_keeps_its_stem():
    """Edges that are moved to whole pixels leave a dash of it at 60 dots an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((5, 1), dpi=60)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.05, 0.5, 0.9, 0.4))
    axes.set_xlim(-0.5, 39.5)
    axes.set_axis_off()
    letters_below(axes, np.full(40, 3), "ACGT", 0)
    canvas.draw()
    inked = np.asarray(canvas.buffer_rgba())[:, :, :3].min(axis=2) < 200
    assert (inked.sum(axis=0) >= 3).sum() == 40
