"""The tasks of a run on Dask: a bounded number in flight, chunks of partitions, retries, backup tasks."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Client, KilledWorker, as_completed  # noqa: TID253 - imported by the Dask runner

from datagen.errors import OUT_OF_MEMORY, DatagenError, RunError
from datagen.runtime.events import Listener, PartitionRetried, WorkersChanged
from datagen.runtime.executors.chunks import FIRST_SECONDS, chunk_size, most_in_flight
from datagen.runtime.executors.dask_plugin import run_on_worker

if TYPE_CHECKING:
    from distributed import Future

    from datagen.planning.plan import Partition

MAX_ATTEMPTS = 3
"""Attempts for a partition that fails with an unexpected error."""
BACKUP_SECONDS, BACKUP_RATIO, BACKUP_SAMPLE = 30.0, 5.0, 4
"""A task that is in flight for more seconds than the first number, and than the median duration times the second, gets
a backup task. The median is known from the third number of completed tasks on.
"""
RECENT_TASKS = 1000
"""The number of completed tasks of which the medians are taken."""
RESULT_SECONDS = 30.0
"""Seconds in which the result of a completed task must arrive. It is on a worker, which may hang."""
CANCEL_SECONDS = 5.0
"""Seconds in which a backup task that is being submitted is waited for when the run ends."""
DIED_REPEATEDLY = "repeatedly, probably out of memory: raise --memory or use smaller partitions"
CLUSTER_GONE = (OSError, RuntimeError, CancelledError, asyncio.CancelledError)
"""The errors that Dask raises when its scheduler is gone."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A chunk of partitions that one worker makes one after another; `attempt` counts from 1."""

    partitions: tuple[Partition, ...]
    attempt: int = 1

    def key(self, plugin_name: str, *more: int) -> tuple[Any, ...]:
        """One key group: the scheduler then queues tasks, and does not count a worker's death against queued ones."""
        return plugin_name, self.partitions[0].index, len(self.partitions), self.attempt, *more


@dataclass(slots=True)
class _Submission:
    """A task in flight, and the monotonic time of its submission in seconds."""

    task: _Task
    submitted_at: float
    twin: Future[Any] | None = None
    """For a task with a backup task: that one. For a backup task: the original."""


