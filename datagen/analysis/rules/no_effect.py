"""Declarations without effect: behaviors whose every multiplier is 1, hidden columns of hidden tables, only hidden
tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem

MULTIPLIERS = ("multiply", "weekday", "month", "hour")
"""The keys of multipliers in behaviors."""


def no_effect(model: SemanticModel) -> Iterator[Problem]:
    """Every declaration changes the data."""
    yield from _hidden(model)
    for facts in model.tables.values():
        for index in range(len(facts.behaviors)):
            at = ("tables", facts.name, "behaviors", index)
            declared = model.schema.at(at)
            for key in MULTIPLIERS:
                numbers = list(_numbers(declared.get(key))) if isinstance(declared, dict) else []
                if numbers and all(number == 1 for number in numbers):
                    message = "every multiplier is 1, so it has no effect"
                    yield Problem("no-effect", (*at, key), message, "leave it out, or use different multipliers")


def _hidden(model: SemanticModel) -> Iterator[Problem]:
    """Problems of documents without visible data, and of columns hidden in a hidden table."""
    tables = model.document.tables
    for name in (name for name, table in tables.items() if table.hidden):
        for column, generator in tables[name].columns.items():
            if generator.hidden:
                message = f"'{name}' is hidden, so hiding '{column}' has no effect"
                yield Problem("no-effect", ("tables", name, "columns", column, "hidden"), message, "leave it out")
    if tables and all(table.hidden for table in tables.values()) and not model.schema.unparsed:
        yield Problem(
            "no-effect", ("tables",), "every table is hidden, so there is no data", "make at least one of them visible"
        )


def _numbers(data: Any) -> Iterator[float]:
    """The numbers in a piece of the document. Words of a curve other than `points` count as a difference: a slope of 1
    is one.
    """
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
