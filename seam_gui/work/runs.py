"""Runs stages in the engine process and puts their records into the session shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt5.QtCore import QObject

from seam_core.pipeline import lacking_records, maps_file
from seam_core.session import Session
from seam_core.stages import SLOTS, STAGES, in_run_order
from seam_gui.state.app_state import AppState
from seam_gui.state.working_folder import WorkingFolder, files_of
from seam_gui.work.engine import Engine
from seam_gui.work.found import found_in
from seam_gui.work.hand_work import may_run
from seam_gui.work.jobs import Job, JobRunner
from seam_gui.work.preparation import prepare_reading

if TYPE_CHECKING:
    from seam_core.attributer import Finished
    from seam_core.progress import Progress

GOING_ON = ", going on where it was stopped"  # of a run
STOPPING = "Stopping"
NEVER_BEGUN = "Stopped before it began"


class Runs(QObject):
    """Answers `AppState.run_requested`."""

    def __init__(
        self,
        state: AppState,
        jobs: JobRunner,
        engine: Engine,
        working: WorkingFolder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._engine = state, jobs, engine
        self._working = working
        state.run_requested.connect(self._answer)

    def _answer(self, stages: Iterable[str]) -> None:
        self.run(stages)

    def run(self, stages: Iterable[str], *, done: Callable[[], None] = lambda: None) -> Job | None:
        """Run stages on the session shown, with the parameters in `state.config`.

        None where the user, shown what hand work would go, thought better of it.
        """
        wanted = list(in_run_order(stages))
        if not may_run(wanted, self._state):
            return None
        if only_tests(wanted):  # whatever the box said
            asked = self._state.parameters("experimenter")
            self._state.set_parameters("experimenter", replace(asked, experiments=True))
        title = STAGES[wanted[0]].title if len(wanted) == 1 else "Analysis"

        ran_on = self._ground()

        def finished(run: RunResult) -> None:
            if all(now is then for now, then in zip(self._ground(), ran_on, strict=True)):
                self._take(run, wanted, title)
            else:  # the user went elsewhere meanwhile, or back: the result stands by itself
                rows = run.rows_in(self._state.session)
                found = found_in(title, run.session)
                self._state.take_result(f"Run: {title}", run.session, rows=rows, found=found)
            done()

        job = self._jobs.register("run", title, done=finished)
        job.cancelled.connect(self._say_never_begun)
        given = None if "mutagenizer" in wanted else self._session_to_run_on()
        self._jobs.in_thread(
            job, lambda progress: self._save_input(given), lambda path: self._ask(job, path, wanted)
        )
        return job

    def _ground(self) -> tuple[Any, ...]:
        """What records of a run can be put beside: sequences, maps and clusters, also as edited."""
        session, curation = self._state.session, self._state.curation
        labels = None if curation is None or not curation.stale else curation.labels
        return session.library, session.maps, session.clustering, labels

    def _session_to_run_on(self) -> Session:
        """The session with the clusters as the user curated them."""
        session = self._state.session_to_save()
        curation = self._state.curation
        if curation is not None and curation.stale:
            session = replace(session, clustering=curation.as_clustering())
        return session

    def _save_input(self, session: Session | None) -> Path | None:
        if session is None or session.is_empty:
            return None
        from seam_core import store

        store.save(session, self._working.run_input)
        return self._working.run_input

    def _say_stopped(self) -> None:
        self._state.status_message.emit(STOPPING)

    def _say_never_begun(self) -> None:
        self._state.status_message.emit(NEVER_BEGUN)

    def _ask(self, job: Job, folder: Path | None, stages: list[str]) -> None:
        job.cancelled.disconnect(self._say_never_begun)
        job.cancelled.connect(self._say_stopped)
        out = self._working.folder_of_run(self._asked(folder, stages))
        if is_begun(out):
            job.title += GOING_ON
        if "attributer" in stages:
            self._announce(job, maps_file(out))
        self._engine.drive(
            job,
            "run_stages",
            {
                "session": str(folder) if folder else None,
                "config": self._state.config.to_dict(),
                "stages": stages,
                "out": str(out),
            },
            done=lambda result: read_result(
                self._jobs, self._working, self._state, job, out, load=_loaded, finish=job.finish
            ),
            stopped=lambda: self._state.status_message.emit(what_is_kept([out])),
        )

    def _asked(self, folder: Path | None, stages: list[str]) -> Any:
        """What two runs have in common where one goes on with what the other left."""
        session = None if folder is None else self._state.session
        records = [getattr(session, slot, None) for slot in SLOTS]
        return self._state.config, tuple(stages), records, self._state.curation

    def _announce(self, job: Job, file: Path) -> None:
        """Let the maps be looked at while they are made."""
        self._state.announce_maps(file)

        def over() -> None:
            if self._state.coming_maps == file:  # and no newer run's
                self._state.announce_maps(None)

        job.cancelled.connect(over)
        job.ended.connect(over)

    def _take(self, run: RunResult, stages: list[str], title: str) -> None:
        """Show the records that the run made; all others stay the very objects they were."""
        result, current = run.session, self._state.session
        written = {slot for stage in stages for slot in STAGES[stage].writes}
        if _same_predictions(current, result) and "mutagenizer" not in stages:
            written -= {"library"} if "compiler" in stages else {"library", "table"}
        changes: dict[str, Any] = {}
        for slot in SLOTS:
            record = getattr(result, slot)
            if slot in written or record is None or getattr(current, slot) is None:
                changes[slot] = record
        reclustered = "clustering" in written or result.clustering is None
        curation = self._state.curation
        if not reclustered and curation is not None and curation.stale:
            changes["clustering"] = result.clustering
        if "mutagenizer" in stages:  # another library is another analysis
            changes.update(name=result.name, locus=result.locus, state=result.state)
        session = replace(current, oracle=result.oracle, provenance=result.provenance, **changes)
        self._state.take_result(
            f"Run: {title}",
            session,
            same_clusters=not reclustered,
            rows=run.rows_in(current) if "library" in written else None,
            found=found_in(title, session, written),
        )


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run made, beside what was shown when it was read.

    rows : of `find_rows`, of its sequences in `before`
    """

    session: Session
    before: Session
    rows: np.ndarray | None

    def rows_in(self, current: Session) -> np.ndarray | None:
        """The same for the session shown now."""
        if current.library is self.before.library:
            return self.rows
        return _rows(current, self.session)


