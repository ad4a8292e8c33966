"""The engine's own process: runs stages where holding the interpreter's lock freezes no window.

Started as `python -m seam_gui.work.engine_process`. One JSON object a line comes on standard
input, and goes out on standard output: {"id", "do", ...} in; {"id", "progress" | "told" |
"result" | "error"} out. Results are files of a session; only their folder's name is sent. No Qt
here.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from seam_core.progress import Cancelled, Progress
from seam_gui.work.projectors import opened

if TYPE_CHECKING:
    from seam_core.pipeline import RunConfig
    from seam_core.session import Session

_REPORT_EVERY_S = 0.1


class _Line:
    """Progress of one request, sent as lines; raises `Cancelled` once asked to stop."""

    def __init__(self, request: int, send: Callable[..., None], cancelled: set[int]) -> None:
        self._request, self._send, self._cancelled = request, send, cancelled
        self._last, self._message = 0.0, ""

    def update(self, done: float, total: float, message: str = "") -> None:
        if self._request in self._cancelled:
            raise Cancelled
        now = time.monotonic()
        if now - self._last < _REPORT_EVERY_S and message == self._message:
            return
        self._last, self._message = now, message
        fraction = done / total if total else 1.0
        self._send(id=self._request, progress=[fraction, message])

    def tell(self, *part: str) -> None:
        """Send a part of the answer before its end."""
        if self._request in self._cancelled:
            raise Cancelled
        self._send(id=self._request, told=part)


def serve(lines: TextIO, out: TextIO) -> None:
    """Answer requests until the input ends."""
    todo: queue.Queue[dict[str, Any] | None] = queue.Queue()
    cancelled: set[int] = set()
    lock = threading.Lock()

    def send(**message: Any) -> None:
        with lock:
            out.write(json.dumps(message) + "\n")
            out.flush()

    def listen() -> None:
        for line in lines:
            message = json.loads(line)
            if message["do"] == "cancel":
                cancelled.add(message["id"])
            else:
                todo.put(message)
        # the window is gone: nobody waits for whatever runs
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while (request := todo.get()) is not None:
        number = request["id"]
        progress = _Line(number, send, cancelled)
        try:
            result = ACTIONS[request["do"]](request, progress)
        except Cancelled:
            send(id=number, cancelled=True)
        except BaseException as error:  # models end programs, and raise what is no Exception
            send(id=number, error=_described(error))
        else:
            send(id=number, result=result)


def _described(error: BaseException) -> dict[str, Any]:
    """An exception as plain values: its message is for the user when it is one of ours."""
    from seam_core.validate import SeamError

    return {
        "message": str(error),
        "type": type(error).__name__,
        "expected": isinstance(error, SeamError | OSError),
        "details": traceback.format_exc(),
        "subject": getattr(error, "subject", ""),
        "why": getattr(error, "why", ""),
    }


def warm(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Import what the next run will need, while the user still reads the form."""
    import importlib

    for name in request["modules"]:
        progress.update(0, 1, name)
        importlib.import_module(name)
    return {}


