"""Plans a few rows of each family, to find documents that no machine could generate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from datagen.analysis import analyze_or_raise
from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import INT, Block, Ints
from datagen.engine.cell_bounds import Bounds
from datagen.engine.execute import execute, root_block
from datagen.engine.memory_budget import USUAL_MEMORY, one_row
from datagen.engine.planner import AT_ONCE_IN_PLAN, CountedAtOnce, PlanEstimates, PlanSettings, planned
from datagen.engine.program import EstimatingProgram
from datagen.engine.recompute import MOST_KEPT
from datagen.engine.row_counts import ENOUGH, MOST_SAMPLED, SIMULATED, Counts, RowCounter, RowLimitReached, spread_out
from datagen.errors import PlanError, Problem, SchemaError, ValueFault
from datagen.kinds.generators.base import Extent, Generator, Numeric
from datagen.planning.steps import Step
from datagen.random.streams import MOST_AT_ONCE
from datagen.schema.problems.ordering import in_order
from datagen.schema.reading.read import Schema, read_tolerant

_LONG, _MOST = 19, 2.0**63
"""Digits, and a magnitude, that every cell has room for."""
_TRIED = 1_000
"""The most root rows that are made to see whether cells fit; fewer where many rows are below them."""
_COUNTED = CountedAtOnce(50_000, 2_000_000, 200_000, 200_000)
"""Sizes that are counted exactly within some tenths of a second."""


def check(source: Any) -> tuple[Problem, ...]:
    """Every problem of a document: its shape, its meaning, and planning it at scale 1."""
    try:
        model = analyze_or_raise(read_tolerant(source))
    except SchemaError as error:
        return error.problems
    return unplannable(model)


def unplannable(model: SemanticModel) -> tuple[Problem, ...]:
    """The problems of planning a document that is otherwise valid: unbounded rates, tables that do not fit."""
    try:
        found = list(DryRun(model).problems())
    except (PlanError, ValueFault) as error:
        found = [_problem(error)]
    schema: Schema = model.schema
    return in_order(found, schema.raw, schema.lines)


class DryRun:
    """The dry run of one document."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self.program = EstimatingProgram(model, model.document.seed, 1.0, {}, {})

    def problems(self) -> Iterator[Problem]:
        """The problems of each table. Problems that follow from another one are left out."""
        for attempt in (
            self._sources,
            self._samples,
            self._budgets,
            self._columns,
            self._planned,
            self._failing,
            self._cells,
        ):
            found = list(attempt())
            yield from found
            if found:
                return

    def _sources(self) -> Iterator[Problem]:
        for name in self.program.table_programs:
            yield from self._tried(partial(self._source, name))

    def _samples(self) -> Iterator[Problem]:
        below: Counts = {}
        for root in self.program.families:
            yield from self._tried(partial(self._sampled, root, below))
        self.program.sizes.update({name: rows for name, rows in below.items() if rows > MOST_KEPT})

    def _budgets(self) -> Iterator[Problem]:
        for name in self.program.table_programs:
            if self.model.tables[name].rows.row_budget is not None:
                yield from self._tried(partial(self.program.within_budget, name))

    def _columns(self) -> Iterator[Problem]:
        for name, program in self.program.table_programs.items():
            for column in self.model.tables[name].columns:
                yield from self._tried(partial(program.fills.__getitem__, column))

    def _planned(self) -> Iterator[Problem]:
        """Problems that only a plan can find: memory, partitions, unique values. Rows are counted exactly if they are
        few, or if an estimate is close to a limit.
        """
        options = PlanSettings(self.program.seed, 1.0, memory=USUAL_MEMORY)
        yield from self._tried(partial(planned, self.program, options, _counts))

    def _failing(self) -> Iterator[Problem]:
        """Failures of the first or last root rows of each family, where values of other columns can end a run."""
        for root, tables in self.program.families.items():
            columns = ((name, one, made) for name in tables for one, made in self.model.tables[name].columns.items())
            failing = {Step(name, one) for name, one, made in columns if made.may_fail(self.model.column(name, one))}
            if failing:
                needed = self.program.steps_for(root, failing)
                found = self._tried(partial(self._first_cells, root, needed, _TRIED))
                yield from found or self._tried(partial(self._first_cells, root, needed, _TRIED, last=True))

    def _cells(self) -> Iterator[Problem]:
        """Columns of which cells have, or may have, more digits than there is room for: sums and random walks, whose
        size no distribution bounds. The first rows are made to see, except for roll-ups of all rows of another table.
        """
        for root, tables in self.program.families.items():
            for name in tables:
                columns = self.model.tables[name].columns.items()
                for step in (Step(name, one) for one, made in columns if self._unbounded(name, one, made)):
                    try:
                        first = self._first_cells(root, self.program.steps_for(root, {step}))
                    except (PlanError, ValueFault) as error:
                        yield _problem(error)
                    else:
                        yield from self._digits(step, first.get(name)) or self._later_digits(step, first)

    def _unbounded(self, table: str, column: str, made: Generator) -> bool:
        """Whether the cells of a column may not fit, if all rows were below one parent."""
        if (made.precision or _LONG) < _LONG:
            return True
        added = made.computed and not made.alone and not isinstance(made, Numeric)
        return added and _size(Bounds(self.program, {}).extent(table, column)) >= _MOST

    def _first_cells(
        self, root: str, needed: tuple[Step, ...], tried: int = SIMULATED[-1], *, last: bool = False
    ) -> dict[str, Block]:
        """At most `tried` first root rows of a family, or last, with all below and what they need; none where these are
        many or need a roll-up of another table.
        """
        if not self.program.tallied.isdisjoint((one.table, one.column or "") for one in needed):
            return {}
        total, counter = int(self.program.table_programs[root].source.total), RowCounter(self.program, root)
        for most in dict.fromkeys((tried, *reversed(SIMULATED))):
            ids = np.arange(max(total - most, 0), total) if last else np.arange(min(most, total))
            try:
                counter.sample(ids, ENOUGH)
            except RowLimitReached:
                continue
            first = {root: root_block(self.program.table_programs[root], int(ids[0]) if total else 0, ids)}
            execute(first, self.program.table_programs, needed, {})
            return first
        return {}

    def _digits(self, step: Step, block: Block | None) -> list[Problem]:
        """The problem of a column whose first cells have too many digits."""
        if block is None:
            return []
        cells = block.columns[step.column or ""]
        largest = _size(cells.data if cells.valid is None else cells.data[cells.valid])
        return self._too_long(step, largest, "cells of the first rows have up to {} digits", 1)

    def _later_digits(self, step: Step, first: Mapping[str, Block]) -> list[Problem]:
        """The problem of a column whose cells can have too many digits, by the largest parts and the most rows."""
        found = Bounds(self.program, first).extent(step.table, step.column or "")
        whole = self.model.type_of(step.table, step.column or "") == INT
        largest = _MOST if found is None and whole else _size(found)
        if (self._declared(step) or _LONG) >= _LONG and largest >= _MOST:
            keys = ("tables", step.table, "columns", step.column or "")
            hint = "use fewer decimals, fewer rows per parent, or a 'max'"
            return [Problem("too-large", keys, "the sum of many large parts does not fit in 64 bits", hint)]
        return self._too_long(step, largest, "with many rows or large parts cells can have up to {} digits", 0)

    def _too_long(self, step: Step, largest: float, message: str, more: int) -> list[Problem]:
        declared, digits = self._declared(step) or _LONG, len(f"{min(largest, _MOST):.0f}")
        if digits <= declared:
            return []
        keys = ("tables", step.table, "columns", step.column or "", "precision")
        return [Problem("range", keys, message.format(digits), f"write {digits + more} at least, or leave it out")]

    def _declared(self, step: Step) -> int | None:
        return self.model.tables[step.table].columns[step.column or ""].precision

    def _source(self, name: str) -> None:
        _ = self.program.table_programs[name].source

    def _tried(self, attempt: Callable[[], object]) -> list[Problem]:
        try:
            attempt()
        except (PlanError, ValueFault) as error:
            return [_problem(error)]
        return []

    def _sampled(self, root: str, below: Counts) -> None:
        """Add the estimated rows of each table of a family to `below`, as far as a few rows allow an estimate."""
        total = int(self.program.table_programs[root].source.total)
        counter, counts, size = RowCounter(self.program, root), Counts(), 1
        for most in SIMULATED if total else ():
            ids = spread_out(total, most)
            try:
                counts, size = counter.sample(ids, MOST_SAMPLED), len(ids)
            except RowLimitReached as error:
                _within_reach(root, {error.table: error.rows}, len(ids))
                one_row(self.model, root, {error.table: error.rows / len(ids)})
                break  # a large family: whether it fits depends on the memory
            _within_reach(root, counts, size)
            if sum(counts.values()) > ENOUGH:
                break
        if counts:
            one_row(self.model, root, {name: rows / size for name, rows in counts.items()})
        below.update({name: round(rows / size * total) for name, rows in counts.items()})


