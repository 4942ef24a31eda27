"""The discrete laws that rows and columns draw from: categories, counts, ranks and integers."""

from __future__ import annotations

from datagen.random.count_distributions import geometric, negative_binomial, poisson
from datagen.random.discrete_inverse_cdf import Categories, ThresholdTable
from datagen.random.integers import Permutation, uniform_below
from datagen.random.zipf import Zipf

__all__ = [
    "Categories",
    "Permutation",
    "ThresholdTable",
    "Zipf",
    "geometric",
    "negative_binomial",
    "poisson",
    "uniform_below",
]
