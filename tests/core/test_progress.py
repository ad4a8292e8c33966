"""The time left, told against a clock of the test's own."""

from __future__ import annotations

import pytest

from seam_core.progress import TimeLeft

TOTAL = 100_000


class Work:
    """Pieces of work that come at a speed which changes, on a clock that nobody waits for."""

    def __init__(self) -> None:
        self.now, self.done, self.left = 500.0, 40.0, TimeLeft()
        self.left.add(self.now, self.done)

    def go(self, seconds: float, speed: float) -> None:
        """So many seconds at so many pieces a second; 0: a stall."""
        began, before = self.now, self.done
        for _ in range(int(seconds * speed)):
            self.done += 1
            self.now = began + (self.done - before) / speed
            self.left.add(self.now, self.done)
        self.now = began + seconds

    @property
    def told(self) -> float:
        return self.left.seconds(self.now, TOTAL)

    def at(self, speed: float) -> float:
        """What is left at a speed."""
        return (TOTAL - self.done) / speed


@pytest.fixture
def work():
    return Work()


def test_nothing_is_told_before_something_was_done(work):
    assert work.told is None
    work.now += 100
    assert work.told is None


def test_an_even_speed_is_told_from_the_first_piece_on(work):
    for _ in range(4):
        work.go(20, 2)
        assert work.told == pytest.approx(work.at(2), rel=0.03)


@pytest.mark.parametrize(("before", "after"), [(1, 4), (4, 1)])
def test_workers_that_come_or_go_change_what_is_told(work, before, after):
    work.go(800, before)
    work.go(30, after)
    assert min(work.at(before), work.at(after)) < work.told < max(work.at(before), work.at(after))
    work.go(400, after)
    assert work.told == pytest.approx(work.at(after), rel=0.03)


def test_a_stall_counts_and_does_not_stand_for_the_speed(work):
    """Ten minutes without a worker: more is left, not as if each piece took ten minutes."""
    work.go(400, 1)
    work.go(600, 0)
    assert work.at(1) < work.told <= work.at(1) * (600 + 40) / 40
    work.go(1, 1)
    assert work.told <= work.at(1) * (600 + 41) / 40
    told = []
    for _ in range(8):
        work.go(50, 1)
        told.append(work.told)
    assert told == sorted(told, reverse=True)
    assert work.told == pytest.approx(work.at(1), rel=0.03)


def test_a_stall_at_the_start_is_forgotten_with_time(work):
    work.go(300, 0)
    assert work.told is None
    work.go(100, 5)
    work.go(300, 5)
    assert work.told == pytest.approx(work.at(5), rel=0.03)


def test_work_of_any_length_is_told_from_bounded_memory(work):
    work.go(30_000, 1)
    marks = len(work.left._marks)
    assert marks <= 10_000
    assert work.told == pytest.approx(work.at(1), rel=0.03)
