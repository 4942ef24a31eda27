"""The task of a run on a Dask worker: it makes partitions one after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from distributed import Status, Worker, get_worker, secede  # noqa: TID253 - for those who want Dask

from datagen.runtime.task import run_partition

if TYPE_CHECKING:
    from datagen.planning.plan import Partition
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work

_PUBLISHING: WeakKeyDictionary[Worker, threading.BoundedSemaphore] = WeakKeyDictionary()
"""For each worker of this process, the places for tasks that publish files while the next ones are generated."""


def write_partitions(work: Work, site: OutputSite, partitions: Sequence[Partition]) -> list[Receipt]:
    """Generate partitions one after another. Each is published while the next one is generated, and the last one while
    the worker's next task is.

    Raises the first error of a partition; those after it are not begun.
    """
    last = len(partitions) - 1
    turns = [threading.Event() for _ in range(last + 2)]
    turns[0].set()
    failed = threading.Event()

    @contextmanager
    def next_begins(number: int) -> Iterator[None]:
        turns[number + 1].set()
        yield

    def one(number: int) -> Receipt | None:
        turns[number].wait()
        try:
            if failed.is_set():
                return None
            aside = _next_task_begins if number == last else lambda: next_begins(number)
            return run_partition(work, partitions[number], site, aside)
        except BaseException:
            failed.set()
            raise
        finally:
            turns[number + 1].set()

    with ThreadPoolExecutor(2) as threads:
        before = [threads.submit(one, number) for number in range(last)]
        receipt = one(last)
        receipts = [*(future.result() for future in before), receipt]
    return [receipt for receipt in receipts if receipt is not None]


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
