"""Addresses of web pages."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class Url(GrammarGenerator):
    """Addresses of web pages, by default below reserved domains (RFC 2606)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(page={"type": "url"}, referrer={"type": "url", "domains": ["shop.example.com"]}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("uri", "url_path", "link_url", "website", "web_page", "href")
    type: Literal["url"] = "url"
    domains: tuple[str, ...] = Field(
        default=("www.example.com", "www.example.org", "www.example.net"),
        min_length=1,
        description="domains, equally frequent",
    )

    def grammar(self) -> Grammar:
        words = data("words.json")["url"]
        forms = [f"https://{{domain}}/{rest}" for rest in ("", "{path}", "{path}/{slug}", "{path}/{number}")]
        numbers = [str(number) for number in range(1, 1000)]
        return Grammar.of([forms], {**words, "domain": list(self.domains), "number": numbers})
