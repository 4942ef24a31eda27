from __future__ import annotations

import threading
from collections import deque
from types import SimpleNamespace

import pytest
from distributed import KilledWorker
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import OutputError, RunError
from datagen.runtime.events import PartitionRetried, WorkersChanged
from datagen.runtime.executors import dask_window
from datagen.runtime.executors.chunks import CHUNK_SECONDS, FIRST_SECONDS, IN_FLIGHT_SECONDS, MAX_CHUNK, task_count
from datagen.runtime.executors.dask_window import BACKUP_RATIO, BACKUP_SAMPLE, BACKUP_SECONDS, TaskWindow
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
    made = TaskWindow(None, "plan", deque(partitions), reported.append, threads=threads)
    if seconds is not None:
        made.partition_seconds.append(seconds)
    return made, reported


def chunks_of(partitions, threads, seconds):
    tasks, _ = window(partitions, threads, seconds)
    chunks = []
    while tasks.waiting:
        chunks.append(tasks._next_chunk().partitions)
    return chunks


@given(st.integers(1, 3000), st.integers(0, 64), st.floats(0, 100) | st.none())
def test_each_partition_is_in_one_task_and_tasks_become_smaller(number, threads, seconds):
    chunks = chunks_of(range(number), threads, seconds)
    assert [partition for chunk in chunks for partition in chunk] == list(range(number))
    sizes = [len(chunk) for chunk in chunks]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] <= MAX_CHUNK
    assert sizes[-1] == 1


@pytest.mark.parametrize("partitions, threads, seconds", [(0, 4, 1.0), (5, 4, 0.001), (1000, 2, 0.05), (1000, 2, 3.0)])
def test_the_tasks_of_a_run_are_counted_as_they_are_cut(partitions, threads, seconds):
    tasks, _ = window(range(partitions), threads)
    cut = 0
    while tasks.waiting:
        tasks._next_chunk()
        cut += 1
        if cut == tasks._limit():
            tasks.partition_seconds.append(seconds)
    assert task_count(partitions, threads, seconds) == cut


def test_a_task_takes_its_time_and_the_last_ones_have_one_partition():
    sizes = [len(chunk) for chunk in chunks_of(range(100), 2, CHUNK_SECONDS / 10)]
    assert sizes[:6] == [10] * 6 and sizes[-4:] == [1] * 4
    assert {len(chunk) for chunk in chunks_of(range(100), 2, CHUNK_SECONDS)} == {1}
    assert chunks_of(range(100), 2, None) == chunks_of(range(100), 2, FIRST_SECONDS)


@given(st.integers(1, 64), st.floats(0.04, 100))
def test_the_tasks_in_flight_are_work_enough_for_an_adaptive_cluster_to_grow(threads, seconds):
    tasks, _ = window(range(100_000), threads, seconds)
    limit = tasks._limit()
    sizes = [len(tasks._next_chunk().partitions) for _ in range(limit)]
    assert sum(sizes) * seconds >= IN_FLIGHT_SECONDS * threads > 5 * threads
    assert limit <= max(8, 6 * threads)


@pytest.mark.parametrize(
    "answer",
    [Answer(ValueError("a defect")), Answer(MemoryError()), Answer(KilledWorker("x", None, 5)), Answer(late=True)],
)
def test_partitions_of_a_task_that_fails_are_tried_one_by_one(answer):
    tasks, reported = window(fakes.plan(users=100_000).partitions, seconds=CHUNK_SECONDS / 3)
    task = tasks._next_chunk()
    assert tasks._results_of(answer, task) == []
    assert [(retry.partitions, retry.attempt) for retry in tasks.retries] == [((one,), 2) for one in task.partitions]
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
    tasks, _ = window(fakes.plan().partitions)
    with pytest.raises(RunError, match=message):
        tasks._results_of(Answer(error), tasks._next_chunk())


def test_a_partition_has_three_attempts():
    tasks, reported = window(fakes.plan().partitions)
    failed = Answer(ValueError("a defect"))
    tasks._results_of(failed, tasks._next_chunk())
    tasks._results_of(failed, tasks.retries.popleft())
    with pytest.raises(RunError, match="partition 0 failed 3 times, the last time with ValueError"):
        tasks._results_of(failed, tasks.retries.popleft())
    assert [event.attempt for event in reported] == [2, 3]


def test_an_error_of_a_run_is_raised_at_once():
    tasks, _ = window(fakes.plan().partitions, seconds=CHUNK_SECONDS / 2)
    with pytest.raises(OutputError, match="another run"):
        tasks._results_of(Answer(OutputError("another run")), tasks._next_chunk())


def test_the_time_of_a_partition_is_the_mean_of_its_task():
    tasks, _ = window(fakes.plan().partitions)
    task = SimpleNamespace(partitions=(1, 2, 3, 4), attempt=1)
    assert tasks._results_of(Answer(results=["a", "b", "c", "d"]), task) == ["a", "b", "c", "d"]
    assert list(tasks.partition_seconds) == [0.25]


class Submitted(Answer):
    """The future of a task that a worker runs."""

    def __init__(self, key, worker):
        super().__init__(results=[f"made on {worker}"])
        self.key, self.worker = key, worker

    def cancel(self):
        self.is_cancelled = True

    def release(self):
        """Nothing to do."""


