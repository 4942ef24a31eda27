"""A quantile of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Floats
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction, present
from datagen.kinds.expectations.support.examples import expecting

MOST = 1 << 14
"""The most different values that are kept. Beyond it neighbours are merged, which changes a rank by less than a
ten-thousandth each time.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Different values in order, float64, and the number of cells of each."""

    values: Floats
    weights: Floats


class Quantile(Aggregate):
    """The smallest value that at least a share `level` of the cells do not exceed: the median for 0.5."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {
                "type": "quantile",
                "table": "orders",
                "expression": "amount",
                "level": 0.5,
                "equals": 30,
                "tolerance": "15%",
            },
            {"type": "quantile", "table": "orders", "expression": "amount", "level": 0.95, "at_most": 200},
        ),
    )

    type: Literal["quantile"] = "quantile"
    level: float = Field(ge=0, le=1, description="the share of cells that do not exceed it")

    @property
    def what(self) -> str:
        return f"{self.level:g} quantile of {self.expression}"

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, partial(_value, self.level))


def _observed(values: Column) -> Ranks:
    found, counts = np.unique(present(values), return_counts=True)
    return _fewer(Ranks(found, counts.astype(np.float64)))


def _merged(one: Ranks, other: Ranks) -> Ranks:
    values = np.concatenate([one.values, other.values])
    found, place = np.unique(values, return_inverse=True)
    weights: Floats = np.bincount(place, np.concatenate([one.weights, other.weights]), len(found)).astype(np.float64)
    return _fewer(Ranks(found, weights))


def _fewer(ranks: Ranks) -> Ranks:
    """At most `MOST` values. Neighbours that share a rank are replaced by the middle one."""
    if len(ranks.values) <= MOST:
        return ranks
    reach = np.cumsum(ranks.weights)
    group = np.minimum(((reach - ranks.weights / 2) / reach[-1] * MOST).astype(np.int64), MOST - 1)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.append(first[1:], len(group)) - 1
    return Ranks(ranks.values[(first + last) // 2], np.add.reduceat(ranks.weights, first))


def _value(level: float, state: Ranks) -> float | None:
    if not len(state.values):
        return None
    reach = np.cumsum(state.weights)
    at = int(np.searchsorted(reach, level * reach[-1] * (1 - 1e-12)))
    return float(state.values[min(at, len(reach) - 1)])
