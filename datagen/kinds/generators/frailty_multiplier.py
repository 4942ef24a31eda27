"""An entity's frailty multiplier as a hidden column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from datagen.columnar.block import FLOAT, Column, Rows, Type
from datagen.kinds.behaviors.base import behavior_of
from datagen.kinds.behaviors.frailty import Frailty
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.generators.base import Fill, Generator

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


def _sample() -> dict[str, Any]:
    document = shaped({"type": "frailty", "of": ["orders"], "dispersion": 0.8})
    document["tables"]["customers"]["columns"]["activity"] = {"type": "frailty_multiplier", "hidden": True}
    return document


class FrailtyMultiplier(Generator):
    """The multiplier that the table's `frailty` gives each entity, of mean 1."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)

    synonyms: ClassVar[tuple[str, ...]] = ("multiplier",)
    type: Literal["frailty_multiplier"] = "frailty_multiplier"

    def result(self, scope: Scope) -> Type | None:
        return FLOAT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if behavior_of(scope, Frailty, "truth_column") is None:
            message = f"'{scope.table.name}' needs exactly one behavior of type frailty"
            yield scope.problem("missing", message, f"give it one, or one with truth_column '{scope.column}'")

    def bind(self, scope: Scope) -> Fill:
        found = behavior_of(scope, Frailty, "truth_column")
        assert found is not None
        factor = found[1].factor(scope.behavior(found[0]))

        def fill(rows: Rows) -> Column:
            return Column(FLOAT, factor(rows))

        return fill
