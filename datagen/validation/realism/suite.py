"""The signs of made-up data that can be told for a schema: which of them apply to which table and column."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from datagen.analysis.table_info import TableInfo
from datagen.columnar.block import Type
from datagen.engine.program import Program
from datagen.kinds.generators.after import After, holds
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.reference import Reference
from datagen.kinds.row_sources.events import EventsOverTime
from datagen.scope import Window
from datagen.validation.metrics.base import Metric
from datagen.validation.realism import categories, dependence, missingness, money, numeric_shape
from datagen.validation.realism.activity import Activity
from datagen.validation.realism.child_counts import ChildrenPerParent, ReferencesPerRow
from datagen.validation.realism.event_times import Clock
from datagen.validation.realism.open_ends import OpenEnds
from datagen.validation.realism.row_sample import Form, Judge, Sampled, SampledColumn

JUDGES: tuple[Judge, ...] = (
    dependence.independent, numeric_shape.textbook_normal, numeric_shape.uniform, numeric_shape.clipped, money.money, categories.equal,
    categories.cycling, missingness.missing,
)  # fmt: skip
COMPUTED = frozenset({
    "key", "parent_key", "reference", "lookup", "sum_of", "count_of", "expression", "after", "event_time", "arrival_time",
    "time_between", "uuid", "pattern", "email", "person_name", "lifetime_end", "constant",
})  # fmt: skip
"""Kinds of columns that follow from others or name a row: nothing is learned from what they go together with."""
KEYS = frozenset({"key", "parent_key", "reference", "uuid"})
_FORMS: dict[str, Form] = {
    "int": "number", "float": "number", "decimal": "number", "bool": "category", "category": "category", "text": "text",
    "timestamp": "time", "date": "time", "duration": "number",
}  # fmt: skip
MOST_FACETS = 40


def signs(program: Program, table: str) -> Iterator[Metric]:
    """Every sign that can be told of one table."""
    facts, window = program.house.tables[table], program.house.document.window
    facets = facets_of(program, table)
    if facets:
        yield Sampled(table, facets, facts.key, JUDGES)
    if window is not None and facts.moment is not None and not facts.columns[facts.moment].hidden:
        yield from _over_time(facts, facts.moment, window)
        yield from _open_ends(program, facts, window)
    yield from _references(program, facts)


def _over_time(facts: TableInfo, moment: str, window: Window) -> Iterator[Metric]:
    rows = facts.rows
    if not facts.columns[moment].intact or rows.type not in ("events", "arrivals"):
        return
    yield Clock(facts.name, moment, window.start, window.end, rows.type == "events")
    if not isinstance(rows, EventsOverTime) or facts.parent is None:
        return
    if rows.gaps.type != "gamma":  # what a clock sets off is as regular for one as for all
        yield ChildrenPerParent(facts.name, facts.parent)
    yield Activity(facts.name, moment, window.start, window.end)


def _open_ends(program: Program, facts: TableInfo, window: Window) -> Iterator[Metric]:
    for name in facts.declared:
        column = facts.columns[name]
        if isinstance(column, After) and column.after_window == "null" and column.intact and not column.hidden:
            condition = program.column_scope(facts.name, name).expression(column.when) if column.when else None
            yield OpenEnds(facts.name, name, column.column, window.end, partial(holds, condition))


def _references(program: Program, facts: TableInfo) -> Iterator[Metric]:
    for name in facts.declared:
        column = facts.columns[name]
        if isinstance(column, Reference) and not (
            column.distinct or column.within or column.hidden or not column.intact
        ):
            yield ReferencesPerRow(facts.name, name, column.table, program.rows_in(column.table))


def facets_of(program: Program, table: str) -> tuple[SampledColumn, ...]:
    """The columns of a table that can be looked at one by one, and those above it that it may go together with."""
    house = program.house
    own = [facet for name in house.tables[table].declared if (facet := _facet(program, table, name, "")) is not None]
    above = [
        facet
        for ancestor in house.tables[table].lineage[1:]
        for name in house.tables[ancestor].declared
        if (facet := _facet(program, ancestor, name, f"{ancestor}.")) is not None and facet.drawn
    ]
    return tuple([*own, *(facet for facet in above if facet.form in ("number", "category"))][:MOST_FACETS])


def _facet(program: Program, table: str, column: str, above: str) -> SampledColumn | None:
    house = program.house
    generator, type_ = house.tables[table].columns[column], house.type_of(table, column)
    refers = generator.refers_to(house.column(table, column)) is not None or column.endswith("_id")
    if type_ is None or generator.hidden or refers or generator.type in KEYS or _repeated(program, generator):
        return None
    if generator.row_attribute is not None and house.tables[table].rows.follows is not None:
        return None  # what a process says of its rows follows from it
    drawn = generator.type not in COMPUTED
    ruled = isinstance(generator, After) and not generator.modifiers
    return SampledColumn(f"{above}{column}", _form(type_), type_.scale, drawn, house.nullable(table, column), not ruled)


def _repeated(program: Program, generator: Generator) -> bool:
    """A key that is looked up is a key all the same."""
    through = getattr(generator, "column", None)
    return generator.type == "lookup" and any(
        through in facts.columns and facts.columns[through].type in KEYS for facts in program.house.tables.values()
    )


def _form(type_: Type) -> Form:
    return _FORMS[type_.name]
