"""Problems of shape and of meaning come together: what reads is checked, and what does not read has no consequences."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.errors import SchemaError
from datagen.registry import FAMILIES, load
from tests.analysis.documents import SHOP, reported, shop

load()
Json = dict[str, Any]
Keys = tuple[str | int, ...]
READING: dict[str, tuple[str, ...]] = {
    "generators": (
        "lifetime_end",
        "case",
        "expression",
        "lookup",
        "frailty_multiplier",
        "parent_key",
        "reference",
        "sum_of",
    ),
    "behaviors": (),
    "expectations": ("row_condition",),
    "modifiers": ("nulls",),
}
"""Kinds that look at what is around them; all of a family where none is named."""
MOST = 12
"""Of a large document so many of its places are spoiled, evenly spread; the slow test takes ten times as many."""
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
DOCUMENTS: dict[str, Json] = {"shop_of_the_tests": SHOP}
DOCUMENTS |= {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES}
DOCUMENTS |= {
    f"{family}.{name}.{i}": example
    for family, kinds in READING.items()
    for name in kinds or sorted(FAMILIES[family].members)
    for i, example in enumerate(FAMILIES[family].members[name].examples)
}


def spoils(data: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every place of a document but its root, with each value that makes it unreadable."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*keys, key), [None]
        if isinstance(value, dict):
            yield (*keys, key), {"qqqqq": [None], **value}
            if "type" in value:
                yield (*keys, key), {**value, "type": f"q{value['type']}"}
        yield from spoils(value, (*keys, key))


def spoiled(document: Json, keys: Keys, value: Any) -> Json:
    """The document with another value at one place."""
    changed = copy.deepcopy(document)
    around: Any = changed
    for key in keys[:-1]:
        around = around[key]
    around[keys[-1]] = value
    return changed


def shape(document: Json) -> list[str]:
    """What reading alone finds."""
    try:
        datagen.read(document)
    except SchemaError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_does_not_read_has_no_consequences(name: str) -> None:
    """Of a sound document with one place that does not read, that place is told and nothing else."""
    assert without_consequences(DOCUMENTS[name], MOST) > 4


@pytest.mark.parametrize(
    "name, place",
    [
        ("behaviors.experiment.2", ("tables", "members", "behaviors", 0, "name")),
        ("payments_fraud", ("tables", "transfers", "parent")),
    ],
)
def test_columns_of_an_experiment_and_windows_along_a_parent_wait_until_these_read(name: str, place: Keys) -> None:
    changed = spoiled(DOCUMENTS[name], place, [None])
    assert shape(changed) and reported(changed) == shape(changed)


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_does_not_read_at_many_places_has_no_consequences(name: str) -> None:
    assert without_consequences(DOCUMENTS[name], 10 * MOST) > 10


def without_consequences(document: Json, most: int) -> int:
    """How many of the spoiled documents do not read; each has the problems of its shape and no others."""
    seen, every = 0, [*spoils(document)]
    for keys, value in every[:: -(-len(every) // most)]:
        changed = spoiled(document, keys, value)
        wrong = shape(changed)
        if wrong:
            assert reported(changed) == wrong
            seen += 1
    return seen


def test_shape_and_meaning_are_reported_together_in_the_order_of_the_document() -> None:
    document = shop(
        customers={
            "columns": {"segment": {"type": "chioce", "values": ["a"]}, "home": {"type": "reference", "table": "x"}}
        },
        orders={
            "behaviors": [{"type": "segments"}, {"type": "trend", "shape": "linear", "growth_per_year": 1, "of": "y"}],
            "columns": {
                "net": {"type": "expression", "expression": "amont / 2"},
                "tax": {"type": "uniform", "min": 3, "max": 2},
                "paid": {"type": "after", "column": "ordered", "delay": "2h", "wen": "x"},
            },
        },
    )
    document["seed"] = "x"
    assert [line.partition(": ")[0].partition(" ")[0] for line in reported(document)] == [
        "$.tables.customers.columns.segment.type",
        "$.tables.customers.columns.home.table",
        "$.tables.orders.columns.net.expression",
        "$.tables.orders.columns.tax.min",
        "$.tables.orders.columns.paid.column",
        "$.tables.orders.columns.paid.wen",
        "$.tables.orders.behaviors[0].multiply",
        "$.tables.orders.behaviors[1].of",
        "$.seed",
    ]  # fmt: skip


def test_a_column_that_does_not_read_is_known_and_may_be_anything() -> None:
    """Expressions, keys, behaviors, lookups and expectations that name it are judged once it reads."""
    document = shop(
        customers={"columns": {"customer_id": {"type": "kye"}, "segment": {"type": "choice", "values": 3}}},
        orders={
            "primary_key": ["amount"],
            "columns": {
                "amount": {"type": "lognormal", "median": "much"},
                "twice": {"type": "expression", "expression": "2 * amount"},
                "kind": {
                    "type": "case",
                    "column": "customers.segment",
                    "cases": {"q": {"type": "constant", "value": 1}},
                },
                "friend": {"type": "reference", "table": "customers"},
                "group": {"type": "lookup", "through": "friend", "column": "segment"},
            },
        },
    )
    document["tables"]["customers"]["behaviors"] = [
        {"type": "segments", "column": "segment", "multiply": {"q": {"orders.amount": 2}}}
    ]
    document["expectations"] = [{"type": "mean", "table": "orders", "expression": "amount", "at_least": 3}]
    assert reported(document) == shape(document)
    assert len(shape(document)) == 4


@pytest.mark.parametrize("instead", [None, 5, "x", [], {"columns": [], "rows": None}])
def test_a_table_that_does_not_read_is_known_and_may_hang_below_any(instead: Any) -> None:
    document = copy.deepcopy(SHOP)
    document["tables"]["customers"]["columns"]["spent"] = {
        "type": "sum_of",
        "table": "orders",
        "expression": "amount",
    }
    document["tables"]["customers"]["behaviors"] = [
        {"type": "retention", "lifetime": {"type": "exponential", "mean": 9}},
        {"type": "segments", "column": "segment", "multiply": {"vip": {"orders.amount": 2}}},
    ]
    assert reported(document) == []
    document["tables"]["orders"] = (
        instead if instead is None or not isinstance(instead, dict) else {"parent": "customers", **instead}
    )
    assert reported(document) == shape(document) != []


def test_a_key_written_wrong_is_not_taken_for_left_out() -> None:
    document = copy.deepcopy(SHOP)
    document["windw"] = document.pop("window")
    orders = document["tables"]["orders"]
    orders["parnt"] = orders.pop("parent")
    assert [line.partition(" [")[0] for line in reported(document)] == [
        "$.tables.orders.parnt: unknown key 'parnt'; did you mean 'parent'?",
        "$.windw: unknown key 'windw'; did you mean 'window'?",
    ]


def test_what_keeps_a_document_from_being_read_at_all_is_reported_alone() -> None:
    assert [line.partition(":")[0] for line in reported({**SHOP, "tables": []})] == ["$.tables"]


def test_what_no_document_can_hold_does_not_hide_the_rest() -> None:
    """A value that cannot be read is one problem among the others, of shape and of meaning."""
    document = copy.deepcopy(SHOP)
    document["seed"], document["name"] = float("nan"), 3
    document["tables"]["orders"]["parent"] = "custmers"
    assert [line.partition(":")[0] for line in reported(document)] == ["$.name", "$.tables.orders.parent", "$.seed"]
