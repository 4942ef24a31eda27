"""Shifted beta-geometric lives: contracts that are renewed or cancelled at the end of each period."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Words
from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Lifetime
from datagen.random.math.elementary import power
from datagen.random.streams import Stream

_PERIODS = 4096


class ShiftedBetaGeometric(Lifetime):
    """Each entity leaves at the end of each whole unit with its own probability, theta ~ Beta(alpha, beta).

    P(T > t) = B(alpha, beta + t) / B(alpha, beta) for t = 0, 1, 2 ... The retention rate rises with tenure, because
    entities with a high theta leave first. Source: Fader and Hardie (2007), How to project customer retention.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        living({"type": "sbg", "alpha": 0.7, "beta": 4, "unit": "month"}),
    )

    type: Literal["sbg"] = "sbg"
    alpha: float = Field(gt=0, le=1e5, description="alpha / (alpha + beta) leave at the end of the first unit")
    beta: float = Field(gt=0, le=1e5, description="the larger both are, the more alike entities are")

    def units(self, stream: Stream, ids: Words) -> Floats:
        table = survival(self.alpha, self.beta)
        uniforms = stream.uniforms(ids)
        periods = (len(table) - np.searchsorted(table, uniforms, side="right")).astype(np.float64)
        late = np.flatnonzero(uniforms < table[0])
        if len(late):
            periods[late] = self._beyond(uniforms[late], float(table[0]))
        return periods

    def _beyond(self, uniforms: Floats, last: float) -> Floats:
        """Lives beyond the table, where a ratio of gamma functions falls as (t + c) ^ -alpha, within 1 part in a
        million.
        """
        shift = self.beta + (self.alpha - 1.0) / 2.0
        ratio = power(np.maximum(uniforms, 2.0**-54) * (1.0 / last), -1.0 / self.alpha)
        return np.maximum(np.ceil(np.minimum(ratio * (_PERIODS + shift) - shift, 1e15)), _PERIODS + 1.0)


@lru_cache(64)
def survival(alpha: float, beta: float) -> Floats:
    """P(T > t) for t = 4096 down to 0, ascending, shape (4097,)."""
    t = np.arange(1, _PERIODS + 1)
    kept = (beta + t - 1.0) / (alpha + beta + t - 1.0)
    return np.concatenate((np.cumprod(kept)[::-1], [1.0]))
