"""The rate of arrivals does not change with the window's start: steps and spikes there are named, and seasons, trends,
bursts, launches of old and few rows are not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from datagen.columnar.block import TIMESTAMP, Block, Column
from datagen.validation.realism.start_jump import StartJump
from tests.validation.realism.slices import DAY, END, START

R = np.random.default_rng(9)
MEASURE = StartJump("rows", "at", START, END)
PAST = 800


class OneTable:
    def __init__(self, times):
        column = Column(TIMESTAMP, np.asarray(times, np.int64))
        self._block = Block("rows", 0, np.arange(len(times), dtype=np.uint64), columns={"at": column})

    def block(self, table):
        return self._block if table == "rows" else None


def arrivals(rate, seed=1):
    """Poisson arrivals from `PAST` days before the window to its end; `rate` is rows per day, by day."""
    r = np.random.default_rng(seed)
    day = np.arange(-PAST, (END - START) // DAY)
    each = np.repeat(day, r.poisson(np.broadcast_to(rate(day), len(day))))
    return START + each * DAY + r.integers(0, DAY, len(each))


def verdict(times, measure=MEASURE):
    return measure.findings(measure.observe(OneTable(times)))[0].verdict


def after(day, inside, before=1.0):
    return np.where(day >= 0, inside, before)


@pytest.mark.parametrize("factor", [3.0, 1.8, 0.5, 0.1])
@pytest.mark.parametrize("rate", [8, 60])
def test_a_step_of_the_rate_is_named_up_and_down(factor, rate):
    assert verdict(arrivals(lambda day: rate * after(day, factor))) == "fail"


def test_the_first_days_with_as_many_as_months_are_named():
    for days in (1, 5, 10, 25):
        assert (
            verdict(arrivals(lambda day, days=days: 10 * np.where((day >= 0) & (day < days), 120 / days, 1))) == "fail"
        )


SOUND = {
    "even": lambda day: 20.0,
    "small step": lambda day: 20 * after(day, 1.25),
    "growth": lambda day: 4 * np.exp(day / 365.0),
    "decline": lambda day: 20 * np.exp(-day / 500.0),
    "logistic": lambda day: 1 + 40 / (1 + np.exp(-day / 90.0)),
    "terms": lambda day: 20 * np.where(day % 365 < 30, 6.0, 1.0),
    "new year": lambda day: 20 * np.where(day % 365 < 120, 2.0, 1.0),
    "weeks": lambda day: 20 * np.where(day % 7 < 2, 0.2, 1.3),
    "campaigns": lambda day: 20 * np.where(day % 61 < 7, 5.0, 1.0),
    "good and bad days": lambda day: 20 * np.exp(0.7 * np.random.default_rng(4).normal(size=len(day))),
}


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("seed", range(6))
def test_what_goes_on_as_before_passes(name, seed):
    assert verdict(arrivals(SOUND[name], seed)) != "fail"


@pytest.mark.parametrize("name", ["even", "growth", "terms", "weeks", "campaigns"])
def test_what_goes_on_as_before_is_judged(name):
    assert verdict(arrivals(SOUND[name])) == "pass"


def test_few_rows_are_inconclusive():
    for seed in range(20):
        assert verdict(arrivals(lambda day: 0.5, seed)) != "fail"
    assert verdict(arrivals(lambda day: 0.2)) == "not applicable"


def test_without_rows_before_the_window_or_a_year_to_compare_nothing_is_judged():
    times = arrivals(lambda day: 20 * after(day, 4.0))
    assert verdict(times[times >= START]) == "not applicable"
    short = (times >= START - 200 * DAY) & (times < START + 200 * DAY)
    assert verdict(times[short], StartJump("rows", "at", START, START + 200 * DAY)) == "not applicable"
    assert MEASURE.findings(None)[0].verdict == "not applicable"


def test_parts_come_to_the_whole():
    times = R.permutation(arrivals(lambda day: 20 * after(day, 4.0)))
    whole = MEASURE.observe(OneTable(times))
    parts = [MEASURE.observe(OneTable(one)) for one in np.array_split(times, 3)]
    merged = MEASURE.merge(MEASURE.merge(parts[2], parts[0]), parts[1])
    np.testing.assert_array_equal(merged, whole)


@pytest.mark.parametrize(("history", "expected"), [("1y", "pass"), ("4y", "fail")])
def test_a_history_as_long_as_its_share_says_has_no_step(tmp_path: Path, history: str, expected: str) -> None:
    """A third of the entities before a window of two years need a history of one year."""
    people = {"person_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}}
    rows = {"type": "arrivals", "count": 6000, "before_window": 1 / 3, "history": history}
    schema: dict[str, Any] = {
        "datagen": 1, "name": "joined", "seed": 3, "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {"people": {"rows": rows, "columns": people}},
    }  # fmt: skip
    datagen.generate(schema, tmp_path / "out")
    [found] = [f for f in datagen.validate(schema, tmp_path / "out").findings if f.measure == "StartJump"]
    assert found.verdict == expected, found.message
