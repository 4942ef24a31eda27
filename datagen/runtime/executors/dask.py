"""Runs partitions on Dask: local worker processes, or an existing cluster."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Client, KilledWorker, as_completed  # noqa: TID253 - for those who want Dask

from datagen.engine.exact_counts import counts_here, in_order
from datagen.engine.generate import count
from datagen.errors import DatagenError, RunError
from datagen.runtime.events import Listener, NoWorkers, PartitionRetried, ignore
from datagen.runtime.executors.dask_cluster import Certificates, connected, local_client, quiet
from datagen.runtime.executors.dask_plugin import Errand, ship, work_on
from datagen.runtime.executors.dask_watchdog import Watch
from datagen.runtime.task import OUT_OF_MEMORY, run_partition

if TYPE_CHECKING:
    from distributed import Future

    from datagen.engine.row_counts import RowCounts
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.executor import Batch
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work

TRIES = 3
"""How often a partition is tried that fails in a way that datagen does not explain."""
LEAST_WINDOW = 16
COUNTED_HERE = 50_000_000
"""Rows up to which counting takes less time than starting workers for it."""
LONELY = 60.0
"""Seconds without any worker after which a run on this machine is given up: they are not started again."""
LONELY_ELSEWHERE = 600.0
"""The same on a cluster of others, which may be growing."""
TOO_OFTEN = "again and again, most likely for want of memory: raise --memory or cut smaller partitions"
DESERTED = f"the Dask cluster has no worker left, and none came back: they may have died {TOO_OFTEN}"
_GONE = (OSError, RuntimeError, CancelledError, asyncio.CancelledError)
"""What Dask raises when one asks something of a scheduler that is not there any more."""


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """The runner for everything that is not small.

    With nothing given, `workers` processes of one thread each (default: one per CPU) on this machine, `memory` bytes
    each, reachable from this machine only, and behind certificates that only they have. `address` names a running
    scheduler instead (`tls://` with `certificates`), `client` one that is connected already and stays open. On several machines the output folder must be the same for all.
    """

    workers: int | None = None
    memory: int | None = None
    address: str | None = None
    client: Client | None = None
    certificates: Certificates = field(default_factory=Certificates)

    def reach(self) -> None:
        """Raises RunError if the scheduler that is named does not answer: better before a folder is taken than after."""
        if self.address is not None and self.client is None:
            with quiet():
                connected(self.address, self.certificates.security()).close()

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
        with quiet(), _losses_told(), self._connected() as client, ship(client, name, errand, memory) as shipment:
            window = _Window(client, shipment, deque((p, 1) for p in partitions), listen)
            patience = LONELY if self.client is None and self.address is None else LONELY_ELSEWHERE
            watch = Watch(
                lambda: len(client.nthreads()), patience, lambda: listen(NoWorkers(patience)), window.call_off
            )
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
    def _connected(self) -> Iterator[Client]:
        if self.client is not None:
            yield self.client
        elif self.address is not None:
            client = connected(self.address, self.certificates.security())
            try:
                yield client
            finally:
                with suppress(*_GONE):
                    client.close()
        else:
            with local_client(self.workers, self.memory) as client:
                yield client


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
