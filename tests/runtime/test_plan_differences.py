"""Why a resume is refused is told by place, with both values."""

from __future__ import annotations

import copy

import pytest

import datagen
from datagen.errors import OutputError
from datagen.runtime.plan_differences import differences

DOCUMENT = {
    "datagen": 1,
    "name": "x",
    "seed": 3,
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "a": {
            "rows": 10,
            "columns": {"a_id": {"type": "key"}, "n": {"type": "uniform", "min": 1, "max": 5, "decimals": 0}},
        }
    },
}


@pytest.mark.parametrize(
    "expected, message",
    [
        ({"a": 1, "b": [1, 2]}, ""),
        ({"a": 2, "b": [1, 2]}, "$.a was 1 and is 2"),
        ({"b": [1, 2]}, "$.a is gone"),
        ({"a": 1, "b": [1, 2], "c d": 3}, '$["c d"] is new'),
        ({"a": 1, "b": [1, 3]}, "$.b[1] was 2 and is 3"),
        ({"a": 1, "b": [1]}, "$.b was [1, 2] and is [1]"),
        ({"b": [1, 2], "a": 1}, "$ is in another order"),
        ({"a": "x" * 99, "b": [1, 2]}, '$.a was 1 and is "' + "x" * 36 + "..."),
        ({"c": 1, "d": 2, "b": 3}, "$.a is gone; $.b was [1, 2] and is 3; $.c is new; and more"),
    ],
)
def test_each_difference_has_its_place_and_both_values(expected, message):
    assert differences({"a": 1, "b": [1, 2]}, expected) == message


@pytest.mark.parametrize(
    "change, options, message",
    [
        (
            {"window": {"start": "2024-01-01", "end": "2025-02-01"}},
            {},
            '$.window.end was "2025-01-01" and is "2025-02-01"',
        ),
        ({"seed": 4}, {}, "$.seed was 3 and is 4"),
        ({}, {"seed": 9}, "started with seed 3, requested seed 9"),
        ({}, {"scale": 3}, "started at scale 1, requested scale 3"),
        ({}, {"partition_rows": 5}, "into 2"),
        ({"output": "csv"}, {}, "$.output is new"),
    ],
)
def test_a_refused_resume_says_what_differs(tmp_path, change, options, message):
    datagen.generate(DOCUMENT, tmp_path / "out")
    (tmp_path / "out" / "_SUCCESS").unlink()
    with pytest.raises(OutputError) as refused:
        datagen.generate(DOCUMENT | change, tmp_path / "out", resume=True, **options)
    assert message in str(refused.value)


def test_the_column_that_changed_is_named(tmp_path):
    datagen.generate(DOCUMENT, tmp_path / "out")
    table = DOCUMENT["tables"]["a"]
    columns = table["columns"] | {"n": {"type": "uniform", "min": 1, "max": 6, "decimals": 0}}
    changed = DOCUMENT | {"tables": {"a": table | {"columns": columns}}}
    with pytest.raises(OutputError, match=r"\$\.tables\.a\.columns\.n\.max was 5 and is 6"):
        datagen.generate(changed, tmp_path / "out", resume=True)


@pytest.mark.parametrize("place", ["columns", "values"])
def test_another_order_is_another_plan(tmp_path, place):
    """Files have the columns in their order, and the order of categories decides which one is drawn."""
    columns = {"id": {"type": "key"}, "c": {"type": "choice", "values": {"x": 1, "y": 2}}}
    document = {"datagen": 1, "name": "order", "tables": {"a": {"rows": 9, "columns": columns}}}
    changed = copy.deepcopy(document)
    here = changed["tables"]["a"]["columns"] if place == "columns" else changed["tables"]["a"]["columns"]["c"]["values"]
    for key in list(here)[:-1]:
        here[key] = here.pop(key)
    assert datagen.plan(document).id != datagen.plan(changed).id
    datagen.generate(document, tmp_path / "out")
    with pytest.raises(OutputError, match=f"{place} is in another order"):
        datagen.generate(changed, tmp_path / "out", resume=True)
