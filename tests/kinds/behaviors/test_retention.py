from itertools import pairwise

import numpy as np
import pytest

import datagen
from datagen.columnar.block import TIMESTAMP, Column
from datagen.time_units import HOUR
from tests.kinds.behaviors.entities import START, People, effects, problems, times, words

N = 20_000
MEAN = {"type": "exponential", "mean": 10}
MONTH = 730.5 * HOUR


def people(n=N, born=START):
    segment = words(["vip", "standard"] * (n // 2), "standard", "vip")
    return People(n, {"created_at": times(np.full(n, born)), "segment": segment})


def spells(who=None, **fields):
    behavior = {"type": "retention", "lifetime": MEAN, **fields}
    (effect,) = effects(behavior, "orders")
    return effect.spells(people() if who is None else who)


def months(spell):
    return (spell[1] - spell[0]) / MONTH


def test_life_begins_at_birth_and_lasts_as_the_distribution_says():
    ((start, end),) = spells()
    assert (start == START).all()
    assert months((start, end)).mean() == pytest.approx(10, rel=0.03)


def test_a_case_has_its_own_distribution():
    (spell,) = spells(by={"column": "segment", "cases": {"vip": {"type": "exponential", "mean": 30}}})
    assert months(spell)[::2].mean() == pytest.approx(30, rel=0.04)
    assert months(spell)[1::2].mean() == pytest.approx(10, rel=0.04)


def test_a_cohort_lives_longer_by_its_factor():
    (plain,), (longer,) = spells(), spells(cohorts={"period": "quarter", "scale": {"2024Q1": 1.5}})
    assert months(longer) == pytest.approx(months(plain) * 1.5, abs=1e-9)


def test_a_share_never_starts():
    (spell,) = spells(never_active_share=0.3)
    assert (months(spell) == 0).mean() == pytest.approx(0.3, abs=0.015)


def test_a_share_comes_back_after_a_while():
    back = {"share": 0.4, "after": {"type": "exponential", "mean": 3}, "most": 2}
    first, second, third = spells(never_active_share=0.1, reactivation=back)
    returned, again = months(second) > 0, months(third) > 0
    assert returned.mean() == pytest.approx(0.9 * 0.4, abs=0.015)
    assert again.mean() == pytest.approx(0.9 * 0.4 * 0.4, abs=0.012)
    assert not (again & ~returned).any() and not returned[months(first) == 0].any()
    away = (second[0] - first[1])[returned] / MONTH
    assert away.mean() == pytest.approx(3, rel=0.05)
    assert abs(np.corrcoef(months(first)[returned], months(second)[returned])[0, 1]) < 0.03


def test_spells_follow_each_other_and_end_with_the_last():
    """The row source cuts events at the end of the last spell: it must be the latest."""
    back = {"share": 0.4, "after": MEAN, "most": 3}
    found = spells(reactivation=back)
    for (_, end), (start, later) in pairwise(found):
        assert (end <= start).all() and (start <= later).all()


def test_who_never_ends_lives_beyond_all_windows_without_overflow():
    back = {"share": 1, "after": {"type": "exponential", "mean": 1e6, "unit": "year"}, "most": 3}
    found = spells(lifetime={**MEAN, "cure_share": 0.2}, reactivation=back)
    assert all((end >= start).all() and (start >= START).all() for start, end in found)
    assert (months(found[0]) > 1e5).mean() == pytest.approx(0.2, abs=0.01)


def test_where_a_reference_leads_to_nobody_nothing_is_bounded():
    nobody = People(1, {"created_at": Column(TIMESTAMP, np.array([START]), np.array([False]))})
    back = {"share": 1, "after": MEAN}
    (start, end), (again, last) = spells(nobody, reactivation=back)
    assert start[0] < 0 and end[0] > START * 100 and again[0] == last[0] == end[0]


def test_lives_are_the_same_for_all_targets_and_part_of_the_whole():
    (whole,) = spells()
    (part,) = spells(people(100))
    assert np.array_equal(whole[1][:100], part[1])


def test_without_targets_it_ends_all_events_below():
    assert not problems({"type": "retention", "lifetime": MEAN})


@pytest.mark.parametrize(
    "change, message",
    [
        ({"of": ["orders.amount"]}, "only bounds when events happen"),
        ({"lifetime": {"type": "exponential"}}, "has none"),
        ({"lifetime": {"type": "exponential", "mean": 2, "hazard": 1}}, "has mean and hazard"),
        ({"by": {"column": "segment", "cases": {"vpi": MEAN}}}, "'segment' is never 'vpi'"),
        ({"by": {"column": "segment", "cases": {"vip": {"type": "exponential"}}}}, "cases.vip: needs one of"),
        ({"cohorts": {"period": "year", "scale": {"2024Q1": 2}}}, "is not a year"),
        ({"reactivation": {"share": 0.5, "after": {"type": "exponential"}}}, "reactivation.after: needs one of"),
    ],
)
def test_invalid_values_are_errors(change, message):
    (problem,) = problems({"type": "retention", "lifetime": MEAN, **change})
    assert message in problem


def test_the_hint_names_tables_whose_rows_can_end_with_the_life():
    """Couriers are only referred to, and their trips have no time: both need a name."""
    lifetime = {"type": "retention", "lifetime": MEAN}
    rows = {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}
    couriers = {"courier_id": {"type": "key"}, "since": {"type": "arrival_time"}}
    tables = {
        "couriers": {"rows": {"type": "arrivals", "count": 9}, "columns": couriers, "behaviors": [lifetime]},
        "trips": {
            "parent": "couriers", "rows": rows, "columns": {"trip_id": {"type": "key"}},
        },
        "offers": {"rows": 5, "columns": {"courier_id": {"type": "reference", "table": "couriers"}}},
    }  # fmt: skip
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    found = datagen.check({"datagen": 1, "name": "a", "window": window, "tables": tables})
    assert 'write "of": ["trips", "offers"]' in [problem.hint for problem in found]


def test_a_hidden_column_tells_the_truth():
    assert not problems({"type": "retention", "lifetime": MEAN, "truth_column": "alive_until"})


def test_a_life_that_names_no_tables_leaves_out_a_grid_below_the_entity():
    """A grid has a row at each step, so no behavior can end it. Events beside it end with the life."""
    document = {
        "datagen": 1,
        "name": "fleet",
        "window": {"start": "2024-01-01", "end": "2024-02-01"},
        "tables": {
            "devices": {
                "rows": {"type": "arrivals", "count": 5},
                "columns": {"device_id": {"type": "key"}, "installed_at": {"type": "arrival_time"}},
                "behaviors": [{"type": "retention", "lifetime": MEAN}],
            },
            "readings": {
                "parent": "devices",
                "rows": {"type": "grid", "every": "1d"},
                "columns": {"reading_id": {"type": "key"}},
            },
            "visits": {
                "parent": "devices",
                "rows": {"type": "events", "mean_per_month": 3},
                "columns": {"visit_id": {"type": "key"}},
            },
        },
    }
    assert not datagen.check(document)
    del document["tables"]["visits"]
    (problem,) = datagen.check(document)
    assert problem.code == "no-effect"
    assert "no events or intervals" in problem.message


def test_a_bare_name_of_a_table_is_short_for_a_list_of_one():
    bare, listed = spells(of="orders"), spells(of=["orders"])
    assert all(np.array_equal(one, other) for one, other in zip(bare[0], listed[0], strict=True))