def run_stages(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Run stages on the session in one folder and write the result into another."""
    from seam_core import pipeline, store, trust
    from seam_core.stages import STAGES

    folder = request["session"]
    session = store.load(Path(folder)) if folder else None
    config = pipeline.RunConfig.from_dict(request["config"])
    out, stages = Path(request["out"]), request["stages"]
    if any(STAGES[name].asks_model or name == "mutagenizer" for name in stages):
        own = config if session is None else _with_model(config, session)
        trust.require_all(own.oracle, own.mutagenizer)
    # the window gives the folder of an earlier run only where that was of the same
    left = pipeline.earlier(out, config, stages)
    if left is not None:
        session, stages = left
    whole = pipeline.run(config, folder=out, session=session, stages=stages, progress=progress)
    if not store.is_session(out):
        store.save(whole, out)
    return {"folder": str(out)}


def _with_model(config: RunConfig, session: Session) -> RunConfig:
    """The configuration that a run on a session has: where it names no model, the session's."""
    if config.oracle.model or session.oracle is None:
        return config
    return replace(config, oracle=session.oracle)


def run_recipe(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Run a recipe, of however many runs; the answer names the sessions' folders."""
    from seam_core import pipeline, recipes, store, trust
    from seam_core.validate import InputError

    recipe = recipes.parse(request["recipe"], request["name"])
    config = pipeline.RunConfig.from_dict(request["config"])
    trust.require_all(config.oracle, config.mutagenizer)
    out = Path(request["out"])
    recipe = recipes.fitted(recipe, config)
    begun = recipes.started(recipe, config, out)
    for variant in recipe.variants:
        if variant.name not in begun and store.is_session(out / variant.name):
            raise InputError("folder", "one with sessions", "a new folder", str(out))
    sessions = recipes.run(recipe, config, out, progress=progress)
    for name, session in sessions.items():
        if not store.is_session(out / name):
            store.save(session, out / name)
    return {"folders": {name: str(out / name) for name in sessions}}


def check_model(request: dict[str, Any], progress: _Line) -> dict[str, Any]:
    """Load a model and ask it about two sequences: the rows of the table are told on the way.

    With `maps`, a few maps are made as well, and timed.
    """
    from seam_core import models, pipeline, trust
    from seam_core.families import differing
    from seam_core.frameworks.signature import family_of
    from seam_core.pipeline.checking import CheckedModel, check_model
    from seam_core.validate import SeamError

    config = pipeline.RunConfig.from_dict(request["config"])
    trust.require_all(config.oracle, config.mutagenizer)
    progress.update(0, 1, "Loading the model")
    try:
        checked = check_model(
            config,
            progress.tell,
            n_sequences=request["n_sequences"],
            method=request["maps"],
            said=differing(config.oracle),
            progress=progress,
        )
    except trust.TrustError:
        raise
    except SeamError as error:
        family = family_of(models.located(config.oracle))
        if family is None:
            raise
        checked = CheckedModel((), family.name, (str(error),))
    return asdict(checked)


def stability(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """How the clusters of a session hold when some of its maps are left out."""
    from seam_core import store
    from seam_core.clusterer import Clusterer
    from seam_core.clusterer.comparison import stability as measure
    from seam_core.parameters import ClustererParameters

    session = store.load(Path(request["session"]))
    parameters = ClustererParameters.from_dict(request["clusterer"])
    if parameters.cluster_on == "embedding":
        # an embedding of a subset is another embedding: the maps themselves are grouped
        parameters = parameters.replace(cluster_on="maps")
    clusterer = Clusterer(parameters)
    if session.maps is None:
        from seam_core.validate import InputError

        raise InputError("session", "no attribution maps", "those that the clusters are of")
    measured = measure(
        session.maps,
        lambda rows: clusterer.cluster(rows).labels,
        n_resamples=request["n_resamples"],
        seed=parameters.seed,
        progress=progress,
    )
    return {
        "rand": [float(value) for value in measured.rand],
        "by_cluster": {str(key): float(value) for key, value in measured.by_cluster.items()},
    }


def embed_together(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The maps of several sessions in one embedding, as arrays in a folder."""
    import numpy as np

    from seam_core import store
    from seam_core.comparison import shared_embedding
    from seam_core.parameters import ClustererParameters

    sessions = [store.load(Path(folder)) for folder in request["sessions"]]
    parameters = ClustererParameters.from_dict(request["embedding"])
    shared = shared_embedding(
        sessions, parameters=parameters, most=request["most"], progress=progress
    )
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    for name, array in (
        ("coordinates", shared.embedding.coordinates),
        ("session", shared.session),
        ("row", shared.row),
    ):
        np.save(out / f"{name}.npy", array, allow_pickle=False)
    return {"method": shared.embedding.method}


def design(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Design a panel from a session, into a folder; its session lies in `session` in it."""
    from seam_core import store
    from seam_core.design import Designer, panel_session, write_panel
    from seam_core.parameters import DesignerParameters
    from seam_core.progress import PartOfProgress

    parameters = DesignerParameters.from_dict(request["parameters"])
    session, _, projector = opened(request["session"], PartOfProgress(progress, 0.0, 0.2))
    panel = Designer(projector, parameters).run(PartOfProgress(progress, 0.2, 0.95))
    out = Path(request["out"])
    write_panel(panel, out)
    store.save(panel_session(panel, session), out / "session")
    return {"folder": str(out)}


def reprogram(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Find ways from a session's reference to other mechanisms, into a folder."""
    from seam_core.parameters import ReprogrammerParameters
    from seam_core.progress import PartOfProgress
    from seam_core.reprogramming import Reprogrammer, write_reprogramming

    parameters = ReprogrammerParameters.from_dict(request["parameters"])
    *_, projector = opened(request["session"], PartOfProgress(progress, 0.0, 0.2))
    ways = Reprogrammer(projector, parameters).run(PartOfProgress(progress, 0.2, 1.0))
    write_reprogramming(ways, request["out"])
    return {"folder": request["out"]}


def variants(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Answer the variants of a file, a typed one, or prepare for them."""
    from seam_gui.work.variant_answers import answer_variants, prepare_variants

    if request.get("file") or request.get("typed"):
        return answer_variants(request, progress)
    return prepare_variants(request, progress)


ACTIONS: dict[str, Callable[[dict[str, Any], _Line], dict[str, Any]]] = {
    "warm": warm,
    "run_stages": run_stages,
    "run_recipe": run_recipe,
    "check_model": check_model,
    "stability": stability,
    "embed_together": embed_together,
    "design": design,
    "reprogram": reprogram,
    "variants": variants,
}


def main() -> None:
    """Keep standard output for the lines; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the window comes first where cores are few
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    serve(sys.stdin, out)


if __name__ == "__main__":
    main()
