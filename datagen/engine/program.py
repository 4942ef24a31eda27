"""A document compiled for one seed and scale: row sources and column functions, bound on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from datagen.analysis.correlation_matrix import CorrelationMatrix
from datagen.analysis.dependencies import needs_graph
from datagen.analysis.row_filters import costs_alone, filter_columns
from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Block, Column, Ints, Words
from datagen.engine.budgets import MOST_COSTED, BudgetedRows, check_size, last_hours
from datagen.engine.effect_index import EffectIndex
from datagen.engine.execute import TableProgram, errors_at
from datagen.engine.filtered_rows import FilteredRows
from datagen.engine.planned_scope import PlannedScope
from datagen.engine.recompute import MOST_KEPT, Recompute, blocks, scan
from datagen.engine.row_counts import ENOUGH, MOST_SAMPLED, RowCounter, RowLimitReached, count_to, spread_out
from datagen.engine.table_plans import faulty, table_plan
from datagen.engine.time_grid import grid_of
from datagen.errors import PlanError
from datagen.kinds.generators.base import Fill
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.row_sources.base import Children, Roots
from datagen.planning.steps import Graph, Step, closure, ordered
from datagen.point_process.effects import Grid
from datagen.random.gaussian_copula import cholesky, correlated
from datagen.random.streams import Stream
from datagen.scope import ForeseenRows, Simulation

if TYPE_CHECKING:
    from datagen.engine.faults import TableFaults

_COSTED = 100_000
"""About the most rows, and the most root rows, whose costs are added up at once."""
_SAMPLES = (8, 64, 512)
"""Root rows by which the rows of a table below them are estimated."""


class Program:
    """`sizes` are known row counts besides those of root tables; `frozen` are values resolved while planning."""

    def __init__(
        self, model: SemanticModel, seed: int, scale: float, sizes: Mapping[str, int], frozen: Mapping[str, Any]
    ) -> None:
        self.model = model
        self.seed = seed
        self.scale = scale
        self.sizes = dict(sizes)
        self.frozen = dict(frozen)
        self.effects = EffectIndex(self)
        self.cached: dict[tuple[str, str], Column] = {}
        self.identities: dict[str, Words] = {}
        self.counted: dict[str, Ints] = {}
        """The rows of tables with budgets below each row of a root table."""
        self.looked_up: set[tuple[str, str]] = set()
        self.stays: dict[str, float] = {}
        """The mean number of stays of processes below a row of each root table, where it was computed."""
        self.samples: dict[tuple[tuple[str, ...], bytes, float], dict[str, int]] = {}
        self.trajectories: dict[str, dict[int, dict[str, int]]] = {}
        self.tallied: set[tuple[str, str]] = set()
        """Columns that keep a figure for each row of their table, made of all rows of another."""
        self.referred: set[str] = set()
        """Child tables that carry behaviors for rows which refer to them."""
        self._correlated: dict[str, Mapping[tuple[str, ...], Stream]] = {}
        self._processes: dict[tuple[str, str], Simulation] = {}
        self._candidates: dict[str, ForeseenRows] = {}
        self.table_programs = {name: self._table_program(name) for name in model.tables}

    @cached_property
    def grid(self) -> Grid:
        return grid_of(self.model)

    @cached_property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        """Root tables, each with its tables in tree order."""
        children: dict[str | None, list[str]] = {}
        for name, table in self.model.tables.items():
            children.setdefault(table.parent, []).append(name)
        return {root: tuple(_tree(root, children)) for root in children.get(None, ())}

    def stream(self, *names: str) -> Stream:
        """The random stream of these names. Documents with different names share no values, whatever their seeds."""
        return Stream.named(self.seed, self.model.document.name, *names)

    def correlated(self, table: str) -> Mapping[tuple[str, ...], Stream]:
        """The streams of a table that are correlated, by column and the path below it."""
        if table not in self._correlated:
            self._correlated[table] = self._correlate(table)
        return self._correlated[table]

    def _correlate(self, table: str) -> Mapping[tuple[str, ...], Stream]:
        declared = self.model.tables[table].correlations
        if not declared:
            return {}
        matrix = CorrelationMatrix.of(declared)
        paths = [(name, *self._inverted(table, name)) for name in matrix.columns]
        own = [self.stream(table, *path) for path in paths]
        return dict(zip(paths, correlated(own, cholesky(matrix.rows)), strict=True))

    def _inverted(self, table: str, column: str) -> tuple[str, ...]:
        path = self.model.tables[table].columns[column].inversion(self.model.column(table, column))
        assert isinstance(path, tuple), f"{table}.{column} passed the checks without a stream: {path}"
        return path

    def root_of(self, table: str) -> str:
        return self.model.tables[table].root

    def column_scope(self, table: str, column: str) -> PlannedScope:
        return PlannedScope(self, self.model.column(table, column))

    def rows_scope(self, table: str) -> PlannedScope:
        return PlannedScope(self, self.model.rows(table), ("rows",))

    def behavior_scope(self, table: str, number: int, grid: Grid | None = None) -> PlannedScope:
        """The scope of a behavior; `grid` is the grid of its target."""
        path = ("behaviors", _lasting_name(self.model, table, number))
        return PlannedScope(self, self.model.behavior(table, number), path, grid)

    def process(self, table: str, name: str) -> Simulation:
        """A process of a table, bound once, so that all its consumers see the same trajectory."""
        if (table, name) not in self._processes:
            scope = PlannedScope(self, self.model.process(table, name), ("processes", name))
            self._processes[table, name] = self.model.tables[table].processes[name].simulation(scope)
        return self._processes[table, name]

    def candidates(self, table: str) -> ForeseenRows:
        """The rows of a table that are known before a process of its parent, bound once."""
        if table not in self._candidates:
            self._candidates[table] = self.model.tables[table].rows.candidates(self.rows_scope(table))
        return self._candidates[table]

    def _table_program(self, name: str) -> TableProgram:
        table = self.model.tables[name]
        return TableProgram(
            name, table.parent, lambda: self._source(name), _LazyFills(table.columns, self._fill(name)), table.rows.time
        )

    def _source(self, name: str) -> Roots | Children:
        rows, scope = self.model.tables[name].rows, self.rows_scope(name)
        source = rows.bind(scope, self.scale)
        text, budget = rows.row_filter, rows.row_budget
        if text is None and budget is None:
            return source
        condition = cache(lambda: scope.expression(text)) if text is not None else None
        columns, fills = filter_columns(self.model, name), self.table_programs[name].fills
        found = FilteredRows(cast("Children", source), name, condition, columns, fills, rows.time)
        if budget is None:
            return found
        kept = budget.bind(scope, lambda limits: self.budget_ends(name, limits))
        known = partial(self.counted.get, name)
        return replace(found, budget=kept, costs_alone=costs_alone(self.model, name), known=known)

    def budget_ends(self, name: str, limits: Ints) -> Mapping[str, int]:
        """When the rows of a table end that refer to each row whose budget is spent. Raises PlanError."""
        self.within_budget(name)
        above, source = self.model.tables[name].parent or "", self.table_programs[name].source
        root = self.root_of(name)
        needed = {Step(above)} | set(self.graphs[root][Step(name)])
        few = _COSTED * self.rows_in(root) // max(self.about(name), 1)
        costs = (source.costs(parents) for parents in blocks(self, above, needed, min(max(few, 1), _COSTED)))
        if self.model.tables[above].parent is not None or self.rows_in(above) > MOST_COSTED:
            return last_hours(limits, costs)
        rows = BudgetedRows()
        ends = last_hours(limits, rows.noted(costs))
        self.counted[name] = rows.kept(ends)
        return ends

    def _fill(self, table: str) -> Callable[[str], Fill]:
        def fill(column: str) -> Fill:
            with errors_at(table, column):
                return bind_generator(self.model.tables[table].columns[column], self.column_scope(table, column))

        return fill

    @cached_property
    def faults(self) -> Mapping[str, TableFaults]:
        """The faults of each table that has some."""
        return {name: self._faults(name) for name in faulty(self.model)}

    def _faults(self, table: str) -> TableFaults:
        planned = table_plan(self.model, table, 0)
        assert planned.clean is not None
        from datagen.engine.faults import TableFaults  # start-up: only tables with faults need it

        declared = self.model.document.faults[table]
        types = [fault.type for fault in declared]
        scopes = [
            (
                fault,
                PlannedScope(self, self.model.fault(table, i), ("faults", f"{types[i]} {types[:i].count(types[i])}")),
            )
            for i, fault in enumerate(declared)
        ]
        return TableFaults.of(table, (planned.clean, planned.schema), self.model.tables[table].identity, scopes)

    def rows_in(self, table: str) -> int:
        """The number of rows of a table: of a root table from its source, of any other once counted."""
        if self.model.tables[table].parent is None:
            return int(self.table_programs[table].source.total)
        if table not in self.sizes:
            self.sizes.update(count_to(self, table))
        return self.sizes[table]

    def within_budget(self, table: str) -> None:
        """Raises PlanError if a table has too many rows for a budget of them."""
        with errors_at(table, None):
            check_size(table, self.about(table))

    @cached_property
    def _estimating(self) -> EstimatingProgram:
        return EstimatingProgram(self.model, self.seed, self.scale, {}, {})

    def about(self, table: str) -> int:
        """About how many rows a table has, for limits that `check` and `plan` apply alike."""
        return self._estimating.about(table)

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        """A function from times to the number of rows of a root table created by then. Raises PlanError."""
        source = self.table_programs[table].source
        if not hasattr(source, "existing"):
            raise PlanError(f"'{table}' has a parent, so its rows are not ordered by time")
        return source.existing  # type: ignore[no-any-return]

    def recomputed(self, table: str, column: str) -> Callable[[Ints], Column]:
        """A function from row indices of a table to the values of a column."""
        return Recompute(self, table, column)

    def scan(self, table: str, columns: tuple[tuple[str, str], ...]) -> Callable[[], Iterator[Block]]:
        """A function that goes through all rows of a table with these columns filled. Raises PlanError."""
        return scan(self, table, columns)

    @cached_property
    def graphs(self) -> Mapping[str, Graph]:
        """The dependencies of every step, per family."""
        return {root: self._graph(tables) for root, tables in self.families.items()}

    @cached_property
    def dependencies(self) -> Graph:
        """The dependencies of every step, on those of other families and on what behaviors of chosen rows read, too."""
        graph = dict(self._graph(tuple(self.model.tables)))
        for (table, column), needs in needs_graph(self.model).items():
            graph[Step(table, column)] |= {Step(*need) for need in needs}
        return graph

    def _graph(self, tables: tuple[str, ...]) -> Graph:
        graph: dict[Step, frozenset[Step]] = {}
        for name in tables:
            table = self.model.tables[name]
            above = {Step(one) for one in (table.parent, table.rows.after) if one in tables}
            needs = self.model.needs_of(name, None) | self.effects.needs(name)
            if table.parent is not None and table.rows.follows is not None:
                needs |= self.effects.followed(table.parent, table.rows.follows)
            for column in filter_columns(self.model, name):
                needs |= {need for need in self.effects.needs(name, column) if need[0] != name}
            graph[Step(name)] = frozenset(above | self._steps(tables, needs))
            for column in table.columns:
                needs = self.model.needs_of(name, column) | self.effects.needs(name, column)
                graph[Step(name, column)] = frozenset({Step(name)} | self._steps(tables, needs))
        return graph

    def _steps(self, tables: tuple[str, ...], needs: frozenset[tuple[str, str]]) -> set[Step]:
        """The dependencies within the tables. Values of other families are recomputed."""
        return {Step(table, column) for table, column in needs if table in tables}

    @cached_property
    def steps(self) -> Mapping[str, tuple[Step, ...]]:
        """All steps of each family in execution order."""
        return {root: ordered(graph) for root, graph in self.graphs.items()}

    @cached_property
    def _positions(self) -> Mapping[Step, int]:
        """The position of each step in the execution order of its family."""
        return {step: position for steps in self.steps.values() for position, step in enumerate(steps)}

    def steps_for(self, root: str, targets: set[Step]) -> tuple[Step, ...]:
        """The targets and the steps that they depend on, in execution order."""
        return tuple(sorted(closure(self.graphs[root], targets), key=self._positions.__getitem__))

    def bind_all(self) -> None:
        """Bind everything now, so that errors are found before a run."""
        for name, program in self.table_programs.items():
            _ = program.source
            for column in self.model.tables[name].columns:
                _ = program.fills[column]


class EstimatingProgram(Program):
    """A program that counts small tables only and estimates the rows of large ones, without budgets of rows."""

    @cached_property
    def _estimates(self) -> dict[str, int]:
        return {}

    def rows_in(self, table: str) -> int:
        if self.model.tables[table].parent is not None and table not in self.sizes:
            guess = self.about(table)
            self.sizes.update({table: guess} if guess > MOST_KEPT else count_to(self, table))
        return super().rows_in(table)

    def about(self, table: str) -> int:
        """The rows of a table by some root rows: a few first, more if they are cheap."""
        if table not in self._estimates:
            *above, root = self.model.tables[table].lineage
            total = int(self.table_programs[root].source.total)
            self._estimates[table] = self._guess(table, (root, *reversed(above)), total) if above else total
        return self._estimates[table]

    def budget_ends(self, name: str, limits: Ints) -> Mapping[str, int]:
        """Budgets of rows are ignored: rows are counted as if there were none."""
        return {}

    def _guess(self, table: str, lineage: tuple[str, ...], total: int) -> int:
        rows = 0
        for most in _SAMPLES if total else ():
            ids = spread_out(total, most)
            try:
                counts = RowCounter(self, lineage[0], lineage).sample(ids, MOST_SAMPLED)
            except RowLimitReached as error:
                return max(rows, error.rows * total // len(ids)) if most == _SAMPLES[0] else rows
            rows = counts[table] * total // len(ids)
            if sum(counts.values()) > ENOUGH or len(ids) == total:
                break
        return rows


def _tree(root: str, children: Mapping[str | None, list[str]]) -> Iterator[str]:
    """A table and all below it, each parent before its children."""
    stack = [root]
    while stack:
        name = stack.pop()
        yield name
        stack.extend(reversed(children.get(name, [])))


def _lasting_name(model: SemanticModel, table: str, number: int) -> str:
    """The name of a behavior for its streams: its own, else its type and its number within that type. Adding other
    behaviors does not change it.
    """
    own = model.tables[table].behaviors[number].lasting_name
    if own is not None:
        return own
    types = [behavior.type for behavior in model.tables[table].behaviors]
    return f"{types[number]} {types[:number].count(types[number])}"


class _LazyFills(Mapping[str, Fill]):
    """Fillers by column, bound on first use."""

    def __init__(self, columns: Mapping[str, Any], bind: Callable[[str], Fill]) -> None:
        self._columns, self._bind, self._made = columns, bind, dict[str, Fill]()

    def __getitem__(self, column: str) -> Fill:
        if column not in self._made:
            self._made[column] = self._bind(column)
        return self._made[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
