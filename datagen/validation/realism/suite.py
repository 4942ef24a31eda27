"""Selects the realism tests that apply to each table and column of a schema."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.table_info import TableInfo
from datagen.columnar.block import Type
from datagen.engine.cell_bounds import Bounds
from datagen.engine.program import Program
from datagen.scope import Window
from datagen.time_names import happened
from datagen.validation.metrics.base import Metric
from datagen.validation.realism import categories, dependence, missingness, money, numeric_shape
from datagen.validation.realism.activity import Activity
from datagen.validation.realism.child_counts import ChildrenPerParent, ReferencesPerRow
from datagen.validation.realism.event_times import EventTimeTests
from datagen.validation.realism.future_times import FutureTimes
from datagen.validation.realism.open_ends import OpenEnds
from datagen.validation.realism.row_sample import Form, Judge, SampledColumn, SampleTests
from datagen.validation.realism.start_jump import StartJump

JUDGES: tuple[Judge, ...] = (
    dependence.independent, numeric_shape.textbook_normal, numeric_shape.uniform, numeric_shape.clipped, money.money,
    categories.equal, categories.cycling, missingness.missing,
)  # fmt: skip
_FORMS: dict[str, Form] = {
    "int": "number", "float": "number", "decimal": "number", "bool": "category", "category": "category", "text": "text",
    "timestamp": "time", "date": "time", "duration": "number",
}  # fmt: skip
MOST_FACETS = 40


def signs(program: Program, table: str) -> Iterator[Metric]:
    """The realism tests of one table."""
    facts, window = program.model.tables[table], program.model.document.window
    facets = facets_of(program, table)
    if facets:
        yield SampleTests(table, facets, facts.key, JUDGES)
    if window is not None and facts.moment is not None and not facts.columns[facts.moment].hidden:
        yield from _over_time(facts, facts.moment, window)
        if facts.rows.root and facts.columns[facts.moment].intact:
            yield StartJump(facts.name, facts.moment, window.start, window.end)
        yield from _open_ends(program, facts)
    if window is not None and not facts.hidden:
        yield from _future_times(program, facts, window)
    yield from _references(program, facts)


def _over_time(facts: TableInfo, moment: str, window: Window) -> Iterator[Metric]:
    rows = facts.rows
    if not facts.columns[moment].intact or not rows.spread_over_time:
        return
    yield EventTimeTests(facts.name, moment, window.start, window.end, not rows.root)
    if rows.root or facts.parent is None:
        return
    if not rows.regular:  # events at regular times are regular for every parent
        yield ChildrenPerParent(facts.name, facts.parent)
    yield Activity(facts.name, moment, window.start, window.end)


def _open_ends(program: Program, facts: TableInfo) -> Iterator[Metric]:
    for name in facts.declared:
        column = facts.columns[name]
        end = column.open_end(program.column_scope(facts.name, name))
        if end is not None and column.intact and not column.hidden:
            yield OpenEnds(facts.name, name, end.start, end.end, end.due)


def _future_times(program: Program, facts: TableInfo, window: Window) -> Iterator[Metric]:
    """Of columns whose declaration does not keep them within the window."""
    bounds = Bounds(program, {})
    for name in facts.declared:
        column, type_ = facts.columns[name], program.model.type_of(facts.name, name)
        if type_ is None or type_.name != "timestamp" or column.hidden or column.row_attribute is not None:
            continue
        extent = bounds.extent(facts.name, name)
        if happened(name) and column.intact and (extent is None or extent[1] > window.end):
            yield FutureTimes(facts.name, name, window.end)


def _references(program: Program, facts: TableInfo) -> Iterator[Metric]:
    for name in facts.declared:
        column = facts.columns[name]
        if column.chooses and column.independent and column.intact and not column.hidden:
            yield ReferencesPerRow(facts.name, name, column.chooses, program.rows_in(column.chooses))


def facets_of(program: Program, table: str) -> tuple[SampledColumn, ...]:
    """The columns of a table that can be tested individually, and columns of ancestors that they may depend on."""
    model = program.model
    own = [facet for name in model.tables[table].declared if (facet := _facet(program, table, name, "")) is not None]
    above = [
        facet
        for ancestor in model.tables[table].lineage[1:]
        for name in model.tables[ancestor].declared
        if (facet := _facet(program, ancestor, name, f"{ancestor}.")) is not None and (facet.drawn or facet.of_process)
    ]
    return tuple([*own, *(facet for facet in above if facet.form in ("number", "category"))][:MOST_FACETS])


def _facet(program: Program, table: str, column: str, above: str) -> SampledColumn | None:
    model = program.model
    generator, type_ = model.tables[table].columns[column], model.type_of(table, column)
    refers = generator.refers_to(model.column(table, column)) is not None or column.endswith("_id")
    if (
        type_ is None
        or type_.nested
        or generator.hidden
        or refers
        or generator.role != "value"
        or _repeats_key(program, table, column)
    ):
        return None
    if generator.row_attribute is not None and model.tables[table].rows.follows is not None:
        return SampledColumn(f"{above}{column}", _form(type_), type_.scale, drawn=False, of_process=True)
    nullable, by_lot = model.nullable(table, column), not generator.missing_by_rule
    return SampledColumn(f"{above}{column}", _form(type_), type_.scale, not generator.computed, nullable, by_lot)


def _repeats_key(program: Program, table: str, column: str) -> bool:
    """Whether a looked-up column is a key."""
    generator = program.model.tables[table].columns[column]
    source = generator.looked_up(program.column_scope(table, column))
    return source is not None and program.model.tables[source[0]].columns[source[1]].role != "value"


def _form(type_: Type) -> Form:
    return _FORMS[type_.name]
