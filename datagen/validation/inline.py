"""Validation inside generating tasks: blocks are observed as they are made, and states are returned
with the receipts.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path

import pyarrow as pa

from datagen.engine.execute import release
from datagen.engine.generate import PartitionOutput, blocks, program_of
from datagen.engine.program import Program
from datagen.kinds.stores.base import Store
from datagen.planning.plan import Partition, Plan
from datagen.runtime.events import Event, Listener, PartitionDone
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.discovery import found
from datagen.validation.metrics.base import Metric
from datagen.validation.report.report import Report
from datagen.validation.slicing.by_partition import aligned
from datagen.validation.slicing.file_slice import FileSlice
from datagen.validation.slicing.in_memory import BlockSlice
from datagen.validation.states import States, TreeMerge, always_observed, needs_all, observed
from datagen.validation.suite import suite
from datagen.validation.validate import report_of

EVERY = 48
"""One block in this many is observed, and always the first of each family. The cost stays below a tenth of the run."""


@lru_cache(maxsize=4)
def _metrics(program: Program) -> tuple[Metric, ...]:
    return suite(program)


def make_watched(plan: Plan, partition: Partition) -> Generator[dict[str, pa.Table], None, States]:
    """Like `datagen.engine.generate.generate_partition`, returning the states of the metrics at the end."""
    program = program_of(plan)
    metrics = _metrics(program)
    whole, first = any(map(needs_all, metrics)), partition.start // plan.families[partition.family].block
    merging, parts, output = TreeMerge(metrics, count()), count(), PartitionOutput(program, plan)
    tables = plan.families[partition.family].tables
    for number, made in enumerate(blocks(program, plan, partition), first):
        look = observed if number % EVERY == 0 else always_observed if whole else None
        if look is not None:
            merging.add(next(parts), look(metrics, BlockSlice(program, plan, made), tables))
        yield output.tables(made)
        release(made.values())
    return merging.all()


@dataclass(slots=True)
class InlineValidation:
    """A listener of a run that forwards all events to `listener` and merges the states of its tasks."""

    plan: Plan
    listener: Listener
    merging: TreeMerge
    seen: set[int]

    @classmethod
    def of(cls, plan: Plan, listener: Listener) -> InlineValidation:
        merging = TreeMerge(_metrics(program_of(plan)), (partition.index for partition in plan.partitions))
        return cls(plan, listener, merging, set())

    def on_event(self, event: Event) -> None:
        if isinstance(event, PartitionDone) and event.seen is not None:
            self.seen.add(event.index)
            self.merging.add(event.index, event.seen)  # type: ignore[arg-type]
        self.listener(event)

    def report(self, folder: str | Path | Store) -> Report:
        """The report on the finished run in `folder`. Partitions kept from an earlier run are read from their files."""
        program = program_of(self.plan)
        source = found(folder, program.model.tables, program.faults)
        view = View(program.model, source, self.plan.seed)
        kept = [piece for piece in aligned(program.model, source) if piece.index not in self.seen]
        metrics = suite(view.program) if kept else _metrics(program)
        for piece in kept:
            self.merging.add(piece.index, observed(metrics, FileSlice(view, piece), view.families[piece.root]))
        return report_of(view, metrics, self.merging.all())
