"""Sends a plan once to each worker, also to late ones, and refuses workers with other versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Client, WorkerPlugin, get_worker  # noqa: TID253 - imported by the Dask runner only
from distributed.protocol.pickle import dumps, loads  # noqa: TID253

from datagen.errors import RunError
from datagen.planning.explain import human_bytes
from datagen.runtime.versions import difference, versions

if TYPE_CHECKING:
    from distributed import Worker

    from datagen.planning.plan import Partition

Errand = Callable[["Partition"], Any]
"""What a worker does with each partition: a function of a module, with the plan bound to it."""


class PlanPlugin(WorkerPlugin):
    """The errand of one run, unpacked once per worker.

    The scheduler hands a plugin to every worker there is and to every one that joins later. Nothing fails in `setup`,
    because a failure of a late joiner would be heard by nobody: it is told by the first task instead.
    """

    def __init__(self, name: str, errand: Errand, memory: int = 0) -> None:
        self.name, self.memory = name, memory
        self.versions: Mapping[str, str] = versions()
        self.packed: bytes = dumps(errand)
        self.refusal: str | None = None
        self.errand: Errand | None = None

    def setup(self, worker: Worker) -> None:
        theirs = versions(self.versions)
        self.refusal = refusal(self.versions, theirs, str(worker.address)) or _too_small(worker, self.memory)
        if self.refusal is None:
            try:
                self.errand = loads(self.packed)
            except Exception as error:  # noqa: BLE001 - whatever it is, the first task tells it
                self.refusal = f"worker {worker.address} cannot read the plan: {error!r}"
        self.packed = b""


@contextmanager
def ship(client: Client, plan_id: str, errand: Errand, memory: int = 0) -> Iterator[str]:
    """Give every worker the errand for the time of a run; yields the name to find it by. A task takes `memory` bytes.

    Raises RunError if a worker cannot load this package or has other versions of what decides the bytes.
    """
    name = f"datagen-{plan_id[:12]}-{os.urandom(8).hex()}"
    try:
        _check_workers(client)
        client.register_plugin(PlanPlugin(name, errand, memory), name=name)
    except (ImportError, AttributeError) as error:
        raise RunError(
            f"a worker of the cluster cannot load this datagen ({error}); install {_ours()} there"
        ) from error
    try:
        yield name
    finally:
        if client.status == "running":
            with suppress(OSError, RuntimeError, CancelledError):  # a scheduler that is gone keeps nothing of ours
                client.unregister_worker_plugin(name)


def _check_workers(client: Client) -> None:
    """Refuse a cluster with a worker whose versions differ, naming both."""
    ours = versions()
    for address, theirs in client.run(versions, tuple(ours)).items():
        problem = refusal(ours, theirs, address)
        if problem:
            raise RunError(problem)


def work_on(shipment: str, partition: Partition) -> Any:
    """The task that a worker runs: the errand that was shipped ahead, for one partition."""
    plugin = get_worker().plugins.get(shipment)
    if plugin is None:
        raise LookupError(f"worker {get_worker().address} was given no plan: its run is over")
    assert isinstance(plugin, PlanPlugin)
    if plugin.refusal is not None:
        raise RunError(plugin.refusal)
    assert plugin.errand is not None
    return plugin.errand(partition)


def refusal(ours: Mapping[str, str], theirs: Mapping[str, str], worker: str) -> str | None:
    """Why a worker must not take part; None if it may."""
    differ = difference(ours, theirs)
    if differ is None:
        return None
    return f"worker {worker} has {differ[1]}, this run {differ[0]}: one run never mixes versions; install the same"


def _too_small(worker: Worker, memory: int) -> str | None:
    """Why the tasks that a worker carries out at once do not fit into its memory; None if they do, or have no limit."""
    threads, limit = worker.state.nthreads, worker.memory_manager.memory_limit
    if not memory or not limit or memory * threads <= limit:
        return None
    fitting = f"--nthreads {limit // memory}" if limit >= memory else f"at least {human_bytes(memory)}"
    return (
        f"worker {worker.address} has {threads} thread{'s' * (threads != 1)} and {human_bytes(limit)} of memory, and each thread takes a task "
        f"of {human_bytes(memory)}: start it with {fitting}, or lower --partition-rows"
    )


def _ours() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())
