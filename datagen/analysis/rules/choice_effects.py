"""Behaviors of rows that a reference chooses must change how often a row is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.join_path import chosen_from
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem


def choice_effects(model: SemanticModel) -> Iterator[Problem]:
    """A behavior on choices needs to differ between the candidates, and the time of the choice if it
    varies with time.
    """
    for place, target in model.targets:
        if target not in model.tables or place.table.name not in chosen_from(model.tables, target):
            continue
        behavior = model.tables[place.table.name].behaviors[int(place.keys[3])]
        yield from behavior.cancels(place, target)
        if behavior.varies:
            yield from _timeless(model, place, target)


def _timeless(model: SemanticModel, place: StaticScope, target: str) -> Iterator[Problem]:
    """References of `target` to the entity without a known time of the choice."""
    facts, entity = model.tables[target], place.table.name
    if any(model.tables[name].row_times for name in facts.lineage):
        return
    for name, column in facts.columns.items():
        if column.chooses == entity and not column.chosen_at:
            message = f"changes with time, but it is not known when '{target}.{name}' chooses a row of '{entity}'"
            yield place.problem("missing", message, f"name a timestamp of '{target}' in 'existing_at' of the reference")
