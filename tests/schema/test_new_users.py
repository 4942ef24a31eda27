"""What people write first who know other tools gets a hint that leads to the language."""

from __future__ import annotations

from typing import Any

import pytest

import datagen


def of(column: dict[str, Any], **table: Any) -> list[str]:
    columns = {"id": {"type": "key"}, "it": column}
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 10, "columns": columns, **table}}}
    return [str(problem) for problem in datagen.check(document)]


def test_a_primary_key_of_one_column_needs_no_list() -> None:
    codes = {"type": "listed", "columns": ["iata"], "rows": [["OSL"], ["CPH"]]}
    airports = {"rows": codes, "columns": {"iata": {"type": "listed"}}, "primary_key": "iata"}
    flights = {"rows": 9, "columns": {"id": {"type": "key"}, "to": {"type": "reference", "table": "airports"}}}
    document = {"datagen": 1, "name": "a", "tables": {"airports": airports, "flights": flights}}
    assert datagen.check(document) == ()


@pytest.mark.parametrize(
    "column, hint",
    [
        ({"type": "regex", "pattern": "[A-Z]{3}"}, "did you mean 'regex'?"),
        ({"type": "autoregressive", "correlation": 0.5}, "did you mean 'phi'?"),
        ({"type": "title", "unique": True}, "keys that are never repeated are 'key'"),
        ({"type": "uuid", "unique": True}, "every cell is unique without it"),
        ({"type": "email", "of": "name"}, "did you mean 'from'?"),
        ({"type": "formatted_key", "format": "{number:3}", "restart": "parent"}, "with {parent} in the format"),
        ({"type": "place", "part": "city", "country": "US"}, '{"type": "constant", "value": "US", "hidden": true}'),
        ({"type": "column", "column": "id"}, "use 'expression'"),
    ],
)  # fmt: skip
def test_hints(column: dict[str, Any], hint: str) -> None:
    assert any(hint in problem for problem in of(column)), of(column)


def test_a_format_that_is_not_understood_is_one_problem() -> None:
    (problem,) = of({"type": "formatted_key", "format": "LN-{number:04d}"})
    assert "known: {number}, {number:6}" in problem


def test_the_number_of_rows_is_no_column_of_the_parent() -> None:
    lines = {"parent": "t", "rows": {"type": "per_parent", "count": "it"}, "columns": {"id": {"type": "key"}}}
    orders = {"rows": 3, "columns": {"id": {"type": "key"}, "it": {"type": "constant", "value": 3}}}
    (problem,) = datagen.check({"datagen": 1, "name": "a", "tables": {"t": orders, "lines": lines}})
    assert "write a 'count_of' there" in problem.hint
