"""Runs partitions on Dask: worker processes of this machine, or a cluster that is already there."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

import dask  # noqa: TID253 - this module itself is imported only by those who want Dask
from distributed import CancelledError, Client, KilledWorker, LocalCluster, as_completed  # noqa: TID253

from datagen.engine.counting import counts_here, in_order
from datagen.engine.make import count
from datagen.errors import DatagenError, RunError
from datagen.run.events import Listener, PartitionRetried, ignore
from datagen.run.shipment import Errand, ship, work_on
from datagen.run.task import run_partition
from datagen.run.watch import watched

if TYPE_CHECKING:
    from distributed import Future

    from datagen.engine.census import Counted
    from datagen.plans.plan import Partition, Plan
    from datagen.run.receipt import Receipt
    from datagen.run.runner import Batch
    from datagen.run.task import Site, Work

TRIES = 3
"""How often a partition is tried that fails in a way that datagen does not explain."""
LEAST_WINDOW = 16
COUNTED_HERE = 50_000_000
"""Rows up to which counting takes less time than starting workers for it."""
LONELY = 60.0
"""Seconds without any worker after which a run on this machine is given up: they are not started again."""
LONELY_ELSEWHERE = 600.0
"""The same on a cluster of others, which may be growing."""
PATIENCE = "30s"
"""How long a scheduler may take to answer."""
TOO_OFTEN = "again and again, most likely for want of memory: raise --memory or cut smaller partitions"

_LOCAL = {
    "distributed.worker.memory.target": False,  # workers keep no results: nothing to spill
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.9,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.scheduler.allowed-failures": 5,  # deaths of a worker, until what it had is blamed
    "distributed.scheduler.worker-saturation": 1.0,  # and it has no more than it works on
    "distributed.scheduler.http.routes": [],
}


@dataclass(frozen=True, slots=True)
class OnDask:
    """The runner for everything that is not small.

    With nothing given, `workers` processes of one thread each (default: one per CPU) on this machine, `memory` bytes
    each, reachable from this machine only. `address` names a running scheduler instead, `client` one that is connected
    already and stays open. On several machines the output folder must be the same for all.
    """

    workers: int | None = None
    memory: int | None = None
    address: str | None = None
    client: Client | None = None

    def reach(self) -> None:
        """Raises RunError if the scheduler that is named does not answer: better before a folder is taken than after."""
        if self.address is not None and self.client is None:
            _client(self.address).close()

    def run(self, batch: Batch, listen: Listener) -> Generator[Receipt, None, None]:
        errand = partial(_write, batch.work, batch.site)
        with closing(self.each(batch.work.plan.fingerprint, errand, batch.partitions, listen)) as made:
            for _, receipt in made:
                yield receipt

    def counts(self, plan: Plan, partitions: Sequence[Partition]) -> list[Counted]:
        """The exact rows of each partition; counted here where workers would not be done any sooner."""
        if plan.total_rows <= COUNTED_HERE or in_order(plan):
            return counts_here(plan, partitions)
        found = {p.index: rows for p, rows in self.each(plan.fingerprint, partial(count, plan), partitions, ignore)}
        return [found[partition.index] for partition in partitions]

    def each(
        self, name: str, errand: Errand, partitions: Sequence[Any], listen: Listener = ignore
    ) -> Generator[tuple[Any, Any], None, None]:
        """What the errand gives for each partition (or anything with an `index`), in the order in which they are done."""
        with self._connected() as client, ship(client, name, errand) as shipment:
            window = _Window(client, shipment, deque((p, 1) for p in partitions), listen)
            patience = LONELY if self.client is None and self.address is None else LONELY_ELSEWHERE
            with watched(lambda: len(client.nthreads()), patience, window.call_off) as deserted:
                try:
                    yield from window.results()
                except CancelledError:
                    raise _lost(deserted.is_set()) from None
                finally:
                    window.cancel()

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        if self.client is not None:
            yield self.client
        elif self.address is not None:
            with _client(self.address) as client:
                yield client
        else:
            with dask.config.set(_LOCAL), _main_unseen(), self._cluster() as cluster, _client(cluster) as client:
                yield client

    def _cluster(self) -> LocalCluster:
        """Workers of this machine; one that dies while they start is no reason to give up."""
        for _ in range(1, TRIES):
            with suppress(RuntimeError, OSError):
                return self._started()
        try:
            return self._started()
        except (RuntimeError, OSError) as error:
            raise RunError(f"the worker processes did not start ({error}); ask for fewer --workers") from error

    def _started(self) -> LocalCluster:
        with _ctrl_c_held_back():
            return LocalCluster(
                n_workers=self.workers or os.cpu_count() or 1,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # else 8787, which may be taken
                memory_limit=self.memory or "auto",
                silence_logs=50,
            )


def _write(work: Work, site: Site, partition: Partition) -> Receipt:
    return run_partition(work, partition, site)


def _lost(deserted: bool) -> RunError:
    if deserted:
        return RunError(f"the Dask cluster has no worker left, and none came back: they may have died {TOO_OFTEN}")
    return RunError("the Dask cluster was lost; go on with --resume when it is back")


def _client(where: str | LocalCluster) -> Client:
    try:
        return Client(where, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        said = str(error)
    gc.collect()  # closes the half-made client: when Python ends it could not be closed, and would say so in a traceback
    raise RunError(f"no Dask scheduler answers at {where}: {said}")


@contextmanager
def _main_unseen() -> Iterator[None]:
    """Keep worker processes from running the caller's script again.

    A process that is spawned imports the main module of its parent: a script without `if __name__ == "__main__"` would
    start its run once more in every worker. Workers need nothing of it.
    """
    main = sys.modules["__main__"]
    before: dict[str, Any] = {name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)}
    vars(main).pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(before)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let processes and threads started here inherit a blocked SIGINT.

    A terminal sends Ctrl-C to every process of the group; workers must leave the ending to the driver, or they die with
    a traceback each while it stops them in order.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would let SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True)
class _Window:
    """A bounded number of tasks in flight; the rest waits here, not in the scheduler."""

    client: Client
    shipment: str
    waiting: deque[tuple[Partition, int]]
    listen: Listener
    flying: dict[Future[Any], tuple[Partition, int]] = field(default_factory=dict)

    def results(self) -> Iterator[tuple[Partition, Any]]:
        completed = as_completed(loop=self.client.loop)
        self._fill(completed)
        for future in completed:
            partition, attempt = self.flying.pop(future)
            result = self._settle(future, partition, attempt)
            future.release()
            self._fill(completed)
            if result is not None:
                yield partition, result

    def call_off(self) -> None:
        """Cancel what is in flight, so that nobody waits for it."""
        self.client.cancel(list(self.flying), force=True)

    def cancel(self) -> None:
        if self.flying and self.client.status == "running":
            self.client.cancel(list(self.flying))
        self.flying.clear()

    def _fill(self, completed: Any) -> None:
        if not self.waiting:
            return
        room = max(LEAST_WINDOW, 3 * sum(self.client.nthreads().values()))
        while self.waiting and len(self.flying) < room:
            partition, attempt = self.waiting.popleft()
            # keys of one group: the scheduler then keeps what no worker has begun, and a death is not blamed on it
            key = (self.shipment, partition.index, attempt)
            future = self.client.submit(
                work_on, self.shipment, partition, key=key, pure=False, priority=-partition.index
            )
            self.flying[future] = (partition, attempt)
            completed.add(future)

    def _settle(self, future: Future[Any], partition: Partition, attempt: int) -> Any:
        """What a task that is over gave; None where it will be tried again."""
        if future.cancelled():
            raise CancelledError(future.key)
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, DatagenError):
            raise error
        if isinstance(error, KilledWorker):
            raise RunError(f"partition {partition.index} was on a worker that died, {TOO_OFTEN}") from None
        if attempt >= TRIES:
            raise RunError(f"partition {partition.index} failed {attempt} times, at last with {error!r}") from error
        self.waiting.appendleft((partition, attempt + 1))
        self.listen(PartitionRetried(partition.index, attempt + 1, repr(error)))
        return None
