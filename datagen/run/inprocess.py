"""Runs one partition after the other in this process: nothing to start, right for small jobs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from datagen.engine.counting import counts_here
from datagen.run.task import run_partition

if TYPE_CHECKING:
    from datagen.engine.census import Counted
    from datagen.plans.plan import Partition, Plan
    from datagen.run.events import Listener
    from datagen.run.receipt import Receipt
    from datagen.run.runner import Batch


class InProcess:
    """The runner without a cluster."""

    def counts(self, plan: Plan, partitions: Sequence[Partition]) -> list[Counted]:
        return counts_here(plan, partitions)

    def run(self, batch: Batch, listen: Listener) -> Generator[Receipt, None, None]:
        for partition in batch.partitions:
            yield run_partition(batch.work, partition, batch.site)
