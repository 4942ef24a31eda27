"""Validation inside the tasks that generate: blocks are observed as they are made, states come back with the receipts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path

import pyarrow as pa

from datagen.checks.house import House
from datagen.engine.fill import let_go
from datagen.engine.make import blocks, program_of, tables_of
from datagen.engine.program import Program
from datagen.measures.base import Measure
from datagen.plans.plan import Partition, Plan
from datagen.quality.aligned import aligned
from datagen.quality.blocks import BlockSlice
from datagen.quality.observing import Merging, States, always_observed, needs_all, observed
from datagen.quality.report import Report
from datagen.quality.slices import FileSlice
from datagen.quality.source import found
from datagen.quality.suite import suite
from datagen.quality.validating import judged
from datagen.quality.view import View
from datagen.run.events import Event, Listener, PartitionDone
from datagen.schema.reading import read

EVERY = 48
"""One block in so many is observed, the first of each family always: the cost stays below a tenth of the run."""


@lru_cache(maxsize=4)
def _measures(program: Program) -> tuple[Measure, ...]:
    return suite(program)


def make_watched(plan: Plan, partition: Partition) -> Generator[dict[str, pa.Table], None, States]:
    """Like `datagen.engine.make.make`, returning at the end what the measures saw of the partition."""
    program = program_of(plan)
    measures = _measures(program)
    whole, first = any(map(needs_all, measures)), partition.start // plan.families[partition.family].block
    merging, parts = Merging(measures, count()), count()
    for number, made in enumerate(blocks(program, plan, partition), first):
        look = observed if number % EVERY == 0 else always_observed if whole else None
        if look is not None:
            merging.add(next(parts), look(measures, BlockSlice(program, plan, made)))
        yield {key: table for name, block in made.items() for key, table in tables_of(plan, name, block)}
        let_go(made.values())
    return merging.all()


@dataclass(slots=True)
class Watch:
    """Listens to a run in place of `listen`, which hears everything too, and gathers what its tasks saw."""

    plan: Plan
    listen: Listener
    merging: Merging
    seen: set[int]

    @classmethod
    def of(cls, plan: Plan, listen: Listener) -> Watch:
        merging = Merging(_measures(program_of(plan)), (partition.index for partition in plan.partitions))
        return cls(plan, listen, merging, set())

    def hear(self, event: Event) -> None:
        if isinstance(event, PartitionDone) and event.seen is not None:
            self.seen.add(event.index)
            self.merging.add(event.index, event.seen)  # type: ignore[arg-type]
        self.listen(event)

    def report(self, folder: str | Path) -> Report:
        """The report on the finished run in `folder`; partitions kept from an earlier one are read from their files."""
        house = House(read(self.plan.document))
        source = found(folder, house.tables)
        view = View(house, source, self.plan.seed)
        measures = suite(view.program)
        for piece in aligned(house, source):
            if piece.index not in self.seen:
                self.merging.add(piece.index, observed(measures, FileSlice(view, piece)))
        return judged(view, measures, self.merging.all())
