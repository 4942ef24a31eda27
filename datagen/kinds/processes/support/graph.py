"""The graph of a process: reachable states and its fastest cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from datagen.random.math.elementary import exp, log

Edge = tuple[str, str]


def reachable(start: Iterable[str], edges: Sequence[Edge]) -> frozenset[str]:
    """The states that can be reached from `start`."""
    met, ahead = set[str](), list(start)
    while ahead:
        state = ahead.pop()
        if state not in met:
            met.add(state)
            ahead.extend(to for origin, to in edges if origin == state)
    return frozenset(met)


def fastest_cycle(hours: Mapping[Edge, float]) -> tuple[float, tuple[str, ...]]:
    """The least mean of `hours` per edge over all cycles, and a cycle that has it; no states if there is no cycle.

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
    """The cycle on the walk of n edges that ends at a state."""
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


_SQUARINGS = 10
_UNLIKELY = 1e-12


def may_take(steps: int, within: float, chances: Mapping[Edge, float], hours: Mapping[Edge, float]) -> bool:
    """Whether the probability of this many steps within this many hours is not negligible.

    Chernoff bound: the chance of n steps by time w is at most e ** (s w) times |M(s) ** n| for every s >= 0, where M(s)
    has the chance of each edge times e ** (-s hours).
    """
    states = list(dict.fromkeys(name for edge in hours for name in edge))
    at = {name: number for number, name in enumerate(states)}
    for rate in (0.0, *(float(2**k) / within for k in range(24))):
        matrix = np.zeros((len(states), len(states)))
        for (origin, to), length in hours.items():
            matrix[at[origin], at[to]] = chances[origin, to] * float(exp(-rate * length))
        growth = 0.0
        for k in range(_SQUARINGS):  # |M ** 2k| ** (1 / 2k) tends to the spectral radius from above
            norm = float(matrix.sum(axis=1).max())
            if norm <= 0.0:
                return False
            growth += float(log(norm)) / 2**k
            matrix = (matrix / norm) @ (matrix / norm)
        if rate * within + steps * growth < float(log(_UNLIKELY)):
            return False
    return True
