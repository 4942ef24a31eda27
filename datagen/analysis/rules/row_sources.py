"""Row sources that need a parent have one, and the others have none."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.row_sources.base import RowSource
from datagen.registry import load


def row_sources(model: SemanticModel) -> Iterator[Problem]:
    """A root table has a root row source; a child table has one with rows per parent."""
    for facts in model.tables.values():
        stands_alone, at = facts.stands_alone, ("tables", facts.name, "rows")
        if facts.parent is None and stands_alone is False:
            message = f"rows of type '{facts.rows.type}' need a parent, but '{facts.name}' has none"
            yield Problem("unrelated-table", at, message, f"name its parent, or use {_kinds(root=True)}")
        if facts.parent is not None and stands_alone:
            message = f"rows of type '{facts.rows.type}' have no parent, but '{facts.name}' has parent '{facts.parent}'"
            below = 'so many below each row of it are {"type": "per_parent", "count": 3}'
            yield Problem("unrelated-table", at, message, f"{below}; leave out the parent, or use {_kinds(root=False)}")


def _kinds(*, root: bool) -> str:
    load()
    names = sorted(name for name, kind in RowSource.members.items() if getattr(kind, "root", None) is root)
    return " or ".join(f"'{name}'" for name in names)
