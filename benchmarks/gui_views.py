"""What a user waits for in Explore: a frame of the scatter, a lasso, another cluster, the MSM.

The peer's window is one function of thousands of lines that needs a screen; its side does with
matplotlib and `seam.logomaker_batch` what that window does for the same click.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from typing import Any

import numpy as np

from benchmarks.gui_shell import environment, session_folder
from benchmarks.runner import Action, Benchmark

WIDTH, HEIGHT = 1600, 1000
LENGTH, CLUSTERS = 249, 200
_kept: list[Any] = []


def _application() -> Any:
    os.environ.update(environment(tempfile.mkdtemp()))
    from PyQt5.QtWidgets import QApplication

    from seam_gui.views import rasteriser

    if not _kept:  # Qt takes its widgets along when the application is collected
        _kept.append(QApplication([]))
    rasteriser.warm_up(wait=True)
    return _kept[0]


def _points(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, 2) float32 in 200 round clusters, and the cluster of each."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLUSTERS, n)
    centres = rng.uniform(-10, 10, (CLUSTERS, 2))
    points = centres[labels] + rng.normal(0, 0.7, (n, 2))
    return points.astype(np.float32), labels, rng.normal(size=n)


def scatter_ours(n: int) -> Action:
    """One frame at 1600 x 1000 pixels, as while panning."""
    application = _application()
    from seam_gui.look.theme import theme
    from seam_gui.views.scatter_view import ScatterView

    points, labels, _ = _points(n)
    view = ScatterView()
    view.resize(WIDTH, HEIGHT)
    view.set_points(points[:, 0], points[:, 1])
    view.set_colours(labels.astype(np.uint16), theme().categorical(CLUSTERS))
    view.show()
    application.processEvents()
    steps = itertools.cycle([3, -3])

    def action() -> dict[str, Any]:
        view.pan(next(steps), 0)
        start = time.perf_counter()
        view.render_frame()
        rasterised = time.perf_counter() - start
        view.viewport().repaint()
        return {"rasterise_s": round(rasterised, 6)}

    action()
    return action


def scatter_peer(n: int) -> Action:
    """The same points by matplotlib, as the peer's window draws them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    points, labels, _ = _points(n)
    figure = Figure(figsize=(16, 10), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.scatter(points[:, 0], points[:, 1], s=2, c=labels, cmap="tab10", linewidth=0)
    canvas.draw()
    steps = itertools.cycle([0.05, -0.05])

    def action() -> None:
        low, high = axes.get_xlim()
        step = next(steps)
        axes.set_xlim(low + step, high + step)
        canvas.draw()

    return action


def _window(n: int) -> tuple[Any, Any]:
    """The Explore tab of the application with a session of n x 249 opened, at 1600 x 1000."""
    application = _application()
    from PyQt5.QtWidgets import QWidget

    from seam_core import store
    from seam_gui.services import make_services
    from seam_gui.shell.preparation import prepare_result
    from seam_gui.state.settings import Settings
    from seam_gui.tabs.explore_tab import ExploreTab

    services = make_services(QWidget(), Settings(), prepare_result)
    tab, state = ExploreTab(services), services.state
    for _ in tab.build():
        pass
    tab.resize(WIDTH, HEIGHT)
    tab.show()
    state.open(store.load(session_folder(n)), None)
    _drawn(application, tab)
    return application, tab


def _drawn(application: Any, tab: Any) -> None:
    """Until no job runs and everything is painted."""
    for _ in range(2):
        application.processEvents()
        while tab.jobs.busy:
            application.processEvents()
            time.sleep(0.0005)
    application.processEvents()


def _resident_mb() -> float:
    import psutil

    return round(psutil.Process().memory_info().rss / 1e6, 1)


def lasso_ours(n: int) -> Action:
    """A lasso around about half of the points, until logos and MSM show it."""
    from seam_core.selection import Polygon

    application, tab = _window(n)
    points = tab.scene.session.embedding.coordinates
    middle, angle = np.median(points, axis=0), np.linspace(0, 2 * np.pi, 300, endpoint=False)
    spread = np.abs(points - middle).max(axis=0)
    lassos = []
    for turn in (0.0, 1.0):
        ring = np.stack([np.cos(angle + turn), np.sin(angle + turn)], axis=1)
        ring = middle + spread * ring * (0.93 + 0.02 * np.sin(9 * angle))[:, None]
        ring[:, 0] = np.where(ring[:, 0] > middle[0], middle[0], ring[:, 0])
        lassos.append(Polygon(tuple(map(tuple, ring.tolist()))))
    turns = itertools.cycle(lassos)

    def action() -> dict[str, Any]:
        tab.select(next(turns))
        _drawn(application, tab)
        return {"selected": tab.state.selection.count, "resident_mb": _resident_mb()}

    action()
    return action


def lasso_peer(n: int) -> Action:
    """Points in a path, the mean of their maps, two logos."""
    from matplotlib.path import Path as Outline

    from seam_core import store

    session = store.load(session_folder(n))
    points, maps = session.embedding.coordinates, session.maps.maps
    x = float(np.median(points[:, 0]))
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    far = np.abs(points).max() * 2
    ring = np.stack([np.minimum(far * np.cos(angle), x), far * np.sin(angle)], axis=1)

    def action() -> dict[str, Any]:
        inside = np.flatnonzero(Outline(ring).contains_points(points))
        mean = np.mean(maps[inside], axis=0)
        _peer_logo(mean)
        _peer_logo(np.abs(mean))
        return {}

    return action


def switch_ours(n: int) -> Action:
    """Another cluster: scatter, logos, MSM and tables follow."""
    from seam_core.selection import Clusters

    application, tab = _window(n)
    ids = itertools.cycle(tab.scene.order)

    def action() -> dict[str, Any]:
        tab.select(Clusters((next(ids),)))
        _drawn(application, tab)
        return {"resident_mb": _resident_mb()}

    action()
    return action


def switch_peer(n: int) -> Action:
    """The two logos of a cluster, drawn with the peer's own code."""
    rng = np.random.default_rng(0)
    means = rng.normal(0, 0.1, (8, LENGTH, 4))
    turns = itertools.cycle(means)
    _peer_logo(means[0])

    def action() -> None:
        mean = next(turns)
        _peer_logo(mean)
        _peer_logo(np.abs(mean))

    return action


def _peer_logo(mean: np.ndarray) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from seam.logomaker_batch.batch_logo import BatchLogo

    logo = BatchLogo(
        mean[None], alphabet=list("ACGT"), figsize=[10, 2.5], batch_size=1, show_progress=False
    )
    logo.process_all()
    figure, _ = logo.draw_single(0, fixed_ylim=False, figsize=[10, 2.5])
    figure.canvas.draw()
    matplotlib.pyplot.close(figure)


def _matrix(n: int) -> np.ndarray:
    """n cells: 200 x 249 by default, in the same proportion otherwise."""
    rows = max(2, round(np.sqrt(n * 200 / 249)))
    return np.random.default_rng(0).random((rows, max(2, n // rows)))


def msm_ours(n: int) -> Action:
    """Colour a matrix of n cells and paint it, once."""
    application = _application()
    from seam_gui.views.msm_matrix import Matrix
    from seam_gui.views.msm_view import MsmView
    from seam_gui.views.position_axis import PositionAxis

    values = _matrix(n)
    rows, width = values.shape
    axis = PositionAxis()
    axis.set_extent(0, width)
    view = MsmView(axis)
    view.resize(WIDTH // 2, HEIGHT // 2)
    view.show()
    names = tuple(map(str, range(rows)))
    colours = np.zeros((rows, 3), dtype=np.uint8)
    turns = itertools.cycle((values, values[::-1].copy()))  # the same cells are not coloured again

    def action() -> None:
        shown = next(turns)
        ids = np.arange(rows)
        view.set_matrix(Matrix(shown, ids, names, colours, 0, "Entropy", "bits", (0.0, 1.0)))
        application.processEvents()

    action()
    return action


def msm_peer(n: int) -> Action:
    """The same matrix by matplotlib's pcolormesh, which the peer uses."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    values = _matrix(n)

    def action() -> None:
        figure = Figure(figsize=(8, 5), dpi=100)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        figure.colorbar(axes.pcolormesh(values, cmap="viridis"))
        canvas.draw()

    return action


BENCHMARKS = {
    "scatter_frame": Benchmark(scatter_ours, scatter_peer, default_n=100_000, repeats=15),
    "lasso": Benchmark(lasso_ours, lasso_peer, default_n=100_000, repeats=7),
    "switch_cluster": Benchmark(switch_ours, switch_peer, default_n=100_000, repeats=15),
    "msm_draw": Benchmark(msm_ours, msm_peer, default_n=49_800, repeats=15),
}