@dataclass(slots=True)
class TaskWindow:
    """A bounded number of tasks in flight. The other partitions wait here, not in the scheduler.

    `results` runs in the thread of the run, the other public methods in that of the watchdog.
    """

    client: Client
    plugin_name: str
    waiting: deque[Partition]
    on_event: Listener
    retries: deque[_Task] = field(default_factory=deque)
    """Partitions that failed, each in a task of its own."""
    in_flight: dict[Future[Any], _Submission] = field(default_factory=dict)
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT_TASKS))
    """Seconds from submission to completion of the last tasks."""
    partition_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT_TASKS))
    """Mean seconds per partition on the worker, of the last tasks."""
    completed: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    workers: int = -1
    threads: int = 1
    """The workers of the cluster and their threads, as `count_workers` last found them."""

    def count_workers(self) -> int:
        """Count the workers and their threads. Reports each change of the number of workers."""
        threads = self.client.nthreads()
        self.threads = sum(threads.values())
        if len(threads) != self.workers:
            self.workers = len(threads)
            self.on_event(WorkersChanged(self.workers))
        return self.workers

    def results(self) -> Iterator[tuple[Partition, Any]]:
        """Each partition with its result, in order of completion.

        Raises RunError for a partition that is not tried again, CancelledError if the cluster is lost, and any
        DatagenError of a task.
        """
        self.completed = as_completed(loop=self.client.loop)
        self._submit_tasks()
        for future in self.completed:
            with self.lock:
                submission = self.in_flight.pop(future, None)
                if submission is None:  # its twin was completed first
                    continue
                self.durations.append(time.monotonic() - submission.submitted_at)
                self._cancel_twin(submission)
            task = submission.task
            results = self._results_of(future, task)
            if results:  # the worker may have left the last partitions to another task
                self.waiting.extendleft(reversed(task.partitions[len(results) :]))
            future.release()
            self._submit_tasks()
            yield from zip(task.partitions, results, strict=False)  # no results if they are tried again

    def start_backup_tasks(self) -> None:
        """Submit backup tasks for tasks that take far longer than others, to workers that have none of these.

        Both attempts write the same bytes. The first result counts, and the other attempt is cancelled. A backup task
        that has run for half the time of the original is replaced: its worker may hang or be gone, too.
        """
        with self.lock, suppress(*CLUSTER_GONE):
            stragglers = self._stragglers() if self.completed is not None else []
            workers = self._workers_without(stragglers) if stragglers else []
            for future in stragglers if workers else ():
                self._cancel_twin(self.in_flight[future])
                self._submit_backup(future, workers)

    def cancel_pending(self) -> None:
        """Cancel the tasks in flight; `results` then raises CancelledError."""
        with suppress(*CLUSTER_GONE):
            self.client.cancel(list(self.in_flight), force=True)

    def cancel(self) -> None:
        """Cancel the tasks in flight, and forget them, if the cluster is there. No backup task is submitted meanwhile
        and afterwards, unless the thread of the watchdog waits for an answer of the cluster.
        """
        locked = self.lock.acquire(timeout=CANCEL_SECONDS)
        try:
            futures = list(self.in_flight)
            self.in_flight.clear()
        finally:
            if locked:
                self.lock.release()
        if futures and self.client.status == "running":
            with suppress(*CLUSTER_GONE):
                self.client.cancel(futures)

    def _stragglers(self) -> list[Future[Any]]:
        """The tasks in flight that need a backup task, or another one."""
        if len(self.durations) < BACKUP_SAMPLE:
            return []
        now = time.monotonic()
        limit = now - max(BACKUP_SECONDS, BACKUP_RATIO * statistics.median(self.durations))
        return [
            future
            for future, submission in self.in_flight.items()
            if submission.submitted_at < limit and self._needs_backup(submission, now)
        ]

    def _needs_backup(self, submission: _Submission, now: float) -> bool:
        """Whether a slow task has no backup task, or one that has run for half its time. Not if it is one itself."""
        if submission.twin is None:
            return True
        start, twin_start = submission.submitted_at, self.in_flight[submission.twin].submitted_at
        return start < twin_start < (start + now) / 2

    def _workers_without(self, futures: list[Future[Any]]) -> list[str]:
        """The addresses of the workers that run none of these tasks and of their twins."""
        keys = {one.key for future in futures for one in (future, self.in_flight[future].twin) if one is not None}
        running = {worker for worker, tasks in self.client.processing().items() if keys & set(tasks)}
        return sorted(set(self.client.nthreads()) - running)

    def _submit_backup(self, future: Future[Any], workers: list[str]) -> None:
        original = self.in_flight[future]
        task = original.task
        original.twin = self.client.submit(
            run_on_worker, self.plugin_name, task.partitions, key=task.key(self.plugin_name, time.monotonic_ns()),
            pure=False, workers=workers,
        )  # fmt: skip
        self.in_flight[original.twin] = _Submission(task, time.monotonic(), future)
        self.completed.add(original.twin)
        for partition in task.partitions:
            self.on_event(PartitionRetried(partition.index, task.attempt, "it takes far longer than others"))

    def _cancel_twin(self, submission: _Submission) -> None:
        """Cancel and forget the other attempt of a task, if there is one."""
        if submission.twin is not None:
            self.in_flight.pop(submission.twin, None)
            submission.twin.cancel()
            submission.twin = None

    def _submit_tasks(self) -> None:
        """Submit tasks until enough of them are in flight."""
        limit = self._limit()
        while (self.waiting or self.retries) and len(self.in_flight) < limit:
            task = self.retries.popleft() if self.retries else self._next_chunk()
            future = self.client.submit(
                run_on_worker, self.plugin_name, task.partitions, key=task.key(self.plugin_name), pure=False,
                priority=-task.partitions[0].index,
            )  # fmt: skip
            with self.lock:
                self.in_flight[future] = _Submission(task, time.monotonic())
            self.completed.add(future)

    @property
    def _seconds(self) -> float:
        """Seconds of a partition on its worker, as far as they are known."""
        return max(statistics.median(self.partition_seconds), 1e-9) if self.partition_seconds else FIRST_SECONDS

    def _limit(self) -> int:
        """The most tasks in flight."""
        return most_in_flight(self.threads, self._seconds)

    def _next_chunk(self) -> _Task:
        """A task of waiting partitions."""
        size = chunk_size(len(self.waiting), self.threads, self._seconds)
        return _Task(tuple(self.waiting.popleft() for _ in range(size)))

    def _results_of(self, future: Future[Any], task: _Task) -> list[Any]:
        """The results of a completed task, for its first partitions; none if its partitions are tried again."""
        outcome = _outcome(future)
        if isinstance(outcome, BaseException):
            self._retry(task, outcome)
            return []
        results, seconds = outcome
        self.partition_seconds.append(seconds / len(results))
        return results

    def _retry(self, task: _Task, error: BaseException) -> None:
        """Try the partitions of a failed task again, one by one: the error of a partition alone can name it.

        Raises the error if it is one of Datagen, RunError if there is no further attempt.
        """
        if isinstance(error, DatagenError):
            raise error
        if len(task.partitions) == 1:
            _raise_if_last(task.partitions[0].index, task.attempt, error)
        for partition in task.partitions:
            self.retries.append(_Task((partition,), task.attempt + 1))
            self.on_event(PartitionRetried(partition.index, task.attempt + 1, repr(error)))


def _outcome(future: Future[Any]) -> tuple[list[Any], float] | BaseException:
    """The results and the seconds of a completed task, or its error. Raises CancelledError if it was cancelled."""
    if future.cancelled():
        raise CancelledError(future.key)
    error: BaseException | None = future.exception()
    if error is not None:
        return error
    try:
        return future.result(timeout=RESULT_SECONDS)  # type: ignore[no-any-return]
    except TimeoutError as late:
        return late


def _raise_if_last(index: int, attempt: int, error: BaseException) -> None:
    """Raise RunError if a partition that failed is not tried again."""
    if isinstance(error, MemoryError):
        raise RunError(f"partition {index}: {OUT_OF_MEMORY}") from None
    if isinstance(error, KilledWorker):
        raise RunError(f"partition {index} was on a worker that died, {DIED_REPEATEDLY}") from None
    if attempt >= MAX_ATTEMPTS:
        raise RunError(f"partition {index} failed {attempt} times, the last time with {error!r}") from error
