"""Expectations name existing tables and can be evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.registry import did_you_mean


def expectations(model: SemanticModel) -> Iterator[Problem]:
    """The tables of expectations exist, and titles are unique."""
    seen: set[tuple[str, str]] = set()
    for index, expectation in enumerate(model.document.expectations):
        keys = ("expectations", index)
        if expectation.table and expectation.table not in model.tables:
            message = f"there is no table '{expectation.table[:60]}'"
            yield Problem(
                "unknown-table", (*keys, "table"), message, did_you_mean(expectation.table, list(model.tables))
            )
        named = (expectation.table, expectation.title)
        if named in seen:
            message = f"'{expectation.title[:60]}' is declared twice for '{expectation.table[:60]}'"
            yield Problem("duplicate", keys, message, "leave one out, or give it a name of its own")
        seen.add(named)
    for scope, expectation in model.expectations():
        yield from expectation.problems(scope)
