from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import datagen
from tests.fakes import column, problems

PRICE = {"type": "lognormal", "median": 20, "sigma": 0.8, "decimals": 2}


def rounded(declared=PRICE, **round_to):
    return {**declared, "modifiers": [{"type": "round_to", **round_to}]}


def test_prices_end_as_their_weights_say():
    values = column(rounded(endings={"0.99": 5, "0.00": 3, "0.50": 2}), 20_000)
    counts = Counter(values.data % 100)
    assert counts.keys() == {99, 0, 50}
    assert abs(counts[99] / 20_000 - 0.5) < 0.02


def test_prices_move_by_less_than_the_unit():
    plain, values = column(PRICE), column(rounded(endings={"9.99": 1}, unit=10))
    assert set(values.data % 1000) == {999}
    large = plain.data >= 1000
    assert np.abs(values.data - plain.data)[large].max() <= 500
    assert values.data.min() == 999


@pytest.mark.parametrize(
    "declared, step, minor",
    [
        (PRICE, 0.05, 5),
        ({"type": "uniform", "min": -900, "max": 900, "decimals": 0}, 25, 25),
        ({"type": "exponential", "mean": "3h"}, "15min", 900_000_000),
    ],
)
def test_steps_are_exact(declared, step, minor):
    plain, values = column(declared), column(rounded(declared, step=step))
    assert not (values.data % minor).any()
    assert np.abs(values.data - plain.data).max() <= -(-minor // 2)


def test_floats():
    values = column(rounded({"type": "normal", "mean": 5, "sd": 2}, step=0.25))
    assert not (values.data * 4 % 1).any()


@pytest.mark.parametrize(
    "declared, problem",
    [
        (rounded(), ": needs either a 'step' or 'endings'; keep one [missing]"),
        (
            rounded(step=0.001),
            ".step: a step of 0.001 is not a multiple of the column's decimals; change 'decimals' [range]",
        ),
        (rounded(step="2h"), ".step: a step of 2h does not fit a column of type decimal(2); change its unit [type]"),
        (rounded(step=1, unit=10), ".unit: 'unit' is for endings; leave it out [no-effect]"),
        (
            rounded(endings={"1.99": 1}),
            (
                ".endings[\"1.99\"]: '1.99' is not an ending of a decimal(2) within 1; write "
                "one from 0 up to the unit [range]"
            ),
        ),
        (
            rounded(endings={"x": 1}),
            ".endings.x: 'x' is not an ending of a decimal(2) within 1; write one from 0 up to the unit [range]",
        ),
        (rounded(endings={"0.5": 0}), ".endings: all weights are 0; give one ending a weight above 0 [range]"),
        (rounded({"type": "uuid"}, step=1), ": cells of type text cannot be rounded; use it on numbers [type]"),
        (
            rounded({"type": "normal", "mean": 1, "sd": 1}, endings={"0.5": 1}),
            ".endings: a column of type float has no exact endings; give the column 'decimals' [type]",
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared) == [f"$.modifiers[0]{problem}"]


def test_without_step_and_endings_it_is_the_only_problem_where_bounds_are_asked_for():
    number = {"type": "uniform", "min": 1, "max": 3, "decimals": 0}
    document = {
        "datagen": 1, "name": "d", "window": {"start": "2024-01-01", "end": "2024-02-01"},
        "tables": {
            "desks": {"rows": 3, "columns": {"id": {"type": "key"}, "n": number}},
            "calls": {
                "parent": "desks", "rows": {"type": "events", "mean_per_day": 2},
                "columns": {
                    "at": {"type": "event_time"},
                    "takes": {"type": "exponential", "mean": "15m", "modifiers": [{"type": "round_to"}]},
                    "begun": {"type": "queue", "arrival": "at", "service": "takes", "servers": "desks.n"},
                },
            },
        },
    }  # fmt: skip
    places = [problem.place for problem in datagen.check(document)]
    assert places == ["$.tables.calls.columns.takes.modifiers[0]"]


def test_numbers_below_the_endings_are_as_declared(tmp_path):
    endings = {"type": "round_to", "endings": {"0.99": 5, "0.49": 2, "0.00": 2}}
    price = {"type": "lognormal", "median": 0.5, "sigma": 0.3, "decimals": 2, "modifiers": [endings]}
    change = {"type": "normal", "mean": 0.5, "sd": 1, "decimals": 2, "modifiers": [endings]}
    columns = {"id": {"type": "key"}, "price": price, "change": change}
    document = {"datagen": 1, "name": "d", "tables": {"prices": {"rows": 10_000, "columns": columns}}}
    datagen.generate(document, tmp_path / "out")
    assert datagen.validate(document, tmp_path / "out").score == 100
