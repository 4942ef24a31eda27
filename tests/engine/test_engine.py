"""The family engine: counts agree with what is made, previews with the run, totals with what scales them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.analysis import analyze_or_raise
from datagen.engine.exact_counts import in_order
from datagen.engine.planner import PlanSettings, make_plan
from datagen.errors import PlanError
from tests.promises.documents import busy, staff, tables


def test_the_row_counter_counts_what_is_made() -> None:
    plan = datagen.plan(busy(), partition_rows=300)
    made = tables(busy(), partition_rows=300)
    assert {name: table.rows for name, table in plan.tables.items()} == {
        name: table.num_rows for name, table in made.items()
    }
    assert len(plan.partitions) > 10


def test_counts_that_depend_on_the_numbers_of_rows_are_those_of_what_is_made() -> None:
    """Rows below a root are numbered by what was counted before them, in whatever way the dataset is cut."""
    whole = tables(staff())
    for rows in (50, 400):
        plan = datagen.plan(staff(), partition_rows=rows)
        assert len(plan.partitions) > 3
        assert plan.tables["absences"].rows == whole["absences"].num_rows
        assert tables(staff(), partition_rows=rows)["absences"].equals(whole["absences"])


def test_a_key_of_the_parent_in_one_case_of_a_column_can_be_judged(tmp_path: Path) -> None:
    datagen.generate(staff(), tmp_path / "out")
    assert datagen.validate(staff(), tmp_path / "out").passed


def test_what_can_be_counted_apart_is_distinguished_from_what_must_be_counted_in_order() -> None:
    assert in_order(datagen.plan(staff()))
    assert not in_order(datagen.plan(busy()))
    nested = staff()
    nested["tables"]["people"]["behaviors"][0] = {
        "type": "segments", "column": "parity", "multiply": {"1": {"absences": 3}},
    }  # fmt: skip
    assert not in_order(datagen.plan(nested)), "keys of a root table are known"
    nested["tables"]["people"]["columns"]["parity"]["cases"]["junior"] = {"type": "reference", "table": "people"}
    assert in_order(datagen.plan(nested)), "a case of a column counts as well"


def test_an_estimate_from_a_sample_is_near_the_exact_counts() -> None:
    model = analyze_or_raise(busy())
    about, exact = (make_plan(model, PlanSettings(seed=7), count=c) for c in (False, True))
    assert not about.counted and exact.counted
    assert about.total_rows == pytest.approx(exact.total_rows, rel=0.05)


def test_a_preview_shows_the_very_rows_of_the_full_run() -> None:
    whole = tables(busy())
    for name, rows in datagen.preview(busy(), rows=7).items():
        assert rows.equals(whole[name].slice(0, 7)), name


def test_a_preview_of_one_table_is_that_table_alone() -> None:
    assert list(datagen.preview(busy(), table="visits")) == ["visits"]
    with pytest.raises(PlanError, match="did you mean 'visits'"):
        datagen.preview(busy(), table="visit")


def test_a_multiplied_total_multiplies_what_its_lines_cost() -> None:
    """The identity of totals and lines holds, and the declared multiplier is found in both."""
    document = busy()
    document["tables"]["people"]["behaviors"] = [
        {"type": "segments", "column": "grade", "multiply": {"a": {"people.spent": 2.0}}},
    ]
    plain = busy()
    plain["tables"]["people"]["behaviors"] = []
    before, after = tables(plain), tables(document)
    grade = dict(zip(before["people"]["person_id"].to_pylist(), before["people"]["grade"].to_pylist(), strict=True))
    ratio = np.array(after["visits"]["fee"]) / np.array(before["visits"]["fee"])
    vip = np.array([grade[p] == "a" for p in before["visits"]["person_id"].to_pylist()])
    assert np.allclose(ratio[vip], 2.0, rtol=2e-3) and np.all(ratio[~vip] == 1.0)


def test_a_plan_over_the_budget_is_refused_with_the_arithmetic() -> None:
    document: dict[str, Any] = busy()
    document["tables"]["people"]["rows"] = {"type": "arrivals", "count": 1_000_000_000}
    with pytest.raises(PlanError, match=r"the budget is 64 MB: 220 MB for the process, 3 x .* rows") as error:
        datagen.plan(document, memory=64_000_000)
    assert error.value.exit_code == 2


def test_a_single_row_too_large_for_the_budget_is_refused() -> None:
    document = busy()
    document["tables"]["visits"]["rows"] = {"type": "events", "mean_per_hour": 3000}
    with pytest.raises(PlanError, match="a single one cannot be divided"):
        datagen.plan(document, memory=500_000_000)


def test_too_many_partitions_are_refused() -> None:
    document = busy()
    document["tables"]["places"]["rows"] = 1_000_000
    with pytest.raises(PlanError, match="partition-rows"):
        datagen.plan(document, partition_rows=1)


def test_looking_up_a_large_table_below_a_parent_is_refused() -> None:
    document = busy()
    document["tables"]["people"]["rows"]["count"] = 1_000_000
    document["tables"]["places"]["columns"]["first_id"] = {"type": "reference", "table": "visits"}
    document["tables"]["places"]["columns"]["first_at"] = {"type": "lookup", "through": "first_id", "column": "came_at"}
    with pytest.raises(PlanError, match="in memory"):
        make_plan(analyze_or_raise(document), PlanSettings(seed=1), count=False)


def test_a_column_of_a_large_root_table_is_made_where_it_is_asked_for() -> None:
    document = busy()
    document["tables"]["places"]["rows"] = 3_000_000
    fees = {r["place_id"]: r["fee"] for r in datagen.preview(document, "places", 1000)["places"].to_pylist()}
    plain = busy()
    plain["tables"]["places"]["rows"] = 3_000_000
    plain["tables"]["people"]["behaviors"] = []
    visits = datagen.preview(plain, "visits", 1000)["visits"].to_pylist()
    known = [v for v in visits if v["place_id"] in fees]
    assert all(v["fee"] == fees[v["place_id"]] for v in known)


@pytest.mark.parametrize("rows", [0, 1])
def test_empty_and_single_row_tables_are_made(rows: int) -> None:
    document = busy()
    document["tables"]["people"]["rows"]["count"] = rows
    document["tables"]["remarks"]["columns"].pop("by_id")
    made = tables(document)
    assert made["people"].num_rows == rows
    assert made["visits"].schema == tables(busy())["visits"].schema


def test_words_of_a_table_without_rows_are_missing_wherever_they_are_read(tmp_path: Path) -> None:
    """Nobody is referred to, so everything that follows is missing: in files, and when they are judged."""
    nowhere = {
        "place_id": {"type": "key"},
        "kind": {"type": "choice", "values": ["inn", "bar"]},
        "same": {"type": "expression", "expression": "kind"},
    }
    visits = {
        "place_id": {"type": "reference", "table": "places", "null_share": 1},
        "kind": {"type": "lookup", "through": "place_id", "column": "same"},
        "mail": {"type": "email", "from": "kind"},
        "loud": {"type": "expression", "expression": "UPPER(kind)"},
    }
    tables = {"places": {"rows": 0, "columns": nowhere}, "visits": {"rows": 20, "columns": visits}}
    document = {"datagen": 1, "name": "nowhere", "tables": tables}
    made = datagen.generate(document, tmp_path / "out")["visits"].to_arrow()
    assert all(made[name].null_count == 20 for name in visits)
    assert datagen.validate(document, tmp_path / "out").passed


@pytest.mark.parametrize("popularity", [{"type": "uniform"}, {"type": "zipf", "exponent": 0.8}])
def test_segments_of_what_is_referred_to_shift_which_rows_are_chosen(popularity: dict[str, Any]) -> None:
    """A multiplier on the rate of rows that refer to an entity makes it chosen that much more often, popular or not."""
    document: dict[str, Any] = {
        "datagen": 1,
        "name": "shares",
        "tables": {
            "items": {
                "rows": 40,
                "columns": {"item_id": {"type": "key"}, "tier": {"type": "choice", "values": {"hot": 1, "cold": 1}}},
                "behaviors": [{"type": "segments", "column": "tier", "multiply": {"hot": {"sales": 4.0}}}],
            },
            "baskets": {"rows": 20_000, "columns": {"basket_id": {"type": "key"}}},
            "sales": {
                "parent": "baskets",
                "rows": {"type": "per_parent", "count": 5},
                "columns": {
                    "basket_id": {"type": "parent_key"},
                    "item_id": {"type": "reference", "table": "items", "popularity": popularity},
                },
            },
        },
    }
    plain = copy.deepcopy(document)
    del plain["tables"]["items"]["behaviors"]
    made = tables(document)
    hot = np.array(made["items"]["tier"].to_pylist()) == "hot"
    shifted, before = (np.bincount(np.array(t["sales"]["item_id"]) - 1, minlength=40) for t in (made, tables(plain)))
    odds = (shifted[hot].sum() / shifted[~hot].sum()) / (before[hot].sum() / before[~hot].sum())
    assert odds == pytest.approx(4.0, rel=0.04)


@pytest.mark.parametrize(
    "behavior",
    [
        {"type": "frailty", "of": ["visits", "visits.amount"], "dispersion": 2.0},
        {"type": "retention", "of": ["visits"], "born": "opened", "lifetime": {"type": "exponential", "mean": 2}},
        {"type": "vintage", "born": "opened", "multiply": {"visits": [3.0, 0.2], "visits.amount": [2.0, 0.5]}},
        {
            "type": "vintage",
            "born": "opened",
            "multiply": {
                "visits": {"type": "linear", "slope": 0.3},
                "visits.amount": {"type": "exponential", "half_life": 2, "floor": 3},
            },
        },
    ],
)
def test_who_refers_to_nobody_takes_nobodys_frailty_life_or_age(behavior: dict[str, Any]) -> None:
    """Rows with a null reference keep the declared rate and values, whatever becomes of the first entity."""
    opened = {"type": "constant", "value": "2024-01-01", "as": "timestamp"}
    document: dict[str, Any] = {
        "datagen": 1,
        "name": "regions",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "regions": {
                "rows": 3,
                "columns": {"region_id": {"type": "key"}, "opened": opened},
                "behaviors": [behavior],
            },
            "users": {
                "rows": 2000,
                "columns": {
                    "user_id": {"type": "key"},
                    "region_id": {"type": "reference", "table": "regions", "null_share": 0.5},
                },
            },
            "visits": {
                "parent": "users",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {
                    "user_id": {"type": "parent_key"},
                    "amount": {"type": "normal", "mean": 10, "sd": 1},
                },
            },
        },
    }
    made = tables(document, seed=1)
    nobody = made["users"].to_pandas()["region_id"].isna()
    visits = made["visits"].to_pandas()
    by_nobody = nobody.to_numpy()[visits["user_id"] - 1]
    assert by_nobody.sum() / nobody.sum() == pytest.approx(2 * 366 * 24 / 730.5, rel=0.03)
    assert visits["amount"][by_nobody].mean() == pytest.approx(10, rel=0.01)
