"""The elementary functions that value-making code may use: the same bits on every CPU, Python and numpy version.

Each takes a float or a float64 array of any shape and returns the like; NaN in, NaN out; nothing warns.
"""

from __future__ import annotations

import numpy as np

from datagen.block import Floats
from datagen.sampling.angles import atan, cos, sin, tan
from datagen.sampling.elementwise import Elementwise
from datagen.sampling.exponentials import exp, expm1, log, log1p, log2, log10, power, tanh


@Elementwise
def sqrt(x: Floats) -> Floats:
    """The square root, correctly rounded; NaN below 0."""
    return np.sqrt(x)


__all__ = ["atan", "cos", "exp", "expm1", "log", "log1p", "log2", "log10", "power", "sin", "sqrt", "tan", "tanh"]
