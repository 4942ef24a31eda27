"""Behaviors at their place in a small shop, and customers made up for them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from datagen.analysis import check
from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import CATEGORY, TIMESTAMP, Column
from datagen.engine.program import Program
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.examples import shaped
from datagen.registry import load
from datagen.schema.reading.read import read
from datagen.time_units import parse_instant

load()
START, END = parse_instant("2024-01-01"), parse_instant("2025-01-01")
AMOUNT = {"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2}


@dataclass
class People:
    """n customers with these columns."""

    n: int
    columns: dict = field(default_factory=dict)

    def __len__(self) -> int:
        return self.n

    @property
    def ids(self):
        return np.arange(self.n, dtype=np.uint64)

    def column(self, name):
        return self.columns[name]


def times(data) -> Column:
    return Column(TIMESTAMP, np.asarray(data, np.int64))


def words(cells, *vocabulary) -> Column:
    """A category column; None is a missing cell."""
    codes = np.array([0 if cell is None else vocabulary.index(cell) for cell in cells], np.int32)
    valid = np.array([cell is not None for cell in cells])
    return Column(CATEGORY, codes, None if valid.all() else valid, pa.array(list(vocabulary)))


def shop(*behaviors) -> dict:
    return shaped(*behaviors, amount=AMOUNT)


def scope(*behaviors, seed: int = 1, index: int = 0):
    """The planned place of one behavior of the customers."""
    return Program(SemanticModel(read(shop(*behaviors))), seed, 1.0, {}, {}).behavior_scope("customers", index)


def effects(behavior: dict, target: str, seed: int = 1):
    return Behavior.parse(behavior).bind(scope(behavior, seed=seed), target)


def problems(*behaviors, columns: dict | None = None) -> list[str]:
    """What is wrong with the shop, word for word, without the way to the customers."""
    document = shop(*behaviors)
    document["tables"]["customers"]["columns"] |= columns or {}
    return [str(problem).replace("$.tables.customers.behaviors", "$") for problem in check(read(document))]