def read_result(
    jobs: JobRunner,
    working: WorkingFolder,
    state: AppState,
    job: Job,
    folder: Path,
    *,
    load: Callable[[Path, Progress], Session],
    finish: Callable[[RunResult], None],
) -> None:
    """Read the session that a run left in `folder`, end its job with it, and forget older runs.

    What undo can bring back stays on disk.

    load : reads it, in a worker thread
    finish : ends the job with it
    """
    before = state.session

    def work(progress: Progress) -> RunResult:
        session = load(folder, progress)
        return RunResult(session, before, _rows(before, session))

    def read(run: RunResult) -> None:
        finish(run)
        working.forget_runs(keep=[folder, *files_of(state.sessions())])

    jobs.in_thread(job, work, read)


def _rows(before: Session, after: Session) -> np.ndarray | None:
    from seam_core.carrying import find_rows

    return find_rows(before.library, after.library)


def what_is_kept(folders: Iterable[Path]) -> str:
    """What a run that was stopped left to go on with, as its files say."""
    left = [folder for folder in folders if is_begun(folder)]
    if not left:
        return "Stopped. Nothing is kept of a run this short: the same run begins anew."
    maps = [stopped for folder in left if (stopped := _unfinished(folder)) is not None]
    what = f"{len(maps[-1].maps):,} of {maps[-1].total:,} maps are" if maps else "What was made is"
    return f"Stopped. {what} kept: the same run goes on from there."


def _loaded(folder: Path, progress: Progress) -> Session:
    from seam_core import store

    prepare_reading(progress)
    return store.load(folder)


def is_begun(out: Path) -> bool:
    """True where a run into `out` was stopped, and left something to go on with."""
    if (out / "manifest.json").is_file():
        return True
    unfinished = _unfinished(out)
    return maps_file(out).exists() if unfinished is None else len(unfinished.maps) > 0


def _unfinished(out: Path) -> Finished | None:
    from seam_core.attributer import finished_maps

    return finished_maps(maps_file(out))


def _same_predictions(current: Session, result: Session) -> bool:
    if current.library is None or result.library is None:
        return False
    before, after = current.library.predictions, result.library.predictions
    return before is not None and after is not None and np.array_equal(before, after)


def only_tests(stages: Iterable[str]) -> bool:
    """Whether the model is to be asked about the sites and nothing else is to be done.

    After other stages findings stand without that, as with maps made elsewhere and no model.
    """
    return tuple(stages) == ("experimenter",)


def missing_for(stages: Iterable[str], session: Session) -> list[str]:
    """What a run of these stages lacks, as slots; [] when it can start."""
    return lacking_records(session, in_run_order(stages))
