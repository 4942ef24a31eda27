"""The graph of a process: what can be reached, and its fastest cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Edge = tuple[str, str]


def reachable(start: Iterable[str], edges: Sequence[Edge]) -> frozenset[str]:
    """The states that can be met from `start` on."""
    met, ahead = set[str](), list(start)
    while ahead:
        state = ahead.pop()
        if state not in met:
            met.add(state)
            ahead.extend(to for origin, to in edges if origin == state)
    return frozenset(met)


def fastest_cycle(hours: Mapping[Edge, float]) -> tuple[float, tuple[str, ...]]:
    """The least mean of `hours` per edge over all cycles, and a cycle that has it; no states where there is no cycle.

    Karp (1978), "A characterization of the minimum cycle mean in a digraph", from a source that leads to every state.
    """
    states = list(dict.fromkeys(name for edge in hours for name in edge))
    n, infinite = len(states), float("inf")
    best = [dict.fromkeys(states, 0.0)]
    came: list[dict[str, str]] = [{}]
    for _ in range(n):
        row, origin = dict.fromkeys(states, infinite), dict[str, str]()
        for (start, to), length in hours.items():
            if best[-1][start] + length < row[to]:
                row[to], origin[to] = best[-1][start] + length, start
        best.append(row)
        came.append(origin)
    ends = [state for state in states if best[n][state] < infinite]
    if not ends:
        return infinite, ()
    mean = {s: max((best[n][s] - best[k][s]) / (n - k) for k in range(n) if best[k][s] < infinite) for s in ends}
    end = min(ends, key=lambda state: mean[state])
    return mean[end], _cycle(end, came)


def _cycle(end: str, came: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """The cycle on the walk of n edges that ends there."""
    walk = [end]
    for origin in reversed(came[1:]):
        walk.append(origin[walk[-1]])
    walk.reverse()
    seen: dict[str, int] = {}
    for position, state in enumerate(walk):
        if state in seen:
            return tuple(walk[seen[state] : position])
        seen[state] = position
    return ()
