"""Functions that look into texts agree with DuckDB; digests with hashlib."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import duckdb
import pytest

import datagen
from tests.promises.documents import tables

WORDS = ["ana@example.com", "", "a@b@c", "größe@münchen", "日本@語", "x" * 60, "y" * 119, "no at", "@", "1-2-3"]


def cells(expression: str) -> tuple[list[Any], list[Any]]:
    """The texts and what the expression makes of them."""
    word = {"type": "choice", "values": WORDS, "modifiers": [{"type": "nulls", "share": 0.1}]}
    columns = {
        "word": word,
        "moment": {"type": "uniform", "min": "1950-01-01", "max": "2030-01-01"},
        "day": {"type": "uniform", "min": "1950-01-01", "max": "2030-01-01", "as": "date"},
        "it": {"type": "expression", "expression": expression},
    }
    rows = tables({"datagen": 1, "name": "a", "tables": {"t": {"rows": 300, "columns": columns}}})["t"]
    return rows.to_pylist(), rows["it"].to_pylist()


@pytest.mark.parametrize(
    "expression",
    [
        "SPLIT_PART(word, '@', 1)",
        "SPLIT_PART(word, '@', 2)",
        "SPLIT_PART(word, 'ex', 3)",
        "POSITION('@' IN word)",
        "STRPOS(word, 'ü')",
        "REGEXP_MATCHES(word, '^[a-z]+@')",
        "REGEXP_MATCHES(word, '[0-9]')",
        "MD5(word)",
        "MD5(word || word)",
        "STRFTIME(moment, '%Y-%m-%d %H:%M:%S')",
        "STRFTIME(day, '%d.%m.%y %j')",
        "STRFTIME(moment, '%a %b %A %B 100%%')",
    ],
)
def test_cells_are_those_of_duckdb(expression: str) -> None:
    rows, found = cells(expression)
    query = duckdb.connect()
    for row, cell in zip(rows[:120], found, strict=False):
        values = [row["word"], row["moment"], row["day"]]
        (expected,) = query.execute(
            f"SELECT {expression} FROM (SELECT ?::VARCHAR AS word, ?::TIMESTAMP AS moment, ?::DATE AS day)", values
        ).fetchone()
        assert cell == expected


def test_digests_are_those_of_hashlib_at_every_length() -> None:
    rows, found = cells(f"MD5('{'z' * 64}' || word)")
    for row, cell in zip(rows, found, strict=True):
        assert cell == (
            None if row["word"] is None else md5(("z" * 64 + row["word"]).encode(), usedforsecurity=False).hexdigest()
        )


def test_a_hash_is_the_same_for_the_same_text() -> None:
    rows, found = cells("HASH(word)")
    by_word: dict[Any, set[int]] = {}
    for row, cell in zip(rows, found, strict=True):
        by_word.setdefault(row["word"], set()).add(cell)
    assert all(len(numbers) == 1 for numbers in by_word.values())
    numbers = [min(some) for word, some in by_word.items() if word is not None]
    assert len(set(numbers)) == len(numbers) and min(numbers) >= 0


@pytest.mark.parametrize(
    "expression", ["SPLIT_PART(word, '', 1)", "REGEXP_MATCHES(word, '(')", "STRFTIME(moment, '%Q')", "MD5(moment)"]
)
def test_wrong_arguments_are_reported(expression: str) -> None:
    columns = {
        "word": {"type": "choice", "values": WORDS},
        "moment": {"type": "uniform", "min": "1950-01-01", "max": "2030-01-01"},
        "it": {"type": "expression", "expression": expression},
    }
    problems = datagen.check({"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": columns}}})
    assert [problem.place for problem in problems] == ["$.tables.t.columns.it.expression"]
