"""A rare group with more rows below one of it than fit into memory is a problem, however large the table."""

from __future__ import annotations

from typing import Any

import pytest

import datagen
from datagen.errors import PlanError, SchemaError

Json = dict[str, Any]


def document(rows: int, giants: float, times: float = 1e6, **columns: Json) -> Json:
    """Events below `rows` roots; a share of the roots has `times` as many."""
    sizes = {"type": "choice", "values": {"usual": 1.0 - giants, "giant": giants}}
    value = {"type": "pattern", "pattern": "##"}
    giant = {"type": "segments", "column": "size", "multiply": {"giant": {"events": times}}}
    return {
        "datagen": 1, "name": "giants", "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "roots": {"rows": rows, "columns": {"id": {"type": "key"}, "size": sizes, **columns}, "behaviors": [giant]},
            "events": {
                "parent": "roots",
                "rows": {"type": "events", "mean_per_year": 20},
                "columns": {"id": {"type": "key"}, "at": {"type": "event_time"}, "value": value},
            },
        },
    }  # fmt: skip


def outcome(made: Json, seed: int = 0) -> str:
    """Whether the document is refused, with `check` and `plan` of one mind."""
    made = made | {"seed": seed}
    problems = datagen.check(made)
    try:
        datagen.plan(made)
    except (PlanError, SchemaError):
        assert problems
        return "refused"
    assert not problems
    return "planned"


@pytest.mark.parametrize("rows", [400_000, 3_000_000, 30_000_000])
def test_a_giant_in_a_large_table_is_found_by_check(rows: int) -> None:
    made = document(rows, 30 / rows)
    (problem,) = datagen.check(made)
    assert (problem.code, problem.place) == ("unplannable", "$.tables.events.rows")
    assert "where 'size' is 'giant'" in problem.message
    assert problem.hint
    with pytest.raises((PlanError, SchemaError)):
        datagen.plan(made)


def test_a_group_without_a_row_is_no_problem() -> None:
    """Whether a rare group has a row at all is looked up."""
    found = {outcome(document(2_100_000, 2e-7), seed) for seed in (1, 2)}
    assert found == {"planned", "refused"}


@pytest.mark.parametrize("times", [2, 1e4])
def test_a_group_that_fits_is_no_problem(times: float) -> None:
    assert outcome(document(3_000_000, 1e-4, times)) == "planned"


def test_two_rare_groups_are_taken_together_where_some_row_is_in_both() -> None:
    made = document(3_000_000, 1e-3, 1e3, kind={"type": "choice", "values": {"a": 0.999, "b": 0.001}})
    made["tables"]["roots"]["behaviors"].append(
        {"type": "segments", "column": "kind", "multiply": {"b": {"events": 1e3}}}
    )
    (problem,) = datagen.check(made)
    assert "where 'size' is 'giant' and 'kind' is 'b'" in problem.message
    made["tables"]["roots"]["columns"]["kind"]["values"] = {"a": 1.0, "b": 1e-9}
    assert outcome(made) == "planned"


def test_a_frailty_counts_at_its_expected_largest_value() -> None:
    made = document(3_000_000, 1e-5, 1e5)
    assert outcome(made) == "planned"
    made["tables"]["roots"]["behaviors"].append({"type": "frailty", "of": ["events"], "dispersion": 3})
    assert outcome(made) == "refused"


def of_children(rows: int, times: float, giants: float = 10, **roots: Json) -> Json:
    """Items below orders, of which `giants` in all have `times` as many."""
    made = document(rows, 0.5, 1e3)
    tables = made["tables"]
    tables["roots"] = {"rows": rows, "columns": {"id": {"type": "key"}, **roots}}
    tables["items"] = {**tables.pop("events"), "parent": "orders"}
    share = giants / rows / 2
    tables["orders"] = {
        "parent": "roots",
        "rows": {"type": "events", "mean_per_year": 2},
        "columns": {
            "order_id": {"type": "key"},
            "at": {"type": "event_time"},
            "size": {"type": "choice", "values": {"usual": 1 - share, "giant": share}},
        },
        "behaviors": [{"type": "segments", "column": "size", "multiply": {"giant": {"items": times}}}],
    }
    return made


def test_a_giant_among_children_is_found_by_check() -> None:
    rows = 30_000_000
    made = of_children(rows, 1e6)
    (problem,) = datagen.check(made)
    assert (problem.code, problem.place) == ("unplannable", "$.tables.items.rows")
    assert "a row of 'orders' where 'size' is 'giant'" in problem.message
    assert outcome(made) == "refused"
    assert outcome(of_children(rows, 1e4)) == "planned"
    assert outcome(of_children(rows, 1e6, giants=1e-3)) == "planned"


def test_a_group_of_children_counts_together_with_one_of_the_roots() -> None:
    made = of_children(2_500_000, 1e3, giants=1e4, kind={"type": "choice", "values": {"a": 0.99, "b": 0.01}})
    assert outcome(made) == "planned"
    kind = {"type": "segments", "column": "kind", "multiply": {"b": {"items": 1e3}}}
    made["tables"]["roots"]["behaviors"] = [kind]
    (problem,) = datagen.check(made)
    assert "where 'size' is 'giant' and 'roots.kind' is 'b'" in problem.message


def referring(rows: int, giants: float, times: float = 1e6, **reference: Any) -> Json:
    """Events below roots that refer to one of 100,000 plans, of which a share is giant."""
    made = document(rows, giants, times)
    plans = made["tables"]["roots"] | {"rows": 100_000}
    chosen = {"type": "reference", "table": "plans", **reference}
    roots = {"rows": rows, "columns": {"id": {"type": "key"}, "plan_id": chosen}}
    made["tables"] = {"plans": plans, "roots": roots, "events": made["tables"]["events"]}
    return made


def test_a_giant_through_a_reference_is_found_by_check() -> None:
    made = referring(3_000_000, 3e-5)
    (problem,) = datagen.check(made)
    assert (problem.code, problem.place) == ("unplannable", "$.tables.events.rows")
    assert "a row of 'roots' where 'size' of the row that 'plan_id' refers to is 'giant'" in problem.message
    assert outcome(referring(3_000_000, 3e-5, 1e3)) == "planned"


def test_giants_that_nobody_refers_to_are_no_problem() -> None:
    made = referring(3_000_000, 3e-5, weight="weight")
    weight = {"type": "case", "column": "size", "cases": {"giant": 0.0}, "default": 1.0}
    made["tables"]["plans"]["columns"] |= {"weight": weight}
    assert outcome(made) == "planned"


def test_a_giant_through_a_reference_of_children_is_found_by_check() -> None:
    made = of_children(3_000_000, 1e6)
    plans = referring(1, 3e-5)["tables"]["plans"]
    plans["behaviors"][0]["multiply"] = {"giant": {"items": 1e6}}
    orders = made["tables"]["orders"]
    orders["columns"] = {
        "order_id": {"type": "key"},
        "at": {"type": "event_time"},
        "plan_id": {"type": "reference", "table": "plans"},
    }
    orders["behaviors"] = []
    made["tables"] = {"plans": plans, **made["tables"]}
    (problem,) = datagen.check(made)
    assert "a row of 'orders' where 'size' of the row that 'plan_id' refers to is 'giant'" in problem.message
    assert problem.place == "$.tables.items.rows"
