from __future__ import annotations

from datagen.kinds.processes.support.graph import fastest_cycle, may_take, reachable

EDGES = {("a", "b"): 1.0, ("b", "a"): 3.0, ("b", "c"): 1.0, ("c", "c"): 5.0}


def test_what_can_be_reached() -> None:
    assert reachable(["a"], list(EDGES)) == {"a", "b", "c"}
    assert reachable(["c"], list(EDGES)) == {"c"}


def test_the_fastest_cycle_has_the_least_mean() -> None:
    mean, cycle = fastest_cycle(EDGES)
    assert mean == 2.0
    assert set(cycle) == {"a", "b"}


def test_where_there_is_no_cycle_there_is_no_end_to_find() -> None:
    assert fastest_cycle({("a", "b"): 1.0}) == (float("inf"), ())


def test_a_cycle_that_most_leave_is_not_taken_for_long() -> None:
    """Half leave at each step: nobody takes ten thousand; of those who never leave, only time keeps them from it."""
    hours = {("a", "b"): 0.01, ("b", "a"): 0.01}
    assert not may_take(10_000, 8_760, {("a", "b"): 0.5, ("b", "a"): 1.0}, hours)
    assert may_take(10_000, 8_760, {("a", "b"): 1.0, ("b", "a"): 1.0}, hours)
    assert not may_take(10_000, 50, {("a", "b"): 1.0, ("b", "a"): 1.0}, hours)
