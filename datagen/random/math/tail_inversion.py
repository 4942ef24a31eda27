"""Quantiles of skewed distributions: tails relative to the density, and Newton's method on their logarithm.

The distribution is transformed to a scale t on which its density is log-concave (log x for the gamma, logit x for the
beta). Then both tails are log-concave too, and Newton's method on the logarithm of a tail converges from any start:
after one step it is on the far side of the root, and stays there. The slope of that logarithm is the density over the
tail, so a distribution gives its log density h(t) and its Mills ratio M(t), the tail over the density.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import cos, exp, log

Mills = Callable[[Floats, bool], Floats]
"""A tail, the upper one with True, over the density at the same t."""

_NODES = 24
_DEPTH = 45.0  # the integral of a tail stops where the density has fallen by e**-45


def solve(density: Callable[[Floats], Floats], mills: Mills, log_tail: Floats, start: Floats, upper: bool) -> Floats:
    """t with log P(T <= t), or P(T > t) with `upper`, equal to `log_tail`, shape (n,). `density` is a logarithm.

    Each tail should be at most about a half: elsewhere the other one is the better known.
    """
    t = start.copy()
    active = np.arange(len(t))
    for _ in range(80):
        now = t[active]
        ratio = mills(now, upper)
        step = (density(now) + log(ratio) - log_tail[active]) * ratio
        step = step if upper else -step
        t[active] = now + step
        active = active[np.abs(step) > 1e-9 * (1.0 + np.abs(now))]  # one more step squares the error
        if not len(active):
            break
    return t


@cache
def legendre_rule() -> tuple[tuple[float, float], ...]:
    """Nodes and weights of Gauss-Legendre quadrature on [0, 1]."""
    rule = []
    for i in range(_NODES):
        x = cos(3.141592653589793 * (i + 0.75) / (_NODES + 0.5))
        for _ in range(6):
            before, now = 1.0, x
            for k in range(2, _NODES + 1):
                before, now = now, ((2 * k - 1) * x * now - (k - 1) * before) / k
            slope = _NODES * (x * now - before) / (x * x - 1.0)
            x -= now / slope
        rule.append((0.5 + 0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope)))
    return tuple(rule)


def integral(fall: Callable[[Floats], Floats], slope: Floats, curvature: Floats) -> Floats:
    """The integral of exp(fall(y)) over y >= 0 for a concave `fall` from 0 on, shape (n,).

    `slope` (of the descent) and `curvature` at 0 say how far it reaches.
    """
    reach = (np.sqrt(slope * slope + 2.0 * _DEPTH * curvature) - slope) / curvature
    total = np.zeros(len(reach))
    for node, weight in legendre_rule():
        total += weight * exp(fall(reach * node))
    return total * reach


def continued_fraction(term: Callable[[int], tuple[Floats, Floats | float]], first: Floats) -> Floats:
    """first + a1 / (b1 + a2 / (b2 + ...)) with term(k) = (ak, bk), shape (n,), by Lentz's method as modified by
    Thompson and Barnett (1986)."""
    tiny = 1e-300
    value = np.where(first == 0.0, tiny, first)
    c, d = value, np.zeros(len(value))
    for k in range(1, 20000):
        a, b = term(k)
        d = b + a * d
        c = b + a / c
        d = 1.0 / np.where(d == 0.0, tiny, d)
        c = np.where(c == 0.0, tiny, c)
        change = c * d
        value = value * change
        if np.abs(change - 1.0).max(initial=0.0) < 1e-15:
            break
    return value
