from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from datagen.columnar.block import Floats, Ints
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.effects import Aging
from datagen.point_process.exposure import cells
from datagen.point_process.nhpp import PERIOD_HOURS, Poisson, period_begin, period_hours, periods
from datagen.point_process.process import ProcessInput
from datagen.random.streams import Stream
from datagen.time_units import DAY, HOUR

START = 19_358 * DAY
END = START + 500 * DAY
N = 4000


def process(weights: Floats, hours: int = 13 * 168, end: int = END) -> Poisson:
    return Poisson(
        CumulativeIntensity.of(START // HOUR, weights), Stream.named(1, "n"), Stream.named(1, "t"), hours, START, end
    )


def calendar(days: int = 900) -> Floats:
    return np.tile(np.linspace(0.5, 1.5, 24), days)


def exposed(made: Poisson, born: Ints, agings: list[tuple[Ints, Aging]], base: float = 0.002) -> ProcessInput:
    end = np.full(len(born), made.horizon)
    return ProcessInput(
        np.arange(len(born), dtype=np.uint64), np.full(len(born), base), tuple(cells(made.clock, [(born, end)], agings))
    )


def births() -> Ints:
    return START + (np.arange(N) * (490 * DAY / N)).astype(np.int64)


def aging(born: Ints) -> tuple[Ints, Aging]:
    return born, Aging(lambda entity: born, np.array([0.0, 720.0, 2160.0]), np.array([1.0, 0.5, 0.25]))


@pytest.mark.parametrize("hours", PERIOD_HOURS)
def test_counts_are_the_numbers_of_the_events(hours: int) -> None:
    """The counts need fewer draws than the events, and must equal their number exactly."""
    made, born = process(calendar(), hours), births()
    seen = exposed(made, born, [aging(born)])
    events = made.events(seen)
    assert np.array_equal(made.counts(seen), events.counts)
    assert events.counts.sum() == len(events.ids) == len(events.times) > 5000


def test_events_lie_within_exposure_in_the_order_of_parent_and_time() -> None:
    made, born = process(calendar()), births()
    events = made.events(exposed(made, born, [aging(born)]))
    owner = np.repeat(np.arange(N), events.counts)
    assert np.all(events.times >= born[owner] - 1)
    assert np.all(events.times < END)
    assert np.all((np.diff(events.times) >= 0) | (np.diff(owner) > 0))
    assert len(np.unique(events.ids)) == len(events.ids)


def test_a_newborn_has_events_for_its_exposure_only() -> None:
    """The expected number of every cohort is its exposure times the rate: nobody is active before being there."""
    made, born = process(np.ones(900 * 24)), births()
    counts = made.counts(exposed(made, born, []))
    expected = (END - born) / HOUR * 0.002
    for cohort in np.array_split(np.arange(N), 8):
        assert counts[cohort].sum() == pytest.approx(expected[cohort].sum(), rel=4 / np.sqrt(expected[cohort].sum()))


def test_rescaled_gaps_are_exponential() -> None:
    """Time rescaling: on the clock of its own cumulative rate, a Poisson process is unit rate (Brown et al. 2002)."""
    made = process(calendar())
    born = np.full(300, START)
    events = made.events(exposed(made, born, [], base=0.05))
    owner = np.repeat(np.arange(300), events.counts)
    operational = made.clock.at(events.times) * 0.05
    gaps = np.diff(operational)[np.diff(owner) == 0]
    assert stats.kstest(gaps, "expon").statistic < 0.006


def test_ages_multiply_the_rate_at_each_event() -> None:
    made = process(np.ones(900 * 24))
    born = np.full(N, START)
    events = made.events(exposed(made, born, [aging(born)], base=0.01))
    age = (events.times - START) / HOUR
    per_hour = np.array(
        [np.sum(age < 720) / 720, np.sum((age >= 720) & (age < 2160)) / 1440, np.sum(age >= 2160) / (12000 - 2160)]
    )
    assert per_hour / per_hour[0] == pytest.approx([1, 0.5, 0.25], rel=0.02)


def test_two_ages_multiply_each_other() -> None:
    made = process(np.ones(900 * 24))
    born = np.full(N, START)
    older = born - 1000 * HOUR
    seen = exposed(made, born, [aging(born), aging(older)], base=0.01)
    total = sum(float((c.upper - c.lower)[0]) * c.value for c in seen.cells)
    hours = np.arange(int((made.horizon - START) // HOUR))
    step = np.array([1.0, 0.5, 0.25])
    edges = [0.0, 720.0, 2160.0]
    product = step[np.searchsorted(edges, hours, "right") - 1] * step[np.searchsorted(edges, hours + 1000, "right") - 1]
    assert total == pytest.approx(product.sum())


def test_spells_of_life_bound_the_events() -> None:
    made = process(np.ones(900 * 24))
    born = np.full(N, START)
    first, again = born + 50 * DAY, born + 200 * DAY
    spells = [(born, first), (again, again + 30 * DAY)]
    seen = ProcessInput(np.arange(N, dtype=np.uint64), np.full(N, 0.01), tuple(cells(made.clock, spells, [])))
    day = (made.events(seen).times - START) // DAY
    assert set(np.unique(day)) == {*range(50), *range(200, 230)}


def test_a_quota_keeps_the_first_events() -> None:
    made, born = process(calendar()), births()
    seen = exposed(made, born, [], base=0.01)
    limited = ProcessInput(seen.ids, seen.base, seen.cells, np.full(N, 3))
    all_, few = made.events(seen), made.events(limited)
    assert np.array_equal(made.counts(limited), few.counts)
    assert np.array_equal(few.counts, np.minimum(all_.counts, 3))
    assert few.times[0] == all_.times[0]


def test_periods_cover_the_window_and_do_not_depend_on_its_end() -> None:
    for hours in PERIOD_HOURS:
        some, more = periods(START, END, hours), periods(START, END + 300 * DAY, hours)
        assert some.start == more.start and some.stop <= more.stop
        assert period_begin(some.start, hours) <= START < period_begin(some.start + 1, hours)
        assert period_begin(some.stop, hours) >= END > period_begin(some.stop - 1, hours)


def test_busy_parents_get_short_periods() -> None:
    assert period_hours(10.0) == 24
    assert period_hours(0.001) == 52 * 168


@pytest.mark.parametrize("hours", PERIOD_HOURS)
def test_events_of_a_parent_are_the_same_whoever_is_made_with_it(hours: int) -> None:
    """Few parents are made many periods at once, many parents one by one."""
    made, born = process(calendar(), hours), births()
    whole = made.events(exposed(made, born, [aging(born)]))
    start = np.cumsum(whole.counts) - whole.counts
    for some in (slice(0, 1), slice(7, 40), slice(3990, 4000)):
        part = born[some]
        seen = exposed(made, part, [aging(part)])
        alone = made.events(ProcessInput(np.arange(N, dtype=np.uint64)[some], seen.base, seen.cells))
        mine = slice(int(start[some][0]), int(start[some][-1] + whole.counts[some][-1]))
        assert np.array_equal(alone.counts, whole.counts[some])
        assert np.array_equal(alone.ids, whole.ids[mine])
        assert np.array_equal(alone.times, whole.times[mine])
