"""Workers that may not do the work: without the product, or with another version of it."""

# ruff: noqa: F811  (fixtures of another file)

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import threading

import pytest

from seam_core.batch import Cluster, run_batch
from seam_core.validate import SeamError
from tests.core.batches import HERE, Said, config, hand, some_loci  # noqa: F401
from tests.waiting import LIMIT_S, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def without(tmp_path):
    """A path with which a process cannot import the product."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['seam_core'] = None")
    return folder


@pytest.fixture
def other(tmp_path):
    """A path with another version of the product's code."""
    folder = tmp_path / "other"
    shutil.copytree(HERE / "seam_core", folder / "seam_core")
    with open(folder / "seam_core" / "mapping.py", "a") as file:
        file.write("# changed here")
    return folder


def test_a_machine_without_semaphores_is_told_as_such(config, tmp_path, monkeypatch):
    """Such as a container without a writable /dev/shm."""

    def refused(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(multiprocessing.get_context("spawn"), "Lock", refused)
    with pytest.raises(SeamError, match=r"no worker .* \(Read-only file system\); .*/dev/shm"):
        run_batch(some_loci(2), config, tmp_path / "out", cluster=Cluster(workers=1))


def test_a_worker_without_the_product_or_of_other_code_is_refused(
    config, tmp_path, hand, without, other
):
    """They take no locus, whoever comes first; the scheduler needs no product at all."""
    hand.scheduler(without)
    hand.worker(without)
    hand.worker(other)
    said, found = Said(), []

    def run():
        cluster = Cluster(scheduler=hand.address)
        out = tmp_path / "out"
        found.append(run_batch(some_loci(3), config, out, cluster=cluster, progress=said))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    for part in ("this product is not installed there", "the code of the product", "no worker"):
        wait_until(lambda part=part: said.heard(part), what=part)
    assert not found
    worker = hand.worker()
    thread.join(LIMIT_S)
    assert found
    assert not found[0].failed
    assert len(found[0].done) == 3
    lines = [json.loads(line) for line in (tmp_path / "out.log.jsonl").read_text().splitlines()]
    assert len({line["worker"] for line in lines if "name" in line}) == 1
    assert worker.poll() is None
