"""Columns bear the names that people give them, in any script; what no program could tell apart or hold is refused."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.names import COLUMN, TABLE, column_fault, comparison_key, is_table_name, table_fault

CASES = Path(__file__).parent / "cases"
GOOD = [
    "größe",
    "客户",
    "Order ID",
    "_id",
    "имя",
    "اسم",
    "नाम",
    "e-mail",
    "2024",
    "a",
    "x" * 63,
    "Straße 1",
    "__a__",
    "ª",
]
BAD = {
    "": "begin with",
    " a": "begin with",
    "-a": "begin with",
    "a ": "single spaces",
    "a  b": "single spaces",
    "a-": "single spaces",
    "a.b": "without '.'",
    'a"b': "without '\"'",
    "a'b": "without '''",
    "a`b": "without '`'",
    "a\nb": "without U+000A",
    "a\tb": "without U+0009",
    "a\u202eb": "without U+202E",
    "a\u200bb": "without U+200B",
    "a\u00a0b": "without U+00A0",
    "a;b": "without ';'",
    "a/b": "without '/'",
    "{{a}}": "without '{'",
    "x" * 64: "63 bytes",
    "客" * 22: "63 bytes",
    "e\u0301": "composed",
    "😀": "without '😀'",
}


@pytest.mark.parametrize("name", GOOD)
def test_letters_and_digits_of_any_language_spaces_and_underscores_make_a_name(name: str) -> None:
    assert column_fault(name) == ""
    assert re.fullmatch(COLUMN, name)


@pytest.mark.parametrize("name", BAD)
def test_whatever_else_is_refused_and_the_message_says_why(name: str) -> None:
    assert BAD[name] in column_fault(name)


@pytest.mark.parametrize("name", ["a.b", 'a"b', "a\nb", "a\u202eb", "a\u200bb", " a", "a/b", "a;b", "{{a}}", "a'b"])
def test_editors_see_what_is_dangerous(name: str) -> None:
    assert not re.fullmatch(COLUMN, name)


@pytest.mark.parametrize("name", ["größe", "Order ID", "_id", "9a", "客户", "a-b", "a" * 64, "", "../a"])
def test_tables_become_folders_and_keep_to_ascii(name: str) -> None:
    assert table_fault(name) and not is_table_name(name) and not re.fullmatch(TABLE, name)
    document = {"datagen": 1, "name": "a", "tables": {name: {"rows": 1, "columns": {"id": {"type": "key"}}}}}
    assert [problem.code for problem in datagen.check(document)] == ["invalid-name"]


@pytest.mark.parametrize("one, other", [("Größe", "GRÖSSE"), ("Order ID", "order id"), ("ﬁsh", "fish"), ("Ω", "ω")])
def test_names_that_differ_by_case_or_form_only_are_refused(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)
    columns = {one: {"type": "uuid"}, other: {"type": "uuid"}}
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 1, "columns": columns}}}
    assert [problem.code for problem in datagen.check(document)] == ["invalid-name"]


def test_the_headers_of_a_source_are_the_headers_of_the_files() -> None:
    document = datagen.read(CASES / "names_with_letters.yaml")
    assert datagen.preview(document)["t"].column_names == ["id", "größe", "客户", "Order ID", "_id"]


NAMED: dict[str, Any] = {
    "datagen": 1,
    "name": "named",
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "customers": {
            "rows": {"type": "arrivals", "count": 40},
            "primary_key": ["Kunden-Nr"],
            "columns": {
                "Kunden-Nr": {"type": "key"},
                "seit wann": {"type": "arrival_time"},
                "_größe": {"type": "choice", "values": {"klein": 3, "groß": 1}},
                "客户": {"type": "person_name"},
                "E-Mail 1": {"type": "email", "from": "客户"},
                "Summe netto": {"type": "sum_of", "table": "orders", "expression": '"Order Total" * 2'},
            },
            "behaviors": [
                {"type": "segments", "column": "_größe", "multiply": {"groß": {"orders": 3, "orders.Order Total": 2}}},
                {
                    "type": "vintage",
                    "born": "seit wann",
                    "unit": "month",
                    "multiply": {"orders": {"type": "points", "values": [1, 0.5]}},
                },
            ],
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 2},
            "columns": {
                "Order ID": {"type": "key"},
                "Kunden-Nr": {"type": "parent_key"},
                "am": {"type": "event_time"},
                "Order Total": {"type": "lognormal", "median": 20, "sigma": 0.5, "decimals": 2},
                "2024": {"type": "case", "column": "customers._größe", "cases": {"klein": 1, "groß": 2}},
                "mit MwSt": {"type": "expression", "expression": 'ROUND("Order Total" * 1.2, 2) + "2024"'},
                "bezahlt am": {"type": "after", "column": "am", "delay": "2h", "when": '"Order Total" > 10'},
                "über": {
                    "type": "expression",
                    "expression": 'customers."客户" || größer',
                    "modifiers": [{"type": "nulls", "share": 0.2, "when": '"mit MwSt" > 30'}],
                },
                "größer": {
                    "type": "expression",
                    "expression": "CASE WHEN \"Order Total\" > 20 THEN 'ja' ELSE 'nein' END",
                },
                "vorher": {"type": "reference", "table": "customers", "existing_at": "am"},
                "Name davon": {"type": "lookup", "through": "vorher", "column": "客户"},
            },
        },
    },
    "expectations": [
        {"type": "mean", "table": "orders", "expression": '"Order Total"', "at_least": 1},
        {"type": "row_condition", "table": "orders", "condition": '"mit MwSt" > "Order Total"'},
        {"type": "unique", "table": "orders", "columns": ["Order ID", "Kunden-Nr"]},
    ],
}


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_such_columns_can_be_named_wherever_a_column_is_named(kind: str, tmp_path: Path) -> None:
    """In expressions in double quotes, elsewhere as they are; in every format the files validate."""
    document = copy.deepcopy(NAMED) | {"output": {"type": kind}}
    assert datagen.check(document) == ()
    dataset = datagen.generate(document, tmp_path)
    assert dataset.table("orders").read(dataset.table("orders").files[0]).column_names == list(
        document["tables"]["orders"]["columns"]
    )
    report = datagen.validate(document, tmp_path)
    assert [finding.message for finding in report.failed] == []


def test_a_name_with_a_space_that_lacks_its_quotes_gets_its_spelling_as_a_hint() -> None:
    document = copy.deepcopy(NAMED)
    document["tables"]["orders"]["columns"]["mit MwSt"]["expression"] = "Order Total * 2"
    (problem,) = (one for one in datagen.check(document) if "mit MwSt" in one.keys)
    assert 'write "Order Total" in double quotes' in problem.hint
