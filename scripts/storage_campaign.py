"""Kills, two writers and readers during saves, with random seeds.

The long form of `tests/core/test_storage_writers.py`: prints what was tried, and what was lost.

    python scripts/storage_campaign.py --seconds 60 --seed 1
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from seam_core import store
from seam_core.validate import InputError
from tests.factories import make_session

WRITER = """
import random, sys, time
from seam_core import store
from seam_core.store import swap
sources, target, seed, two = sys.argv[1].split("|"), sys.argv[2], int(sys.argv[3]), sys.argv[4]
if two == "two":
    swap.exchange = lambda *_: False
rng = random.Random(seed)
sessions = [store.load(source) for source in sources]
print("ready", flush=True)
while True:
    store.save(rng.choice(sessions), target)
    print("saved", flush=True)
    time.sleep(rng.random() * 0.01)
"""


def writer(sources: list[Path], target: Path, seed: int, steps: str) -> subprocess.Popen[str]:
    """A process that saves one of the sessions again and again."""
    names = "|".join(map(str, sources))
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, names, str(target), str(seed), steps],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def check(target: Path, sessions: dict[str, object], counts: Counter[str]) -> None:
    """Read the target; it must be one of the sessions, whole."""
    try:
        session = store.load(target)
    except InputError as error:
        counts["reads that failed"] += 1
        print(error)
        return
    saved = sessions[session.name]
    same = np.array_equal(session.maps.maps, saved.maps.maps) and np.array_equal(  # type: ignore[union-attr,attr-defined]
        session.library.sequences,  # type: ignore[union-attr]
        saved.library.sequences,  # type: ignore[attr-defined]
    )
    counts["reads" if same else "mixtures read"] += 1


def main() -> None:
    """Run rounds until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="campaign-") as where:
        base = Path(where)
        sessions = {}
        for seed in (1, 2, 3):
            session = make_session(n=150 + 50 * seed, length=40, clusters=4, seed=seed)
            sessions[str(seed)] = dataclasses.replace(session, name=str(seed))
            store.save(sessions[str(seed)], base / str(seed))
        sources, target = [base / name for name in sessions], base / "place" / "s"
        store.save(sessions["1"], target)
        (target / "notes.txt").write_text("mine", encoding="utf-8")
        over = time.monotonic() + options.seconds
        while time.monotonic() < over:
            steps = rng.choice(["one", "two"])
            writers = [writer(sources, target, rng.randrange(10**6), steps) for _ in range(2)]
            for _ in range(rng.randrange(1, 12)):
                check(target, sessions, counts)
            for process in writers:
                process.send_signal(signal.SIGKILL)
                said, _ = process.communicate()
                counts["saves"] += said.count("saved")
                counts["kills"] += 1
            check(target, sessions, counts)
            counts["rubbish"] += len(list(target.parent.iterdir())) - 1
            counts["notes lost"] += not (target / "notes.txt").is_file()
    print(dict(counts))


if __name__ == "__main__":
    main()
