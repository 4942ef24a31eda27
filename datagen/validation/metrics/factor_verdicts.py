"""The verdict on one factor from the log ratios of its categories: each category, or their common strength."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datagen.columnar.block import Bools, Floats
from datagen.point_process.factors import AnyFactor, Growth
from datagen.validation.metrics.base import Finding, Group
from datagen.validation.metrics.rates.log_ratios import Contrast
from datagen.validation.metrics.verdict import FAR, VANISHED, Parameter, compare, not_identifiable
from datagen.validation.report.chart_data import bars, curve, interval, profile

_FARTHEST = 4.5
"""Standard errors for the worst of many categories."""
_NEAR = 0.03
_LEAST_EFFECT = 0.1
_ZEROED = -2.9
"""The log of the ratio of found to planted values if all of them are zero, which counts as a twentieth."""
TIMELY = ("seasonality",)


@dataclass(frozen=True, slots=True)
class FactorLocation:
    """The target of a factor: a table's rate, or a column's values; and the type of its behavior."""

    table: str
    column: str | None
    behavior: str

    @property
    def group(self) -> Group:
        return "time" if self.behavior in TIMELY else "recovery"

    def parameter(self, subject: str, planted: float) -> Parameter:
        measure = "FactorRecovery" if self.column is None else "ValueFactorRecovery"
        return Parameter(self.table, self.column, measure, f"{self.behavior}: {subject}", planted, group=self.group)


def factor_findings(place: FactorLocation, factor: AnyFactor, seen: Contrast) -> Iterator[Finding]:
    """The findings on a factor."""
    if factor.judged_by == "each":
        yield from _each(place, factor, seen)
        return
    parameter, seen = (
        place.parameter(factor.name, 1.0),
        replace(seen, usable=seen.usable & ~_zeroed(place, factor, seen)),
    )
    strength = seen.strength(factor.planted)
    if strength is None and place.column is None and bool((factor.planted == 0).any()):
        yield _outage(replace(parameter, planted=0.0), seen, int(np.argmin(factor.planted)))
        return
    if strength is None:
        yield not_identifiable(parameter, "fewer than two of its categories have enough rows here")
        return
    worst, message = _worst(factor, seen)
    if factor.growth is not None:
        finding = _growth(parameter, factor.growth, strength, chart(place, factor, seen))
    else:
        finding = compare(
            replace(parameter, subject=f"{parameter.subject} (1: as planted, 0: flat)"),
            *strength,
            chart(place, factor, seen),
            message,
        )
    yield _spoiled(finding, worst, message)


def _zeroed(place: FactorLocation, factor: AnyFactor, seen: Contrast) -> Bools:
    """The categories whose multiplier leaves nothing but zeros of the values."""
    found: Bools = (factor.planted < VANISHED) & (seen.ratio < _ZEROED) & (place.column is not None)
    return found


def _growth(parameter: Parameter, growth: Growth, strength: tuple[float, float], details: dict[str, Any]) -> Finding:
    """A trend's growth per year from its strength."""
    value, (slope, error) = growth.value, strength
    found = (1.0 + value) ** slope - 1.0 if growth.compound else value * slope
    tangent = abs((1.0 + value) * np.log(1.0 + value)) if growth.compound else abs(value)
    # growth is not linear in the strength: the secant keeps the distance in standard errors
    steep = abs((found - value) / (slope - 1.0)) if abs(slope - 1.0) > _LEAST_EFFECT else tangent
    named = replace(
        parameter, subject=f"{parameter.subject} growth per year", planted=value, size=max(abs(value), 0.02)
    )
    return compare(named, float(found), float(steep * error), details)


def _each(place: FactorLocation, factor: AnyFactor, seen: Contrast) -> Iterator[Finding]:
    """Every category against the baseline without a multiplier."""
    reference = len(factor.labels) - 1 if factor.labels[-1] == "others" else 0
    usable = bool(seen.usable[reference])
    drawn = False
    for category, label in enumerate(factor.labels):
        if category == reference:
            continue
        planted = float(factor.planted[category])
        parameter = place.parameter(f"{factor.name} {label}", planted)
        parameter = replace(parameter, log=True, size=max(abs(np.log(planted)) if planted > 0 else 1.0, _LEAST_EFFECT))
        if planted == 0 and place.column is None:
            yield _outage(parameter, seen, category)
            continue
        if not seen.usable[category] or planted <= 0:
            yield _scarce(parameter, seen, category)
            continue
        if _zeroed(place, factor, seen)[category]:
            yield not_identifiable(parameter, "its values are too small for their decimals")
            continue
        value, error = seen.between(category, reference if usable else None)
        details = {} if drawn else chart(place, factor, seen)
        drawn = True
        yield compare(parameter, planted * float(np.exp(value)), error, details)


