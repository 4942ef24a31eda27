"""A report carries the picture of every table, the same whether files, slices or running tasks were looked at."""

import json

import pytest

import datagen
from datagen.validation.profile.described import profiles_in
from datagen.validation.profile.row_sample import KEPT
from tests.validation.folders import SHOP


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile") / "out"
    datagen.generate(SHOP, folder)
    report = datagen.validate(SHOP, folder)
    return profiles_in(report.details), report


def test_every_visible_column_has_its_numbers_and_a_chart(profiles):
    found, report = profiles
    for table, declared in SHOP["tables"].items():
        assert found[table]["rows"] == report.rows[table]
        for name, column in declared["columns"].items():
            if column.get("hidden"):
                assert name not in found[table]["columns"]
                continue
            reported = found[table]["columns"][name]
            assert {"min", "max", "mean", "missing", "distinct"} <= set(reported)
            assert reported["chart"] is not None


def test_keys_are_distinct_and_rows_are_shown_in_their_order(profiles):
    found, report = profiles
    assert found["products"]["columns"]["product_id"]["distinct"] == report.rows["products"]
    shown = [int(row[0]) for row in found["customers"]["sample"]["rows"]]
    assert shown == sorted(shown)
    assert len(found["customers"]["sample"]["names"]) == len(found["customers"]["sample"]["rows"][0])


def test_rows_over_time_come_to_the_rows_of_the_window(profiles):
    """A step that the end of the window cuts short is left out: at most a fiftieth of the year."""
    found, report = profiles
    volume = found["orders"]["over_time"][0]
    assert 0.95 * report.rows["orders"] <= sum(volume["values"]) <= report.rows["orders"]


def test_a_profile_is_plain_json_of_bounded_size(profiles):
    _, report = profiles
    reported = json.loads(report.to_json())["details"]["profiles"]
    assert len(json.dumps(reported)) < 200_000
    assert KEPT <= 5000


def test_columns_that_go_together_are_reported(tmp_path):
    schema = {
        "datagen": 1, "name": "pairs",
        "tables": {"t": {"rows": 3000, "columns": {
            "id": {"type": "key"},
            "kind": {"type": "choice", "values": {"a": 1, "b": 1}},
            "size": {"type": "case", "column": "kind", "cases": {
                "a": {"type": "normal", "mean": 0, "sd": 1}, "b": {"type": "normal", "mean": 9, "sd": 1},
            }},
            "twice": {"type": "expression", "expression": "size * 2"},
            "apart": {"type": "normal", "mean": 0, "sd": 1},
        }}},
    }  # fmt: skip
    datagen.generate(schema, tmp_path / "out")
    matrix = profiles_in(datagen.validate(schema, tmp_path / "out").details)["t"]["dependence"]
    of = {
        (a, b): v
        for a, row in zip(matrix["rows"], matrix["values"], strict=True)
        for b, v in zip(matrix["columns"], row, strict=True)
    }
    assert "id" not in matrix["rows"]
    assert of["size", "twice"] > 0.99
    assert of["kind", "size"] > 0.9
    assert of["size", "apart"] < 0.15


def test_a_profile_is_the_same_from_files_and_in_one_piece_or_many(tmp_path):
    datagen.generate(SHOP, tmp_path / "one")
    datagen.generate(SHOP, tmp_path / "many", partition_rows=1000)
    one, many = (profiles_in(datagen.validate(SHOP, tmp_path / name).details) for name in ("one", "many"))
    for table in SHOP["tables"]:
        for name, column in one[table]["columns"].items():
            other = many[table]["columns"][name]
            assert (column["min"], column["max"], column["missing"], column["distinct"]) == (
                other["min"], other["max"], other["missing"], other["distinct"],
            )  # fmt: skip
        assert [s["values"] for s in one[table]["over_time"][:1]] == [s["values"] for s in many[table]["over_time"][:1]]
