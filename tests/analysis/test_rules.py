from pathlib import Path
from typing import Any

import pytest

from datagen.analysis import RULES, check
from datagen.registry import FAMILIES, load
from datagen.schema.reading.read import read
from tests.analysis.documents import SHOP, reported, shop

load()
ROOT = Path(__file__).parents[2]
KIND_EXAMPLES = [
    pytest.param(example, id=f"{family}.{name}.{number}")
    for family, base in FAMILIES.items()
    for name, kind in sorted(base.members.items())
    for number, example in enumerate(kind.examples)
]


def test_a_sound_document_has_no_problem() -> None:
    assert reported(SHOP) == []


@pytest.mark.parametrize("document", KIND_EXAMPLES)
def test_every_example_of_a_kind_is_sound(document: dict[str, Any]) -> None:
    assert reported(document) == []


def test_every_rule_is_in_the_folder_of_rules_and_says_what_holds() -> None:
    files = {path.stem for path in (ROOT / "datagen" / "analysis" / "rules").glob("[!_]*.py")}
    assert {rule.__module__ for rule in RULES} == {f"datagen.analysis.rules.{name}" for name in files}
    assert all(rule.__doc__ for rule in RULES)


def test_every_problem_has_a_code_a_message_and_the_line_in_yaml() -> None:
    text = "datagen: 1\nname: a\ntables:\n  t:\n    parent: u\n    rows: 3\n    columns:\n      id: {type: key}\n"
    problems = check(read(text))
    assert [(problem.code, problem.line) for problem in problems] == [("unknown-table", 5), ("unrelated-table", 6)]


def test_a_behavior_reaches_what_refers_to_its_table_from_above() -> None:
    """Order lines below orders that refer to a product belong to that product's row."""
    trend = {"type": "trend", "shape": "linear", "growth_per_year": 0.2, "of": "lines.quantity"}
    document = shop(
        stores={"rows": 3, "columns": {"store_id": {"type": "key"}}, "behaviors": [trend]},
        orders={"columns": {"store_id": {"type": "reference", "table": "stores"}}},
        lines={
            "parent": "orders",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"quantity": {"type": "normal", "mean": 5, "sd": 1}},
        },
    )
    assert reported(document) == []
    del document["tables"]["orders"]["columns"]["store_id"]
    assert "'lines' is neither below 'stores' nor refers to it" in reported(document)[0]


def test_each_cycle_is_reported_once_as_a_path() -> None:
    columns = {
        "a": {"type": "expression", "expression": "b + 1"},
        "b": {"type": "expression", "expression": "a + 1"},
        "c": {"type": "expression", "expression": "d + 1"},
        "d": {"type": "expression", "expression": "c + 1"},
    }
    message = reported(shop(customers={"columns": columns}))
    cycles = [line for line in message if line.endswith("[cycle]")]
    assert [line.split(": ")[2] for line in cycles] == [
        "customers.a -> customers.b -> customers.a; remove one of these dependencies [cycle]",
        "customers.c -> customers.d -> customers.c; remove one of these dependencies [cycle]",
    ]


def test_a_window_is_asked_for_only_where_time_matters() -> None:
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": {"id": {"type": "key"}}}}}
    assert reported(document) == []


def test_a_reference_may_lose_cells_but_not_change_them() -> None:
    nulls, rounding = {"type": "nulls", "share": 0.1}, {"type": "round_to", "step": 5}
    parent = {"type": "parent_key", "modifiers": [nulls]}
    assert reported(shop(orders={"columns": {"customer_id": parent}})) == []
    parent["modifiers"] = [rounding]
    assert (
        "must not change, but round_to changes its values"
        in reported(shop(orders={"columns": {"customer_id": parent}}))[0]
    )
