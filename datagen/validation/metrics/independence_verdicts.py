"""Verdicts on independence: contingency tables and autocorrelation of a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from datagen.columnar.block import Floats
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.contingency import FAR, Departure, chi_square_z, departure, pair_sums
from datagen.validation.metrics.residuals import Grouping, Residual, ResidualState

NAME = "Independence"
"""The name of the metric in findings."""
LEAST_WITHIN = 0.01
"""The smallest correlation within entities, or from row to row, that matters."""
LEAST_SHARE = 0.02
_FEWEST = 100
_SHOWN = 3

Correlation = tuple[float, float]
"""A correlation and its distance from 0, in standard errors."""


def residual_findings(
    table: str, groupings: Sequence[Grouping], residual: Residual, seen: ResidualState
) -> Iterator[Finding]:
    """Whether a residual is independent of everything else, and its cells of each other."""
    yield from _shares(table, residual, seen.tables[""])
    yield from _pairs(table, groupings, residual, seen)
    if not residual.alike:
        return
    for entity, sums in seen.within.items():
        yield from _correlated(table, residual, f"below one row of '{entity}'", _intraclass(sums, seen.moments))
    yield from _correlated(table, residual, "from row to row", _successive(seen))
    yield from _correlated(table, residual, "on one day", _intraclass(pair_sums(*seen.days), seen.moments))


def _finding(table: str, residual: Residual, subject: str, result: tuple[bool, str, float, float]) -> Finding:
    good, message, severity, z = result
    return Finding(
        "dependence", NAME, table, residual.column, "pass" if good else "fail", message,
        subject=f"{residual.name}: {subject}", score=1.0 if good else max(0.0, 1.0 - severity), z=z,
    )  # fmt: skip


def _shares(table: str, residual: Residual, counts: Floats) -> Iterator[Finding]:
    """Whether each value has its declared share, if no other metric tests it."""
    if not residual.shares or not counts.sum():
        return
    total, planted = float(counts.sum()), np.array(residual.shares)
    found = counts / total
    z = (found - planted) / np.sqrt(np.maximum(planted * (1.0 - planted), 0.25 / total) / total)
    off = np.where(np.abs(found - planted) > LEAST_SHARE, np.abs(z), 0.0)
    at = int(off.argmax())
    good = off[at] <= FAR
    message = f"{residual.labels[at]}: {found[at]:.1%} of the cells, {planted[at]:.1%} by the distribution"
    yield _finding(table, residual, "share", (good, message, float(abs(found - planted)[at]), float(z[at])))


def _pairs(table: str, groupings: Sequence[Grouping], residual: Residual, seen: ResidualState) -> Iterator[Finding]:
    groups = {one.name: one for one in groupings}
    found = {name: departure(counts, not residual.labels) for name, counts in seen.tables.items() if name}
    off = sorted((d for d in found.items() if d[1].found), key=lambda d: -d[1].severity)
    for name, away in off[:_SHOWN]:
        message = f"depends on {name}, which is not declared; {_where(residual, groups[name], away)}"
        yield _finding(table, residual, f"independent of {name}", (False, message, away.severity, away.z))
    if found and not off:
        most = max(found.values(), key=_distance)
        message = f"independent of {len(found)} columns, times and pairs of them, as declared"
        yield _finding(table, residual, "independent of all others", (True, message, 0.0, most.z))


def _where(residual: Residual, grouping: Grouping, away: Departure) -> str:
    """Where the departure is largest, and how large."""
    if away.whole or away.local:
        row, column = away.cell
        times = f"{residual.label(row)}: {away.ratio:.2f} times the expected value for {grouping.label(column)}"
        return f"{times} (z {away.cell_z:.1f}, Cramer's V {away.size:.3f})"
    column, by, z = away.level
    return f"the mean quantile for {grouping.label(column)} is {by:+.3f} from that of all (z {z:.1f})"


def _distance(away: Departure) -> float:
    return away.z


def _intraclass(sums: Floats, moments: Floats) -> Correlation | None:
    """The correlation of two cells of one entity; None if there are too few pairs.

    The sum of products of pairs is a sum of chi-squares less its mean. With few entities its upper tail is long, so its
    significance is that of the chi-square with the same skewness.
    """
    n, square, cube, totals, mixed, entities = sums.tolist()
    _, mean, variance = _moments(moments)
    pairs = square - n
    if pairs < _FEWEST or entities < 2 or variance <= 0:
        return None
    products = totals - 2.0 * mean * mixed + mean * mean * square - n * variance + variance * square / n
    freedom = square**3 / cube**2
    away = products / (variance * (2.0 * square) ** 0.5)
    return products / (pairs * variance), chi_square_z(freedom + away * (2.0 * freedom) ** 0.5, freedom)


def _successive(seen: ResidualState) -> Correlation | None:
    """The correlation of a cell with the next one of its entity."""
    product, both, steps = seen.steps.tolist()
    _, mean, variance = _moments(seen.moments)
    if steps < _FEWEST or variance <= 0:
        return None
    r = (product - mean * both + steps * mean * mean) / (steps * variance)
    return r, r * steps**0.5


def _moments(moments: Floats) -> tuple[float, float, float]:
    n, total, square = moments.tolist()
    return n, total / n, square / n - (total / n) ** 2


def _correlated(table: str, residual: Residual, where: str, found: Correlation | None) -> Iterator[Finding]:
    if found is None:
        return
    r, z = found
    good = abs(z) <= FAR or abs(r) <= LEAST_WITHIN
    message = f"cells {where} have a correlation of {r:.3f} (z {z:.1f}), declared is 0"
    yield _finding(table, residual, where, (good, message, 2.0 * abs(r), z))
