"""Truth values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import BOOL, Column, Type
from datagen.declarations.values import SharesDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.choice import coding
from datagen.kinds.generators.support.examples import table_of

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope, StaticContext


class Boolean(Generator):
    """True in a share of the rows, else false."""

    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(subscribed={"type": "boolean", "share": 0.3}),)

    synonyms: ClassVar[tuple[str, ...]] = ("bool", "pybool", "bernoulli", "bernouilli", "flag", "coin", "yes_no")
    left_out: ClassVar[Mapping[str, str]] = {
        "p chance_of_getting_true true_share": "share",
    }
    type: Literal["boolean"] = "boolean"
    share: float = Field(default=0.5, ge=0, le=1, description="the share of rows that are true")

    def result(self, scope: Scope) -> Type | None:
        return BOOL

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return tuple(word for word, share in (("false", 1.0 - self.share), ("true", self.share)) if share > 0)

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            shares = np.array([[1.0 - self.share, self.share]])
            codes = coding((False, True), BOOL)
            yield SharesDeclaration(scope.table.name, scope.column or "", ("false", "true"), shares, codes)

    def bind(self, scope: Scope) -> Fill:
        stream = scope.stream()
        return lambda rows: Column(BOOL, stream.uniforms(rows.ids) >= 1.0 - self.share)
