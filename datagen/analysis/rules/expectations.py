"""Expectations name existing tables and can be evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.registry import did_you_mean


def expectations(house: SemanticModel) -> Iterator[Problem]:
    """What is expected can be looked at, and is said once."""
    seen: set[tuple[str, str]] = set()
    for index, expectation in enumerate(house.document.expectations):
        keys = ("expectations", index)
        if expectation.table and expectation.table not in house.tables:
            said = f"there is no table '{expectation.table[:60]}'"
            yield Problem("unknown-table", (*keys, "table"), said, did_you_mean(expectation.table, list(house.tables)))
        named = (expectation.table, expectation.title)
        if named in seen:
            said = f"'{expectation.title[:60]}' is expected of '{expectation.table[:60]}' twice"
            yield Problem("duplicate", keys, said, "leave one out, or give it a name of its own")
        seen.add(named)
    for place, expectation in house.expectations():
        yield from expectation.problems(place)
