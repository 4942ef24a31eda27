"""Rows that are chosen by reference: subsets, popularity among those that exist, and the truth about
whoever is chosen.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

import datagen
from tests.promises.documents import tables

CASES = Path(__file__).parents[1] / "cases"
WINDOW = {"start": "2023-01-01", "end": "2025-01-01"}
MONTH = 730.5 * 3.6e9


def numbers(column: Any) -> np.ndarray:
    """Keys as they are, instants as microseconds, missing cells as the largest integer."""
    cells = column.combine_chunks()
    cells = cells.cast("int64") if "timestamp" in str(cells.type) else cells
    return cells.fill_null(2**62).to_numpy(zero_copy_only=False)


def subsets(students: int, courses: int, picks: int, **reference: Any) -> dict[str, Any]:
    choice = {"type": "reference", "table": "courses", "distinct": True, **reference}
    return {
        "datagen": 1,
        "name": "subsets",
        "tables": {
            "courses": {"rows": courses, "columns": {"course_id": {"type": "key"}}},
            "students": {"rows": students, "columns": {"student_id": {"type": "key"}}},
            "picks": {
                "parent": "students",
                "rows": {"type": "per_parent", "count": picks},
                "columns": {"student_id": {"type": "parent_key"}, "course_id": choice},
            },
        },
    }


def combinations_of(document: Any, picks: int) -> dict[tuple[int, ...], int]:
    chosen = np.sort(numbers(tables(document)["picks"]["course_id"]).reshape(-1, picks), axis=1)
    found, counts = np.unique(chosen, axis=0, return_counts=True)
    return dict(zip(map(tuple, found.tolist()), counts.tolist(), strict=True))


@pytest.mark.parametrize(
    "document, courses, picks",
    [
        (CASES / "distinct_subsets.yaml", 30, 3),
        (subsets(4000, 6, 3), 6, 3),
        (subsets(4000, 12, 10), 12, 10),
        (subsets(8000, 12, 3), 12, 3),
    ],
    ids=["3 of 30", "3 of 6", "10 of 12", "3 of 12"],
)
def test_distinct_references_are_uniform_over_all_subsets(document: Any, courses: int, picks: int) -> None:
    found = combinations_of(document, picks)
    every = list(itertools.combinations(range(1, courses + 1), picks))
    assert all(len(set(one)) == picks for one in found)
    counts = np.array([found.get(one, 0) for one in every])
    expected = counts.sum() / len(every)
    assert ((counts - expected) ** 2 / expected).sum() < stats.chi2.ppf(1 - 1e-4, len(every) - 1)


def test_distinct_references_with_popularity_are_drawn_one_after_the_other() -> None:
    """Successive sampling: the share of rows in all subsets is that of the law, member by member."""
    distribution = {"type": "zipf", "exponent": 1.0, "order": "key"}
    found = combinations_of(subsets(20_000, 6, 2, popularity=distribution), 2)
    weights = 1 / np.arange(1, 7)
    weights /= weights.sum()
    for (a, b), count in found.items():
        p, q = weights[a - 1], weights[b - 1]
        chance = p * q / (1 - p) + q * p / (1 - q)
        assert count == pytest.approx(20_000 * chance, abs=5 * (20_000 * chance) ** 0.5)


def sold(popularity: dict[str, Any], **reference: Any) -> dict[str, Any]:
    choice = {"type": "reference", "table": "products", "existing_at": "sold_at", "popularity": popularity, **reference}
    return {
        "datagen": 1,
        "name": "sold",
        "window": WINDOW,
        "tables": {
            "products": {
                "rows": {"type": "arrivals", "count": 60, "before_window": 0.5},
                "columns": {"product_id": {"type": "key"}, "launched_at": {"type": "arrival_time"}},
            },
            "sales": {
                "rows": {"type": "arrivals", "count": 60_000},
                "columns": {"sale_id": {"type": "key"}, "sold_at": {"type": "arrival_time"}, "product_id": choice},
            },
        },
    }


@pytest.mark.parametrize("exponent, order", [(1.0, "key"), (2.0, "key"), (0.6, "key")])
def test_shares_among_those_that_exist_are_the_distributions(exponent: float, order: str) -> None:
    made = tables(sold({"type": "zipf", "exponent": exponent, "order": order}))
    born, at = numbers(made["products"]["launched_at"]), numbers(made["sales"]["sold_at"])
    chosen = numbers(made["sales"]["product_id"]) - 1
    weights = np.arange(1, 61) ** -exponent
    able = weights * (born <= at[:, np.newaxis])
    shares = able / able.sum(axis=1, keepdims=True)
    expected, variance = shares.sum(axis=0), (shares * (1 - shares)).sum(axis=0)
    found = np.bincount(chosen, minlength=60)
    assert (born[chosen] <= at).all()
    assert (np.abs(found - expected) < 4.5 * variance**0.5 + 1e-9).all()


def test_the_share_of_a_best_seller_that_is_not_there_yet_goes_to_nobody_in_particular() -> None:
    """Week by week, no product sells more than its share among those that existed: no bursts."""
    made = tables(CASES / "zipf_existing_at.yaml")
    born, at = numbers(made["products"]["launched_at"]), numbers(made["sales"]["sold_at"])
    chosen, week = numbers(made["sales"]["product_id"]) - 1, (at - at.min()) // (7 * 86_400_000_000)
    old = np.flatnonzero(born < at.min())
    counts = np.zeros((int(week.max()) + 1, len(born)))
    np.add.at(counts, (week, chosen), 1)
    shares = counts[:, old] / counts[:, old].sum(axis=1, keepdims=True)
    whole = counts[:, old].sum(axis=0) / counts[:, old].sum()
    error = (whole / counts[:, old].sum(axis=1, keepdims=True)) ** 0.5
    assert (np.abs(shares - whole)[:-1] < 6 * error[:-1]).all(), "what was there all along keeps its shares"


def rides(behaviors: list[dict[str, Any]], drivers: Any = None, **columns: Any) -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "rides",
        "window": WINDOW,
        "tables": {
            "drivers": {
                "rows": drivers or {"type": "arrivals", "count": 120, "before_window": 0.7},
                "columns": {"driver_id": {"type": "key"}, "hired_at": {"type": "arrival_time"}, **columns},
                "behaviors": behaviors,
            },
            "riders": {"rows": 400, "columns": {"rider_id": {"type": "key"}}},
            "rides": {
                "parent": "riders",
                "rows": {"type": "events", "mean_per_month": 4},
                "columns": {
                    "rider_id": {"type": "parent_key"},
                    "at": {"type": "event_time"},
                    "driver_id": {"type": "reference", "table": "drivers", "existing_at": "at"},
                },
            },
        },
    }


def seen(document: dict[str, Any], tmp_path: Path) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Drivers with their truth, and of each ride that has one the driver's index and the moment."""
    made = datagen.generate(document, tmp_path / "out")
    drivers = {name: numbers(made["drivers"].to_arrow()[name]) for name in ("driver_id", "hired_at")}
    truth = tmp_path / "out" / "_truth" / "drivers"
    if truth.exists():
        hidden = pq.read_table(truth)
        order = np.argsort(hidden["driver_id"].to_numpy())
        drivers |= {n: hidden[n].take(order) for n in hidden.column_names if n != "driver_id"}  # type: ignore[misc]
    rides_ = made["rides"].to_arrow()
    index, at = numbers(rides_["driver_id"]), numbers(rides_["at"])
    there = index < 2**62
    return drivers, index[there] - 1, at[there]


