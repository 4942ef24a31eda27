"""Curves given by a log density, scaled to 1 at the start of the window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import exp

_LIMIT = 600.0  # e**600 is far from overflow even times the number of rows


def raised(logarithms: Floats) -> Floats:
    """e to the power of `logarithms`, clipped to stay finite."""
    return exp(np.minimum(logarithms, _LIMIT))


def from_start(log_density: Callable[[Floats], Floats], hours: Floats, start: float, peak: float) -> Floats:
    """The density at `hours` relative to the window's start; `peak` is its greatest logarithm.

    Where the density at the start is almost zero, it is relative to the peak.
    """
    reference = max(float(log_density(np.array([start]))[0]), peak - _LIMIT)
    return raised(log_density(hours) - reference)
