"""The interface of an executor: it runs partitions in any order and yields a receipt for each."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datagen.engine.row_counts import RowCounts
    from datagen.planning.plan import Partition, Plan
    from datagen.runtime.events import Listener
    from datagen.runtime.receipt import Receipt
    from datagen.runtime.task import OutputSite, Work


@dataclass(frozen=True, slots=True)
class Batch:
    """The partitions still to do, what makes them and where they go."""

    work: Work
    partitions: Sequence[Partition]
    site: OutputSite


class Executor(Protocol):
    """Somewhere to run."""

    def held(self, listen: Listener) -> AbstractContextManager[None]:
        """Keep the processes for several steps of one run; without it each step starts its own."""

    def counts(self, plan: Plan, partitions: Sequence[Partition]) -> Sequence[RowCounts]:
        """The exact rows of each partition of a plan that was made from a sample."""

    def run(self, batch: Batch, listen: Listener) -> Generator[Receipt, None, None]:
        """Carry out every partition of the batch, yielding each receipt once.

        Closing the iterator early stops the work and leaves no process behind. Raises RunError when a partition cannot
        be made.
        """
