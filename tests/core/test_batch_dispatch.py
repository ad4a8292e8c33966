"""What the client of a batch says of the loci that are on their way."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from seam_core.batch import dispatch
from seam_core.batch.cluster import NoWorkers
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

    def cancel(self):
        self.status = "cancelled"
        self.told(self)


class Client:
    """A cluster of workers with one thread each; `workers`: what each answers when it is asked."""

    def __init__(self, workers=None):
        self.workers = workers or {"tcp://worker": {}}
        self.futures, self.sent = [], []

    def nthreads(self):
        return dict.fromkeys(self.workers, 1)

    def run(self, *_, workers, **__):
        return {worker: self.workers[worker] for worker in workers}

    def submit(self, *_, key, workers=None, **__):
        self.futures.append(Future(key))
        self.sent.append((key, workers))
        return self.futures[-1]

    def end(self):
        """All that is under way ends."""
        ended, self.futures = self.futures, []
        for future in ended:
            future.told(future)


def jobs_of(names, software=None):
    return [
        SimpleNamespace(fingerprint=n, software=software or {}, locus=SimpleNamespace(name=n))
        for n in names
    ]


ABSENT = ModuleNotFoundError("No module named 'seam_core'", name="seam_core")


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


def test_only_workers_that_may_do_it_are_given_loci(monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_S", 0.0)
    client, said = Client({"tcp://bare": ABSENT, "tcp://old": {"numpy": "0.1"}}), []

    def tick(word):
        said.append(word)
        if "numpy 0.1 instead of 9" in word and "not installed there" in word:
            assert client.sent == [] or "tcp://fit" in client.workers
            client.workers["tcp://fit"] = {"numpy": "9"}
        client.end()

    results = list(Dispatch(client, tick).results(jobs_of("abc", {"numpy": "9"})))
    assert [job.locus.name for job, _ in results] == ["a", "b", "c"]
    assert client.sent == [(f"locus-{n}", ["tcp://fit"]) for n in "abc"]
    assert any(word.startswith("no worker that may do it since") for word in said)


def test_where_nobody_may_do_it_patience_ends_with_their_names(monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_S", 0.0)
    client = Client({"tcp://bare": ABSENT})
    with pytest.raises(NoWorkers, match=r"no worker for .*refused tcp://bare: .*not installed"):
        list(Dispatch(client, lambda word: None, 1e-6).results(jobs_of("a")))
    assert not client.sent


def test_what_came_to_a_worker_before_it_was_asked_comes_back_unseen(monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_S", 0.0)
    client = Client()
    answers = iter([ABSENT, None])
    monkeypatch.setattr(Future, "exception", lambda self: next(answers))
    results = list(Dispatch(client, lambda word: client.end()).results(jobs_of("a")))
    assert [result["error"] for _, result in results] == [""]
    assert [key for key, _ in client.sent] == ["locus-a", "locus-a-0"]


def test_what_waits_for_a_worker_that_went_is_sent_to_another(monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_S", 0.0)
    client = Client({"tcp://bare": ABSENT, "tcp://first": {}})

    def tick(word):
        if client.sent and "tcp://first" in client.workers:
            client.workers = {"tcp://bare": ABSENT, "tcp://second": {}}
        elif len(client.sent) > 1:
            client.end()

    results = list(Dispatch(client, tick).results(jobs_of("a")))
    assert [result["error"] for _, result in results] == [""]
    assert client.sent == [("locus-a", ["tcp://first"]), ("locus-a-0", ["tcp://second"])]
