"""How often each row of a table is chosen by those that refer to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from datagen.kinds import Strict


class UniformPopularity(Strict):
    """Every row is equally popular."""

    type: Literal["uniform"] = "uniform"


class ZipfPopularity(Strict):
    """Zipf-Mandelbrot: the k-th most popular row is chosen in proportion to 1 / (k + shift) ** exponent.

    Which rows are popular is drawn once and stays; `order` "key" makes the first rows the most popular.
    """

    type: Literal["zipf"] = "zipf"
    exponent: float = Field(default=1.0, gt=0, le=10, description="how steeply popularity falls; 1 is Zipf's law")
    shift: float = Field(default=0.0, ge=0, le=1e9, description="flattens the head")
    order: Literal["random", "key"] = Field(default="random", description="which rows are popular")
