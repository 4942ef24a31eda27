"""Which sibling tables share hidden multipliers of their numbers of rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from datagen.declarations.rates import ChildCountDistributionDeclaration, RateDeclaration, SharedMultiplierDeclaration
from datagen.engine.program import Program
from datagen.point_process.factors import Daily, Spread

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
            return declared if known and not planted.fadings and not planted.tangled else None
    return None


def _spreads(declared: Numbers) -> dict[str, float]:
    """The variance of the multipliers that a behavior gives to several targets, by its key."""
    unobserved = [one for _, one in declared.planted.unobserved if isinstance(one, Spread)]
    return {one.key: one.variance for one in unobserved if one.key}