def test_nobody_is_chosen_before_birth_or_after_the_end_of_life_and_age_counts(tmp_path: Path) -> None:
    behaviors = [
        {
            "type": "retention",
            "of": ["rides"],
            "lifetime": {"type": "exponential", "mean": 12},
            "truth_column": "left_at",
        },
        {"type": "vintage", "multiply": {"rides": [3, 2, 1]}},
    ]
    drivers, chosen, at = seen(rides(behaviors), tmp_path)
    born, end = drivers["hired_at"], numbers(drivers["left_at"])
    assert len(at) > 30_000
    assert (born[chosen] <= at).all()
    assert (at < end[chosen]).all()
    alive = (born <= at[:, np.newaxis]) & (at[:, np.newaxis] < end)
    age = np.clip((at[:, np.newaxis] - born) // MONTH, 0, 2).astype(int)
    weights = np.array([3.0, 2.0, 1.0])[age] * alive
    expected = [(weights * (age == k)).sum(axis=1) / weights.sum(axis=1) for k in range(3)]
    found = np.bincount(np.clip((at - born[chosen]) // MONTH, 0, 2).astype(int), minlength=3)
    for k in range(3):
        assert found[k] == pytest.approx(expected[k].sum(), abs=4.5 * (expected[k] * (1 - expected[k])).sum() ** 0.5)
    assert datagen.validate(rides(behaviors), tmp_path / "out").passed


def test_references_are_missing_when_nobody_is_alive(tmp_path: Path) -> None:
    """All drivers were there before the window and leave soon: at last a ride has none."""
    behaviors = [
        {
            "type": "retention",
            "of": ["rides"],
            "lifetime": {"type": "exponential", "mean": 2},
            "truth_column": "left_at",
        }
    ]
    document = rides(behaviors, {"type": "arrivals", "count": 20, "before_window": 1, "history": "60d"})
    drivers, chosen, at = seen(document, tmp_path)
    end = numbers(drivers["left_at"])
    assert (at < end[chosen]).all()
    assert at.max() < end[end < 2**62].max()
    assert datagen.validate(document, tmp_path / "out").passed


def test_the_frailty_in_the_truth_is_the_one_that_acts(tmp_path: Path) -> None:
    behaviors = [{"type": "frailty", "of": ["rides"], "dispersion": 0.5, "truth_column": "pull"}]
    drivers, chosen, at = seen(rides(behaviors), tmp_path)
    pull = np.asarray(drivers["pull"])
    weights = pull * (drivers["hired_at"] <= at[:, np.newaxis])
    shares = weights / weights.sum(axis=1, keepdims=True)
    found, expected = np.bincount(chosen, minlength=len(pull)), shares.sum(axis=0)
    assert np.corrcoef(found, expected)[0, 1] > 0.995
    assert (np.abs(found - expected) < 4.5 * (shares * (1 - shares)).sum(axis=0) ** 0.5 + 1).all()


def test_the_frailty_of_an_entity_that_the_parent_refers_to_is_the_one_in_the_truth(tmp_path: Path) -> None:
    """Machines stand in halls; a hall's frailty multiplies the failures of its machines, and its end ends them."""
    document: dict[str, Any] = {
        "datagen": 1,
        "name": "halls",
        "window": WINDOW,
        "tables": {
            "drivers": {
                "rows": {"type": "arrivals", "count": 60, "before_window": 1},
                "columns": {"driver_id": {"type": "key"}, "hired_at": {"type": "arrival_time"}},
                "behaviors": [
                    {"type": "frailty", "of": ["rides"], "dispersion": 0.6, "truth_column": "pull"},
                    {
                        "type": "retention",
                        "of": ["rides"],
                        "lifetime": {"type": "exponential", "mean": 24},
                        "truth_column": "left_at",
                    },
                ],
            },
            "machines": {
                "rows": 3000,
                "columns": {"machine_id": {"type": "key"}, "driver_id": {"type": "reference", "table": "drivers"}},
            },
            "rides": {
                "parent": "machines",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {
                    "at": {"type": "event_time"},
                    "parent_id": {"type": "parent_key"},
                },
            },
        },
    }
    made = datagen.generate(document, tmp_path / "out")
    hidden = pq.read_table(tmp_path / "out" / "_truth" / "drivers")
    pull, end = hidden["pull"].to_numpy(), numbers(hidden["left_at"])
    hall = numbers(made["machines"].to_arrow()["driver_id"]) - 1
    happened = made["rides"].to_arrow()
    own, at = hall[numbers(happened["parent_id"]) - 1], numbers(happened["at"])
    assert (at < end[own]).all()
    start, stop = (int(np.datetime64(WINDOW[key], "us").astype(int)) for key in ("start", "end"))
    exposure = np.clip(np.minimum(end, stop) - start, 0, None) / MONTH * np.bincount(hall, minlength=60)
    expected = 2 * pull * exposure
    found = np.bincount(own, minlength=60)
    assert (np.abs(found - expected) < 4.5 * expected**0.5 + 1).all()


def test_a_season_that_differs_between_entities_shapes_who_is_chosen(tmp_path: Path) -> None:
    shift = {"type": "choice", "values": {"day": 1, "night": 1}}
    day = [3.0 if 8 <= hour < 20 else 1.0 for hour in range(24)]
    behavior = {
        "type": "seasonality",
        "of": "rides",
        "hour": day,
        "by": {"column": "shift", "cases": {"night": {"hour": [4 - w for w in day]}}},
    }
    document = rides([behavior], shift=shift)
    made = tables(document)
    kind = np.array(made["drivers"]["shift"].to_pylist()) == "night"
    index, at = numbers(made["rides"]["driver_id"]), numbers(made["rides"]["at"])
    there = index < 2**62
    chosen, at = index[there] - 1, at[there]
    born = numbers(made["drivers"]["hired_at"]) <= at[:, np.newaxis]
    light = ((at // 3_600_000_000) % 24 >= 8) & ((at // 3_600_000_000) % 24 < 20)
    weights = np.where(light[:, np.newaxis] == kind, 1.0, 3.0) * born
    chance = (weights * kind).sum(axis=1) / weights.sum(axis=1)
    for when in (light, ~light):
        expected = chance[when].sum()
        assert kind[chosen][when].sum() == pytest.approx(expected, abs=4.5 * (chance * (1 - chance))[when].sum() ** 0.5)


def test_what_all_entities_have_alike_is_refused_where_one_of_them_is_chosen() -> None:
    reported = [str(problem) for problem in datagen.check(CASES / "row_reference_ignored.yaml")]
    assert len(reported) == 1
    assert reported[0].startswith("$.tables.drivers.behaviors[2].effects[0] ")
    assert "multiplies all rows of 'drivers' equally" in reported[0]


@pytest.mark.parametrize(
    "behavior, place",
    [
        ({"type": "trend", "shape": "exponential", "growth_per_year": 0.3, "of": "rides"}, "of"),
        ({"type": "seasonality", "of": "rides", "weekday": {"sat": 2}}, "of"),
        ({"type": "noise", "of": "rides", "sd": 0.2}, "of"),
        ({"type": "pareto_nbd", "of": "rides", "r": 1, "s": 1, "beta": 30}, "of"),
        ({"type": "bg_nbd", "of": "rides", "r": 1, "a": 1, "b": 3}, "of"),
    ],
    ids=["trend", "seasonality", "noise", "pareto_nbd", "bg_nbd"],
)
def test_behaviors_that_cannot_shape_a_choice_are_refused(behavior: dict[str, Any], place: str) -> None:
    reported = [str(problem) for problem in datagen.check(rides([behavior]))]
    assert any(one.startswith(f"$.tables.drivers.behaviors[0].{place}") for one in reported), reported


def test_a_choice_by_age_needs_a_time() -> None:
    document = rides([{"type": "vintage", "multiply": {"rides": [3, 2, 1]}}])
    document["tables"]["rides"] = {
        "rows": 100,
        "columns": {"driver_id": {"type": "reference", "table": "drivers"}},
    }
    reported = [str(problem) for problem in datagen.check(document)]
    assert len(reported) == 1
    assert "it is not known when 'rides.driver_id' chooses" in reported[0]


def shops(reference: dict[str, Any], behaviors: bool) -> dict[str, Any]:
    """Staff and visits below shops; the lines of a visit refer to staff of the same shop."""
    acting = [
        {"type": "frailty", "of": ["lines"], "dispersion": 0.5},
        {
            "type": "retention",
            "of": ["lines"],
            "lifetime": {"type": "exponential", "mean": 6},
            "truth_column": "left_at",
        },
    ]
    return {
        "datagen": 1,
        "name": "shops",
        "window": WINDOW,
        "tables": {
            "shops": {"rows": 8, "columns": {"shop_id": {"type": "key"}}},
            "staff": {
                "parent": "shops",
                "rows": {"type": "events", "mean_per_month": 0.4},
                "columns": {
                    "staff_id": {"type": "key"},
                    "shop_id": {"type": "parent_key"},
                    "hired": {"type": "event_time"},
                },
                "behaviors": acting if behaviors else [],
            },
            "visits": {
                "parent": "shops",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {
                    "visit_id": {"type": "key"},
                    "shop_id": {"type": "parent_key"},
                    "at": {"type": "event_time"},
                },
            },
            "lines": {
                "parent": "visits",
                "rows": {"type": "per_parent", "count": 3},
                "columns": {
                    "visit_id": {"type": "parent_key"},
                    "staff_id": {"type": "reference", "table": "staff", "within": "shops", **reference},
                },
            },
        },
    }


@pytest.mark.parametrize(
    "existing, distribution, distinct, behaviors",
    list(itertools.product([False, True], ["uniform", "zipf"], [False, True], [False, True])),
)
def test_every_combination_within_an_ancestor_keeps_its_rules_and_knows_no_partitions(
    existing: bool, distribution: str, distinct: bool, behaviors: bool
) -> None:
    reference: dict[str, Any] = {"popularity": {"type": distribution}, "distinct": distinct}
    document = shops(reference | ({"existing_at": "visits.at"} if existing else {}), behaviors)
    made = tables(document)
    assert tables(document, partition_rows=75)["lines"].equals(made["lines"])
    staff, visits = made["staff"], made["visits"]
    own, at = (np.repeat(numbers(visits[name]), 3) for name in ("shop_id", "at"))
    chosen = numbers(made["lines"]["staff_id"])
    there = chosen < 2**62
    shop, hired = numbers(staff["shop_id"]), numbers(staff["hired"])
    index = chosen[there] - 1
    assert (shop[index] == own[there]).all()
    if existing or behaviors:
        assert (hired[index] <= at[there]).all()
    if distinct:
        pairs = np.stack([np.repeat(np.arange(len(visits)), 3)[there], index], axis=1)
        assert len(np.unique(pairs, axis=0)) == len(pairs)
    if not behaviors:  # a line refers to nobody only if there is nobody left
        able = (shop == own[:, np.newaxis]) & ((hired <= at[:, np.newaxis]) if existing else True)
        taken = np.tile(np.arange(3), len(visits)) if distinct else np.zeros(len(own), int)
        assert (there == (able.sum(axis=1) > taken)).all()


@pytest.mark.parametrize(
    "existing, distribution, distinct", list(itertools.product([False, True], ["uniform", "zipf"], [False, True]))
)
def test_every_combination_with_earlier_rows_keeps_its_rules(existing: bool, distribution: str, distinct: bool) -> None:
    """Rows of a table that refer to rows before, of all or of the same ancestor."""
    document = shops({}, behaviors=False)
    staff = document["tables"]["staff"]["columns"]
    staff["anyone"] = {
        "type": "reference",
        "table": "staff",
        "popularity": {"type": distribution},
        "distinct": distinct,
    }
    staff["boss"] = {**staff["anyone"], "within": "shops", **({"existing_at": "hired"} if existing else {})}
    staff["anyone"]["order_by"] = "hired"
    made = tables(document)["staff"]
    assert tables(document, partition_rows=25)["staff"].equals(made)
    own, shop, hired = (numbers(made[name]) for name in ("staff_id", "shop_id", "hired"))
    for column, groups in (("anyone", np.zeros(len(own))), ("boss", shop)):
        chosen = numbers(made[column])
        there = chosen < 2**62
        assert (hired[chosen[there] - 1] <= hired[there]).all() and (chosen[there] != own[there]).all()
        assert (groups[chosen[there] - 1] == groups[there]).all()
        if distinct:
            pairs = np.stack([shop[there], chosen[there]], axis=1)
            assert len(np.unique(pairs, axis=0)) == len(pairs)
        assert there.any()
