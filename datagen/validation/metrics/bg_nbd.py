"""Recovers the parameters of BG/NBD from recency and frequency.

The likelihood is that of Fader, Hardie and Lee (2005), on each customer's own planted clock, which includes season, age
and segments. Its score and information at the planted parameters add up over slices. One step from there is as
efficient as the maximum (Le Cam, 1956).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.rates import BgNbdDeclaration
from datagen.point_process.expected_counts import Exposure, multiplied
from datagen.point_process.factors import BgNbdDropout, Spread
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.rates.metric import MOST_PARENTS
from datagen.validation.metrics.rates.operational_time import events_by_parent
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 500
_STEP = 1e-4
_FARTHEST = 3.0
_PARAMETERS = 4


@dataclass(frozen=True, slots=True, eq=False)
class BgNbdScores:
    """Customers, the sum of their scores, (4,), and of the scores' products, (4, 4)."""

    customers: int
    score: Floats
    products: Floats

    def __add__(self, other: BgNbdScores) -> BgNbdScores:
        return BgNbdScores(self.customers + other.customers, self.score + other.score, self.products + other.products)


@judges(BgNbdDeclaration)
@dataclass(frozen=True, eq=False)
class BgNbdRecovery(BgNbdDeclaration):
    """Customers born within the window whose purchases, rows of `table`, have rate `per_hour` until they leave."""

    name: ClassVar[str] = "PurchaseRecovery"
    group: Group = "recovery"

    @property
    def declared(self) -> BgNbdDropout:
        return next(unobserved for _, unobserved in self.planted.unobserved if isinstance(unobserved, BgNbdDropout))

    def observe(self, part: Slice) -> BgNbdScores | None:
        block = part.block(self.table)
        if block is None or block.parent is None or "event_time" not in block.attributes:
            return None
        at = sample_rows(block.parent.ids, MOST_PARENTS / max(self.parents(), len(block.parent), 1))
        rows, (owner, times) = Rows(block.parent, at), events_by_parent(block, at)
        start, end = (np.clip(edge, *self.stay.bounds) for edge in self.planted.clip_to_lives(rows, *self.stay(rows)))
        born = self._born(rows)
        known = np.flatnonzero((born == start) & (start < end) & (born > self.stay.bounds[0]))
        last = np.zeros(len(rows), np.int64)
        np.maximum.at(last, owner, times)
        number = np.bincount(owner, minlength=len(rows))[known]
        base = self.planted.rate.static(rows) * self.per_hour
        exposure = Exposure(self.planted, rows.take(known), start[known], end[known], base[known])
        score = scores(self.declared, number, *_expected(exposure, np.maximum(last[known], start[known])))
        return BgNbdScores(len(known), score.sum(axis=1), score @ score.T)

    def _born(self, rows: Rows) -> Ints:
        reach, survival = self.planted.survival_factors[0]
        return survival.born(reach(rows))

    def merge(self, one: BgNbdScores, other: BgNbdScores) -> BgNbdScores:
        return one + other

    def findings(self, state: BgNbdScores | None) -> list[Finding]:
        parameters = list(self._parameters())
        why = self._why_not(state)
        if why or state is None:
            return [not_identifiable(parameter, why) for parameter, _ in parameters]
        covariance = np.linalg.inv(state.products)
        step = np.clip(covariance @ state.score, -_FARTHEST, _FARTHEST)
        errors = np.sqrt(np.diag(covariance))
        found = []
        for parameter, k in parameters:
            if parameter.log:
                found.append(compare(parameter, parameter.planted * float(np.exp(step[k])), float(errors[k])))
            else:
                odds, chance = parameter.planted / (1.0 - parameter.planted), parameter.planted
                moved = odds * float(np.exp(step[k]))
                found.append(compare(parameter, moved / (1.0 + moved), float(errors[k]) * chance * (1.0 - chance)))
        return found

    def _parameters(self) -> Iterator[tuple[Parameter, int]]:
        """The judged parameters, with their positions in the score."""
        distribution, third = self.declared, 1.0 / 3.0
        chance = distribution.a / (distribution.a + distribution.b)
        yield (
            Parameter(
                self.table, None, self.name, "r (shape of the purchase rates)", distribution.r, log=True, weight=third
            ),
            0,
        )
        message = "a / (a + b) (chance of leaving after a purchase)"
        yield Parameter(self.table, None, self.name, message, chance, size=min(chance, 1.0 - chance), weight=third), 2
        message = "a + b (concentration of the chances)"
        yield (
            Parameter(self.table, None, self.name, message, distribution.a + distribution.b, log=True, weight=third),
            3,
        )

    def _why_not(self, state: BgNbdScores | None) -> str:
        hidden = [
            unobserved for _, unobserved in self.planted.unobserved if isinstance(unobserved, Spread | BgNbdDropout)
        ]
        if len(hidden) > 2 or len(self.planted.survival_factors) > 1:
            return "other hidden multipliers or lives act on it"
        if state is None or state.customers < _FEWEST:
            return "too few customers are born within the window"
        eigen = np.linalg.eigvalsh(state.products)
        return "" if eigen[0] > 1e-9 * eigen[-1] else "there are too few purchases"


def _expected(exposure: Exposure, last: Ints) -> tuple[Floats, Floats]:
    """The expected purchases of each customer until the last one, and in total, if nobody leaves, (n,) each."""
    until, total = np.zeros(len(exposure)), np.zeros(len(exposure))
    agings = list(exposure.agings())
    for low, high, _ in exposure.cells():
        rate = multiplied(agings, low + (high - low) // 2) * exposure.base
        begin = exposure.clock(low)
        total += (exposure.clock(high) - begin) * rate
        until += (exposure.clock(np.clip(last, low, high)) - begin) * rate
    return until, total


def scores(declared: BgNbdDropout, number: Ints, until: Floats, total: Floats) -> Floats:
    """The derivative of each customer's log-likelihood by log r, the log of the mean rate, the logit of a / (a + b) and
    log (a + b), (4, n).
    """
    chance = declared.a / (declared.a + declared.b)
    at = np.array([np.log(declared.r), 0.0, np.log(chance / (1.0 - chance)), np.log(declared.a + declared.b)])
    steps = _STEP * np.eye(_PARAMETERS)
    rise = [likelihood(at + h, number, until, total) - likelihood(at - h, number, until, total) for h in steps]
    found: Floats = np.stack(rise) / (2.0 * _STEP)
    return found


def likelihood(at: Floats, number: Ints, until: Floats, total: Floats) -> Floats:
    """The log-likelihood of each customer with this many purchases, up to terms without the parameters, (n,)."""
    r, mean, odds, both = np.exp(at).tolist()
    a, b = both * odds / (1.0 + odds), both / (1.0 + odds)
    order = np.arange(int(number.max(initial=0)) + 1)[:-1]
    rising = np.concatenate(([0.0], np.cumsum(np.log(r + order) + np.log((b + order) / (a + b + order)) + at[1])))
    staying = -(r + number) * np.log(r + mean * total)
    with np.errstate(divide="ignore"):
        left = np.where(number > 0, np.log(a / np.maximum(b + number - 1.0, 1e-300)), -np.inf)
    gone = left - (r + number) * np.log(r + mean * until)
    found: Floats = rising[number] + r * at[0] + np.logaddexp(staying, gone)
    return found
