"""Figures of clusters, trees, sites and interactions."""

import dataclasses
import io

import numpy as np
import pytest

from seam_core import figures
from seam_core.validate import InputError
from tests.core.pictures import searched, texts
from tests.factories import make_session


@pytest.fixture(scope="module")
def session():
    return searched(make_session(n=300, length=50, clusters=8))


class TestClusters:
    @pytest.mark.parametrize("kind", ["box", "compact", "bar"])
    def test_activity(self, session, kind):
        reference = int(session.clustering.labels[0])
        figure = figures.cluster_activity(
            session.explanation,
            kind=kind,
            reference_cluster=reference,
            reference_activity=float(session.table.activity[0]),
        )
        quartiles = session.explanation.activity_quartiles
        iqr = (quartiles[:, 3] - quartiles[:, 1]).mean()
        assert any(f"mean IQR {iqr:.3g}" in word for word in texts(figure))
        marked = [
            line.get_xdata()[0] for line in figure.axes[0].lines if line.get_color() == "#d7261e"
        ]
        assert marked == [session.table.activity[0]]

    def test_occupancy(self, session):
        figure = figures.cluster_occupancy(session.explanation)
        widths = [patch.get_width() for patch in figure.axes[0].patches]
        np.testing.assert_array_equal(widths, session.explanation.sizes)

    def test_long_labels_leave_the_bars_their_room(self, session):
        labels = dict.fromkeys(session.explanation.ids.tolist(), "a name of eighty letters " * 4)
        shown = session.explanation
        for figure in (
            figures.cluster_activity(shown, labels=labels),
            figures.cluster_occupancy(shown, labels=labels),
            figures.msm_heatmap(shown, labels=labels),
            figures.configuration_matrix(session.sites, labels=labels),
        ):
            figure.savefig(io.BytesIO())  # lays it out
            names, room = figure.axes[0].get_yticklabels(), figure.bbox.width
            assert all(name.get_window_extent().x0 >= 0 for name in names)
            assert figure.axes[0].bbox.width > 0.3 * room

    def test_long_names_of_sites_leave_the_pictures_their_room(self, session):
        long = [f"{i} {'a name of eighty letters ' * 3}" for i in range(len(session.sites.sites))]
        of = dict(zip([site.name for site in session.sites.sites], long, strict=True))

        def named(frame):
            joined = ["+".join(of.get(p, p) for p in text.split("+")) for text in frame["sites"]]
            return frame.assign(sites=joined)

        sites = dataclasses.replace(
            session.sites,
            sites=tuple(dataclasses.replace(s, name=of[s.name]) for s in session.sites.sites),
            epistasis=named(session.sites.epistasis),
            configurations=named(session.sites.configurations),
        )
        for figure in (
            figures.epistasis(sites),
            figures.interaction_terms(sites),
            figures.configuration_activities(sites),
            figures.configuration_matrix(sites),
            figures.msm_heatmap(session.explanation, sites=sites),
            figures.site_covariance(sites),
        ):
            figure.savefig(io.BytesIO())
            assert any("a name of" in text for text in texts(figure))
            assert not any("eighty letters" in text for text in texts(figure))

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
        links = [np.stack([a, b], axis=1) for a, b in zip(x, theirs["dcoord"], strict=True)]
        wanted = {  # a leg, the bar, the other leg
            tuple(np.round(line.ravel(), 9))
            for link in links
            for line in (link[:2], link[1:3], link[:1:-1])
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

    @pytest.mark.parametrize("shape", ["square", "triangular"])
    def test_cells_too_small_to_be_seen_are_averaged(self, session, shape, tmp_path):
        """A board of +1 and -1 finer than the dots is nearly white from afar, not red here, blue
        there; a block of +1 in it stays red."""
        from matplotlib.image import imread

        board = np.where(np.indices((3_000, 3_000)).sum(axis=0) % 2, 1.0, -1.0)
        board[:600, :600] = 1.0
        sites = dataclasses.replace(session.sites, covariance=board, sites=(), start=0)
        figure = figures.site_covariance(sites, shape=shape, size=(4.0, 3.0), limits=(-1.0, 1.0))
        image = imread(figures.save_figure(figure, tmp_path / "board.png", dpi=100))
        axes = figure.axes[0]

        def ink(x, y):
            left, up = axes.transData.transform((x, y)) * 100 / figure.dpi
            return image[round(len(image) - up), round(left), :3]

        middle, block = (
            ((2_000, 900), (300, 250)) if shape == "square" else ((1_800, 400), (300, 80))
        )
        assert ink(*middle).min() > 0.85, "nearly white"
        red, green, blue = ink(*block)
        assert red > 0.5 > max(green, blue)

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
