"""Titles of books, films and songs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class Title(GrammarGenerator):
    """Titles of books, films, songs and articles in English: The Hidden Harbour."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(title={"type": "title"}),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "book_title",
        "movie_title",
        "film_title",
        "song_title",
        "headline",
        "catch_phrase",
    )
    type: Literal["title"] = "title"

    def grammar(self) -> Grammar:
        forms = ["{head} {tail}", "{head} {tail}", "{tail} of the {tail}", "{tail} and {tail}"]
        return Grammar.of([forms], data("words.json")["title"])
