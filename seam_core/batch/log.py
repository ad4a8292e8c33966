"""A batch's log: times, memory and errors of its loci, and how far it is.

It lies beside the batch's folder, since it differs from run to run while the folder does not.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from seam_core.batch.rates import Rate
from seam_core.progress import TimeLeft
from seam_core.readers.settings import parse_json
from seam_core.store.files import not_writable
from seam_core.validate import InputError


def log_file(out: Path, shard: str = "") -> Path:
    """The log of the batch in a folder, or of one of its shards."""
    return out.with_name(f"{out.name}{f'.{shard}' if shard else ''}.log.jsonl")


def log_files(out: Path) -> list[Path]:
    """The logs of a batch: the one of the whole, and those of its shards."""
    shards = sorted(out.parent.glob(f"{glob.escape(out.name)}.*-of-*.log.jsonl"))
    return [file for file in (log_file(out), *shards) if file.is_file()]


# How often a batch that waits shows that it lives, and how long a machine that is not this one may
# be silent; at once when that began long ago, as the clocks of machines differ by less.
BEAT_S, SILENT_S, LONG_AGO_S = 10.0, 300.0, 3600.0
# Loci by which the time left is told.
_MARKS = 500


class Log:
    """Appends lines of JSON. Raises `InputError` where they cannot be written."""

    def __init__(self, out: Path, shard: str = "") -> None:
        self._path = log_file(out, shard)
        self._stream: TextIO | None = None
        self._beaten, self._word = 0.0, ""

    def __enter__(self) -> Log:
        try:
            self._stream = open(self._path, "a", encoding="utf-8")
        except OSError as error:
            raise not_writable(self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def begin(self, before: int, total: int) -> None:
        """A run starts: `before` of `total` loci need nothing more."""
        here = {"pid": os.getpid(), "host": platform.node(), "at": time.time()}
        self.add({"begun": total, "before": before, **here})

    def end(self, rate: Rate | None = None) -> None:
        """The run got to its end, at this rate."""
        self.add({"ended": time.time(), **({} if rate is None else {"rate": asdict(rate)})})

    def took(self, result: dict[str, Any]) -> None:
        """A locus came to its end, as `run_locus` says."""
        self.add({**result, "came": time.time()})

    def beat(self, word: str = "") -> None:
        """The batch lives, and what it waits for; if that is not new, the file's time is now."""
        now = time.monotonic()
        if now - self._beaten <= BEAT_S:
            return
        self._beaten = now
        if word != self._word:
            self._word = word
            self.add({"word": word})
        else:
            with contextlib.suppress(OSError):
                os.utime(self._path)

    def add(self, values: dict[str, Any]) -> None:
        """One line."""
        assert self._stream is not None
        try:
            self._stream.write(json.dumps(values) + "\n")
            self._stream.flush()
        except OSError as error:
            raise not_writable(self._path, error) from error


@dataclass(frozen=True)
class BatchProgress:
    """How far the last run of a batch is.

    done : loci that need nothing more in this run, failed ones included
    failed : those of them that failed in this run
    running : True while its process is there; on another machine, while its log is written to
    ended : it got to its end
    seconds_left : from the speed of late; None before there is one
    word : what is waited for, or runs long, or which worker is refused; "": nothing of the kind
    """

    total: int
    done: int
    failed: int
    running: bool
    ended: bool
    seconds_left: float | None
    word: str = ""


