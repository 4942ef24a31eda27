"""Laws of delays, written as generators of durations."""

from __future__ import annotations

from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.random.inverse_cdf import InverseCdfTable


def is_delay_law(delay: Generator) -> bool:
    """Whether it is a distribution of durations that nothing changes."""
    if not isinstance(delay, DistributionGenerator) or delay.modifiers:
        return False
    return delay.timed and delay.min is None and delay.max is None


def delay_law(delay: Generator | None) -> InverseCdfTable:
    """The law of it, in microseconds."""
    assert isinstance(delay, DistributionGenerator)
    return delay.law()
