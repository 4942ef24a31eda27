"""Sends a plan once to each worker, also to late ones, and refuses workers with other versions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from distributed import Client, Status, WorkerPlugin, get_worker  # noqa: TID253 - imported by the Dask runner only
from distributed.protocol.pickle import dumps, loads  # noqa: TID253

from datagen.byte_sizes import format_size
from datagen.errors import RunError
from datagen.runtime.versions import difference, versions

if TYPE_CHECKING:
    from distributed import Worker

    from datagen.planning.plan import Partition

_T = TypeVar("_T")
PartitionFunction = Callable[["Partition"], Any]
"""A module-level function of one partition, with the plan bound to it."""
TaskFunction = Callable[[Sequence["Partition"]], list[Any]]
"""The function that a worker calls with the partitions of a task. It returns the results of the first of them, at least
of one; the others are made by another task.
"""
MAX_TASK_SECONDS = 4.0
"""A task begins no further partition after this time: its partitions take longer than those before it."""


def task_goes_on() -> Callable[[], bool]:
    """Whether the task that calls this may begin a further partition: it has time left, and its worker stays."""
    worker, deadline = get_worker(), time.monotonic() + MAX_TASK_SECONDS
    return lambda: worker.status == Status.running and time.monotonic() < deadline


@dataclass(frozen=True, slots=True)
class MapPartitions:
    """A task that calls a function with each of its partitions."""

    function: PartitionFunction

    def __call__(self, partitions: Sequence[Partition]) -> list[Any]:
        goes_on, results = task_goes_on(), list[Any]()
        for partition in partitions:
            if results and not goes_on():
                break
            results.append(self.function(partition))
        return results

    def close(self) -> None:
        """Close the function, if it holds files."""
        close = getattr(self.function, "close", None)
        if close is not None:
            close()


class PlanPlugin(WorkerPlugin):
    """The task function of one run, unpickled once per worker, by its first task.

    The scheduler sends a plugin to every worker, including late ones. `setup` never fails, because the failure of a
    late worker is not reported: its first task reports it instead. It imports nothing, either: a worker that joins
    hears nothing from the scheduler before it has returned, and may have a time limit for its start.
    """

    def __init__(self, name: str, function: TaskFunction, memory: int = 0) -> None:
        self.name, self.memory = name, memory
        self.versions: Mapping[str, str] = versions()
        self.pickled: bytes = dumps(function)
        self.refusal: str | None = None
        self.function: TaskFunction | None = None

    def setup(self, worker: Worker) -> None:
        theirs = versions(self.versions)
        self.refusal = refusal(self.versions, theirs, str(worker.address)) or _too_small(worker, self.memory)
        self.loading = threading.Lock()

    def loaded(self, address: str) -> TaskFunction:
        """The task function. Raises RunError if the worker at this address must not take part or cannot load it."""
        with self.loading:
            if self.function is None and self.refusal is None:
                try:
                    self.function = loads(self.pickled)
                except Exception as error:  # noqa: BLE001 - whatever it is, the task tells it
                    self.refusal = f"worker {address} cannot read the plan: {error!r}"
                self.pickled = b""
        if self.function is None:
            raise RunError(self.refusal or "")
        return self.function

    def teardown(self, worker: Worker) -> None:
        """Close the function, if it holds files."""
        if isinstance(self.function, MapPartitions):
            self.function.close()


ANSWER_SECONDS = 30.0
"""Seconds that workers have to answer a question to all of them: one that hangs does not answer."""
RETRY_PAUSES = (0.2, 1.0, 5.0)
"""Seconds before workers are asked again: one that dies at this moment makes the question to all of them fail."""
FORGET_SECONDS = 5.0
"""Seconds that workers have to forget a plan at the end of a run."""


@contextmanager
def send_to_workers(client: Client, plan_id: str, function: TaskFunction, memory: int = 0) -> Iterator[str]:
    """Send the function to every worker for the duration of a run; yields the name of its plugin.

    A task needs `memory` bytes. Raises RunError if a worker cannot import this package, or has other versions of
    packages that decide values or files.
    """
    name = f"datagen-{plan_id[:12]}-{os.urandom(8).hex()}"
    try:
        _check_workers(client)
        _ask_all(lambda: client.register_plugin(PlanPlugin(name, function, memory), name=name), client)
    except (ImportError, AttributeError) as error:
        raise RunError(
            f"a worker of the cluster cannot load this datagen ({error}); install {_versions_text()} there"
        ) from error
    try:
        yield name
    finally:
        if client.status == "running":
            forgetting = threading.Thread(target=_forget, args=(client, name), daemon=True)
            forgetting.start()
            forgetting.join(FORGET_SECONDS)  # a worker that hangs never answers


def _forget(client: Client, name: str) -> None:
    with suppress(Exception):  # a lost scheduler keeps nothing
        client.unregister_worker_plugin(name)


def _check_workers(client: Client) -> None:
    """Refuse a cluster with a worker whose versions differ. The message names both versions."""
    ours = versions()
    answers = _ask_all(lambda: client.run(versions, tuple(ours)), client) or {}
    for address, theirs in answers.items():
        problem = refusal(ours, theirs, address)
        if problem:
            raise RunError(problem)


def _ask_all(ask: Callable[[], _T], client: Client) -> _T | None:
    """The answers of all workers; None if one of them hangs. Its first task then tells what it would have answered."""
    for pause in (*RETRY_PAUSES, None):
        try:
            return _call_with_timeout(ANSWER_SECONDS, ask)
        except TimeoutError:
            return None
        except OSError:
            if pause is None or client.status != "running":
                raise
        time.sleep(pause)
    return None


def _call_with_timeout(seconds: float, ask: Callable[[], _T]) -> _T:
    """The result of a call. Raises TimeoutError if it takes longer; then it goes on in its thread."""
    answer: Future[_T] = Future()

    def call() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is asked for
            answer.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return answer.result(seconds)


def run_on_worker(plugin_name: str, partitions: Sequence[Partition]) -> tuple[list[Any], float]:
    """The task of a worker: a result for each partition, and the seconds that all of them took.

    Raises LookupError if the worker has no plan, RunError if it must not take part, and any error of the function.
    """
    plugin = get_worker().plugins.get(plugin_name)
    if plugin is None:
        raise LookupError(f"worker {get_worker().address} was given no plan: its run is over")
    assert isinstance(plugin, PlanPlugin)
    function = plugin.loaded(str(get_worker().address))
    start = time.monotonic()
    return function(partitions), time.monotonic() - start


def refusal(ours: Mapping[str, str], theirs: Mapping[str, str], worker: str) -> str | None:
    """Why a worker must not take part; None if it may."""
    differ = difference(ours, theirs)
    if differ is None:
        return None
    return f"worker {worker} has {differ[1]}, this run has {differ[0]}: a run cannot mix versions; install the same"


def _too_small(worker: Worker, memory: int) -> str | None:
    """Why the concurrent tasks of a worker exceed its memory; None if they fit or there is no limit."""
    threads, limit = worker.state.nthreads, worker.memory_manager.memory_limit
    if not memory or not limit or memory * threads <= limit:
        return None
    fitting = f"--nthreads {limit // memory}" if limit >= memory else f"at least {format_size(memory)}"
    return (
        f"worker {worker.address} has {threads} thread{'s' * (threads != 1)} and {format_size(limit)} of memory, "
        f"and each thread runs a task of {format_size(memory)}: start it with {fitting}, or lower --partition-rows"
    )


def _versions_text() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())
