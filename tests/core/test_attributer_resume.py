"""Runs that stop, for whatever reason, go on where they stopped and give the same maps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from seam_core.attributer import Attributer, finished_maps
from seam_core.attributer.journal import MapsOnDisk
from seam_core.oracles.function import FunctionOracle
from seam_core.parameters import AttributerParameters
from seam_core.progress import Cancelled
from seam_core.records import Library
from seam_core.validate import OracleError
from tests.core.networks import random_letters
from tests.waiting import wait_until


class Landscape:
    """Differentiable, and counts the sequences that it is asked for."""

    length = 20
    n_letters = 4

    def __init__(self, fails_after=None):
        self.weights = np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32)
        self.asked = 0
        self.fails_after = fails_after

    def predict(self, inputs):
        return self.gradient(inputs)[0]

    def gradient(self, inputs):
        self.asked += len(inputs)
        if self.fails_after is not None and self.asked > self.fails_after:
            raise OracleError("out of memory")
        sums = (inputs * self.weights).sum(axis=(1, 2))
        return np.tanh(sums), (1 - np.tanh(sums) ** 2)[:, None, None] * self.weights


@pytest.fixture(scope="module")
def library():
    return Library(random_letters(50, 20))


def run(oracle, library, out=None, progress=None, **options):
    options = {"batch_size": 4, **options}
    attributer = Attributer(oracle, AttributerParameters(**options))
    keywords = {} if progress is None else {"progress": progress}
    return attributer.run(library, out=out, **keywords)


def same(found, wanted):
    np.testing.assert_array_equal(found[0].maps, wanted[0].maps)
    np.testing.assert_array_equal(found[1], wanted[1])
    if wanted[0].completeness_error is not None:
        np.testing.assert_array_equal(found[0].completeness_error, wanted[0].completeness_error)


@pytest.mark.parametrize("method", ["saliency", "intgrad", "smoothgrad"])
def test_a_failure_names_the_batch_and_keeps_what_was_finished(library, tmp_path, method):
    out = tmp_path / "maps.npy"
    wanted = run(Landscape(), library, method=method)
    oracle = Landscape()
    run(oracle, library, method=method)
    failing = Landscape(fails_after=int(oracle.asked * 0.8))
    with pytest.raises(
        OracleError, match=r"batch \d+ \(sequences \d+ to \d+\): out of memory"
    ) as e:
        run(failing, library, out, method=method)
    assert len(e.value.finished) >= 4
    np.testing.assert_array_equal(e.value.finished, wanted[1][: len(e.value.finished)])
    rest = Landscape()
    found = run(rest, library, out, method=method)
    assert rest.asked < oracle.asked
    same(found, wanted)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["maps.npy", "maps.npy.journal"]


def test_cancel_inside_a_batch_then_resume(library, tmp_path):
    class Impatient:
        """Gives up in the middle of the fifth batch."""

        def update(self, done, total, message=""):
            if done > 17:
                raise Cancelled

    out = tmp_path / "maps.npy"
    with pytest.raises(Cancelled):
        run(Landscape(), library, out, Impatient(), method="smoothgrad")
    seen = []

    class Listening:
        def update(self, done, total, message=""):
            seen.append((done, total, message))

    found = run(Landscape(), library, out, Listening(), method="smoothgrad")
    assert seen[0][0] == 16
    assert seen[-1][:2] == (50, 50)
    assert "sequences/s" in seen[-1][2]
    same(found, run(Landscape(), library, method="smoothgrad"))


def test_predictions_of_another_model_are_not_gone_on_with(library, tmp_path):
    """Mutagenesis keeps those that sequences share in a file of their own."""
    out = tmp_path / "maps.npy"
    near = Library(np.repeat(library.sequences[:1], 8, axis=0))

    class Impatient:
        def update(self, done, total, message=""):
            if done > 3:
                raise Cancelled

    first = FunctionOracle(lambda x: x[:, :, 0].sum(axis=1), length=20)
    with pytest.raises(Cancelled):
        run(first, near, out, Impatient(), method="ism", batch_size=1)
    other = FunctionOracle(lambda x: 3 - x[:, :, 1].sum(axis=1), length=20)
    same(run(other, near, out, method="ism"), run(other, near, method="ism"))


@pytest.mark.parametrize("cut", [1, 5, 8])
def test_a_record_cut_short_is_computed_again(library, tmp_path, cut):
    out = tmp_path / "maps.npy"
    with pytest.raises(OracleError):
        run(Landscape(fails_after=24), library, out)
    journal = tmp_path / "maps.npy.journal"
    journal.write_bytes(journal.read_bytes()[:-cut])
    same(run(Landscape(), library, out), run(Landscape(), library))


def test_another_run_starts_afresh(library, tmp_path):
    out = tmp_path / "maps.npy"
    with pytest.raises(OracleError):
        run(Landscape(fails_after=24), library, out, method="smoothgrad")
    oracle = Landscape()
    same(run(oracle, library, out, method="saliency"), run(Landscape(), library))
    assert oracle.asked >= 50
    with pytest.raises(OracleError):
        run(Landscape(fails_after=24), library, out, method="smoothgrad")
    other = Library(random_letters(50, 20, seed=3))
    same(
        run(Landscape(), other, out, method="smoothgrad"),
        run(Landscape(), other, method="smoothgrad"),
    )


def test_a_callable_that_raises_in_a_later_batch(library, tmp_path):
    calls = []

    def predict(one_hot):
        calls.append(len(one_hot))
        if len(calls) == 37:
            raise ZeroDivisionError("no counts")
        return one_hot[:, :, 1].sum(axis=1)

    out = tmp_path / "maps.npy"
    oracle = FunctionOracle(predict, length=20)
    with pytest.raises(OracleError, match=r"batch \d+ .*ZeroDivisionError: no counts"):
        run(oracle, library, out, method="ism", batch_size=1)
    found = run(oracle, library, out, method="ism", batch_size=1)
    same(found, run(FunctionOracle(predict, length=20), library, method="ism", batch_size=1))


def test_killed_and_resumed(tmp_path):
    """A process that is killed without warning, twice, at moments that it does not choose."""
    code = """
        import sys, time, numpy as np
        from pathlib import Path
        from seam_core.attributer import Attributer
        from seam_core.parameters import AttributerParameters
        from seam_core.records import Library
        from tests.core.networks import random_letters
        from tests.core.test_attributer_resume import Landscape

        class Slow(Landscape):
            def gradient(self, inputs):
                time.sleep(0.02)
                return super().gradient(inputs)

        library = Library(random_letters(50, 20))
        parameters = AttributerParameters(method="intgrad", batch_size=2)
        Attributer(Slow(), parameters).run(library, out=Path(sys.argv[1]))
    """
    out = tmp_path / "maps.npy"
    journal = tmp_path / "maps.npy.journal"
    command = [sys.executable, "-c", textwrap.dedent(code), str(out)]
    size = 0
    for _ in range(2):
        process = subprocess.Popen(command)
        enough = max(size + 16, 90)
        wait_until(
            lambda: journal.exists() and journal.stat().st_size >= enough,  # noqa: B023
            process=process,
        )
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert journal.stat().st_size > size
        size = journal.stat().st_size
    library = Library(random_letters(50, 20))
    oracle = Landscape()
    found = run(oracle, library, out, method="intgrad", batch_size=2)
    same(found, run(Landscape(), library, method="intgrad", batch_size=2))


def test_finished_maps_are_those_in_the_journal(tmp_path):
    out = tmp_path / "maps.npy"
    assert finished_maps(out) is None
    store = MapsOnDisk(out, (5, 3, 4), "ab12", start=7)
    store.begin()
    assert len(finished_maps(out).maps) == 0
    maps = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    store.write(maps, np.array([1.0, 2.0]), None)
    found = finished_maps(out)
    assert np.array_equal(found.maps, maps)
    assert found.records["prediction"].tolist() == [1.0, 2.0]
    assert np.isnan(found.records["error"]).all()
    assert (found.start, found.total) == (7, 5)
    store.write(np.ones((3, 3, 4), np.float32), np.ones(3), None)
    store.complete()
    assert len(finished_maps(out).maps) == 5
