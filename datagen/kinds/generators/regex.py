"""Texts that match a regular expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.regex_language import LONGEST_NUMBERED, language_of, numbered_texts
from datagen.kinds.generators.support.regex_texts import LONGEST, parse_regex

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


class Regex(Generator):
    r"""Texts that match a regular expression: `[A-Z]{2}-\d{4}(-(EU|US))?`.

    It may have characters, classes such as `[A-Za-z_]`, `\d \w \s`, `.`, groups with `|`, and the counts `? * + {2}
    {2,5}`; `*` and `+` end at eight. Choices and counts are equally likely. Texts have at most 1,000 characters.

    With `unique` each row has a distinct text, which does not change when the table grows. Then all texts of the
    expression are equally likely, and have at most 100 characters.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            code={"type": "regex", "regex": r"[A-Z]{2}-\d{4}(-(EU|US))?"},
            vat={"type": "regex", "regex": "(DE|AT)[1-9][0-9]{8}"},
        ),
        table_of(plate={"type": "regex", "regex": "[A-Z]{1,3}-[A-Z]{2} [1-9][0-9]{0,3}", "unique": True}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("regexify", "regexp", "matching", "rstr", "xeger", "regular_expression")
    type: Literal["regex"] = "regex"
    regex: str = Field(min_length=1, max_length=300, description="the regular expression that the whole text matches")
    unique: bool = Field(default=False, description="unique texts")

    @property
    def most_rows(self) -> int | None:
        try:
            return language_of(self.regex).most if self.unique else None
        except ValueError:
            return None

    @property
    def identifies(self) -> bool:
        return self.unique

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return self.unique and context.table.parent is not None

    def working(self, scope: Scope) -> int:
        return 4 * (LONGEST_NUMBERED + 1) if self.unique else 0

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        try:
            return 4 * parse_regex(self.regex).longest
        except ValueError:
            return None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        try:
            longest = parse_regex(self.regex).longest
            if self.unique and longest <= LONGEST:
                language_of(self.regex)
        except ValueError as error:
            yield scope.problem("syntax", str(error), "write characters, classes, groups and counts only", "regex")
            return
        if longest > LONGEST:
            yield scope.problem(
                "too-large",
                f"texts can have {longest:,} characters, more than {LONGEST:,}",
                "lower the counts",
                "regex",
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and self.unique:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))
        if self.intact:
            what = f"'{self.regex[:40]}'"
            yield PatternDeclaration(scope.table.name, scope.column, regex=f"^(?:{self.regex})$", what=what)

    def bind(self, scope: Scope) -> Fill:
        if self.unique:
            texts = numbered_texts(language_of(self.regex), scope.stream("own"))
            return lambda rows: Column(TEXT, texts(rows))
        tree, stream = parse_regex(self.regex), scope.stream()

        def fill(rows: Rows) -> Column:
            return Column(TEXT, tree.texts(stream, rows.ids, 1))

        return fill
