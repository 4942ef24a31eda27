"""Behaviors of rows that are chosen by a reference must change how often a row is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.join_path import chosen_from
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem


def chosen(house: SemanticModel) -> Iterator[Problem]:
    """What rows choose by reference is shaped by what tells those that can be chosen apart, at a time that is known."""
    for place, target in house.targets:
        if target not in house.tables or place.table.name not in chosen_from(house.tables, target):
            continue
        behavior = house.tables[place.table.name].behaviors[int(place.keys[3])]
        yield from behavior.cancels(place, target)
        if behavior.varies:
            yield from _timeless(house, place, target)


def _timeless(house: SemanticModel, place: StaticScope, target: str) -> Iterator[Problem]:
    """References of `target` to the entity of whose choices no time is known."""
    facts, entity = house.tables[target], place.table.name
    if any(house.tables[name].row_times for name in facts.lineage):
        return
    for name, column in facts.columns.items():
        if column.chooses == entity and not column.chosen_at:
            said = f"changes with time, but it is not known when '{target}.{name}' chooses a row of '{entity}'"
            yield place.problem("missing", said, f"name a timestamp of '{target}' in 'existing_at' of the reference")
