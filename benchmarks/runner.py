"""What a benchmark is, and how one side of it is measured in a fresh process."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Action = Callable[[], Any]


@dataclass(frozen=True)
class Benchmark:
    """One piece of work that we do and a peer does.

    ours, peer : n -> action; what they do before returning the action (data, imports, warm-up) is
        not timed. An action may return a dict of further figures to report.
    default_n : size when `--n` is not given
    repeats : actions timed, the median is reported
    extra : n -> further figures, measured by neither side
    """

    ours: Callable[[int], Action]
    peer: Callable[[int], Action] | None = None
    default_n: int = 10_000
    repeats: int = 1
    extra: Callable[[int], dict[str, Any]] | None = None


def peak_mb() -> float:
    """Largest resident memory of this process so far, in MB (ru_maxrss is bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def measure(prepare: Callable[[int], Action], n: int, repeats: int) -> dict[str, Any]:
    """Seconds by the clock and of processor time (medians of `repeats`), which others on the
    machine change little, and peak memory of one side, in this process."""
    action = prepare(n)
    seconds, processor, figures = [], [], None
    for _ in range(repeats):
        start, started = time.perf_counter(), time.process_time()
        figures = action()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - started)
    return {
        "s": statistics.median(seconds),
        "cpu_s": statistics.median(processor),
        "peak_mb": peak_mb(),
        "figures": figures if isinstance(figures, dict) else {},
    }


def in_fresh_process(name: str, side: str, n: int) -> dict[str, Any]:
    """Run one side by itself, so that neither inherits the other's memory or warm caches."""
    command = [sys.executable, "-m", "benchmarks", name, "--side", side, "--n", str(n)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def relative_error(maps: np.ndarray, exact: np.ndarray) -> float:
    """Mean over (n, L, A) maps of |map - exact| / |exact|."""
    gaps = np.linalg.norm(maps - exact, axis=(1, 2)) / np.linalg.norm(exact, axis=(1, 2))
    return round(float(gaps.mean()), 4)


def work_at_error(ours: float, error_of: Callable[[int], float], work: int) -> dict[str, float]:
    """Both errors, and the least of the peer's work that is as exact as ours.

    Parameters
    ----------
    error_of : work (steps, samples) -> the peer's error
    work : what the peer is given in the measured run; half to twice as much is tried
    """
    tried = range(work // 2, 2 * work + 1)
    needed = next((each for each in tried if error_of(each) <= ours), tried[-1])
    return {
        "ours_map_error": ours,
        "peer_map_error": error_of(work),
        "peer_steps_at_our_error": needed,
        "peer_work_at_our_error": needed / work,
    }


def compare(name: str, benchmark: Benchmark, n: int) -> dict[str, Any]:
    """Both sides, and their ratio (peer over ours: above 1 we are faster)."""
    ours = in_fresh_process(name, "ours", n)
    peer = in_fresh_process(name, "peer", n) if benchmark.peer else None
    result = {
        "name": name,
        "n": n,
        "ours_s": round(ours["s"], 6),
        "peer_s": round(peer["s"], 6) if peer else None,
        "ratio": round(peer["s"] / ours["s"], 2) if peer else None,
        "ours_cpu_s": round(ours["cpu_s"], 6),
        "peer_cpu_s": round(peer["cpu_s"], 6) if peer else None,
        "cpu_ratio": round(peer["cpu_s"] / ours["cpu_s"], 2) if peer and ours["cpu_s"] else None,
        "ours_peak_mb": round(ours["peak_mb"], 1),
        "peer_peak_mb": round(peer["peak_mb"], 1) if peer else None,
    }
    result.update(ours["figures"])
    if benchmark.extra:
        result.update(benchmark.extra(n))
    if peer and "peer_work_at_our_error" in result:
        work = result["peer_work_at_our_error"]
        for name in ("ratio", "cpu_ratio"):
            result[f"{name}_at_equal_error"] = round(work * result[name], 2)
    return result
