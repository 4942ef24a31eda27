"""The task of a run on a Dask worker: it makes partitions one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from distributed import Status, Worker, get_worker, secede  # noqa: TID253 - for those who want Dask

from datagen.runtime.executors.dask_plugin import task_goes_on
from datagen.runtime.task import run_partition

if TYPE_CHECKING:
    from datagen.planning.plan import Partition
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work

_PUBLISHING: WeakKeyDictionary[Worker, threading.BoundedSemaphore] = WeakKeyDictionary()
"""For each worker of this process, the places for tasks that publish files while the next task generates."""


def write_partitions(work: Work, site: OutputSite, partitions: Sequence[Partition]) -> list[Receipt]:
    """Generate partitions one after another. Each is published while the next one is generated, and the last one while
    the worker's next task is.

    A task that takes too long, or whose worker leaves, begins no further partition: there are receipts of the first
    partitions, at least of one. Raises the first error of a partition; those after it are not begun.
    """
    return _PartitionSequence(work, site, partitions).receipts()


@dataclass(slots=True)
class _PartitionSequence:
    """The partitions of a task, and what became of them, by their number in the task."""

    work: Work
    site: OutputSite
    partitions: Sequence[Partition]
    goes_on: Callable[[], bool] = field(default_factory=task_goes_on)
    over: threading.Event = field(default_factory=threading.Event)
    turns: list[threading.Event] = field(default_factory=list)
    done: dict[int, Receipt] = field(default_factory=dict)
    errors: dict[int, BaseException] = field(default_factory=dict)

    def receipts(self) -> list[Receipt]:
        last = len(self.partitions) - 1
        self.turns += [threading.Event() for _ in range(last + 2)]
        self.turns[0].set()
        # a worker that ends does not wait for daemon threads: the store may never answer
        threads = [threading.Thread(target=self._make_alternate, args=(n,), daemon=True) for n in range(min(2, last))]
        for thread in threads:
            thread.start()
        self._make(last, _secede)
        for thread in threads:
            thread.join()
        if self.errors:
            raise self.errors[min(self.errors)]
        return [self.done[number] for number in sorted(self.done)]

    def _make_alternate(self, first: int) -> None:
        """Make every other partition from the given number on, but not the last one, in a thread of its own."""
        for number in range(first, len(self.partitions) - 1, 2):
            self._make(number, partial(self._next_begins, number))

    def _make(self, number: int, aside: Callable[[], AbstractContextManager[None]]) -> None:
        self.turns[number].wait()
        try:
            if number and not self.goes_on():
                self.over.set()
            if not self.over.is_set():
                self.done[number] = run_partition(self.work, self.partitions[number], self.site, aside)
        except BaseException as error:  # noqa: BLE001 - it is raised when the other threads are done
            self.errors[number] = error
            self.over.set()
        finally:
            self.turns[number + 1].set()

    @contextmanager
    def _next_begins(self, number: int) -> Iterator[None]:
        self.turns[number + 1].set()
        yield


@contextmanager
def _secede() -> Iterator[None]:
    """Give the worker's thread to its next task. As many tasks as it has threads can be in this block at a time.

    A worker that leaves begins no further task. It waits for its threads with the lock that `secede` needs.
    """
    worker = get_worker()
    with _PUBLISHING.setdefault(worker, threading.BoundedSemaphore(worker.state.nthreads)):
        if worker.status == Status.running:
            secede()
        yield
