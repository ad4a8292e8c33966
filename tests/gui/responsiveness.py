"""Whether the window answers: what its thread did, not how late the machine was.

Two measures. `HeavySpy` is the sharp one: nothing that grows with the data, asks a model or imports
a deep-learning package may be called by the GUI thread at all. `Turns` is a backstop for everything
that no list names: the processor time that the GUI thread itself used in one turn of its event
loop. That time does not count waiting, but it does stretch where another process shares the core,
so that its bound is far above what is usual; milliseconds by the clock are for `benchmarks`.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
import threading
import time
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from PyQt5.QtCore import QAbstractEventDispatcher

# module -> functions, or Class.method
HEAVY = {
    "seam_core.pipeline": ("run", "run_stage"),
    "seam_core.recipes": ("run",),
    "seam_core.store": ("load", "save"),
    "seam_core.mutagenizer": ("Mutagenizer.run",),
    "seam_core.compiler": ("Compiler.run",),
    "seam_core.attributer": ("Attributer.run",),
    "seam_core.meta_explainer": ("MetaExplainer.run",),
    "seam_core.identifier": ("Identifier.run",),
    "seam_core.meta_explainer.sums": ("cluster_sums", "updated_sums", "subset_sums"),
    "seam_core.clusterer.embeddings": ("embed", "project"),
    "seam_core.clusterer.partitions": ("kmeans", "dbscan", "hdbscan", "leiden"),
    "seam_core.clusterer.trees": ("ward_linkage", "linkage_by"),
    "seam_core.clusterer.neighbors": ("nearest_neighbors",),
    "seam_core.clusterer.cuts": ("cut_linkage",),
    "seam_core.comparison": ("correspond", "shared_embedding"),
    "seam_core.likeness": ("merge_candidates",),
    "seam_core.batch.tables": ("Reader.read",),
    "seam_core.report": ("write_report",),
    "seam_core.oracles.function": ("FunctionOracle.predict",),
    "seam_core.frameworks.keras.oracle": ("KerasOracle.predict",),
    "seam_core.frameworks.torch.oracle": ("TorchOracle.predict",),
    "numpy": ("load",),
    "pandas": ("read_parquet", "read_csv"),
    "sklearn.cluster": ("KMeans.fit", "DBSCAN.fit"),
    "sklearn.decomposition": ("PCA.fit",),
}
NEVER_IMPORTED = ("tensorflow", "keras", "torch", "umap", "squid", "openTSNE", "leidenalg", "phate")


class HeavySpy:
    """Who called what is heavy, between `__enter__` and `__exit__`.

    Attributes
    ----------
    on_gui_thread : what the GUI thread called or imported, which it never should
    elsewhere : what workers called: not empty, or nothing was spied upon
    """

    def __init__(self) -> None:
        self.on_gui_thread: list[str] = []
        self.elsewhere: list[str] = []
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> HeavySpy:
        for module, names in HEAVY.items():
            for name in names:
                self._watch(importlib.import_module(module), name)
        self._replace(builtins, "__import__", self._importing(builtins.__import__))
        return self

    def __exit__(self, *_: object) -> None:
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()

    def _watch(self, module: ModuleType, name: str) -> None:
        *owner, attribute = name.split(".")
        place = getattr(module, owner[0]) if owner else module
        real = getattr(place, attribute)
        spied = self._spied(real, f"{module.__name__}.{name}")
        if owner:
            self._replace(place, attribute, spied)
        for bound in [] if owner else [m for m in list(sys.modules.values()) if _ours(m, module)]:
            for key in [k for k, value in list(vars(bound).items()) if _plain(value) is real]:
                self._replace(bound, key, spied)

    def _replace(self, place: Any, name: str, value: Any) -> None:
        real = getattr(place, name)
        setattr(place, name, value)
        self._undo.append(lambda: setattr(place, name, real))

    def _spied(self, real: Callable, name: str) -> Callable:
        @functools.wraps(real)
        def spied(*args: Any, **kwargs: Any) -> Any:
            self._note(name)
            return real(*args, **kwargs)

        return spied

    def _importing(self, real: Callable) -> Callable:
        def importing(name: str, *args: Any, **kwargs: Any) -> Any:
            if name.partition(".")[0] in NEVER_IMPORTED:
                self._note(f"import {name}")
            return real(name, *args, **kwargs)

        return importing

    def _note(self, what: str) -> None:
        here = threading.current_thread() is threading.main_thread()
        (self.on_gui_thread if here else self.elsewhere).append(what)


def _ours(module: Any, home: ModuleType) -> bool:
    return module is home or getattr(module, "__name__", "").startswith("seam_")


def _plain(value: Any) -> Any:
    """A module that was imported while a spy was there keeps the spied function."""
    return vars(value).get("__wrapped__", value) if isinstance(value, FunctionType) else value


class Turns:
    """Seconds of processor time of each turn of the event loop between enter and exit.

    The dispatcher says when it is about to wait and when it was woken, one of them at least once a
    turn; what the thread used between two such words is what a user had to wait for.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __enter__(self) -> Turns:
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.aboutToBlock.connect(self._turn)
        self._dispatcher.awake.connect(self._turn)
        self._last = time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._turn()
        self._dispatcher.aboutToBlock.disconnect(self._turn)
        self._dispatcher.awake.disconnect(self._turn)

    def _turn(self) -> None:
        now = time.thread_time()
        self.seconds.append(now - self._last)
        self._last = now


class Watch:
    """`with watch: ...`, then `watch.check()`: the window answered throughout."""

    LONGEST_TURN_S = 1.0

    def __init__(self) -> None:
        self.spy, self.turns = HeavySpy(), Turns()

    def __enter__(self) -> Watch:
        self.spy.__enter__()
        self.turns.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.turns.__exit__()
        self.spy.__exit__()

    def check(self) -> None:
        """Fails where the GUI thread did what a worker should, or one turn of it was long."""
        longest = max(self.turns.seconds)
        print(f"longest of {len(self.turns.seconds)} turns: {longest * 1000:.0f} ms of processor")
        assert not self.spy.on_gui_thread, f"the GUI thread did: {self.spy.on_gui_thread}"
        assert self.spy.elsewhere, "no heavy call was seen at all: the spy is blind"
        assert longest < self.LONGEST_TURN_S, f"one turn of the event loop took {longest:.2f} s"
