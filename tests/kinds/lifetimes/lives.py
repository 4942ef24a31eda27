"""Lives drawn from a lifetime, in months."""

from __future__ import annotations

import numpy as np

from datagen.kinds.lifetimes.base import Lifetime
from datagen.random.streams import Stream
from datagen.registry import load
from datagen.time_units import MONTH_HOURS

load()


def months(declared: dict, n: int = 100_000, seed: int = 1):
    ids = np.arange(n, dtype=np.uint64)
    return Lifetime.parse(declared).hours(Stream.named(seed, "life"), ids) / MONTH_HOURS


def distance(lives, survival) -> float:
    """The largest difference between the survival curves of the lives and of the law."""
    lives = np.sort(lives)
    empirical = 1 - np.arange(1, len(lives) + 1) / len(lives)
    return float(np.abs(empirical - survival(lives)).max())
