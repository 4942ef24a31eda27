"""User agent strings of browsers."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_FORMS = (
    f"Mozilla/5.0 ({{desktop}}) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Safari/537.36",
    f"Mozilla/5.0 ({{phone}}) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 ({{desktop}}) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Safari/537.36 Edg/{{chrome}}.0.0.0",
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS {ios} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.0 Mobile/15E148 Safari/604.1"
    ),
    "Mozilla/5.0 ({desktop}) Gecko/20100101 Firefox/{firefox}.0",
)


class UserAgent(GrammarGenerator):
    """User agent strings: half of them Chrome, on desktops and phones; then Safari, Edge and Firefox."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(agent={"type": "user_agent"}),)

    synonyms: ClassVar[tuple[str, ...]] = ("useragent", "browser_agent", "browser")
    type: Literal["user_agent"] = "user_agent"

    def grammar(self) -> Grammar:
        versions = {"chrome": range(112, 132), "firefox": range(110, 134)}
        pools = {name: [str(number) for number in numbers] for name, numbers in versions.items()}
        systems = data("words.json")["agent"]
        forms = [_FORMS[0], _FORMS[0], _FORMS[1], *_FORMS[2:4], _FORMS[3], _FORMS[4]]
        return Grammar.of([forms], {**pools, **systems, "ios": ["15_6", "16_1", "16_6", "17_1", "17_4"]})
