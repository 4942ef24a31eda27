import numpy as np
import pytest

from datagen.kinds.behaviors.base import Behavior
from tests.kinds.behaviors.calendars import Planned, Someone, at, calendar, hours, problems, weights


def one(**effect):
    return {"type": "interventions", "effects": [effect]}


def test_a_step_holds_from_its_first_instant_to_its_last_and_nowhere_else():
    row = weights(one(**{"from": "2024-03-01T10:30:00", "to": "2024-03-02T00:00:00", "multiply": 3}))
    inside = (hours() >= np.datetime64("2024-03-01T11", "h")) & (hours() < np.datetime64("2024-03-02", "h"))
    assert (row[inside] == 3).all()
    assert at(row, "2024-03-01T10") == 2  # half of the hour
    assert (np.delete(row, np.flatnonzero(inside | (row == 2))) == 1).all()


def test_an_outage_leaves_nothing_and_a_price_change_stays():
    assert at(weights(one(**{"from": "2024-03-01", "to": "2024-03-02", "multiply": 0})), "2024-03-01T12") == 0
    assert weights(one(**{"from": "2024-03-01", "multiply": 1.06}))[-1] == pytest.approx(1.06)


def test_a_ramp_rises_and_falls_evenly():
    row = weights(one(**{"from": "2024-03-01", "to": "2024-03-11", "multiply": 2, "shape": "ramp", "ramp_days": 2}))
    days = row.reshape(-1, 24).mean(axis=1)[60:70]
    np.testing.assert_allclose(days, [1.25, 1.75, 2, 2, 2, 2, 2, 2, 1.75, 1.25])


def test_decay_halves_what_is_left_of_the_effect():
    row = weights(one(**{"from": "2024-03-01", "multiply": 5, "shape": "decay", "half_life_days": 3}))
    effect = row[60 * 24 : 80 * 24] - 1
    np.testing.assert_allclose(effect[72:] / effect[:-72], 0.5, rtol=1e-10)
    assert effect[0] == pytest.approx(4, rel=0.01)


def test_overlapping_effects_multiply():
    effects = [{"from": "2024-03-01", "multiply": 2}, {"from": "2024-04-01", "multiply": 1.5}]
    assert at(weights({"type": "interventions", "effects": effects}), "2024-05-01") == 3


def test_where_touches_those_who_hold_the_value_and_nobody_else():
    where = {"column": "customers.segment", "values": ["vip", "gold"]}
    declared = {
        "type": "interventions",
        "effects": [
            {"from": "2024-03-01", "multiply": 2, "where": where},
            {"from": "2024-03-01", "multiply": 5, "where": {**where, "values": ["vip"]}},
            {"from": "2024-03-01", "multiply": 7},
        ],
    }
    general, particular = Behavior.parse(declared).bind(Planned(), "orders")
    assert general.weights[0, -1] == 7 and general.group is None
    groups = particular.group(Someone(segment=["vip", "gold", "other", None]))
    np.testing.assert_array_equal(particular.weights[groups, -1], [10, 2, 1, 1])


@pytest.mark.parametrize("values, cells, expected", [([True], [True, False], [2, 1]), ([3, 5], [3, 4], [2, 1])])
def test_where_reads_booleans_and_numbers(values, cells, expected):
    where = {"column": "customers.flag", "values": values}
    effect = calendar(one(**{"from": "2024-03-01", "multiply": 2, "where": where}))
    np.testing.assert_array_equal(effect.weights[effect.group(Someone(flag=cells)), -1], expected)


def test_a_longer_window_changes_no_hour():
    declared = one(**{"from": "2024-11-20", "multiply": 2, "shape": "decay", "half_life_days": 30})
    short, long = Planned(), Planned(end="2026-01-01")
    np.testing.assert_array_equal(weights(declared, short), weights(declared, long)[: short.grid().hours])


@pytest.mark.parametrize(
    "effect, expected",
    [
        ({"from": "2024-05-01", "to": "2024-04-01", "multiply": 2}, ["range effects.0.to"]),
        ({"from": "2024-05-01", "multiply": 1}, ["no-effect effects.0.multiply"]),
        ({"from": "2025-05-01", "multiply": 2}, ["no-effect effects.0.from"]),
        ({"from": "2021-05-01", "to": "2021-06-01", "multiply": 2}, ["no-effect effects.0.to"]),
        ({"from": "2024-05-01", "multiply": 2, "shape": "ramp"}, ["missing effects.0"]),
        ({"from": "2024-05-01", "multiply": 2, "ramp_days": 2}, ["no-effect effects.0.ramp_days"]),
        (
            {"from": "2024-05-01", "multiply": 2, "where": {"column": "customers.segmnt", "values": ["vip"]}},
            ["unknown-column effects.0.where.column"],
        ),
        (
            {"from": "2024-05-01", "multiply": 2, "where": {"column": "customers.segment", "values": ["vipp"]}},
            ["no-effect effects.0.where.values.vipp"],
        ),
    ],
)
def test_declarations_without_effect_are_problems(effect, expected):
    assert problems(one(**effect)) == expected


def test_rows_cannot_depend_on_columns_filled_after_them():
    effect = {"from": "2024-05-01", "multiply": 2, "where": {"column": "amount", "values": [3]}}
    assert "invalid-order effects.0.where.column" in problems(one(**effect))
    arrival = {**effect, "where": {"column": "segment", "values": ["vip"]}}
    assert "invalid-order effects.0.where.column" in problems(one(**arrival), on="customers")
