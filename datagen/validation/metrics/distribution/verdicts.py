"""The judgement of how well values follow their laws: the largest distance of the distribution functions, by case, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Floats
from datagen.validation.metrics.base import Finding
from datagen.validation.metrics.distribution.state import FitState
from datagen.validation.metrics.value_units import drawn, format_value
from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable, where_most
from datagen.validation.report.chart_data import histogram

if TYPE_CHECKING:
    from datagen.validation.metrics.distribution.metric import DistributionCase, DistributionFit

THRESHOLD = 0.005
"""The distance that makes no difference, beyond what sampling explains."""
FEWEST = 50
_CRITICAL = 1.95  # of the Kolmogorov distance times sqrt(n): passed once in a thousand
_BINS = 32
_WIDE = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """How values are drawn: `edges` of the bins, on a log axis where they span much."""

    edges: Floats
    logarithmic: bool


def shape_of(cases: Sequence[DistributionCase]) -> Drawn:
    """Bins for all cases of a column."""
    grids = [case.grid for case in cases]
    cut = max(len(grids[0]) // 1000, 1)
    low, high = min(float(g[cut]) for g in grids), max(float(g[-cut]) for g in grids)
    if not high > low:
        low, high = low - 0.5, low + 0.5
    if low > 0 and high / low > _WIDE:
        return Drawn(np.geomspace(low, high, _BINS + 1), True)
    return Drawn(np.linspace(low, high, _BINS + 1), False)


def fit_findings(measure: DistributionFit, state: FitState | None) -> Iterator[Finding]:
    """One finding on each case, the first with the chart of all of them."""
    hidden = measure.planted is not None and bool(measure.planted.unseen)
    weight = 1.0 / len(measure.cases)
    for number, case in enumerate(measure.cases):
        if case.mean_only:
            continue
        subject = f"{measure.subject} where {case.name}" if case.name else measure.subject
        parameter = Parameter(
            measure.table, measure.column, measure.name, subject, 1.0, group="distribution", weight=weight
        )
        places = state.places[number] if state is not None else np.zeros(1)
        total = float(places.sum())
        if total < FEWEST or hidden:
            why = "a hidden multiplier acts on the values" if hidden else f"there are {total:.0f} of them"
            yield not_identifiable(parameter, why)
            continue
        wanted, reached = np.arange(1, len(places) + 1) / len(places), np.cumsum(places) / total
        most = int(np.abs(reached - wanted).argmax())
        details = _chart(measure, state) if number == 0 and state is not None else None
        distance = float(abs(reached[most] - wanted[most]))
        fits = close(parameter, distance, _CRITICAL / total**0.5, THRESHOLD, details)
        edge = format_value(float(case.at(wanted[most : most + 1])[0]), measure.unit)
        yield where_most(fits, f"{reached[most]:.1%} are up to {edge}, planted {wanted[most]:.1%}")
        yield from _tails(measure, case, places, weight)
        if len(measure.cases) > 1:
            yield _location(measure, case, places, weight)


def _tails(measure: DistributionFit, case: DistributionCase, places: Floats, weight: float) -> Iterator[Finding]:
    """How many cells lie beyond the law's outermost places: a few in another unit, which the whole distribution hardly shows."""
    due, total = 1.0 / len(places), float(places.sum())
    where = f" where {case.name}" if case.name else ""
    for side, place, seen in (("below", due, places[0]), ("above", 1.0 - due, places[-1])):
        edge = float(case.at(np.array([place]))[0])
        if not _told_apart(measure, case, edge, due):
            continue
        subject = f"share of {measure.subject}{where} {side} {format_value(edge, measure.unit)}"
        parameter = Parameter(
            measure.table, measure.column, "TailRecovery", subject, due, due, group="distribution", weight=0.5 * weight
        )
        yield compare(parameter, float(seen) / total, (due * (1.0 - due) / total) ** 0.5)


def _told_apart(measure: DistributionFit, case: DistributionCase, edge: float, due: float) -> bool:
    """Whether cells beyond this value are any other than those on it: a rounded or clipped one may stand for more than the tail."""
    if (case.low is not None and edge <= case.low) or (case.high is not None and edge >= case.high):
        return False
    below, above = case.chance(np.array([edge - measure.steps[0], edge + measure.steps[1]])).tolist()
    return bool(above - below < due)


def _location(measure: DistributionFit, case: DistributionCase, places: Floats, weight: float) -> Finding:
    """Whether a case's cells lie where its law has them: their mean place, 1/2 as planted; it sees what a few cells show."""
    total = float(places.sum())
    mean = float((places * (np.arange(len(places)) + 0.5)).sum()) / len(places) / total
    parameter = Parameter(
        measure.table, measure.column, "CaseRecovery", f"mean place in the law where {case.name}", 0.5, 0.25,
        group="dependence", weight=weight,
    )  # fmt: skip
    return compare(parameter, mean, (12.0 * total) ** -0.5)


def _chart(measure: DistributionFit, state: FitState) -> dict[str, object]:
    """Values found, multipliers taken out, against the laws in the proportion of their cases."""
    edges, shares = measure.drawn.edges, np.add.reduce(state.places, axis=1)
    planted = np.zeros(len(edges) - 1)
    for case, share in zip(measure.cases, shares / max(float(shares.sum()), 1.0), strict=True):
        reach = case.chance(edges)
        reach[0], reach[-1] = 0.0, 1.0
        planted += share * np.diff(reach)
    found = state.bins / max(float(state.bins.sum()), 1.0)
    shown, axis, unit = drawn(edges, measure.unit, "log" if measure.drawn.logarithmic else "linear")
    multiplied = ", multipliers taken out" if measure.planted is not None and measure.planted.rate else ""
    title = f"{measure.table}.{measure.column}"
    return histogram(title, shown, found, planted, x=f"{measure.subject}{unit}{multiplied}", axis=axis)
