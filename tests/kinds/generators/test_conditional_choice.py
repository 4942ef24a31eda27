"""A choice whose weights depend on another column."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.validation.metrics.base import Finding
from tests.promises.documents import tables

MIX = {
    "type": "listed",
    "columns": ["land", "city", "people"],
    "rows": [["de", "Berlin", 3], ["de", "Bonn", 1], ["fr", "Paris", 2], ["fr", "Paris", 2], ["it", "Rome", 1]],
}


def document(it: dict[str, Any], by: dict[str, Any] | None = None, rows: int = 20_000, **more: Any) -> dict[str, Any]:
    """A table `t` of a deciding column `land` and a conditional choice `it`."""
    land = by or {"type": "choice", "values": {"de": 5, "fr": 3, "it": 2}}
    columns = {"id": {"type": "key"}, "land": land, "it": {"type": "conditional_choice", "by": "land", **it}}
    mix = {"rows": MIX, "columns": {name: {"type": "listed"} for name in MIX["columns"]}}
    return {"datagen": 1, "name": "a", "tables": {"mix": mix, "t": {"rows": rows, "columns": columns, **more}}}


def shares(found: dict[str, Any], case: object) -> dict[object, float]:
    rows = [row["it"] for row in found["t"].to_pylist() if row["land"] == case]
    return {value: count / len(rows) for value, count in Counter(rows).items()}


def measured(schema: dict[str, Any], folder: Path) -> list[Finding]:
    """What validation says of the shares of the column."""
    found = datagen.validate(schema, folder).findings
    return [one for one in found if one.column == "it" and one.measure == "TVComplement"]


WEIGHTS = {"de": {"bus": 8, "car": 2}, "fr": {"car": 1, "train": 1}, "it": ["bus", "car", "train"]}


def test_weights_are_those_of_the_value_of_the_other_column(tmp_path):
    schema = document({"weights": WEIGHTS})
    found = tables(schema)
    assert shares(found, "de") == pytest.approx({"bus": 0.8, "car": 0.2}, abs=0.02)
    assert shares(found, "fr") == pytest.approx({"car": 0.5, "train": 0.5}, abs=0.03)
    assert shares(found, "it") == pytest.approx({"bus": 1 / 3, "car": 1 / 3, "train": 1 / 3}, abs=0.03)
    datagen.generate(schema, tmp_path, workers=1)
    assert {finding.verdict for finding in measured(schema, tmp_path)} == {"pass"}
    schema["tables"]["t"]["columns"]["it"]["weights"] = {**WEIGHTS, "de": {"bus": 7, "car": 3}}
    assert [f.subject for f in measured(schema, tmp_path) if f.verdict != "pass"] == ["shares where de"]


def test_a_table_of_listed_rows_has_the_weights_of_each_value():
    found = tables(document({"table": "mix", "given": "land", "column": "city", "weight": "people"}))
    assert shares(found, "de") == pytest.approx({"Berlin": 0.75, "Bonn": 0.25}, abs=0.02)
    assert (shares(found, "fr"), shares(found, "it")) == ({"Paris": 1.0}, {"Rome": 1.0})


def test_other_and_missing_values_use_the_default_or_stay_missing():
    by = {"type": "choice", "values": ["de", "fr"], "modifiers": [{"type": "nulls", "share": 0.3}]}
    kept = tables(document({"weights": {"de": {"1": 1}}, "default": {"2": 1, "3": 1}}, by))
    assert {(row["land"], row["it"]) for row in kept["t"].to_pylist()} == {
        ("de", 1), ("fr", 2), ("fr", 3), (None, 2), (None, 3),
    }  # fmt: skip
    missing = tables(document({"weights": {"de": {"x": 1}, "fr": {"y": 1}}}, by))
    assert {(row["land"], row["it"]) for row in missing["t"].to_pylist()} == {("de", "x"), ("fr", "y"), (None, None)}


def test_a_column_of_numbers_of_an_ancestor_decides_and_behaviors_multiply_numbers(tmp_path):
    schema = document({"weights": {"true": {"10": 1, "20": 1}, "false": {"1": 1}}}, {"type": "boolean", "share": 0.5})
    schema["tables"]["t"]["behaviors"] = [{"type": "segments", "column": "land", "multiply": {"true": {"t.it": 3}}}]
    datagen.generate(schema, tmp_path, workers=1)
    assert datagen.validate(schema, tmp_path).passed
    mean = tables(schema)["t"].to_pandas().groupby("land")["it"].mean()
    assert (mean[True], mean[False]) == (pytest.approx(45, abs=0.5), 1)


def test_many_groups_of_many_values_are_drawn_alike_in_any_block():
    weights = {str(k): {f"v{k * 7 % 50 + i}": i + 1 for i in range(1 + k % 40)} for k in range(300)}
    by = {"type": "uniform", "min": 0, "max": 299, "decimals": 0}
    schema = document({"weights": weights, "default": ["none"]}, by, rows=30_000)
    rows = tables(schema)["t"].to_pylist()
    assert all(row["it"] in weights[str(row["land"])] for row in rows)
    assert [row["it"] for row in datagen.preview(schema, rows=50)["t"].to_pylist()] == [row["it"] for row in rows[:50]]


@pytest.mark.parametrize(
    "it, problem",
    [
        ({}, "$.tables.t.columns.it.weights: there is nothing to choose from"),
        ({"weights": {"de": {"a": 1}}}, "$.tables.t.columns.it.weights: no case for 'fr', 'it' of 'land'"),
        ({"weights": {**WEIGHTS, "es": ["a"]}}, "$.tables.t.columns.it.weights.es: 'land' is never 'es'"),
        ({"weights": {**WEIGHTS, "it": {"a": 0}}}, "$.tables.t.columns.it.weights.it: all weights are 0"),
        ({"weights": WEIGHTS, "given": "x"}, "$.tables.t.columns.it.given: 'given' belongs to a table"),
        ({"weights": WEIGHTS, "by": "lnd"}, "$.tables.t.columns.it.by: 't' has no column 'lnd'"),
        ({"weights": WEIGHTS, "table": "mix"}, "$.tables.t.columns.it.weights: weights are written"),
        ({"table": "mix", "column": "city"}, "$.tables.t.columns.it.given: no column of 'mix' is named"),
        ({"table": "mix", "column": "city", "given": "city"}, "$.tables.t.columns.it.given: no case for 'de'"),
        ({"weights": {**WEIGHTS, "it": ["x"]}, "as": "int"}, "$.tables.t.columns.it.weights.de: 'bus' is not of type"),
    ],
)  # fmt: skip
def test_problems(it: dict[str, Any], problem: str):
    found = [str(one) for one in datagen.check(document(it))]
    assert any(one.startswith(problem) for one in found), found
