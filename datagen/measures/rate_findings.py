"""The judgement of a table's rate: the base, every factor, daily noise, and the spread over parents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from datagen.block import Floats
from datagen.intensity.factors import Timed
from datagen.intensity.planted import Known
from datagen.measures.base import Finding
from datagen.measures.contrast import Contrast, contrast
from datagen.measures.daily import common_noise, daily_findings, shares_by_day
from datagen.measures.details import series
from datagen.measures.factor_findings import Place, factor_findings
from datagen.measures.parent_findings import parent_findings
from datagen.measures.rate_state import RateState, Tally
from datagen.measures.recovery import Parameter, judged, unidentified
from datagen.quantities import DAY

if TYPE_CHECKING:
    from datagen.measures.rates import Rates

_MOST_DRAWN = 1500


def rate_findings(measure: Rates, state: RateState | None) -> list[Finding]:
    """Everything that the rate of a table shows."""
    if state is None or not state.tallies[0].expected.sum():
        return [unidentified(_base(measure), "there are no events, or none to expect")]
    found = [*_base_finding(measure, state)]
    for known, tally in zip(measure.known, state.tallies[1:], strict=True):
        place = Place(measure.table, None, known.behavior)
        found += factor_findings(place, known.factor, estimates(measure, state, known, tally))
    random = measure.base.fano == 1.0
    found += daily_findings(measure.table, measure.planted.daily, state.days, at_random=random)
    found += parent_findings(measure, state)
    return found


def estimates(measure: Rates, state: RateState, known: Known | None, tally: Tally) -> Contrast:
    """The log ratios of a factor's categories, with what daily noise does to them all at once."""
    if not measure.planted.daily:
        return contrast(tally)
    codes = None
    if known is not None and isinstance(known.factor, Timed):
        codes = known.factor.codes[0] if len(known.factor.codes) == 1 else known.factor.codes[-1]
    shares = shares_by_day(measure, state, tally, codes)
    return contrast(tally, common_noise(shares, measure.planted))


def _base(measure: Rates) -> Parameter:
    base = measure.base
    return Parameter(
        measure.table, None, measure.name, f"mean per {base.unit}", base.mean, size=0.5, log=True
    )  # fmt: skip


def _base_finding(measure: Rates, state: RateState) -> Iterator[Finding]:
    whole = estimates(measure, state, None, state.tallies[0])
    if not whole.usable[0]:
        yield unidentified(_base(measure), f"{whole.expected[0]:.0f} events are expected, which is too few")
        return
    value, error = whole.of(np.ones(1))
    details = _volume(measure, state.days)
    yield judged(_base(measure), measure.base.mean * float(np.exp(value)), error, details)


def _volume(measure: Rates, days: Floats) -> dict[str, object]:
    """Events by day (or week, where days are many) against what is expected."""
    step = 1 if days.shape[1] <= _MOST_DRAWN else 7
    width = days.shape[1] // step * step
    seen, expected = np.add.reduce(days[:, :width].reshape(2, -1, step), axis=2)[:, :_MOST_DRAWN]
    first = measure.window[0] // DAY
    times = [(first + k * step) * DAY for k in range(len(seen))]
    unit = "day" if step == 1 else "week"
    return series(f"{measure.table} per {unit}", times, seen, expected, x="date (UTC)", y=f"rows per {unit}")
