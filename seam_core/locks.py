"""Who may write a folder: one process at a time, told by a lock that ends with its process.

The lock of `OUT` is a file `.OUT.lock` beside it, locked by the operating system: a process that
was killed holds nothing any more, and a process id that was given to another one means nothing.
Where the file system knows no locks (some network ones), a file `.OUT.pid` made in one step stands
for it: its process is looked for on the machine it names, and believed alive on any other one.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from seam_core.disk import native_name
from seam_core.validate import InputError

# errors by which a file system says that it has no locks
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
# the file by which a working folder of the application is known
WORKING = ".seam-working"

_POLL_S = 0.02
_FAR = 1 << 30  # Windows: the byte that is locked lies behind all text, which stays readable


def resolved(path: Path | str) -> Path:
    """The one place that a path means, links and `..` followed; what is not there yet included.

    Whoever takes a path from a user resolves it once and hands on the result, lest what is
    checked and what is written differ.
    """
    return Path(os.path.realpath(os.path.expanduser(native_name(path))))


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    since : local time; started : of its process, in seconds since 1970
    """

    pid: int
    host: str
    since: str
    what: str
    started: float = 0.0

    def __str__(self) -> str:
        return f"{self.what} (process {self.pid} on {self.host}, since {self.since})"

    def lives(self) -> bool:
        """False where the process is known to be gone; one on another machine is believed alive."""
        if self.host != socket.gethostname():
            return True
        import psutil

        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) < 1.0
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True


class Busy(InputError):
    """Another process is writing what this one was asked to write."""

    def __init__(self, target: Path, holder: Holder | None, lock: Path) -> None:
        self.holder = holder
        expected = "a folder that no other process writes; wait until that one has ended"
        if holder is not None and holder.host != socket.gethostname():
            expected += f", or delete {lock} if it has"
        got = f"in use by {holder}" if holder else "in use by another process"
        super().__init__("folder", got, expected, str(target))


@dataclass
class _Held:
    """A lock of this process; claimed `count` times.

    folders : folders that were made for it, the deepest first
    """

    fd: int
    folders: list[Path]
    count: int = 1
    writing: Any = field(default_factory=threading.RLock)


_held: dict[Path, _Held] = {}
_guard = threading.RLock()


class Claim:
    """The right to write a target, until it is given back or the process ends."""

    def __init__(self, lock: Path, held: _Held) -> None:
        self._lock, self._held = lock, held
        self._over = False

    @property
    def writing(self) -> Any:
        """A lock among the threads of this process, for the writing itself."""
        return self._held.writing

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        with _guard:
            if self._over:
                return
            self._over = True
            self._held.count -= 1
            if self._held.count == 0:
                del _held[self._lock]
                _give_back(self._lock, self._held.fd)
                _remove_empty(self._held.folders)

    def __enter__(self) -> Claim:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def lock_file(target: Path) -> Path:
    """The file whose lock is that of `target`."""
    return target.with_name(f".{target.name}.lock")


def claim(target: Path | str, what: str = "", *, wait_s: float = 0.0) -> Claim:
    """Claim `target`, which need not be there, for this process; it may claim it many times.

    Parameters
    ----------
    what : what for, for whoever comes second; "": the name of the program
    wait_s : how long to wait for another process

    Raises
    ------
    Busy
        Another process holds it; the message says which.
    OSError
        Nothing can be written beside the target.
    """
    target = resolved(target)
    lock = lock_file(target)
    folders = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    while True:
        with _guard:
            mine = _held.get(lock)
            if mine is not None:
                mine.count += 1
                return Claim(lock, mine)
            fd = _take(lock, what or Path(sys.argv[0]).name or "python")
            if fd is not None:
                _held[lock] = _Held(fd, folders)
                return Claim(lock, _held[lock])
        if time.monotonic() >= deadline:
            raise Busy(target, _read(lock) or _read(_pid_file(lock)), lock)
        time.sleep(_POLL_S)


def free(target: Path | str) -> bool:
    """True where no living process holds `target`, this one included."""
    with _guard:
        if lock_file(resolved(target)) in _held:
            return False
    try:
        claim(target).release()
    except (Busy, OSError):
        return False
    return True


def _take(lock: Path, what: str) -> int | None:
    """An open file that is locked; None where another process has it."""
    while True:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            got = _lock(fd)
        except BaseException:
            os.close(fd)
            raise
        if got is None:
            os.close(fd)
            return _take_by_making(_pid_file(lock), what)
        if got and _is_still(fd, lock):
            os.ftruncate(fd, 0)
            os.write(fd, _described(what))
            return fd
        os.close(fd)
        if not got:
            return None
        # its last holder removed the file between our opening and locking it


def _lock(fd: int) -> bool | None:
    """Lock an open file: True, or False where another process has; None: no locks here."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, _FAR, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return None
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _is_still(fd: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(lock))
    except FileNotFoundError:
        return False


def _give_back(lock: Path, fd: int) -> None:
    """Remove the file while it is locked, so that nobody locks one that is about to go."""
    by_making = _pid_file(lock)
    if fd < 0:
        by_making.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
        return
    with contextlib.suppress(OSError):
        lock.unlink()
    os.close(fd)
    if sys.platform == "win32":  # an open file stays there
        with contextlib.suppress(OSError):
            lock.unlink()


def _remove_empty(folders: list[Path]) -> None:
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _pid_file(lock: Path) -> Path:
    return lock.with_suffix(".pid")


def _take_by_making(file: Path, what: str) -> int | None:
    """-1 once `file` was made by this process, in one step; None where a living one made it."""
    mine = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    mine.write_bytes(_described(what))
    try:
        for _ in range(2):
            try:
                os.link(mine, file)
                return -1
            except FileExistsError:
                if not _remove_dead(file):
                    return None
        return None
    finally:
        mine.unlink(missing_ok=True)


def _remove_dead(file: Path) -> bool:
    """Take away what a dead process left; False where its process may be alive."""
    holder = _read(file)
    if holder is None or holder.lives():
        return not file.exists()
    aside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        os.rename(file, aside)
        if _read(aside) != holder:  # another was quicker, and this is its file
            os.link(aside, file)
        aside.unlink()
    except OSError:
        return False
    return True


def _described(what: str) -> bytes:
    import psutil

    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M"),
        "what": what,
        "started": psutil.Process().create_time(),
    }
    return json.dumps(holder).encode("ascii")


def _read(file: Path) -> Holder | None:
    try:
        values = json.loads(file.read_bytes())
        return Holder(
            int(values["pid"]),
            str(values["host"]),
            str(values["since"]),
            str(values["what"]),
            float(values["started"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget_after_fork() -> None:
    """A child process has none of its parent's claims, nor keeps them alive."""
    global _guard
    _guard = threading.RLock()
    for held in _held.values():
        if held.fd >= 0:
            os.close(held.fd)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
