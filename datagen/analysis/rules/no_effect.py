"""Declarations that can have no effect: behaviors whose every multiplier is 1, hidden columns of hidden tables, nothing but hidden tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem

MULTIPLIERS = ("multiply", "weekday", "month", "hour")
"""The keys under which behaviors write their multipliers."""


def no_effect(model: SemanticModel) -> Iterator[Problem]:
    """What is declared shows in the data."""
    yield from _hidden(model)
    for facts in model.tables.values():
        for index in range(len(facts.behaviors)):
            at = ("tables", facts.name, "behaviors", index)
            declared = model.schema.at(at)
            for key in MULTIPLIERS:
                numbers = list(_numbers(declared.get(key))) if isinstance(declared, dict) else []
                if numbers and all(number == 1 for number in numbers):
                    message = "every multiplier is 1, so it has no effect"
                    yield Problem("no-effect", (*at, key), message, "leave it out, or write what should differ")


def _hidden(model: SemanticModel) -> Iterator[Problem]:
    """Something is written to the data, and what a table hides already is not hidden again."""
    tables = model.document.tables
    for name in (name for name, table in tables.items() if table.hidden):
        for column, generator in tables[name].columns.items():
            if generator.hidden:
                message = f"'{name}' is hidden as a whole, so hiding '{column}' has no effect"
                yield Problem("no-effect", ("tables", name, "columns", column, "hidden"), message, "leave it out")
    if tables and all(table.hidden for table in tables.values()) and not model.schema.unread:
        yield Problem(
            "no-effect", ("tables",), "every table is hidden, so there is no data", "show at least one of them"
        )


def _numbers(data: Any) -> Iterator[float]:
    """The numbers in a piece of the document; words about a curve, but for `points`, count as a difference: a slope of 1 is one."""
    if isinstance(data, bool):
        return
    if isinstance(data, int | float):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _numbers(value)
            if isinstance(value, str) and (key, value) != ("type", "points"):
                yield 0
    elif isinstance(data, list):
        for value in data:
            yield from _numbers(value)
