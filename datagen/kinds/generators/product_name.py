"""Names of products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Ints, Rows
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data, group_of
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class ProductName(GrammarGenerator):
    """Names of products in English: Compact Steel Kettle. With `category` they are products of the row's category.

    A category is known by one of the words electronics, clothing, home, kitchen, sports, toys, beauty, food, books,
    garden and office in it, as in "Home & Living". Rows of other categories have products of any category.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            category={"type": "choice", "values": {"Kitchen": 3, "Sports": 2, "Gift Cards": 1}},
            product={"type": "product_name", "category": "category"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("product", "product_title", "item_name", "article")
    type: Literal["product_name"] = "product_name"
    category: str | None = Field(default=None, description="a column with categories that decides what it is")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.category)} if self.category else ())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.category is not None:
            yield from type_problems(scope, self.category, ("category", "text"), "category")

    def group(self) -> Callable[[Rows], Ints]:
        known = list(data("words.json")["product"]["nouns"])

        def number(text: str) -> int:
            return next((i for i, name in enumerate(known) if name in text.casefold()), -1)

        return group_of(self.category, number, len(known))

    def grammar(self) -> Grammar:
        words = data("words.json")["product"]
        nouns = words["nouns"]
        every = [noun for some in nouns.values() for noun in some]
        pools = {**nouns, "adjective": words["adjective"], "material": words["material"], "any": every}
        groups = [[f"{{adjective}} {{{name}}}", f"{{adjective}} {{material}} {{{name}}}"] for name in [*nouns, "any"]]
        for name in ("food", "books", "beauty", "electronics"):
            groups[list(nouns).index(name)].pop()  # such things have no material
        groups[-1].pop()
        return Grammar.of(groups, pools)
