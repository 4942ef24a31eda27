"""Declarations without effect: behaviors whose every multiplier is 1 or that change no choice, processes that no table
shows, hidden columns of hidden tables, only hidden tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.analysis.join_path import chosen_from
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem
from datagen.schema.reading.placeholders import InvalidRows

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


def processes(model: SemanticModel) -> Iterator[Problem]:
    """Every process has a table that follows it: a view, or events that depend on it."""
    if any(isinstance(facts.rows, InvalidRows) for facts in model.tables.values()) or model.lost:
        return
    for facts in model.tables.values():
        for name, process in facts.processes.items():
            if not process.implied and next(model.following(facts.name, name), None) is None:
                message = f"no table below '{facts.name}' shows the process '{name}'"
                hint = f'give one rows such as {{"type": "stays", "process": "{name}"}}'
                yield Problem("no-effect", ("tables", facts.name, "processes", name), message, hint)


def choice_effects(model: SemanticModel) -> Iterator[Problem]:
    """A behavior on choices needs to differ between the candidates, and the time of the choice if it
    varies with time.
    """
    for scope, target in model.targets:
        if target not in model.tables or scope.table.name not in chosen_from(model.tables, target):
            continue
        behavior = model.tables[scope.table.name].behaviors[int(scope.keys[3])]
        yield from behavior.cancels(scope, target)
        if behavior.varies:
            yield from _timeless(model, scope, target)


def _timeless(model: SemanticModel, scope: StaticScope, target: str) -> Iterator[Problem]:
    """References of `target` to the entity without a known time of the choice."""
    facts, entity = model.tables[target], scope.table.name
    if any(model.tables[name].row_times for name in facts.lineage):
        return
    for name, column in facts.columns.items():
        if column.chooses == entity and not column.chosen_at:
            message = f"changes with time, but it is not known when '{target}.{name}' chooses a row of '{entity}'"
            yield scope.problem("missing", message, f"name a timestamp of '{target}' in 'existing_at' of the reference")
