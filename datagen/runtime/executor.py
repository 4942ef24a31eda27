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
    """The partitions to do, the function that makes them, and the output."""

    work: Work
    partitions: Sequence[Partition]
    site: OutputSite


class Executor(Protocol):
    """Runs the partitions of a batch."""

    def session(self, on_event: Listener) -> AbstractContextManager[None]:
        """Keep the worker processes for several steps of one run. Without it each step starts its own."""

    def counts(self, plan: Plan, partitions: Sequence[Partition], on_event: Listener) -> Sequence[RowCounts]:
        """The exact rows of each partition of a plan with estimated counts."""

    def run(self, batch: Batch, on_event: Listener) -> Generator[Receipt, None, None]:
        """Run every partition of the batch and yield each receipt once.

        Closing the iterator early stops the work and leaves no process behind. Raises RunError if a partition fails.
        """
