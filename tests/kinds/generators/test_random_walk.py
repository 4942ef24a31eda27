from __future__ import annotations

import numpy as np

import datagen
from tests.promises.documents import tables


def document(**column: object) -> dict:
    return {
        "datagen": 1,
        "name": "walk",
        "tables": {
            "stocks": {
                "rows": 300,
                "columns": {"id": {"type": "key"}, "first": {"type": "uniform", "min": 5, "max": 9}},
            },
            "days": {
                "parent": "stocks",
                "rows": {"type": "per_parent", "count": {"type": "uniform", "min": 0, "max": 60}},
                "columns": {"stock": {"type": "parent_key"}, "it": {"type": "random_walk", **column}},
            },
        },
    }


def steps(made: dict) -> tuple[np.ndarray, np.ndarray]:
    """The first number of each parent, and the differences of successive rows of one."""
    stock, numbers = (made["days"][name].to_numpy() for name in ("stock", "it"))
    begins = np.flatnonzero(np.diff(stock, prepend=-1))
    return numbers[begins], np.diff(numbers)[stock[1:] == stock[:-1]]


def test_steps_are_normal_and_independent() -> None:
    _, found = steps(tables(document(start=10, drift=0.5, sd=2)))
    assert abs(found.mean() - 0.5) < 0.1 and abs(found.std() - 2) < 0.1
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.05


def test_a_relative_walk_stays_above_zero() -> None:
    made = tables(document(start=10, sd=0.5, relative=True))
    numbers = made["days"]["it"].to_numpy()
    assert numbers.min() > 0
    made["days"] = made["days"].set_column(1, "it", [np.log(numbers)])
    assert abs(steps(made)[1].std() - 0.5) < 0.02


def test_a_walk_never_overflows() -> None:
    numbers = tables(document(start=100, sd=0.1, drift=50, relative=True))["days"]["it"].to_numpy()
    assert np.isfinite(numbers).all() and numbers.max() == 1e300


def test_the_range_holds_at_each_step_and_the_walk_goes_on_from_there() -> None:
    first, found = steps(tables(document(start=0, sd=1, min=0)))
    made = tables(document(start=0, sd=1, min=0))["days"]["it"].to_numpy()
    assert made.min() == 0
    assert ((found > 0) & (made[:-1][: len(found)] >= 0)).mean() > 0.3
    assert (first == 0).all()


def test_it_starts_at_a_column_of_the_parent() -> None:
    made = tables(document(start="stocks.first", sd=1))
    begin = dict(zip(made["stocks"]["id"].to_pylist(), made["stocks"]["first"].to_pylist(), strict=True))
    stock = made["days"]["stock"].to_numpy()
    rows = np.flatnonzero(np.diff(stock, prepend=-1))
    assert [begin[key] for key in stock[rows]] == made["days"]["it"].to_numpy()[rows].tolist()


def test_a_table_without_a_parent_has_no_walk() -> None:
    wrong = {
        "datagen": 1,
        "name": "a",
        "tables": {"t": {"rows": 3, "columns": {"x": {"type": "random_walk", "sd": 1}}}},
    }
    assert [problem.code for problem in datagen.check(wrong)] == ["no-parent"]
