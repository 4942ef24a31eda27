from __future__ import annotations

from datagen.kinds.processes.support.graph import fastest_cycle, reachable

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
