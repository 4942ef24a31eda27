"""The tasks of a run on Dask: a bounded number in flight, sizes that follow their durations, retries, backup tasks."""

from __future__ import annotations

import asyncio
import math
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Client, KilledWorker, as_completed  # noqa: TID253 - imported by the Dask runner

from datagen.errors import DatagenError, RunError
from datagen.runtime.events import Listener, PartitionRetried
from datagen.runtime.executors.dask_plugin import run_on_worker
from datagen.runtime.task import OUT_OF_MEMORY

if TYPE_CHECKING:
    from distributed import Future

    from datagen.planning.plan import Partition

TRIES = 3
"""Attempts for a partition that fails with an unexpected error."""
LEAST_WINDOW = 8
COUNTED_EVERY = 1.0
"""Seconds between two counts of the workers, each of which takes half a millisecond of CPU."""
TASK_SECONDS, MOST_IN_TASK = 2.0, 64
"""Short partitions share a task, which takes so many seconds: each task takes Dask 10 ms of CPU."""
LAST_ROUNDS = 2
"""A task has at most the share of a thread in half of the remaining partitions, so that all threads end together."""
SLOW, SLOWER, FEW_TIMES = 30.0, 5.0, 4
"""A task is started again elsewhere after SLOW seconds and SLOWER times what others take, once FEW_TIMES others are
done.
"""
RECENT = 1000
"""The tasks whose times are kept for this comparison."""
TOO_OFTEN = "repeatedly, probably out of memory: raise --memory or use smaller partitions"
CLUSTER_GONE = (OSError, RuntimeError, CancelledError, asyncio.CancelledError)
"""The errors that Dask raises when its scheduler is gone."""


@dataclass(frozen=True, slots=True)
class _Task:
    """Partitions that one worker makes one after another, and which attempt this is."""

    partitions: tuple[Partition, ...]
    attempt: int = 1

    def key(self, plugin_name: str, *more: int) -> tuple[Any, ...]:
        """One key group: the scheduler then queues tasks, and does not count a worker's death against queued ones."""
        return plugin_name, self.partitions[0].index, len(self.partitions), self.attempt, *more