def _counts(estimated: PlanEstimates) -> bool:
    """Whether rows are counted: where a plan counts them, and either they are few or the counts may be refused."""
    return estimated.within(_COUNTED) or (estimated.within(AT_ONCE_IN_PLAN) and estimated.near)


def _within_reach(root: str, counts: Counts, size: int) -> None:
    """Raises PlanError if one root row has more rows below it than one block can hold."""
    for name, rows in counts.items():
        if rows / size > MOST_AT_ONCE:
            error = PlanError(
                f"each row of '{root}' has about {rows / size:.3g} rows of '{name}' below it, which are made "
                f"together (at most {MOST_AT_ONCE:,}); lower the number per parent, or put the table below one "
                f"that has more rows"
            )
            error.step = (name, None)
            raise error


def _size(numbers: Ints | Extent | None) -> float:
    """The largest magnitude; 0 of none."""
    return 0.0 if numbers is None else float(np.abs(np.asarray(numbers, np.float64)).max(initial=0.0))


def _problem(error: PlanError | ValueFault) -> Problem:
    message, _, hint = (error.reason if isinstance(error, ValueFault) else str(error)).partition("; ")
    table, column = error.step or (None, None)
    keys = (
        () if table is None else ("tables", table, "rows") if column is None else ("tables", table, "columns", column)
    )
    return Problem("unplannable", keys, message, hint)