class Workers:
    """A client with these workers, of one thread each. Each task runs on the first of those that it may run on."""

    loop = None

    def __init__(self, *names):
        self.names, self.futures = names, []

    def nthreads(self):
        return dict.fromkeys(self.names, 1)

    def processing(self):
        return {name: [one.key for one in self.futures if one.worker == name] for name in self.names}

    def submit(self, function, plugin_name, partitions, *, key, workers=None, **options):
        self.futures.append(Submitted(key, (workers or self.names)[0]))
        return self.futures[-1]


def test_a_change_of_the_number_of_workers_is_reported_and_their_threads_count():
    tasks, reported = window([])
    for names in ("ab", "ab", "abc", ""):
        tasks.client = Workers(*names)
        assert (tasks.count_workers(), tasks.threads) == (len(names), len(names))
    assert reported == [WorkersChanged(2), WorkersChanged(3), WorkersChanged(0)]


@pytest.fixture
def clock(monkeypatch):
    """The monotonic time in seconds, as the window sees it."""
    clock = SimpleNamespace(seconds=0.0, monotonic=lambda: clock.seconds, monotonic_ns=lambda: int(clock.seconds * 1e9))
    monkeypatch.setattr(dask_window, "time", clock)
    return clock


def one_in_flight(client, durations):
    """A window with one task in flight."""
    tasks, reported = window(fakes.plan().partitions[:1])
    tasks.client, tasks.completed = client, set()
    tasks.durations.extend(durations)
    tasks._submit_tasks()
    return tasks, reported


@pytest.mark.parametrize("duration", [1.0, 60.0])
def test_a_task_that_takes_far_longer_than_others_has_a_backup_task_on_another_worker(clock, duration):
    client = Workers("a", "b")
    tasks, reported = one_in_flight(client, [duration] * BACKUP_SAMPLE)
    clock.seconds = max(BACKUP_SECONDS, BACKUP_RATIO * duration)
    tasks.start_backup_tasks()
    assert len(client.futures) == 1 and not reported
    clock.seconds += 1
    tasks.start_backup_tasks()
    tasks.start_backup_tasks()
    assert [future.worker for future in client.futures] == ["a", "b"]
    assert client.futures[0].key != client.futures[1].key and set(tasks.in_flight) == set(client.futures)
    assert [(event.index, event.reason) for event in reported] == [(0, "it takes far longer than others")]


@pytest.mark.parametrize("workers, sample", [("a", BACKUP_SAMPLE), ("ab", BACKUP_SAMPLE - 1)])
def test_no_backup_task_without_another_worker_or_enough_durations(clock, workers, sample):
    client = Workers(*workers)
    tasks, reported = one_in_flight(client, [1.0] * sample)
    clock.seconds = 1000.0
    tasks.start_backup_tasks()
    assert len(client.futures) == 1 and not reported


def test_a_backup_task_that_hangs_too_is_replaced_on_a_third_worker(clock):
    """It has run for half the time of the original, at twice that time."""
    client = Workers("a", "b", "c")
    tasks, _ = one_in_flight(client, [1.0] * BACKUP_SAMPLE)
    for seconds, workers in [(100.0, "ab"), (199.0, "ab"), (201.0, "abc"), (300.0, "abc")]:
        clock.seconds = seconds
        tasks.start_backup_tasks()
        assert "".join(future.worker for future in client.futures) == workers
    original, first, second = client.futures
    assert set(tasks.in_flight) == {original, second} and first.is_cancelled and not original.is_cancelled


def test_a_backup_task_that_is_submitted_while_the_run_ends_is_cancelled_too(clock):
    """The thread of the watchdog submits it; `cancel` waits for that."""
    client = Workers("a", "b")
    tasks, _ = one_in_flight(client, [1.0] * BACKUP_SAMPLE)
    clock.seconds = 100.0
    cancelled, submitting, going_on = [], threading.Event(), threading.Event()
    client.status, client.cancel, submit = "running", cancelled.extend, client.submit

    def slowly(*arguments, **options):
        submitting.set()
        assert going_on.wait(10)
        return submit(*arguments, **options)

    client.submit = slowly
    watchdog = threading.Thread(target=tasks.start_backup_tasks)
    watchdog.start()
    assert submitting.wait(10)
    ending = threading.Thread(target=tasks.cancel)
    ending.start()
    ending.join(0.2)
    going_on.set()
    for thread in (watchdog, ending):
        thread.join(10)
    assert len(client.futures) == 2 and cancelled == client.futures and not tasks.in_flight


@pytest.mark.parametrize("winner", [0, 1])
def test_the_attempt_that_is_completed_first_counts_and_the_other_one_is_cancelled(clock, monkeypatch, winner):
    client = Workers("a", "b")
    tasks, _ = one_in_flight(client, [1.0] * BACKUP_SAMPLE)
    clock.seconds = 100.0
    tasks.start_backup_tasks()
    first, other = client.futures[winner], client.futures[1 - winner]
    monkeypatch.setattr(dask_window, "as_completed", lambda loop: [first, other])
    assert list(tasks.results()) == [(fakes.plan().partitions[0], f"made on {first.worker}")]
    assert other.is_cancelled and not first.is_cancelled and not tasks.in_flight
    assert list(tasks.durations)[BACKUP_SAMPLE:] == [100.0 * (1 - winner)]
