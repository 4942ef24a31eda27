"""Labels that are sometimes wrong: what a review, a complaint or a diagnosis says of a hidden truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import BOOL, Column, Rows, Type
from datagen.declarations.values import LabelDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import table_of

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope, StaticContext


class NoisyLabel(Generator):
    """True for a share `recall` of the rows where `truth` is true, and for a share `false_positive_rate` of the others.

    Missing where the truth is. With an `after` column `when` it holds, the label comes late.
    """

    multiplied: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            fraud={"type": "boolean", "share": 0.2, "hidden": True},
            reported={"type": "noisy_label", "truth": "fraud", "recall": 0.9, "false_positive_rate": 0.01},
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("label", "label_noise", "weak_label", "annotation", "diagnosis")
    type: Literal["noisy_label"] = "noisy_label"
    truth: str = Field(description="a column of truth values of this table or of one above, usually hidden")
    recall: float = Field(default=1.0, ge=0, le=1, description="the share of true rows that are labelled (sensitivity)")
    false_positive_rate: float = Field(
        default=0.0, ge=0, le=1, description="the share of the other rows that are labelled (1 - specificity)"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.truth)})

    def result(self, scope: Scope) -> Type | None:
        return BOOL

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.truth)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return "false", "true"

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.truth, ("bool",), "truth")
        if self.recall == self.false_positive_rate:
            message = "recall and false positive rate are equal, so the label says nothing about the truth"
            yield scope.problem("no-effect", message, "raise the recall, or use 'boolean'", "recall")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            table, column = scope.table.name, scope.column or ""
            yield LabelDeclaration(table, column, self.truth, self.recall, self.false_positive_rate)

    def bind(self, scope: Scope) -> Fill:
        stream = scope.stream()

        def fill(rows: Rows) -> Column:
            truth = rows.column(self.truth)
            chance = np.where(truth.data, self.recall, self.false_positive_rate)
            return Column(BOOL, stream.uniforms(rows.ids) < chance, truth.valid)

        return fill
