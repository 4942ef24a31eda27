"""What tests of curves share: hours of a window, and the problems of a table that arrives along a curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.analysis.analyze import check
from datagen.kinds.arrival_curves.base import Curve, arriving
from datagen.registry import load
from datagen.schema.reading.read import read
from datagen.time_units import HOUR, parse_instant

load()
START = parse_instant("2023-01-01") / HOUR
YEAR = 8766.0
MIDDLES = START + np.arange(4 * 8766) + 0.5


def density(declared: dict[str, Any], hours: np.ndarray = MIDDLES, start: float = START) -> np.ndarray:
    return Curve.parse(declared).density(hours, start)


def total(declared: dict[str, Any]) -> np.ndarray:
    """The share of all of these years that has arrived by the end of each hour."""
    mass = np.cumsum(density(declared))
    return mass / mass[-1]


def problems(declared: dict[str, Any]) -> list[str]:
    """Codes of the problems, each with the last keys of its place."""
    found = check(read(arriving(declared)))
    return [f"{problem.code} {'.'.join(map(str, problem.keys[3:]))}".strip() for problem in found]


def hour(text: str) -> int:
    """The position in MIDDLES of the hour that begins then."""
    return int(parse_instant(text) / HOUR - START)
