"""The special functions that tables are made of at plan time: the same bits on every CPU, Python and numpy version.

The gamma and beta functions iterate until the whole array has converged, so the last bits of a value may depend on what
else is in it: they belong in tables made once, never on the rows of a block.
"""

from __future__ import annotations

from datagen.random.math.beta import beta_cdf, beta_ppf
from datagen.random.math.gamma import gamma_cdf, gamma_ppf, log_gamma
from datagen.random.math.normal import erf, erfc, normal_cdf, normal_ppf

__all__ = [
    "beta_cdf",
    "beta_ppf",
    "erf",
    "erfc",
    "gamma_cdf",
    "gamma_ppf",
    "log_gamma",
    "normal_cdf",
    "normal_ppf",
]
