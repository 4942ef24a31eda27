"""Names and codes of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar

if TYPE_CHECKING:
    from datagen.scope import StaticContext


class Colour(GrammarGenerator):
    """Colours: one of twenty English names, or a code such as #1f77b4."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(colour={"type": "colour"}, background={"type": "colour", "form": "hex"}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("color", "color_name", "colour_name", "hex_color", "hex_colour")
    type: Literal["colour"] = "colour"
    form: Literal["name", "hex"] = Field(default="name", description="a name, or the shares of red, green and blue")

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return tuple(data("words.json")["colour"]) if self.form == "name" else None

    def grammar(self) -> Grammar:
        octets = [f"{octet:02x}" for octet in range(256)]
        form = "{name}" if self.form == "name" else "#{octet}{octet}{octet}"
        return Grammar.of([[form]], {"name": data("words.json")["colour"], "octet": octets})
