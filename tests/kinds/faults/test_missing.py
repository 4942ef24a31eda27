from __future__ import annotations

import pyarrow.compute as pc

from tests.kinds.faults.damage import people, visits


def test_cells_go_missing_where_the_condition_holds_for_their_own_value() -> None:
    made = people({"type": "missing", "columns": ["city"], "rate": 0.2, "when": "city = 'Oslo'"})
    gone = pc.is_null(made.dirty["city"]).to_pylist()
    oslo = [city == "Oslo" for city in made.clean["city"].to_pylist()]
    assert 0.16 < sum(gone) / sum(oslo) < 0.24
    assert all(city for city, lost in zip(oslo, gone, strict=True) if lost)
    assert made.hit("city") == [i for i, lost in enumerate(gone) if lost]
    assert {(row["was"], row["now"]) for row in made.key} == {("Oslo", None)}


def test_a_burst_lies_within_its_period() -> None:
    made = visits({"type": "missing", "columns": ["weight"], "rate": 1, "start": "2024-03-01", "end": "2024-03-08"})
    times = made.clean["at"].cast("string").to_pylist()
    within = ["2024-03-01" <= time < "2024-03-08" for time in times]
    assert pc.is_null(made.dirty["weight"]).to_pylist() == within and any(within)
