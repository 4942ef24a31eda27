"""Runs partitions on Dask: local worker processes, or an existing cluster."""

from __future__ import annotations

import asyncio
import math
import statistics
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from distributed import (  # noqa: TID253 - for those who want Dask
    CancelledError,
    Client,
    KilledWorker,
    Status,
    Worker,
    as_completed,
    get_worker,
    secede,
)

from datagen.engine.exact_counts import counts_here, in_order
from datagen.engine.generate import count
from datagen.errors import DatagenError, RunError
from datagen.runtime.events import ClusterReady, Listener, NoWorkers, PartitionRetried, WorkersChanged, ignore
from datagen.runtime.executors.dask_plugin import PartitionFunction, run_on_worker, send_to_workers
from datagen.runtime.executors.dask_watchdog import WorkerWatch
from datagen.runtime.task import OUT_OF_MEMORY, run_partition

if TYPE_CHECKING:
    from distributed import Future

    from datagen.engine.row_counts import RowCounts
    from datagen.kinds.clusters.base import Cluster
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.executor import Batch
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work

TRIES = 3
"""Attempts for a partition that fails with an unexpected error."""
LEAST_WINDOW = 16
COUNTED_EVERY = 1.0
"""Seconds between two counts of the workers, each of which takes half a millisecond of CPU."""
SLOW, SLOWER, FEW_TIMES = 30.0, 5.0, 4
"""A partition is started again elsewhere after SLOW seconds and SLOWER times what others take, once FEW_TIMES others
are done.
"""
RECENT = 1000
"""The tasks whose times are kept for this comparison."""
COUNTED_HERE = 1.0
"""Seconds for which this process counts the rows of partitions; for most documents that is all of them."""
REMOTE_WORKER_TIMEOUT = 600.0
"""Seconds without any worker after which a run on the cluster of a client is given up: it may be growing."""
TOO_OFTEN = "repeatedly, probably out of memory: raise --memory or use smaller partitions"
DESERTED = f"the Dask cluster has lost all its workers: they may have died {TOO_OFTEN}"
_GONE = (OSError, RuntimeError, CancelledError, asyncio.CancelledError)
"""The errors that Dask raises when its scheduler is gone."""
_PUBLISHING: WeakKeyDictionary[Worker, threading.BoundedSemaphore] = WeakKeyDictionary()
"""For each worker of this process, the places for tasks that publish files while the next ones are generated."""


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """The runner on a cluster, or on a `client` that is connected already and stays open.

    On several machines the output must be the same for all: a shared folder or an object store.
    """

    cluster: Cluster | None = None
    client: Client | None = None
    _held: list[Client] = field(default_factory=list, repr=False, compare=False)

    def reach(self) -> None:
        """Raises RunError if the cluster cannot be reached: better before a folder is taken than after."""
        if self.cluster is not None and self.client is None:
            self.cluster.reach()

    @contextmanager
    def held(self, on_event: Listener) -> Iterator[None]:
        with ExitStack() as stack:
            with _cluster_losses():
                client = stack.enter_context(self._connected(on_event))
            self._held.append(client)
            try:
                yield
            finally:
                self._held.remove(client)

    def run(self, batch: Batch, on_event: Listener) -> Generator[Receipt, None, None]:
        function = partial(_write, batch.work, batch.site)
        with closing(
            self.each(batch.work.plan.id, function, batch.partitions, on_event, batch.work.plan.memory)
        ) as made:
            try:
                for _, receipt in made:
                    yield receipt
            except ClusterLostError as error:
                raise RunError(f"{error}; continue with --resume when it is back") from None

    def counts(self, plan: Plan, partitions: Sequence[Partition]) -> list[RowCounts]:
        """The exact rows of each partition. Workers count those for which this process would take long."""
        if in_order(plan):
            return counts_here(plan, partitions)
        here: list[RowCounts] = []
        until = time.monotonic() + COUNTED_HERE
        while len(here) < len(partitions) and time.monotonic() < until:
            here += counts_here(plan, partitions[len(here) : len(here) + 1])
        rest = partitions[len(here) :]
        if not rest:
            return here
        found = {p.index: rows for p, rows in self.each(plan.id, partial(count, plan), rest, ignore)}
        return [*here, *(found[partition.index] for partition in rest)]

    def each(
        self,
        name: str,
        function: PartitionFunction,
        partitions: Sequence[Any],
        on_event: Listener = ignore,
        memory: int = 0,
    ) -> Generator[tuple[Any, Any], None, None]:
        """The result of the function for each partition (or anything with an `index`), in order of completion.

        A task needs `memory` bytes. A worker whose threads together need more than its memory is refused.
        """
        with (
            _cluster_losses(),
            self._connected(on_event) as client,
            send_to_workers(client, name, function, memory) as plugin_name,
        ):
            window = _Window(client, plugin_name, deque((p, 1) for p in partitions), on_event)
            patience = REMOTE_WORKER_TIMEOUT if self.cluster is None else self.cluster.patience
            waits_for = "the cluster of the client" if self.cluster is None else self.cluster.waits_for
            missing = partial(on_event, NoWorkers(patience, waits_for))
            workers = _WorkerCount(client, on_event)
            workers()
            watch = WorkerWatch(workers, patience, missing, window.cancel_pending, window.start_backup_tasks)
            with watch.kept() as deserted:
                try:
                    yield from window.results()
                except CancelledError:
                    if deserted.is_set():
                        raise RunError(DESERTED) from None
                    raise ClusterLostError("the Dask cluster was lost") from None
                finally:
                    window.cancel()

    @contextmanager
    def _connected(self, on_event: Listener) -> Iterator[Client]:
        if self._held or self.client is not None:
            yield self._held[0] if self._held else self.client  # type: ignore[misc]
            return
        assert self.cluster is not None
        with self.cluster.connected() as client:
            on_event(_ready(self.cluster, client))
            yield client


