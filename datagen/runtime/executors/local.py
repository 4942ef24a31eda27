"""Runs partitions one after the other in this process."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from datagen.engine.exact_counts import counts_here
from datagen.runtime.events import WorkersChanged, ignore, while_counting
from datagen.runtime.task import run_partition

if TYPE_CHECKING:
    from datagen.engine.row_counts import RowCounts
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.events import Listener
    from datagen.runtime.executor import Batch
    from datagen.runtime.receipt import Receipt


class LocalExecutor:
    """Runs partitions in this process."""

    def session(self, on_event: Listener) -> AbstractContextManager[None]:
        return nullcontext()

    def counts(self, plan: Plan, partitions: Sequence[Partition], on_event: Listener = ignore) -> list[RowCounts]:
        return counts_here(plan, while_counting(partitions, len(partitions), on_event))

    def run(self, batch: Batch, on_event: Listener) -> Generator[Receipt, None, None]:
        on_event(WorkersChanged(1))
        for partition in batch.partitions:
            yield run_partition(batch.work, partition, batch.site)
