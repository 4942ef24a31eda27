"""Texts that match a regular expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.declarations.constraints import PatternDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.regex_texts import LONGEST, parse_regex

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope


class Regex(Generator):
    r"""Texts that match a regular expression: `[A-Z]{2}-\d{4}(-(EU|US))?`.

    It may have characters, classes such as `[A-Za-z_]`, `\d \w \s`, `.`, groups with `|`, and the counts `? * + {2}
    {2,5}`; `*` and `+` end at eight. Choices and counts are equally likely. Texts have at most 1,000 characters.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            code={"type": "regex", "regex": r"[A-Z]{2}-\d{4}(-(EU|US))?"},
            vat={"type": "regex", "regex": "(DE|AT)[1-9][0-9]{8}"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("regexify", "regexp", "matching", "rstr", "xeger", "regular_expression")
    type: Literal["regex"] = "regex"
    regex: str = Field(min_length=1, max_length=300, description="the regular expression that the whole text matches")

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
        if self.intact:
            what = f"'{self.regex[:40]}'"
            yield PatternDeclaration(scope.table.name, scope.column, regex=f"^(?:{self.regex})$", what=what)

    def bind(self, scope: Scope) -> Fill:
        tree, stream = parse_regex(self.regex), scope.stream()

        def fill(rows: Rows) -> Column:
            return Column(TEXT, tree.texts(stream, rows.ids, 1))

        return fill
