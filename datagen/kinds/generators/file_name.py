"""Names of files."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class FileName(GrammarGenerator):
    """Names of files: invoice_2024-03.pdf, photo_812.jpg."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(file={"type": "file_name"}, scan={"type": "file_name", "extensions": ["pdf", "tif"]}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("filename", "file_path", "attachment")
    type: Literal["file_name"] = "file_name"
    extensions: tuple[str, ...] = Field(default=(), description="extensions; the default is common ones")

    def grammar(self) -> Grammar:
        words = data("words.json")["file"]
        months = [f"{year}-{month:02}" for year in range(2019, 2026) for month in range(1, 13)]
        numbers = [str(number) for number in range(1, 1000)]
        pools = {**words, "extension": list(self.extensions) or words["extension"], "month": months, "number": numbers}
        forms = [f"{name}.{{extension}}" for name in ("{stem}_{month}", "{stem}_{number}", "{stem}", "{stem}_final")]
        return Grammar.of([forms], pools)
