from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import pytest
from distributed import KilledWorker
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import OutputError, RunError
from datagen.runtime.events import PartitionRetried
from datagen.runtime.executors.dask_window import MOST_IN_TASK, TASK_SECONDS, TaskWindow
from tests.runtime import fakes


class Answer:
    """A future that is done."""

    key = "key"

    def __init__(self, error=None, results=(), late=False, cancelled=False):
        self.error, self.results, self.late, self.is_cancelled = error, results, late, cancelled

    def cancelled(self):
        return self.is_cancelled

    def exception(self):
        return self.error

    def result(self, timeout):
        if self.late:
            raise TimeoutError
        return self.results, 1.0


def window(partitions, threads=2, seconds=None):
    reported = []
    window = TaskWindow(None, "plan", deque(partitions), reported.append, threads=threads)
    if seconds is not None:
        window.each.append(seconds)
    return window, reported


def tasks_of(partitions, threads, seconds):
    waiting, _ = window(partitions, threads, seconds)
    tasks = []
    while waiting.waiting:
        tasks.append(waiting._next().partitions)
    return tasks


@given(st.integers(1, 3000), st.integers(0, 64), st.floats(0, 100) | st.none())
def test_each_partition_is_in_one_task_and_tasks_become_smaller(number, threads, seconds):
    tasks = tasks_of(range(number), threads, seconds)
    assert [partition for task in tasks for partition in task] == list(range(number))
    sizes = [len(task) for task in tasks]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] <= MOST_IN_TASK
    assert sizes[-1] == 1 or (number > 1 and threads < 2)


def test_a_task_takes_its_time_and_the_last_ones_have_one_partition():
    sizes = [len(task) for task in tasks_of(range(100), 2, TASK_SECONDS / 10)]
    assert sizes[:6] == [10] * 6 and sizes[-4:] == [1] * 4
    assert {len(task) for task in tasks_of(range(100), 2, TASK_SECONDS)} == {1}
    assert {len(task) for task in tasks_of(range(100), 2, None)} == {1}


@pytest.mark.parametrize(
    "answer",
    [Answer(ValueError("a defect")), Answer(MemoryError()), Answer(KilledWorker("x", None, 5)), Answer(late=True)],
)
def test_partitions_of_a_task_that_fails_are_tried_one_by_one(answer):
    waiting, reported = window(fakes.plan(users=100_000).partitions, seconds=TASK_SECONDS / 3)
    task = waiting._next()
    assert waiting._settle(answer, task) == []
    assert [(again.partitions, again.attempt) for again in waiting.again] == [((one,), 2) for one in task.partitions]
    assert [(event.index, event.attempt) for event in reported] == [(0, 2), (1, 2), (2, 2)]
    assert all(isinstance(event, PartitionRetried) for event in reported)


@pytest.mark.parametrize(
    "error, message",
    [
        (MemoryError(), "partition 0: not enough memory"),
        (KilledWorker("x", None, 5), "partition 0 was on a worker that died"),
    ],
)
def test_a_partition_that_is_alone_ends_the_run_with_its_name(error, message):
    waiting, _ = window(fakes.plan().partitions)
    with pytest.raises(RunError, match=message):
        waiting._settle(Answer(error), waiting._next())


def test_a_partition_has_three_attempts():
    waiting, reported = window(fakes.plan().partitions)
    failed = Answer(ValueError("a defect"))
    waiting._settle(failed, waiting._next())
    waiting._settle(failed, waiting.again.popleft())
    with pytest.raises(RunError, match="partition 0 failed 3 times, the last time with ValueError"):
        waiting._settle(failed, waiting.again.popleft())
    assert [event.attempt for event in reported] == [2, 3]


def test_an_error_of_a_run_is_raised_at_once():
    waiting, _ = window(fakes.plan().partitions, seconds=TASK_SECONDS / 2)
    with pytest.raises(OutputError, match="another run"):
        waiting._settle(Answer(OutputError("another run")), waiting._next())


def test_the_time_of_a_partition_is_the_mean_of_its_task():
    waiting, _ = window(fakes.plan().partitions)
    task = SimpleNamespace(partitions=(1, 2, 3, 4), attempt=1)
    assert waiting._settle(Answer(results=["a", "b", "c", "d"]), task) == ["a", "b", "c", "d"]
    assert list(waiting.each) == [0.25]
