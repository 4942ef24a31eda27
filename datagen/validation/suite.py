"""All metrics of a schema in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import cast

from datagen.columnar.block import Bools, Type
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import RowFilterDeclaration
from datagen.declarations.rates import ChildCountDistributionDeclaration, RateDeclaration, SharedMultiplierDeclaration
from datagen.engine.faults import added_columns
from datagen.engine.program import Program
from datagen.kinds.generators.after import holds
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.literals import parse_cell
from datagen.point_process.factors import Daily, Spread
from datagen.validation.correlations import correlations
from datagen.validation.filtered import holds_when_filtered
from datagen.validation.independence import independence
from datagen.validation.metrics.base import Metric
from datagen.validation.metrics.constraints.cell_values import Categories
from datagen.validation.metrics.constraints.column_type import ColumnType
from datagen.validation.metrics.constraints.nulls import NotNull
from datagen.validation.metrics.constraints.structure import Structure
from datagen.validation.metrics.constraints.unique import Unique
from datagen.validation.metrics.fault_rate import FaultRate
from datagen.validation.metrics.registry import metric_of
from datagen.validation.profile.table_profile import table_profile
from datagen.validation.realism.suite import signs


def suite(program: Program) -> tuple[Metric, ...]:
    """All metrics of a program's schema. The same schema gives the same list, so states can be merged by position."""
    found: list[Metric] = []
    for table in program.model.tables:
        found += _of_table(program, table)
        for column, generator in program.model.tables[table].columns.items():
            found += _of_column(program, table, column, generator)
        found += correlations(program, table)
        found += independence(program, table)
        found += map(metric_of, shared_multipliers(program, table))
        found += () if program.model.tables[table].hidden else signs(program, table)
        found += [FaultRate(table, program.faults[table])] if table in program.faults else []
        found.append(table_profile(program, table))
    for scope, expectation in program.model.expectations():
        found += map(metric_of, expectation.declarations(scope))
    return tuple(found)


def _of_table(program: Program, table: str) -> Iterator[Metric]:
    facts = program.model.tables[table]
    shown = tuple(name for name in facts.declared if not facts.columns[name].hidden)
    filled = facts.parent is None and program.table_programs[table].source.total > 0
    if not facts.hidden:  # data of other writers lacks it
        yield Structure(table, shown, filled, tuple(added_columns(program.model, table)))
    if len(facts.primary_key) > 1 or (facts.primary_key and facts.primary_key[0] != facts.key):
        yield Unique(table, tuple(facts.primary_key))
    scope, text = program.rows_scope(table), facts.rows.row_filter
    if text is not None:
        condition = scope.expression(text)
        met = lambda rows: cast("Bools", holds(condition, rows))  # noqa: E731 - one line says it
        yield metric_of(RowFilterDeclaration(table, holds=met, where=text))
    if facts.rows.row_budget is not None:
        yield metric_of(facts.rows.row_budget.declaration(scope))
    yield from _metrics(program, facts.rows.declarations(scope))
    for number, behavior in enumerate(facts.behaviors):
        if (table, number) in program.model.behaviors_off:
            continue
        yield from _metrics(program, behavior.declarations(program.behavior_scope(table, number)))


def _of_column(program: Program, table: str, column: str, generator: Generator) -> Iterator[Metric]:
    model = program.model
    type_ = model.type_of(table, column)
    assert type_ is not None
    if column not in model.tables[table].latent and not generator.hidden:
        yield ColumnType(table, column, declared=str(type_))
        if not model.nullable(table, column):
            yield NotNull(table, column)
        yield from _categories(program, table, column, type_)
    scope = program.column_scope(table, column)
    yield from _metrics(program, generator.declarations(scope))
    for i, modifier in enumerate(generator.modifiers):
        yield from map(metric_of, modifier.declarations(scope.at("modifiers", i), type_))


def _metrics(program: Program, declared: Iterable[Declaration]) -> Iterator[Metric]:
    """The metrics of the declarations that hold for the rows which filters leave."""
    return (metric_of(one) for one in declared if holds_when_filtered(program.model, one))


def _categories(program: Program, table: str, column: str, type_: Type) -> Iterable[Metric]:
    """The possible values of a column, if known and not changed by modifiers."""
    generator, scope = program.model.tables[table].columns[column], program.model.column(table, column)
    if not all(modifier.keeps for modifier in generator.modifiers) or program.effects.on(table, column):
        return ()
    domain = generator.domain(scope)
    return (Categories(table, column, values=tuple(parse_cell(value, type_) for value in domain)),) if domain else ()


Numbers = RateDeclaration | ChildCountDistributionDeclaration


def shared_multipliers(program: Program, table: str) -> Iterator[SharedMultiplierDeclaration]:
    """A declaration for each pair of tables below `table` that share hidden multipliers, if nothing else is hidden."""
    below = [name for name, facts in program.model.tables.items() if facts.parent == table and not facts.hidden]
    known = [found for name in below if (found := _numbers(program, name)) is not None]
    for one, other in combinations(known, 2):
        keys = _spreads(one).keys() & _spreads(other).keys()
        variance = 1.0
        for key in sorted(keys):
            variance *= 1.0 + _spreads(one)[key]
        if keys:
            yield SharedMultiplierDeclaration(one.table, one, other, variance - 1.0)


def _numbers(program: Program, table: str) -> Numbers | None:
    """The declared numbers of rows per parent, if their mean is known for each parent."""
    for declared in program.model.tables[table].rows.declarations(program.rows_scope(table)):
        if isinstance(declared, RateDeclaration | ChildCountDistributionDeclaration):
            planted = declared.planted
            known = all(isinstance(unobserved, Spread | Daily) for _, unobserved in planted.unobserved)
            return declared if known and not planted.survival_factors and not planted.tangled else None
    return None


def _spreads(declared: Numbers) -> dict[str, float]:
    """The variance of the multipliers that a behavior gives to several targets, by its key."""
    unobserved = [one for _, one in declared.planted.unobserved if isinstance(one, Spread)]
    return {one.key: one.variance for one in unobserved if one.key}