def _ready(cluster: Cluster, client: Client) -> ClusterReady:
    return ClusterReady(cluster.waits_for, str(client.scheduler_info().get("address", "")), _dashboard(cluster, client))


def _dashboard(cluster: Cluster, client: Client) -> str:
    """The link to the dashboard; empty where the scheduler serves none.

    Every scheduler serves some pages, so the scheduler is asked whether the application of the dashboard is among
    them. One that runs no code for clients is believed to have it.
    """
    if not getattr(cluster, "dashboard", True) or not client.scheduler_info().get("services", {}).get("dashboard"):
        return ""

    def served(dask_scheduler: Any) -> bool:  # a local function is sent as code: there may be no datagen
        return any("Bokeh" in type(one).__name__ for one in dask_scheduler.http_application.applications)

    with suppress(ValueError, AttributeError, *_GONE):
        if not client.run_on_scheduler(served):
            return ""
    return client.dashboard_link or ""


def _write(work: Work, site: OutputSite, partition: Partition) -> Receipt:
    return run_partition(work, partition, site, _next_task_begins)


@contextmanager
def _next_task_begins() -> Iterator[None]:
    """Give the worker's thread to its next task. As many tasks as it has threads can be in this block at a time.

    A worker that leaves begins no further task. It waits for its threads with the lock that `secede` needs.
    """
    worker = get_worker()
    with _PUBLISHING.setdefault(worker, threading.BoundedSemaphore(worker.state.nthreads)):
        if worker.status == Status.running:
            secede()
        yield


class ClusterLostError(RunError):
    """The scheduler no longer answers."""