def _outage(parameter: Parameter, seen: Contrast, category: int) -> Finding:
    """A category without events by declaration."""
    share = float(seen.seen[category]) / max(float(seen.seen.sum()), 1.0)
    found = compare(replace(parameter, log=False, size=1e-4), share, 1e-5)
    return replace(found, message=f"{seen.seen[category]:,.0f} rows, but none are expected")


def _scarce(parameter: Parameter, seen: Contrast, category: int) -> Finding:
    """A category with almost no rows: missing if many were expected, else not identifiable."""
    expected = float(seen.expected[category])
    if expected >= 200.0 and not seen.usable[category] and not seen.seen[category]:
        return compare(parameter, 1e-3 * max(parameter.planted, 1e-6), expected**-0.5, None, "; no rows are found")
    return not_identifiable(parameter, f"{expected:.0f} rows are expected")


def _worst(factor: AnyFactor, seen: Contrast) -> tuple[float, str]:
    """The excess of the worst category beyond chance, relative to the whole effect (0: none), and as text."""
    from_mean = np.eye(len(seen.shares)) - seen.shares
    centred, around = from_mean @ seen.ratio, from_mean @ seen.covariance @ from_mean.T
    # a category with most of the rows has a small error of its own, but the mean moves with the others
    errors = np.sqrt(np.maximum(np.maximum(np.diag(seen.covariance), np.diag(around)), 1e-18))
    forbidden = (factor.planted == 0) & (seen.expected < 1e-6) & (seen.seen > 1e-4 * seen.seen.sum())
    if forbidden.any():
        return 1.0, f"; there are rows of '{factor.labels[int(np.argmax(forbidden))]}', but none are expected"
    far = seen.usable & (np.abs(centred) > _FARTHEST * errors) & (np.abs(centred) > _NEAR)
    if not far.any():
        return 0.0, ""
    worst = int(np.argmax(np.where(far, np.abs(centred), 0.0)))
    logs = np.log(np.where(factor.planted > 0, factor.planted, 1.0))[seen.usable]
    size = max(float(logs.max() - logs.min()), _LEAST_EFFECT)
    excess = (abs(float(centred[worst])) - 3.0 * float(errors[worst])) / size
    return excess, f"; '{factor.labels[worst]}' is {np.exp(centred[worst]):.2f} times the expected value"


def _spoiled(finding: Finding, excess: float, message: str) -> Finding:
    """The finding, worse if one category deviates although the whole fits."""
    if not excess or finding.score is None:
        return finding
    score = min(finding.score, max(0.0, 1.0 - excess))
    message = finding.message if message in finding.message else finding.message + message
    return replace(finding, score=score, verdict="not recovered", message=message)


def chart(place: FactorLocation, factor: AnyFactor, seen: Contrast) -> dict[str, Any]:
    """Multipliers planted and found: a cycle, a curve of age or time, bars or intervals."""
    level = float((seen.shares * seen.ratio).sum())
    found = np.where(seen.usable, factor.planted * np.exp(seen.ratio - level), np.nan)
    errors = np.where(seen.usable, found * np.sqrt(np.maximum(np.diag(seen.covariance), 0.0)), np.nan)
    target = place.table if place.column is None else f"{place.table}.{place.column}"
    title = f"{target} by {factor.name}"
    if factor.shape == "cycle":
        return profile(
            title, factor.labels, found, factor.planted, errors, x=factor.name, y="multiplier", unit="factor"
        )
    if factor.shape == "curve":
        band: tuple[Floats, Floats] = (found - 2 * errors, found + 2 * errors)
        message = f"{factor.name} ({factor.unit}s)"
        return curve(title, factor.at, found, factor.planted, band, x=message, y="multiplier", unit="factor")
    if factor.judged_by == "each":
        return interval(
            title, factor.labels, factor.planted, found, errors, x="multiplier", y=factor.name, unit="factor"
        )
    return bars(title, factor.labels, found, factor.planted, errors, x=factor.name, y="multiplier", unit="factor")


__all__ = ["FAR", "FactorLocation", "chart", "factor_findings"]
