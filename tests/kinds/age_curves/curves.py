"""Age curves at ages in months, in steps and as effects."""

from __future__ import annotations

import numpy as np

from datagen.kinds.age_curves.base import AgeCurve
from datagen.registry import load
from datagen.time_units import MONTH_HOURS
from tests.kinds.behaviors.entities import problems

load()


def at(declared, *ages):
    return AgeCurve.parse(declared).at(np.array(ages, np.float64)).tolist()


def steps(declared):
    return AgeCurve.parse(declared).steps(MONTH_HOURS)


def wrong(declared) -> list[str]:
    """What is wrong with the curve, without its place."""
    return [
        problem.replace("$[0].multiply.orders", "$")
        for problem in problems({"type": "vintage", "multiply": {"orders": declared}})
    ]
