from __future__ import annotations

import numpy as np
import pytest

from datagen.kinds.generators.support.examples import shop
from tests.fakes import World, column, listed, problems

KIND = {"type": "choice", "values": {"a": 1, "b": 1, "c": 1}}


def by(cases, **more):
    return {"type": "case", "column": "kind", "cases": cases, **more}


def test_each_value_has_its_own_generator():
    world = World(
        {
            "tables": {
                "t": {
                    "columns": {
                        "kind": KIND,
                        "it": by(
                            {
                                "a": {"type": "normal", "mean": 0, "sd": 1},
                                "b": {"type": "normal", "mean": 100, "sd": 1},
                            },
                            default=7,
                        ),
                    }
                }
            }
        },
        stop=3000,
    )
    kind, values = np.array(listed(world.filled("t", "kind"))), world.filled("t", "it").data
    assert np.abs(values[kind == "a"]).max() < 10
    assert np.abs(values[kind == "b"] - 100).max() < 10
    assert set(values[kind == "c"]) == {7}


def test_adding_a_case_changes_no_other():
    """The stream of a case is named by its value, so the others keep their cells."""
    two = {"a": {"type": "normal", "mean": 0, "sd": 1}, "b": {"type": "normal", "mean": 9, "sd": 1}}
    few, many = column(by(two, default=0), kind=KIND), column(by({"c": 5, **two}, default=0), kind=KIND)
    same = many.data != 5
    assert np.array_equal(few.data[same], many.data[same])


@pytest.mark.parametrize(
    "cases, type_, cells",
    [
        ({"a": 1, "b": 2, "c": 3}, "int", {1, 2, 3}),
        ({"a": 1, "b": 0.25, "c": 2.5}, "decimal(2)", {100, 25, 250}),
        ({"a": 1, "b": {"type": "constant", "value": 2.5, "as": "float"}, "c": 2}, "float", {1.0, 2.5, 2.0}),
        ({"a": "x", "b": "y", "c": "x"}, "category", {"x", "y"}),
        ({"a": "x", "b": {"type": "constant", "value": "y", "as": "text"}, "c": "z"}, "text", {"x", "y", "z"}),
        ({"a": True, "b": False, "c": True}, "bool", {True, False}),
    ],
)
def test_the_types_of_the_cases_unify(cases, type_, cells):
    values = column(by(cases), kind=KIND)
    assert str(values.type) == type_
    assert set(listed(values)) == cells


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "choice", "values": {"1": 1, "20": 1}},
        {"type": "choice", "values": {"true": 1, "false": 1}},
        {"type": "choice", "values": {"0.5": 1, "1.25": 1}},
        {"type": "choice", "values": ["x", "y"], "as": "text"},
        {"type": "choice", "values": ["2024-01-01", "2024-01-02"], "as": "date"},
    ],
)
def test_a_column_of_any_countable_type_can_decide(kind):
    values = list(kind["values"])
    declared = by({values[0]: "first", values[1]: "second"})
    world = World({"tables": {"t": {"columns": {"kind": kind, "it": declared}}}})
    assert not world.problems()
    pairs = set(zip(listed(world.filled("t", "kind")), listed(world.filled("t", "it")), strict=True))
    assert len(pairs) == 2


def test_a_missing_value_takes_the_default_or_stays_missing():
    holes = {**KIND, "modifiers": [{"type": "nulls", "share": 0.5}]}
    cases = {"a": 1, "b": 2, "c": 3}
    assert set(listed(column(by(cases), kind=holes))) == {1, 2, 3, None}
    assert set(listed(column(by(cases, default=9), kind=holes))) == {1, 2, 3, 9}
    texts = {name: {"type": "constant", "value": name, "as": "text"} for name in "abc"}
    assert set(listed(column(by(texts), kind=holes))) == {"a", "b", "c", None}


def test_an_ancestor_can_decide():
    document = shop(
        customers={"segment": {"type": "choice", "values": {"vip": 1, "plain": 4}}},
        items={"it": {"type": "case", "column": "customers.segment", "cases": {"vip": 1}, "default": 0}},
    )
    world = World(document)
    assert not world.problems()
    vip = np.array(listed(world.filled("customers", "segment"))) == "vip"
    customer = world.blocks["orders"].parent_row[world.blocks["items"].parent_row]
    assert np.array_equal(world.filled("items", "it").data, vip[customer].astype(np.int64))


def test_multipliers_reach_the_cases_before_rounding():
    values = column(
        by({"a": {"type": "normal", "mean": 10, "sd": 0.1, "max": 15, "decimals": 0}}, default=4),
        kind={"type": "choice", "values": {"a": 1, "b": 1}},
        effect=lambda rows: np.full(len(rows), 2.0),
    )
    assert set(values.data) == {8, 15}


@pytest.mark.parametrize(
    "declared, problem",
    [
        (by({"a": 1, "b": 2}), "$.cases: no case for 'c' of 'kind'; add them, or a 'default' [missing-case]"),
        (by({"a": 1, "b": 2, "c": 3, "bb": 3}), "$.cases.bb: 'kind' is never 'bb'; did you mean 'b'? [no-effect]"),
        (
            by({"a": 1, "b": "x", "c": 2}),
            "$.cases: the cases give different types: category, int; make their types equal [type]",
        ),
        (
            {"type": "case", "column": "id", "cases": {"1": 1}},
            (
                "$: the values of 'id' are not known in advance; write "
                "a 'default' for those without a case [missing-case]"
            ),
        ),
        (
            {"type": "case", "column": "id", "cases": {"x": 1}, "default": 2},
            "$.cases.x: 'x' is not of type int; 'id' is of type int [type]",
        ),
        (
            by({"a": {"type": "key", "hidden": True}}, default=1),
            "$.cases.a.hidden: a part of a column has no 'hidden' of its own; write it at the column [no-effect]",
        ),
        (
            by({"a": {"type": "uuid", "modifiers": [{"type": "outliers", "share": 1}]}}, default="x"),
            "$.cases.a.modifiers[0]: cells of type text cannot be multiplied; use it on numbers [type]",
        ),
        (
            {"type": "case", "column": "kid", "cases": {"x": 1}},
            "$.column: there is no column 'kid'; did you mean 'kind'? [unknown-column]",
        ),
        (
            by(
                {"a": {"type": "normal", "mean": 1, "sd": 1, "min": 2, "max": 1}},
                default={"type": "constant", "value": "1", "as": "float"},
            ),
            "$.cases.a.min: min 2 is above max 1; swap them [range]",
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared, kind=KIND) == [problem]
