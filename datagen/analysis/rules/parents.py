"""Parent tables exist, and no table is its own ancestor."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.registry import did_you_mean


def parents(model: SemanticModel) -> Iterator[Problem]:
    """The tables form a forest."""
    reported: set[str] = set()
    for facts in model.tables.values():
        at = ("tables", facts.name, "parent")
        if facts.parent is None:
            continue
        if facts.parent not in model.tables:
            hint = did_you_mean(facts.parent, [name for name in model.tables if name != facts.name])
            yield Problem("unknown-table", at, f"there is no table '{facts.parent}'", hint)
            continue
        cycle = _cycle(model, facts.name)
        if cycle and not reported & set(cycle):
            reported |= set(cycle)
            message = f"'{facts.name}' is its own ancestor: {' -> '.join((*cycle, facts.name))}"
            yield Problem("cycle", at, message, "remove the parent of one of them")


def _cycle(model: SemanticModel, name: str) -> tuple[str, ...]:
    """The ancestors of a table up to itself in a cycle; empty if there is none."""
    lineage = model.tables[name].lineage
    return lineage if model.tables[lineage[-1]].parent == name else ()