class LogReader:
    """The lines of a batch's logs, of which only what was added is read each time."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._known: dict[Path, tuple[int, list[dict[str, Any]]]] = {}
        self._stirred: dict[Path, tuple[float, float]] = {}

    def silent(self, file: Path) -> bool:
        """Has a log not been written to for as long as it is watched, and for `SILENT_S`?"""
        try:
            at = file.stat().st_mtime
        except OSError:
            return False
        known, since = self._stirred.setdefault(file, (at, time.monotonic()))
        if known != at:
            self._stirred[file] = at, time.monotonic()
            return False
        return time.monotonic() - since > SILENT_S or time.time() - at > LONG_AGO_S

    def logs(self) -> list[tuple[list[dict[str, Any]], bool]]:
        """The lines of each log, and whether it is silent."""
        return [(self._of(file), self.silent(file)) for file in log_files(self._out)]

    def lines(self) -> list[list[dict[str, Any]]]:
        """The lines of each log."""
        return [self._of(file) for file in log_files(self._out)]

    def _of(self, file: Path) -> list[dict[str, Any]]:
        at, entries = self._known.get(file, (0, []))
        try:
            if file.stat().st_size < at:  # another log of the same name
                at, entries = 0, []
            with open(file, "rb") as stream:
                stream.seek(at)
                added = stream.read()
        except OSError:
            return entries
        added = added[: added.rfind(b"\n") + 1]  # a line may be just being written
        entries += _parsed(added.decode("utf-8", errors="replace"), file)
        self._known[file] = (at + len(added), entries)
        return entries


def batch_progress(out: Path, reader: LogReader | None = None) -> BatchProgress | None:
    """How far the batch in a folder is, whoever runs it; None where there is no log."""
    logs = (reader or LogReader(out)).logs()
    runs = [run for log in logs if (run := _progress_of(*log)) is not None]
    if not runs:
        return None
    left = [run.seconds_left for run in runs if run.seconds_left is not None]
    return BatchProgress(
        total=sum(run.total for run in runs),
        done=sum(run.done for run in runs),
        failed=sum(run.failed for run in runs),
        running=any(run.running for run in runs),
        ended=all(run.ended for run in runs),
        seconds_left=max(left, default=None),
        word="; ".join(dict.fromkeys(run.word for run in runs if run.word)),
    )


def _progress_of(lines: list[dict[str, Any]], silent: bool) -> BatchProgress | None:
    """The last run of one log."""
    starts = [number for number, line in enumerate(lines) if "begun" in line]
    if not starts:
        return None
    start, run = lines[starts[-1]], lines[starts[-1] + 1 :]
    results = [line for line in run if "name" in line]
    ended = any("ended" in line for line in run)
    running = not ended and _is_there(start, silent)
    done = int(start["before"]) + len(results)
    total, left, word = int(start["begun"]), None, ""
    if running:
        left = _time_left(start, results, total)
        word = next((line["word"] for line in reversed(run) if "word" in line), "")
    failed = sum(1 for line in results if line["error"])
    return BatchProgress(total, done, failed, running, ended, left, word)


def _time_left(start: dict[str, Any], results: list[dict[str, Any]], total: int) -> float | None:
    before = int(start["before"])
    speed = TimeLeft()
    speed.add(start["at"], before)
    step = max(1, len(results) // _MARKS)
    for number in range(len(results) % step, len(results) + 1, step):
        if number and "came" in results[number - 1]:  # logs of earlier versions do not say when
            speed.add(results[number - 1]["came"], before + number)
    return speed.seconds(time.time(), total)


def last_question(out: Path) -> dict[str, str] | None:
    """What `TrustError` is made of, where the last run ended since the user was not asked."""
    lines = LogReader(out)._of(log_file(out))
    question = lines[-1].get("trust") if lines else None
    return question if isinstance(question, dict) else None


def last_errors(out: Path, reader: LogReader | None = None) -> dict[str, str]:
    """Name -> error of the loci that failed when they were tried last."""
    lines = [line for log in (reader or LogReader(out)).lines() for line in log]
    errors = {line["name"]: line["error"] for line in lines if "name" in line}
    return {name: error for name, error in errors.items() if error}


def _parsed(text: str, file: Path) -> list[dict[str, Any]]:
    entries = []
    for line in text.splitlines():
        try:
            values = parse_json(line, "log", file)
        except InputError:
            continue
        if isinstance(values, dict):
            entries.append(values)
    return entries


def _is_there(start: dict[str, Any], silent: bool) -> bool:
    """True unless the process that began the run is gone, as far as can be told from here."""
    import psutil

    if start["host"] != platform.node():
        return not silent
    try:
        return bool(psutil.Process(start["pid"]).create_time() <= start["at"])
    except psutil.Error:
        return False
