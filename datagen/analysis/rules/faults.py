"""Faults name tables and columns that are written, and can do what they say."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.faults.base import ANSWER_KEY, Fault
from datagen.names import comparison_key
from datagen.registry import did_you_mean


def faults(model: SemanticModel) -> Iterator[Problem]:
    """Each fault belongs to a table of the data, and its kind finds nothing wrong."""
    for table, declared in model.document.faults.items():
        facts = model.tables.get(table)
        if facts is None:
            hint = did_you_mean(table, list(model.tables))
            yield Problem("unknown-table", ("faults", table), f"table '{table}' is unknown", hint)
            continue
        if facts.hidden:
            message = f"table '{table}' is hidden: it is part of the truth"
            yield Problem("not-allowed", ("faults", table), message, "leave its faults out, or 'hidden'")
            continue
        for index, fault in enumerate(declared):
            yield from fault.problems(model.fault(table, index))
        yield from _conflicts(model, table, declared)
    if ANSWER_KEY in model.tables and any(model.document.faults.values()):
        message = f"the answer key of the faults is written to '_truth/{ANSWER_KEY}'"
        yield Problem("invalid-name", ("tables", ANSWER_KEY), message, "give the table another name")


def _conflicts(model: SemanticModel, table: str, declared: tuple[Fault, ...]) -> Iterator[Problem]:
    """The answer key identifies the faults of a column by their names, and rows are moved once."""
    seen: set[tuple[str, str | None]] = set()
    names: set[str] = set()
    moved = False
    for index, fault in enumerate(declared):
        scope = model.fault(table, index)
        named = {(fault.label, column) for column in (*fault.touched(), *fault.added()) or (None,)}
        if not seen.isdisjoint(named):
            message = f"another fault called '{fault.label}' damages the same"
            yield scope.problem("duplicate", message, "give one of them a 'name'")
        seen |= named
        if not names.isdisjoint(map(comparison_key, fault.added())):
            yield scope.problem("duplicate", "another fault adds a column of this name", "write another name", "to")
        names |= set(map(comparison_key, fault.added()))
        if fault.moves and moved:
            yield scope.problem(
                "conflict", "another fault moves the rows of this table already", "leave one of them out"
            )
        moved |= fault.moves
