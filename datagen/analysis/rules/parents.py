"""Parent tables exist, no table is its own ancestor, and the row source of a table fits its parent."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.row_sources.base import RowSource
from datagen.registry import did_you_mean, load


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


def row_sources(model: SemanticModel) -> Iterator[Problem]:
    """A root table has a root row source; a child table has one with rows per parent."""
    for facts in model.tables.values():
        is_root, at = facts.is_root, ("tables", facts.name, "rows")
        if facts.parent is None and is_root is False:
            message = f"rows of type '{facts.rows.type}' need a parent, but '{facts.name}' has none"
            yield Problem("unrelated-table", at, message, f"name its parent, or use {_kinds(root=True)}")
        if facts.parent is not None and is_root:
            message = f"rows of type '{facts.rows.type}' have no parent, but '{facts.name}' has parent '{facts.parent}'"
            below = 'so many below each row of it are {"type": "per_parent", "count": 3}'
            yield Problem("unrelated-table", at, message, f"{below}; leave out the parent, or use {_kinds(root=False)}")


def _kinds(*, root: bool) -> str:
    load()
    names = sorted(name for name, kind in RowSource.members.items() if getattr(kind, "root", None) is root)
    return " or ".join(f"'{name}'" for name in names)
