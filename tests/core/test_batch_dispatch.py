"""What the client of a batch says of the loci that are on their way."""

from __future__ import annotations

from types import SimpleNamespace

from seam_core.batch import dispatch
from seam_core.batch.dispatch import Dispatch


class Future:
    """What a cluster hands out; it is finished when the test says so."""

    status = "finished"

    def __init__(self, key):
        self.key, self.told = key, None

    def add_done_callback(self, told):
        self.told = told

    def exception(self):
        return None

    def result(self):
        return {"name": self.key, "error": ""}

    def release(self):
        pass


class Client:
    """A cluster of one worker with one thread."""

    def __init__(self):
        self.futures = []

    def nthreads(self):
        return {"tcp://worker": 1}

    def run(self, *_, workers, **__):
        return {worker: {} for worker in workers}

    def submit(self, *_, key, **__):
        self.futures.append(Future(key))
        return self.futures[-1]


def test_the_locus_that_is_under_way_longest_is_named(monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_S", 0.0)
    monkeypatch.setattr(dispatch, "LONG_S", 0.0)
    client, said = Client(), []

    def tick(word):
        said.append(word)
        named = [future for future in client.futures if f" {future.key[-1]}," in word]
        for future in named:
            client.futures.remove(future)
            future.told(future)

    jobs = [
        SimpleNamespace(fingerprint=n, software={}, locus=SimpleNamespace(name=n)) for n in "abc"
    ]
    results = Dispatch(client, tick).results(jobs)
    assert [job.locus.name for job, _ in results] == ["a", "b", "c"]
    named = list(dict.fromkeys(word for word in said if word.startswith("longest")))
    assert named == [f"longest under way: {n}, 0 s" for n in "abc"]
