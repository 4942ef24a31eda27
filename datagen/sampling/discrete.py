"""The discrete laws that rows and columns draw from: categories, counts, ranks and integers."""

from __future__ import annotations

from datagen.sampling.counts import geometric, negative_binomial, poisson
from datagen.sampling.integers import Permutation, uniform_below
from datagen.sampling.steps import Categories, Steps
from datagen.sampling.zipf import Zipf

__all__ = [
    "Categories",
    "Permutation",
    "Steps",
    "Zipf",
    "geometric",
    "negative_binomial",
    "poisson",
    "uniform_below",
]
