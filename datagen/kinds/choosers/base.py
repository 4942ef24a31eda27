"""The base class of choosers: a weight for each popularity rank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datagen.columnar.block import Floats, Ints, Words
from datagen.registry import Kind

Draw = Callable[[Words], Ints]
"""From random words, uint64 (n,), to ranks from 0, int64 (n,)."""


class Chooser(Kind, family="choosers"):
    """The distribution by which a reference chooses among the rows of its domain.

    Each row has a permanent rank, from 1 for the most popular one. If only a part of the rows can be chosen, they keep
    their weights and are chosen in proportion to them.
    """

    @property
    def by_key(self) -> bool:
        """Whether ranks follow the order of keys; else they are drawn once."""
        return False

    @property
    def uniform(self) -> bool:
        """Whether every member has the same weight."""
        return False

    @property
    def zipf(self) -> tuple[float, float]:
        """The exponent and the shift of the Zipf-Mandelbrot distribution of the weights, for validation."""
        return 0.0, 0.0

    def weights(self, ranks: Floats) -> Floats:
        """The weights of these ranks (from 1), shape (n,), positive and non-increasing."""
        raise TypeError(f"chooser '{self.type}' has no weights")

    def ranks(self, size: int) -> Draw:
        """Draws ranks from 0 among `size` members, in proportion to the weights, without a table of them."""
        raise TypeError(f"chooser '{self.type}' has no ranks")


def sales(popularity: dict[str, Any]) -> dict[str, Any]:
    """The example document of choosers: sales whose reference has this popularity."""
    reference = {"type": "reference", "table": "products", "popularity": popularity}
    return {
        "datagen": 1,
        "name": "sales",
        "tables": {
            "products": {"rows": 20, "columns": {"product_id": {"type": "key"}}},
            "sales": {"rows": 100, "columns": {"sale_id": {"type": "key"}, "product_id": reference}},
        },
    }
