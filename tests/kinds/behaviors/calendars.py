"""What tests of behaviors by time share: a planned place, the hours of a grid, entities that are a few columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.analysis.analyze import check
from datagen.columnar.block import BOOL, CATEGORY, INT, Column
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.generators.choice import Choice
from datagen.point_process.effects import Calendar, Grid
from datagen.random.streams import Stream
from datagen.registry import load
from datagen.schema.reading.read import read
from datagen.time_units import HOUR, parse_instant

load()


@dataclass
class Planned:
    """A planned place in the table `orders` below `customers`; columns are choices of these values."""

    start: str = "2024-01-01"
    end: str = "2025-01-01"
    history_hours: int = 0
    choices: dict[str, Any] = field(default_factory=dict)
    null: bool = False
    seed: int = 1
    frozen: dict[str, Any] = field(default_factory=dict)

    @property
    def window(self):
        return SimpleNamespace(start=parse_instant(self.start), end=parse_instant(self.end))

    def grid(self):
        first = self.window.start // HOUR - self.history_hours
        return Grid(first, self.window.end // HOUR - first)

    def span(self):
        return self.grid()

    def freeze(self, name, compute):
        return self.frozen.setdefault(name, compute())

    def stream(self, *purpose):
        return Stream.named(self.seed, *purpose)

    def nullable(self, column, table=None):
        return self.null

    def tables(self):
        columns = {name: Choice(values=values) for name, values in self.choices.items()}
        customers = SimpleNamespace(name="customers", parent=None, columns=columns)
        return {"customers": customers, "orders": self.table}

    @property
    def table(self):
        return SimpleNamespace(name="orders", parent="customers", columns={"amount": None})


def calendar(declared: dict[str, Any], scope: Planned | None = None) -> Calendar:
    """The one calendar that a behavior comes down to."""
    (effect,) = Behavior.parse(declared).bind(scope or Planned(), "orders")
    assert isinstance(effect, Calendar)
    return effect


def weights(declared: dict[str, Any], scope: Planned | None = None) -> np.ndarray:
    """The hourly multipliers of a behavior without groups."""
    (row,) = calendar(declared, scope).weights
    return row


def hours(scope: Planned | None = None) -> np.ndarray:
    """The beginnings of the grid's hours as datetime64[h]."""
    grid = (scope or Planned()).grid()
    return np.arange(grid.start, grid.start + grid.hours).astype("datetime64[h]")


def at(row: np.ndarray, when: str, scope: Planned | None = None) -> float:
    """The multiplier of the hour that begins then (UTC)."""
    return float(row[int(np.searchsorted(hours(scope), np.datetime64(when, "h")))])


def problems(*behaviors: dict[str, Any], on: str = "orders") -> list[str]:
    """Codes of the problems of a shop with these behaviors, each with the last keys of its place."""
    document = orders_with()
    document["tables"][on]["behaviors"] = list(behaviors)
    return [f"{problem.code} {'.'.join(map(str, problem.keys[4:]))}".strip() for problem in check(read(document))]


class Someone:
    """Entities that are a few columns; None is a missing cell."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns = columns
        self.ids = np.arange(len(next(iter(columns.values()))), dtype=np.uint64)

    def __len__(self):
        return len(self.ids)

    def column(self, name):
        cells = self.columns[name.rpartition(".")[2]]
        valid = np.array([cell is not None for cell in cells])
        known = [cell for cell in cells if cell is not None]
        if isinstance(known[0], bool | int):
            data = np.array([cell or 0 for cell in cells])
            return Column(BOOL if isinstance(known[0], bool) else INT, data, valid)
        words = sorted(set(known))
        codes = np.array([words.index(cell) if cell is not None else 0 for cell in cells], np.int32)
        return Column(CATEGORY, codes, valid, pa.array(words))
