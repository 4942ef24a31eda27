from __future__ import annotations

import pytest

from tests.fakes import column, problems


def wild(**outliers):
    return {"type": "uniform", "min": 10, "max": 20, "decimals": 1, "modifiers": [{"type": "outliers", **outliers}]}


def test_a_share_of_the_cells_is_multiplied():
    values = column(wild(share=0.05, factor=[5, 20]), 20_000)
    far = values.data > 200
    assert abs(far.mean() - 0.05) < 0.006
    assert values.data[far].min() >= 500
    assert values.data[far].max() <= 4_000
    assert str(values.type) == "decimal(1)"


def test_floats_and_durations():
    floats = {"type": "normal", "mean": 1, "sd": 0.1, "modifiers": [{"type": "outliers", "share": 1, "factor": [2, 2]}]}
    assert abs(column(floats).data.mean() - 2) < 0.05
    durations = {**floats, "mean": "1h", "sd": "1s"}
    assert abs(column(durations).data.mean() / 7.2e9 - 1) < 0.05


@pytest.mark.parametrize(
    "declared, problem",
    [
        (
            wild(share=0.1, factor=[3, 2]),
            "$.modifiers[0].factor: the smallest factor is above the largest; swap them [range]",
        ),
        (
            wild(share=0.1, factor=[1, 1]),
            "$.modifiers[0].factor: a factor of 1 changes nothing; choose a larger one [no-effect]",
        ),
        (
            {"type": "uuid", "modifiers": [{"type": "outliers", "share": 1}]},
            "$.modifiers[0]: cells of type text cannot be multiplied; use it on numbers [type]",
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared) == [problem]
