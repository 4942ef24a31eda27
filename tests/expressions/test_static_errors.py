"""What fails in an expression is told while the document is checked, where values and bounds say so, else with table,
column and row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.errors import RunError
from tests.expressions.test_cases import CASES, table

COLUMNS = {
    "s": {"type": "choice", "values": {"12": 1, "x": 1}, "as": "category"},
    "n": {"type": "choice", "values": ["1", "22"], "as": "category"},
    "never": {"type": "choice", "values": {"7": 1, "y": 0}, "as": "category"},
    "day": {"type": "choice", "values": ["2024-01-31", "2024-02-31"], "as": "category"},
    "d2": {"type": "uniform", "min": 0, "max": 20000, "decimals": 2},
    "d9": {"type": "uniform", "min": 0, "max": 99999, "decimals": 3},
    "big": {"type": "uniform", "min": 0, "max": 900000000000000, "decimals": 0},
    "free": {"type": "lognormal", "median": 100, "sigma": 1, "decimals": 2},
    "t": {"type": "pattern", "pattern": "##"},
}


def reported(text: str) -> list[str]:
    return [problem.message for problem in datagen.check(table({**COLUMNS, "e": text}))]


@pytest.mark.parametrize(
    "text, words",
    [
        ("CAST(s AS BIGINT)", "'x' cannot be read as int"),
        ("1 + CAST(s AS DOUBLE) * id", "'x' cannot be read as float"),
        ("CAST(s || '0' AS DECIMAL(9, 2))", "'x0' cannot be read as decimal"),
        ("CAST(day AS DATE)", "'2024-02-31' cannot be read as date"),
        ("CAST(UPPER(s) AS BOOLEAN)", "'12' cannot be read as bool"),
        ("CASE WHEN CAST(s AS INT) > 1 THEN 1 END", "'x' cannot be read as int"),
        ("CAST(n AS DECIMAL(1, 0))", "CAST"),
        ("CAST(d2 AS DECIMAL(6, 2))", "at most 9,999.99 in size, but the number reaches 20,000"),
        ("CAST(d2 - 30000 AS DECIMAL(6, 2))", "reaches 30,000"),
        ("CAST(big AS DECIMAL(12, 0))", "reaches 9e+14"),
        ("big * big", "beyond 64 bits"),
        ("d9 * d9 * d9 * d9", "beyond 64 bits"),
        ("big * 1000 * 100 - big", "beyond 64 bits"),
        ("CASE WHEN s = 'x' THEN CAST(s AS INT) END", "'x' cannot be read as int"),
        ("COALESCE(NULLIF(s = 'x', TRUE), CAST(s AS INT) > 3)", "'x' cannot be read as int"),
        ("CAST(POWER(10, id + 40) AS BIGINT)", "does not fit in 64 bits"),
        ("ROUND(free * 1e13, 9)", "does not fit in 64 bits"),
        ("CASE WHEN d2 >= 0 THEN CAST(EXP(id + 50) AS DECIMAL(18, 2)) END", "does not fit in 64 bits"),
    ],
)
def test_what_is_bound_to_fail_is_a_problem_of_the_document(text: str, words: str) -> None:
    problems = reported(text)
    assert any(words in message for message in problems), problems


def test_a_number_read_from_text_has_no_known_bounds() -> None:
    assert reported("CAST(CAST(CAST(free AS TEXT) AS DOUBLE) AS DECIMAL(9, 2))") == []


@pytest.mark.parametrize(
    "text",
    [
        "CAST(n AS BIGINT)",
        "CAST(never AS INT)",
        "TRY_CAST(s AS BIGINT)",
        "CASE WHEN s <> 'x' THEN CAST(s AS INT) END",
        "COALESCE(1, CAST(s AS INT))",
        "CASE WHEN s = 'x' AND d2 < 0 THEN CAST(s AS INT) END",
        "CAST(LEAST(POWER(10, id), 1e15) AS BIGINT)",
        "ROUND(free / d2, 2)",
        "CAST(NULLIF(s, 'x') AS INT)",
        "CAST(CASE WHEN s = 'x' THEN '0' ELSE s END AS INT)",
        "CAST(d2 AS DECIMAL(7, 2))",
        "TRY_CAST(d2 AS DECIMAL(6, 2))",
        "CAST(d2 AS DECIMAL(5, 0))",
        "big * 10",
        "id * 100000",
        "CAST(free AS DECIMAL(10, 2))",
        "CAST(t AS INT)",
        "free * free",
        "CAST(big AS DOUBLE) * big * 1e9",
        "SIGN(big) * big",
    ],
)
def test_what_does_not_fail_is_none(text: str) -> None:
    assert not reported(text)


@pytest.mark.parametrize("loose", ["whole * price", "ABS(id) * price", "GREATEST(id, 5) * price", "free * price"])
def test_what_is_not_known_of_a_column_stays_unknown_in_those_that_read_it(loose: str) -> None:
    columns = {
        "price": {"type": "uniform", "min": 1, "max": 50, "decimals": 2},
        "whole": {**COLUMNS["d2"], "modifiers": [{"type": "round_to", "step": 1}]},
        "free": COLUMNS["free"],
        "net": {"type": "expression", "expression": loose, "decimals": 2},
        "gross": "net * (100 + price) * price",
    }
    assert datagen.check(table(columns)) == ()


def test_of_what_follows_from_one_number_that_is_too_large_the_first_is_reported() -> None:
    assert len(reported("big * big * 3 + big")) == 1


def test_a_problem_has_its_place() -> None:
    (problem,) = datagen.check(CASES / "cast-of-a-word.json")
    assert problem.place == "$.tables.t.columns.e.expression"
    assert "TRY_CAST" in problem.hint


@pytest.mark.parametrize(
    "columns, words",
    [
        (
            {"t": {"type": "pattern", "pattern": "##A"}, "e": "CAST(t AS INT)"},
            r"tables\.t\.columns\.e: .*CAST\(t AS INT\).* row 0 .*of 't': '...' cannot be read as int",
        ),
        ({"e": "(id * 3000000000) * (id * 700000000)"}, r"columns\.e: .* row 2 .* a product does not fit"),
        (
            {
                "x": {**COLUMNS["free"], "median": 9000},
                "e": "CAST(EXP(LN(x)) AS DECIMAL(6, 2))",
            },
            r"columns\.e: .*CAST.* row \d+ .* too many digits",
        ),
        ({"e": "9223372036854775800 + id"}, r"row 7 .* a sum does not fit"),
        (
            {"e": {"type": "expression", "expression": "IF(id = 90, 1e18, 1) + 0.5", "decimals": 2}},
            r"columns\.e: .* too large for a number with 2 decimals",
        ),
    ],
)
def test_a_cell_that_cannot_be_made_is_named(columns: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=words):
        datagen.generate(table(columns, 200), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.parquet"))


def test_a_rare_cell_that_a_decimal_cannot_hold_is_named_or_missing(tmp_path: Path) -> None:
    x = {"type": "lognormal", "median": 100, "sigma": 1, "decimals": 2}
    (problem,) = datagen.check(table({"x": x, "e": "CAST(x AS DECIMAL(7, 2))"}, 2000))
    assert problem.place == "$.tables.t.columns.e.expression"
    assert "at most 99,999.99 in size, but the number reaches 115,021" in problem.message
    assert not datagen.check(table({"x": x, "e": "CAST(x AS DECIMAL(8, 2))"}, 2000))
    rounded = {**x, "modifiers": [{"type": "round_to", "step": 0.05}]}
    assert datagen.check(table({"x": rounded, "e": "CAST(x AS DECIMAL(7, 2))"}, 2000))
    with pytest.raises(RunError, match=r"columns\.e: .* row [\d,]+ \(counted from 0\) of 't'"):
        datagen.generate(table({"x": x, "e": "CAST(EXP(LN(x)) AS DECIMAL(5, 2))"}, 2000), tmp_path / "out")
    dataset = datagen.generate(
        table({"x": x, "e": "TRY_CAST(x AS DECIMAL(5, 2))"}, 2000), tmp_path / "tried", validate=True
    )
    assert dataset.report is not None and dataset.report.passed


def test_numbers_that_multipliers_lift_too_far_are_reported_while_planning() -> None:
    """A law without an end is taken to end where next to no dataset goes; declared multipliers move that end."""
    document = table(
        {"x": {"type": "normal", "mean": 100, "sd": 10, "decimals": 2}, "e": "CAST(x AS DECIMAL(5, 2))"}, 50
    )
    document["window"] = {"start": "2024-01-01", "end": "2025-01-01"}
    document["tables"]["t"]["rows"] = {"type": "arrivals", "count": 50}
    document["tables"]["t"]["columns"]["at"] = {"type": "arrival_time"}
    assert not datagen.check(document)
    trend = {"type": "trend", "shape": "exponential", "growth_per_year": 9, "of": "x"}
    document["tables"]["t"]["behaviors"] = [trend]
    (problem,) = datagen.check(document)
    assert problem.place == "$.tables.t.columns.e"
    assert "holds at most 999.99" in problem.message
