"""Shared code of portable functions of one variable: scalars or arrays, cache-sized chunks, no warnings, one NaN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import overload

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.streams import in_chunks

CHUNK = 4096
"""Elements per chunk: a dozen temporaries of this size fit the second-level cache."""


class Elementwise:
    """A kernel on short 1-d arrays as a function of a number or of a float64 array of any shape."""

    def __init__(self, kernel: Callable[[Floats], Floats]) -> None:
        self.kernel = kernel
        update_wrapper(self, kernel)

    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: Floats) -> Floats: ...
    def __call__(self, x: float | Floats) -> float | Floats:
        values = np.asarray(x, np.float64)
        flat = values.reshape(-1)
        out = np.empty(len(flat))
        with np.errstate(all="ignore"):
            for chunk in in_chunks(len(flat), CHUNK):
                out[chunk] = one_nan(self.kernel(flat[chunk]))
        return out.reshape(values.shape) if isinstance(x, np.ndarray) else float(out[0])


def one_nan(values: Floats) -> Floats:
    """Every NaN replaced by the same one, in place: CPUs disagree about its sign."""
    missing = np.isnan(values)
    if missing.any():
        values[missing] = np.nan
    return values


def polynomial(x: Floats, coefficients: Sequence[float]) -> Floats:
    """The polynomial with these coefficients, highest power first, by Horner's rule; a new array."""
    out = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= x
    out += coefficients[-1]
    return out
