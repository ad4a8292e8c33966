"""Values kept in order until they are wanted, in memory while they are few, then in a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import Any

_IN_MEMORY = 1 << 20


class Spool:
    """Lists, texts and numbers, added one after another and read again from the first."""

    def __init__(self) -> None:
        form: Any = {"mode": "w+", "encoding": "utf-8", "newline": "\n"}
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, **form)  # noqa: SIM115
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def add(self, value: Any) -> None:
        """Keep one more. Raises `OSError` where the disk is full."""
        self._file.write(json.dumps(value, separators=(",", ":")) + "\n")
        self._n += 1

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def close(self) -> None:
        """Let go of what was kept."""
        self._file.close()