@dataclass(slots=True)
class TaskWindow:
    """A bounded number of tasks in flight. The other partitions wait here, not in the scheduler."""

    client: Client
    plugin_name: str
    waiting: deque[Partition]
    on_event: Listener
    again: deque[_Task] = field(default_factory=deque)
    """Partitions that failed, alone."""
    flying: dict[Future[Any], _Task] = field(default_factory=dict)
    since: dict[Future[Any], float] = field(default_factory=dict)
    doubles: dict[Future[Any], Future[Any]] = field(default_factory=dict)
    """A future and the other one of the same partitions, both ways."""
    took: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    """Seconds from the submission of a task to its end, of the last that are done."""
    each: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    """Seconds of a partition on its worker, the mean of each of these tasks."""
    completed: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: int = 1
    counted: float = -math.inf
    """The time at which the threads of all workers were counted."""

    def results(self) -> Iterator[tuple[Partition, Any]]:
        """Each partition with its result, in order of completion."""
        self.completed = as_completed(loop=self.client.loop)
        self._fill()
        for future in self.completed:
            with self.lock:
                if future not in self.flying:  # the other one of its partitions was done first
                    continue
                task = self.flying.pop(future)
                self.took.append(time.monotonic() - self.since.pop(future))
                self._drop_double(future)
            results = self._settle(future, task)
            future.release()
            self._fill()
            yield from zip(task.partitions, results, strict=False)  # there are none if it is tried again

    def start_backup_tasks(self) -> None:
        """Start tasks that take far longer than others a second time, on workers that do not hang.

        Both attempts write the same bytes, so the one that is done first counts, and the other one is harmless. A
        second attempt that takes half as long as the first is replaced: its worker may hang or be gone, too.
        """
        with self.lock, suppress(*CLUSTER_GONE):
            if len(self.took) < FEW_TIMES or self.completed is None:
                return
            now = time.monotonic()
            limit = now - max(SLOW, SLOWER * statistics.median(self.took))
            slow = [
                future
                for future, since in self.since.items()
                if since < limit
                and (future not in self.doubles or since < self.since[self.doubles[future]] < (since + now) / 2)
            ]
            if not slow:
                return
            keys = {one.key for future in slow for one in (future, self.doubles.get(future, future))}
            processing = self.client.processing().items()
            others = set(self.client.nthreads()) - {worker for worker, tasks in processing if keys & set(tasks)}
            for future in slow if others else ():
                self._drop_double(future)
                self._double(future, sorted(others))

    def cancel_pending(self) -> None:
        """Cancel the tasks in flight."""
        with suppress(*CLUSTER_GONE):
            self.client.cancel(list(self.flying), force=True)

    def cancel(self) -> None:
        """Cancel the tasks in flight, and forget them, if the cluster is there."""
        if self.flying and self.client.status == "running":
            with suppress(*CLUSTER_GONE):
                self.client.cancel(list(self.flying))
        self.flying.clear()

    def _double(self, future: Future[Any], workers: list[str]) -> None:
        task = self.flying[future]
        again = self.client.submit(
            run_on_worker, self.plugin_name, task.partitions, key=task.key(self.plugin_name, time.monotonic_ns()),
            pure=False, workers=workers,
        )  # fmt: skip
        self.doubles[future], self.doubles[again] = again, future
        self.flying[again], self.since[again] = task, time.monotonic()
        self.completed.add(again)
        for partition in task.partitions:
            self.on_event(PartitionRetried(partition.index, task.attempt, "it takes far longer than others"))

    def _drop_double(self, future: Future[Any]) -> None:
        """Forget the other attempt of partitions that are done."""
        other = self.doubles.pop(future, None)
        if other is not None:
            del self.doubles[other]
            self.flying.pop(other, None)
            self.since.pop(other, None)
            other.cancel()

    def _fill(self) -> None:
        if not self.waiting and not self.again:
            return
        if time.monotonic() > self.counted + COUNTED_EVERY:
            self.threads, self.counted = sum(self.client.nthreads().values()), time.monotonic()
        while (self.waiting or self.again) and len(self.flying) < max(LEAST_WINDOW, 3 * self.threads):
            task = self.again.popleft() if self.again else self._next()
            future = self.client.submit(
                run_on_worker, self.plugin_name, task.partitions, key=task.key(self.plugin_name), pure=False,
                priority=-task.partitions[0].index,
            )  # fmt: skip
            with self.lock:
                self.flying[future], self.since[future] = task, time.monotonic()
            self.completed.add(future)

    def _next(self) -> _Task:
        """A task of waiting partitions, as many as its time has room for; fewer near the end."""
        fitting = TASK_SECONDS / max(statistics.median(self.each), 1e-9) if self.each else 1
        share = len(self.waiting) / (LAST_ROUNDS * max(self.threads, 1))
        size = max(int(min(fitting, share, MOST_IN_TASK)), 1)
        return _Task(tuple(self.waiting.popleft() for _ in range(size)))

    def _settle(self, future: Future[Any], task: _Task) -> list[Any]:
        """The results of a finished task; none if it will be tried again."""
        if future.cancelled():
            raise CancelledError(future.key)
        error = future.exception()
        if error is None:
            try:
                results, seconds = future.result(timeout=SLOW)  # they are on the worker, which may hang
            except TimeoutError as late:
                error = late
            else:
                self.each.append(seconds / len(results))
                return results  # type: ignore[no-any-return]
        if isinstance(error, DatagenError):
            raise error
        if len(task.partitions) == 1:  # others are tried one by one, so that the error names its partition
            _raise_if_last(task.partitions[0].index, task.attempt, error)
        self.again.extend(_Task((partition,), task.attempt + 1) for partition in task.partitions)
        for partition in task.partitions:
            self.on_event(PartitionRetried(partition.index, task.attempt + 1, repr(error)))
        return []


def _raise_if_last(index: int, attempt: int, error: BaseException) -> None:
    """Raise RunError if a partition that failed is not tried again."""
    if isinstance(error, MemoryError):
        raise RunError(f"partition {index}: {OUT_OF_MEMORY}") from None
    if isinstance(error, KilledWorker):
        raise RunError(f"partition {index} was on a worker that died, {TOO_OFTEN}") from None
    if attempt >= TRIES:
        raise RunError(f"partition {index} failed {attempt} times, the last time with {error!r}") from error
