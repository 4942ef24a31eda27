"""The task of a run on a Dask worker: it makes partitions one after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from distributed import Status, Worker, get_worker, secede  # noqa: TID253 - for those who want Dask

from datagen.runtime.task import run_partition

if TYPE_CHECKING:
    from datagen.planning.plan import Partition
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work

_PUBLISHING: WeakKeyDictionary[Worker, threading.BoundedSemaphore] = WeakKeyDictionary()
"""For each worker of this process, the places for tasks that publish files while the next task generates."""


def write_partitions(work: Work, site: OutputSite, partitions: Sequence[Partition]) -> list[Receipt]:
    """Generate partitions one after another. Each is published while the next one is generated, and the last one while
    the worker's next task is. Returns the receipts in the order of the partitions.

    Raises the first error of a partition; those after it are not begun.
    """
    last = len(partitions) - 1
    may_generate = [threading.Event() for _ in range(last + 2)]
    may_generate[0].set()
    failed = threading.Event()

    def publishing(number: int) -> AbstractContextManager[None]:
        if number == last:
            return _secede()
        may_generate[number + 1].set()
        return nullcontext()

    def write(number: int) -> Receipt | None:
        may_generate[number].wait()
        try:
            return (
                None if failed.is_set() else run_partition(work, partitions[number], site, lambda: publishing(number))
            )
        except BaseException:
            failed.set()
            raise
        finally:
            may_generate[number + 1].set()

    with ThreadPoolExecutor(2) as threads:  # one publishes, one generates
        futures = [threads.submit(write, number) for number in range(last)]
        last_receipt = write(last)  # in the thread of the task, which `_secede` gives to the worker's next task
        receipts = [*(future.result() for future in futures), last_receipt]
    return [receipt for receipt in receipts if receipt is not None]


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
