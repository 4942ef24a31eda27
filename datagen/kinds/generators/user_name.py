"""Names of user accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import Part, WordTable, ascii_fold, concat_words, digits, text_array
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.email import never_empty
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.digit_preserving_permutation import DigitPreservingPermutation
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import uniform_below
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_SEPARATORS = np.frombuffer(b"._-\0", np.uint8)
_NUMBERED = 100
_SHORT = WordTable.of([*map(str, range(_NUMBERED)), *[""] * _NUMBERED])
_DASH = WordTable.of(["-"])
_NOTHING = text_array([""])[0]  # a Python string would import pandas


class UserName(Generator):
    """Account names derived from a column of names: ana_silva42. Lower-case ASCII; missing names give missing cells.

    With `unique` the number at the end is unique to the row, and does not change when the table grows.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(name={"type": "person"}, login={"type": "user_name", "from": "name", "unique": True}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("username", "login", "nickname", "handle", "screen_name", "account_name")
    type: Literal["user_name"] = "user_name"
    from_: str = Field(alias="from", description="a column with names")
    unique: bool = Field(default=False, description="unique names")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.from_)})

    @property
    def identifies(self) -> bool:
        return False  # missing names have none

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        name = scope.longest(self.from_)
        return None if name is None else name + 40

    def nullable(self, scope: Scope) -> bool:
        return scope.nullable(self.from_)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from type_problems(scope, self.from_, ("text", "category"), "from")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            what = "a name of letters, digits and separators"
            yield PatternDeclaration(scope.table.name, scope.column, regex="^[a-z0-9._-]+$", what=what)
            yield from (UniqueDeclaration(scope.table.name, (scope.column or "",)),) if self.unique else ()

    def bind(self, scope: Scope) -> Fill:
        style, number = scope.stream("style"), scope.stream("number")
        scattering = DigitPreservingPermutation.of(number)

        def tail(rows: Rows) -> list[Part]:
            if not self.unique:
                return [(_SHORT, uniform_below(number.words(rows.ids), 2 * _NUMBERED))]
            root, *below = rows.lineage
            parts = digits(scattering(root))
            for ordinal in below:
                parts += [(_DASH, np.zeros(len(rows), np.int8)), *digits(ordinal + 1)]
            return parts

        def fill(rows: Rows) -> Column:
            styles = (style.words(rows.ids) >> np.uint64(62)).view(np.int64)
            names = rows.column(self.from_)
            local = never_empty(ascii_fold(names.texts, _SEPARATORS[styles], digits=not self.unique))
            return Column(TEXT, pc.binary_join_element_wise(local, concat_words(tail(rows)), _NOTHING), names.valid)

        return fill
