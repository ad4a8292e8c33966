"""A batch's log: times, memory and errors of its loci, and how far it is.

It lies beside the batch's folder, since it differs from run to run while the folder does not.
"""

from __future__ import annotations

import glob
import json
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

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


class Log:
    """Appends lines of JSON. Raises `InputError` where they cannot be written."""

    def __init__(self, out: Path, shard: str = "") -> None:
        self._path = log_file(out, shard)
        self._stream: TextIO | None = None

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

    def end(self) -> None:
        """The run got to its end."""
        self.add({"ended": time.time()})

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
    running : True while its process is there, as far as can be told from here
    ended : it got to its end
    seconds_left : from the speed so far; None before there is one
    """

    total: int
    done: int
    failed: int
    running: bool
    ended: bool
    seconds_left: float | None


class LogReader:
    """The lines of a batch's logs, of which only what was added is read each time."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._known: dict[Path, tuple[int, list[dict[str, Any]]]] = {}

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
    logs = (reader or LogReader(out)).lines()
    runs = [run for lines in logs if (run := _progress_of(lines)) is not None]
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
    )


def _progress_of(lines: list[dict[str, Any]]) -> BatchProgress | None:
    """The last run of one log."""
    starts = [number for number, line in enumerate(lines) if "begun" in line]
    if not starts:
        return None
    start, run = lines[starts[-1]], lines[starts[-1] + 1 :]
    results = [line for line in run if "name" in line]
    ended = any("ended" in line for line in run)
    running = not ended and _is_there(start)
    done = int(start["before"]) + len(results)
    left = None
    if running and results:
        each = (time.time() - start["at"]) / len(results)
        left = each * (int(start["begun"]) - done)
    failed = sum(1 for line in results if line["error"])
    return BatchProgress(int(start["begun"]), done, failed, running, ended, left)


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


def _is_there(start: dict[str, Any]) -> bool:
    """True unless the process that began the run is known to be gone."""
    import psutil

    if start["host"] != platform.node():
        return True
    try:
        return bool(psutil.Process(start["pid"]).create_time() <= start["at"])
    except psutil.Error:
        return False
