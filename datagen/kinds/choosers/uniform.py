"""Uniform choice: every member of the domain has the same weight."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Floats
from datagen.kinds.choosers.base import Chooser, Draw, sales
from datagen.random.integers import uniform_below


class Uniform(Chooser):
    """Every row of the domain is equally popular."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (sales({"type": "uniform"}),)

    type: Literal["uniform"] = "uniform"

    @property
    def uniform(self) -> bool:
        return True

    def weights(self, ranks: Floats) -> Floats:
        return np.ones(len(ranks))

    def ranks(self, size: int) -> Draw:
        return lambda words: uniform_below(words, size)
