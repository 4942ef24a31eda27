"""The elementary functions that value-making code may use: the same bits on every CPU, Python and numpy version.

Each takes a float or a float64 array of any shape and returns the like; NaN in, NaN out; nothing warns.
"""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementwise import Elementwise
from datagen.random.math.exp_log import exp, expm1, log, log1p, log2, log10, power, tanh
from datagen.random.math.trigonometry import atan, cos, sin, tan


@Elementwise
def sqrt(x: Floats) -> Floats:
    """The square root, correctly rounded; NaN below 0."""
    return np.sqrt(x)


__all__ = ["atan", "cos", "exp", "expm1", "log", "log1p", "log2", "log10", "power", "sin", "sqrt", "tan", "tanh"]
