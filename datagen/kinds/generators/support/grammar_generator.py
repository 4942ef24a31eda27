"""Generators of texts that are put together from words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from datagen.columnar.block import TEXT, Column, Ints, Rows, Type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.geography import LOCALES, Locale, deciding_problems, group_of, locale_number
from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class GrammarGenerator(Generator):
    """Texts of a grammar; a group of forms for each row."""

    computed: ClassVar[bool] = True

    def grammar(self) -> Grammar:
        """The forms and their words."""
        raise TypeError(f"generator '{self.type}' has no grammar")

    def group(self) -> Callable[[Rows], Ints]:
        """The group of forms of each row."""
        return group_of(None, lambda _: 0, 0)

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def fewest_texts(self) -> int:
        return self.grammar().fewest

    def longest(self, scope: Scope) -> int | None:
        return self.grammar().longest

    def bind(self, scope: Scope) -> Fill:
        grammar, group, stream = self.grammar(), self.group(), scope.stream()

        def fill(rows: Rows) -> Column:
            return Column(TEXT, grammar.texts(stream, rows.ids, group(rows)))

        return fill


class LocalGenerator(GrammarGenerator):
    """Texts of a grammar with a group of forms for each locale, in the order of `LOCALES`."""

    locale: Locale = Field(default="en_US", description="language and customs")
    country: str | None = Field(
        default=None, description="a column with countries or locales that decides; others take `locale`"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.country)} if self.country else ())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.country is not None:
            yield from deciding_problems(scope, self.country, "country", locale_number)

    def group(self) -> Callable[[Rows], Ints]:
        return group_of(self.country, locale_number, LOCALES.index(self.locale))
