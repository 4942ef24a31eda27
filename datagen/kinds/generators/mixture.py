"""Numbers from one of several distributions, each with a share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Rows, Type
from datagen.kinds.generators.base import Draw, Generator, Numeric
from datagen.kinds.generators.case import Case
from datagen.kinds.generators.constant import Constant
from datagen.kinds.generators.support import numeric_range
from datagen.kinds.generators.support.distribution_declarations import SIZE, quantiles
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.nested_parts import part_needs, part_problems
from datagen.random.discrete_inverse_cdf import Categories
from datagen.registry import Strict
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

MOST = 100


class Part(Strict):
    """One of the distributions."""

    weight: float = Field(gt=0, le=1e15, description="how often it is drawn from, in proportion to the others")
    value: Case = Field(description="a generator of numbers; a bare number is short for a constant")


class Mixture(Numeric):
    """Numbers from one of several distributions: calls that last seconds and calls that last long, claims of which most
    are 0.

    No column shows which distribution a row has; if a column decides, use `case`. The range and the rounding of each
    distribution are its own, then come those of the mixture.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            claim={
                "type": "mixture",
                "parts": [
                    {"weight": 9, "value": 0},
                    {"weight": 1, "value": {"type": "lognormal", "median": 800, "sigma": 1}},
                ],
                "decimals": 2,
            },
            call={
                "type": "mixture",
                "parts": [
                    {"weight": 2, "value": {"type": "normal", "mean": 30, "sd": 5}},
                    {"weight": 3, "value": {"type": "normal", "mean": 70, "sd": 9}},
                ],
            },
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("mixed", "gaussian_mixture", "gmm", "zero_inflated", "bimodal", "compound")
    left_out: ClassVar[Mapping[str, str]] = {
        "components distributions": "parts",
        "weights": "each of 'parts' has a 'weight'",
    }
    type: Literal["mixture"] = "mixture"
    parts: Annotated[tuple[Part, ...], Field(min_length=2, max_length=MOST)] = Field(
        description="the distributions with weights"
    )

    @property
    def timed(self) -> bool:
        distributions = [part.value for part in self.parts if isinstance(part.value, Numeric)]
        return super().timed or any(distribution.timed for distribution in distributions)

    def _parts(self, scope: Scope) -> list[tuple[Generator, Scope]]:
        return [(part.value, scope.at("parts", i, "value")) for i, part in enumerate(self.parts)]

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset[ColumnRef]().union(*(part_needs(part, at) for part, at in self._parts(scope)))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        for part, at in self._parts(scope):
            yield from part_problems(part, at)
            type_ = part.result(at)
            number = isinstance(part, Constant) and type_ is not None and (type_.numeric or type_.name == "duration")
            if type_ is not None and (not (isinstance(part, Numeric) or number) or type_.name in ("date", "timestamp")):
                hint = "use a distribution such as 'normal', or 'choice' for values"
                yield at.problem("type", f"'{part.type}' is no distribution of numbers", hint, "type")
            elif part.modifiers:
                yield at.problem(
                    "no-effect", "the modifiers of a part are not applied", "give them to the mixture", "modifiers"
                )
            elif type_ is not None and self.timed != (type_.name == "duration") and not _zero(part):
                yield at.problem("type", "some parts are durations, others are numbers", "use one type for all", "type")

    def ends(self, chance: float) -> tuple[float, float]:
        ends = [
            part.value.ends(chance) if isinstance(part.value, Numeric) else 2 * (_value(part.value),)
            for part in self.parts
        ]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def draw(self, scope: Scope) -> Draw:
        shares, lot = Categories.of([part.weight for part in self.parts]), scope.stream("part")
        at = scope.at("parts")  # one scope for all: a row has one part, so parts can share their streams
        draws = [_draw(part.value, at) for part in self.parts]

        def draw(rows: Rows) -> Floats:
            chosen, out = shares.sample(lot, rows.ids), np.empty(len(rows))
            for i, one in enumerate(draws):
                mine = np.flatnonzero(chosen == i)
                out[mine] = one(rows.take(mine))
            return out

        return draw

    def stratified(self, scope: Scope) -> Floats:
        weights = np.array([part.weight for part in self.parts])
        ends = np.rint(np.cumsum(weights) / np.add.reduce(weights) * SIZE).astype(np.int64)
        found = []
        for part, many in zip(self.parts, np.diff(ends, prepend=0).tolist(), strict=True):
            places = ((np.arange(many) + 0.5) / max(many, 1) * SIZE).astype(np.int64)
            found.append(_quantiles(part.value, scope)[places])
        return np.concatenate(found)


def _zero(part: Generator) -> bool:
    return isinstance(part, Constant) and part.value == 0


def _value(part: Generator) -> float:
    return float(part.value) if isinstance(part, Constant) and isinstance(part.value, int | float) else 0.0


def _draw(part: Generator, scope: Scope) -> Draw:
    """Numbers of one part, within its range and rounded as it says."""
    if not isinstance(part, Numeric):
        return lambda rows: np.full(len(rows), _value(part))
    draw, type_ = part.draw(scope), part.result(scope) or Type("float")
    low, high = part.limits(type_)
    return lambda rows: numeric_range.rounded(numeric_range.clipped(draw(rows), low, high), type_).as_floats()


def _quantiles(part: Generator, scope: Scope) -> Floats:
    if not isinstance(part, Numeric):
        return np.full(SIZE, _value(part))
    type_ = part.result(scope) or Type("float")
    low, high = part.limits(type_)
    return numeric_range.rounded(numeric_range.clipped(quantiles(part, scope), low, high), type_).as_floats()
