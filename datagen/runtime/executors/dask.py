"""Runs partitions on Dask: local worker processes, or an existing cluster."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Client, KilledWorker, as_completed  # noqa: TID253 - for those who want Dask

from datagen.engine.exact_counts import counts_here, in_order
from datagen.engine.generate import count
from datagen.errors import DatagenError, RunError
from datagen.kinds.clusters.local import Local
from datagen.runtime.events import ClusterReady, Listener, NoWorkers, PartitionRetried, ignore
from datagen.runtime.executors.dask_plugin import Errand, ship, work_on
from datagen.runtime.executors.dask_watchdog import Watch
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
"""How often a partition is tried that fails in a way that datagen does not explain."""
LEAST_WINDOW = 16
COUNTED_HERE = 50_000_000
"""Rows up to which counting takes less time than starting workers for it."""
LONELY_ELSEWHERE = 600.0
"""Seconds without any worker after which a run on the cluster of a client is given up: it may be growing."""
TOO_OFTEN = "again and again, most likely for want of memory: raise --memory or cut smaller partitions"
DESERTED = f"the Dask cluster has no worker left, and none came back: they may have died {TOO_OFTEN}"
_GONE = (OSError, RuntimeError, CancelledError, asyncio.CancelledError)
"""What Dask raises when one asks something of a scheduler that is not there any more."""


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
    def held(self, listen: Listener) -> Iterator[None]:
        with ExitStack() as stack:
            with _losses_told():
                client = stack.enter_context(self._connected(listen))
            self._held.append(client)
            try:
                yield
            finally:
                self._held.remove(client)

    def run(self, batch: Batch, listen: Listener) -> Generator[Receipt, None, None]:
        errand = partial(_write, batch.work, batch.site)
        with closing(self.each(batch.work.plan.id, errand, batch.partitions, listen, batch.work.plan.memory)) as made:
            try:
                for _, receipt in made:
                    yield receipt
            except ClusterLostError as error:
                raise RunError(f"{error}; go on with --resume when it is back") from None

    def counts(self, plan: Plan, partitions: Sequence[Partition]) -> list[RowCounts]:
        """The exact rows of each partition; counted here where workers would not be done any sooner."""
        if plan.total_rows <= COUNTED_HERE or in_order(plan):
            return counts_here(plan, partitions)
        found = {p.index: rows for p, rows in self.each(plan.id, partial(count, plan), partitions, ignore)}
        return [found[partition.index] for partition in partitions]

    def each(
        self, name: str, errand: Errand, partitions: Sequence[Any], listen: Listener = ignore, memory: int = 0
    ) -> Generator[tuple[Any, Any], None, None]:
        """What the errand gives for each partition (or anything with an `index`), in the order in which they are done.

        A task takes `memory` bytes; a worker whose threads together take more than it has is refused.
        """
        with _losses_told(), self._connected(listen) as client, ship(client, name, errand, memory) as shipment:
            window = _Window(client, shipment, deque((p, 1) for p in partitions), listen)
            patience = LONELY_ELSEWHERE if self.cluster is None else self.cluster.patience
            waits_for = "the cluster of the client" if self.cluster is None else self.cluster.waits_for
            missing = partial(listen, NoWorkers(patience, waits_for))
            watch = Watch(lambda: len(client.nthreads()), patience, missing, window.call_off)
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
    def _connected(self, listen: Listener) -> Iterator[Client]:
        if self._held or self.client is not None:
            yield self._held[0] if self._held else self.client  # type: ignore[misc]
            return
        assert self.cluster is not None
        with self.cluster.connected() as client:
            listen(_ready(self.cluster, client))
            yield client


def _ready(cluster: Cluster, client: Client) -> ClusterReady:
    shown = bool(client.scheduler_info().get("services", {}).get("dashboard")) and not isinstance(cluster, Local)
    link = client.dashboard_link if shown or getattr(cluster, "dashboard", False) else ""
    return ClusterReady(cluster.waits_for, str(client.scheduler_info().get("address", "")), link or "")


def _write(work: Work, site: OutputSite, partition: Partition) -> Receipt:
    return run_partition(work, partition, site)


class ClusterLostError(RunError):
    """The scheduler does not answer any more."""


@contextmanager
def _losses_told() -> Iterator[None]:
    """Tell in one line what Dask raises, in many ways, when its scheduler is lost."""
    try:
        yield
    except DatagenError:
        raise
    except (OSError, CancelledError, asyncio.CancelledError, RuntimeError, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        raise ClusterLostError(f"the Dask cluster was lost ({type(error).__name__}{': ' * bool(said)}{said})") from None


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
        with suppress(*_GONE):
            self.client.cancel(list(self.flying), force=True)

    def cancel(self) -> None:
        if self.flying and self.client.status == "running":
            with suppress(*_GONE):
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
        if isinstance(error, MemoryError):
            raise RunError(f"partition {partition.index}: {OUT_OF_MEMORY}") from None
        if isinstance(error, KilledWorker):
            raise RunError(f"partition {partition.index} was on a worker that died, {TOO_OFTEN}") from None
        if attempt >= TRIES:
            raise RunError(f"partition {partition.index} failed {attempt} times, at last with {error!r}") from error
        self.waiting.appendleft((partition, attempt + 1))
        self.listen(PartitionRetried(partition.index, attempt + 1, repr(error)))
        return None
