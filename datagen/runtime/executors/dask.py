"""Runs partitions on Dask: local worker processes, or an existing cluster."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from distributed import (  # noqa: TID253 - for those who want Dask
    CancelledError,
    Client,
)

from datagen.engine.exact_counts import counts_here, in_order
from datagen.engine.generate import count
from datagen.errors import DatagenError, RunError
from datagen.runtime.events import ClusterReady, Listener, NoWorkers, ignore, while_counting
from datagen.runtime.executors.dask_plugin import MapPartitions, PartitionFunction, TaskFunction, send_to_workers
from datagen.runtime.executors.dask_task import write_partitions
from datagen.runtime.executors.dask_watchdog import WorkerWatch
from datagen.runtime.executors.dask_window import CLUSTER_GONE, DIED_REPEATEDLY, TaskWindow

if TYPE_CHECKING:
    from datagen.engine.row_counts import RowCounts
    from datagen.kinds.clusters.base import Cluster
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.executor import Batch
    from datagen.runtime.receipt import Receipt

LOCAL_COUNT_SECONDS = 1.0
"""Seconds in which this process counts the rows of partitions. For most documents that is enough for all of them."""
REMOTE_WORKER_TIMEOUT = 600.0
"""Seconds without any worker after which a run on the cluster of a client fails; until then it may be growing."""
ALL_WORKERS_LOST = f"the Dask cluster has lost all its workers: they may have died {DIED_REPEATEDLY}"


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """Runs partitions on a cluster, or on a `client` that is connected already and stays open.

    On several machines the output must be the same for all: a shared folder or an object store.
    """

    cluster: Cluster | None = None
    client: Client | None = None
    _session_client: list[Client] = field(default_factory=list, repr=False, compare=False)
    """The client of the open session; empty if there is none."""

    def reach(self) -> None:
        """Raises RunError if the cluster cannot be reached. It is called before the output is locked."""
        if self.cluster is not None and self.client is None:
            self.cluster.reach()

    @contextmanager
    def session(self, on_event: Listener) -> Iterator[None]:
        with ExitStack() as stack:
            with _cluster_losses():
                client = stack.enter_context(self._connected(on_event))
            self._session_client.append(client)
            try:
                yield
            finally:
                self._session_client.remove(client)

    def run(self, batch: Batch, on_event: Listener) -> Generator[Receipt, None, None]:
        function = partial(write_partitions, batch.work, batch.site)
        plan = batch.work.plan
        with closing(self._run_tasks(plan.id, function, batch.partitions, on_event, plan.memory)) as results:
            try:
                for _, receipt in results:
                    yield receipt
            except ClusterLostError as error:
                raise RunError(f"{error}; continue with --resume when it is back") from None

    def counts(self, plan: Plan, partitions: Sequence[Partition], on_event: Listener = ignore) -> list[RowCounts]:
        """The exact rows of each partition. Workers count those for which this process would take long."""
        total = len(partitions)
        if in_order(plan):
            return counts_here(plan, while_counting(partitions, total, on_event))
        local: list[RowCounts] = []
        deadline = time.monotonic() + LOCAL_COUNT_SECONDS
        while len(local) < total and time.monotonic() < deadline:
            local += counts_here(plan, partitions[len(local) : len(local) + 1])
        rest = partitions[len(local) :]
        if not rest:
            return local
        counting = self.map_unordered(plan.id, partial(count, plan), rest)
        remote = {p.index: rows for p, rows in while_counting(counting, total, on_event, len(local))}
        return [*local, *(remote[partition.index] for partition in rest)]

    def map_unordered(
        self,
        name: str,
        function: PartitionFunction,
        partitions: Sequence[Any],
        on_event: Listener = ignore,
    ) -> Generator[tuple[Any, Any], None, None]:
        """Each partition (or anything with an `index`) with the result of the function, in order of completion.

        Raises RunError if a partition fails three times, or if the cluster is lost.
        """
        return self._run_tasks(name, MapPartitions(function), partitions, on_event)

    def _run_tasks(
        self, name: str, function: TaskFunction, partitions: Sequence[Any], on_event: Listener, memory: int = 0
    ) -> Generator[tuple[Any, Any], None, None]:
        """Each partition with its result, in order of completion. A task needs `memory` bytes; a worker whose threads
        together need more than its memory is refused.
        """
        with (
            _cluster_losses(),
            self._connected(on_event) as client,
            send_to_workers(client, name, function, memory) as plugin_name,
        ):
            window = TaskWindow(client, plugin_name, deque(partitions), on_event)
            patience = REMOTE_WORKER_TIMEOUT if self.cluster is None else self.cluster.patience
            waits_for = "the cluster of the client" if self.cluster is None else self.cluster.waits_for
            on_missing = partial(on_event, NoWorkers(patience, waits_for))
            window.count_workers()
            watch = WorkerWatch(
                window.count_workers, patience, on_missing, window.cancel_pending, window.start_backup_tasks
            )
            with watch.polling() as deserted:
                try:
                    yield from window.results()
                except CancelledError:
                    if deserted.is_set():
                        raise RunError(ALL_WORKERS_LOST) from None
                    raise ClusterLostError("the Dask cluster was lost") from None
                finally:
                    window.cancel()

    @contextmanager
    def _connected(self, on_event: Listener) -> Iterator[Client]:
        """A client of the cluster: that of the session or the given one, else a new one for the block."""
        client = self._session_client[0] if self._session_client else self.client
        if client is not None:
            yield client
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

    with suppress(ValueError, AttributeError, *CLUSTER_GONE):
        if not client.run_on_scheduler(served):
            return ""
    return (client.dashboard_link or "").replace("//127.0.0.1:", "//localhost:")  # the origin that bokeh allows


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
