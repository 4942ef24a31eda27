"""Check digits, which detect mistyped numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Digits = npt.NDArray[np.uint8]
"""Digits 0 to 9 (or letters from 10 on), shape (n, places)."""


def luhn(digits: Digits) -> Digits:
    """The check digit that comes after these digits (ISO/IEC 7812-1), shape (n,)."""
    places = digits.shape[1]
    doubled = (np.arange(places) % 2) == ((places - 1) % 2)
    values = np.where(doubled, 2 * digits, digits)
    values = values - 9 * (values > 9)
    check: Digits = ((10 - values.sum(axis=1, dtype=np.int64) % 10) % 10).astype(np.uint8)
    return check


def mod97(values: Digits) -> Digits:
    """The two check digits, as a number from 2 to 98, of characters whose own check digits are 00 (ISO 7064), shape
    (n,).

    A digit counts as itself, a letter as two digits, 10 for A to 35 for Z.
    """
    remainder = np.zeros(len(values), np.int64)
    for place in range(values.shape[1]):
        column = values[:, place].astype(np.int64)
        remainder = (remainder * np.where(column > 9, 100, 10) + column) % 97
    return (98 - remainder).astype(np.uint8)