@contextmanager
def _cluster_losses() -> Iterator[None]:
    """Turn the various errors of a lost scheduler into one ClusterLostError."""
    try:
        yield
    except DatagenError:
        raise
    except (OSError, CancelledError, asyncio.CancelledError, RuntimeError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ClusterLostError(
            f"the Dask cluster was lost ({type(error).__name__}{': ' * bool(reason)}{reason})"
        ) from None


@dataclass(slots=True)
class _WorkerCount:
    """The number of workers now; tells when it is another one than before."""

    client: Client
    on_event: Listener
    before: int = -1

    def __call__(self) -> int:
        number = len(self.client.nthreads())
        if number != self.before:
            self.before = number
            self.on_event(WorkersChanged(number))
        return number


@dataclass(slots=True)
class _Window:
    """A bounded number of tasks in flight. The others wait here, not in the scheduler."""

    client: Client
    plugin_name: str
    waiting: deque[tuple[Partition, int]]
    on_event: Listener
    flying: dict[Future[Any], tuple[Partition, int]] = field(default_factory=dict)
    since: dict[Future[Any], float] = field(default_factory=dict)
    doubles: dict[Future[Any], Future[Any]] = field(default_factory=dict)
    """A future and the other one of the same partition, both ways."""
    took: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    """Seconds from the submission of a task to its end, of the last that are done."""
    completed: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    room: int = 0
    """The most tasks in flight."""
    counted: float = -math.inf
    """The time at which the workers were counted for it."""

    def results(self) -> Iterator[tuple[Partition, Any]]:
        self.completed = as_completed(loop=self.client.loop)
        self._fill()
        for future in self.completed:
            with self.lock:
                if future not in self.flying:  # the other one of its partition was done first
                    continue
                partition, attempt = self.flying.pop(future)
                self.took.append(time.monotonic() - self.since.pop(future))
                self._drop_double(future)
            result = self._settle(future, partition, attempt)
            future.release()
            self._fill()
            if result is not None:
                yield partition, result

    def start_backup_tasks(self) -> None:
        """Start partitions that take far longer than others a second time, on workers that do not hang.

        Both attempts write the same bytes, so the one that is done first counts, and the other one is harmless. A
        second attempt that takes half as long as the first is replaced: its worker may hang or be gone, too.
        """
        with self.lock, suppress(*_GONE):
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

    def _double(self, future: Future[Any], workers: list[str]) -> None:
        partition, attempt = self.flying[future]
        key = (self.plugin_name, partition.index, attempt, time.monotonic_ns())
        again = self.client.submit(run_on_worker, self.plugin_name, partition, key=key, pure=False, workers=workers)
        self.doubles[future], self.doubles[again] = again, future
        self.flying[again], self.since[again] = (partition, attempt), time.monotonic()
        self.completed.add(again)
        self.on_event(PartitionRetried(partition.index, attempt, "it takes far longer than others"))

    def _drop_double(self, future: Future[Any]) -> None:
        """Forget the other attempt of a partition that is done."""
        other = self.doubles.pop(future, None)
        if other is not None:
            del self.doubles[other]
            self.flying.pop(other, None)
            self.since.pop(other, None)
            other.cancel()

    def cancel_pending(self) -> None:
        """Cancel the tasks in flight."""
        with suppress(*_GONE):
            self.client.cancel(list(self.flying), force=True)

    def cancel(self) -> None:
        if self.flying and self.client.status == "running":
            with suppress(*_GONE):
                self.client.cancel(list(self.flying))
        self.flying.clear()

    def _fill(self) -> None:
        if not self.waiting:
            return
        if time.monotonic() > self.counted + COUNTED_EVERY:
            self.room = max(LEAST_WINDOW, 3 * sum(self.client.nthreads().values()))
            self.counted = time.monotonic()
        while self.waiting and len(self.flying) < self.room:
            partition, attempt = self.waiting.popleft()
            # one key group: the scheduler then queues tasks, and does not count a worker's death against queued ones
            key = (self.plugin_name, partition.index, attempt)
            future = self.client.submit(
                run_on_worker, self.plugin_name, partition, key=key, pure=False, priority=-partition.index
            )
            with self.lock:
                self.flying[future], self.since[future] = (partition, attempt), time.monotonic()
            self.completed.add(future)

    def _settle(self, future: Future[Any], partition: Partition, attempt: int) -> Any:
        """The result of a finished task; None if it will be retried."""
        if future.cancelled():
            raise CancelledError(future.key)
        error = future.exception()
        if error is None:
            try:
                return future.result(timeout=SLOW)  # it is on the worker, which may hang
            except TimeoutError as late:
                error = late
        if isinstance(error, DatagenError):
            raise error
        if isinstance(error, MemoryError):
            raise RunError(f"partition {partition.index}: {OUT_OF_MEMORY}") from None
        if isinstance(error, KilledWorker):
            raise RunError(f"partition {partition.index} was on a worker that died, {TOO_OFTEN}") from None
        if attempt >= TRIES:
            raise RunError(
                f"partition {partition.index} failed {attempt} times, the last time with {error!r}"
            ) from error
        self.waiting.appendleft((partition, attempt + 1))
        self.on_event(PartitionRetried(partition.index, attempt + 1, repr(error)))
        return None
