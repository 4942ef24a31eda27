"""Reviews that agree with a rating."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Ints, Rows
from datagen.kinds.generators.base import Fill
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Review(GrammarGenerator):
    """Reviews in English whose tone follows a rating: 1 is the worst, `best` the best. Missing where the rating is."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            stars={"type": "choice", "values": {"1": 1, "2": 1, "3": 2, "4": 5, "5": 6}},
            review={"type": "review", "rating": "stars"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("review_text", "feedback", "customer_review", "opinion")
    type: Literal["review"] = "review"
    rating: str = Field(description="a column of numbers")
    best: float = Field(default=5.0, gt=1, le=1000, description="the best rating; the worst is 1")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.rating)})

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.rating)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.rating, ("int", "decimal", "float"), "rating")

    def group(self) -> Callable[[Rows], Ints]:
        def tone(rows: Rows) -> Ints:
            place = (rows.column(self.rating).as_floats() - 1.0) * (4.0 / (self.best - 1.0))
            return np.rint(np.clip(place, 0.0, 4.0)).astype(np.int64)

        return tone

    def grammar(self) -> Grammar:
        words = data("words.json")["review"]
        pools = {f"more {tone}": words["more"][tone] for tone in "12345"} | {tone: words[tone] for tone in "12345"}
        return Grammar.of([[f"{{{tone}}}", f"{{{tone}}} {{more {tone}}}"] for tone in "12345"], pools)

    def bind(self, scope: Scope) -> Fill:
        made = super().bind(scope)

        def fill(rows: Rows) -> Column:
            valid = rows.column(self.rating).valid
            return made(rows) if valid is None else made(rows).where(valid)

        return fill
