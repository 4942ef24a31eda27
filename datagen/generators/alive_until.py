"""When an entity's life ended: the truth behind its silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.behaviors.living import Living
from datagen.behaviors.samples import shaped
from datagen.behaviors.truth import told
from datagen.block import TIMESTAMP, Rows, Type, Values
from datagen.generators.base import Fill, Generator, Need

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


def _sample() -> dict[str, Any]:
    document = shaped({"type": "retention", "lifetime": {"type": "constant_hazard", "mean": 9}})
    document["tables"]["customers"]["columns"]["alive_until"] = {"type": "alive_until", "hidden": True}
    return document


class AliveUntil(Generator):
    """The end of the last spell that the table's retention (or `pareto_nbd`) gives each entity; null beyond the window's end.

    A life may end before the window starts. Who never starts has its birth here.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)

    type: Literal["alive_until"] = "alive_until"

    def needs(self, scope: Scope) -> frozenset[Need]:
        found = told(scope, Living, "alive_until")
        return found[1].needs(scope) if found else frozenset()

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if told(scope, Living, "alive_until") is None:
            said = f"'{scope.table.name}' needs exactly one behavior that ends lives"
            yield scope.problem("missing", said, f"give it one 'retention', or one with alive_until '{scope.column}'")

    def bind(self, scope: Scope) -> Fill:
        found = told(scope, Living, "alive_until")
        assert found is not None and scope.window is not None
        spells, end = found[1].spells(scope.behavior(found[0])), scope.window.end

        def fill(rows: Rows) -> Values:
            ends = spells(rows)[-1][1]
            return Values(TIMESTAMP, np.minimum(ends, end)).where(ends < end)

        return fill
