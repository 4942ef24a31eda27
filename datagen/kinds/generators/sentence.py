"""English sentences without meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar

_FORMS = (
    "{determiner} {adjective} {noun} {verb} {lower} {noun}.",
    "{determiner} {noun} {verb} {lower} {adjective} {noun} {adverb}.",
    "{determiner} {noun} {verb} {lower} {noun}, and {lower} {adjective} {noun} {verb} {lower} {noun}.",
    "{determiner} {adjective} {noun} {verb} {lower} {adjective} {noun} {adverb}.",
)


class Sentence(GrammarGenerator):
    """English sentences of common words: comments, notes, descriptions. `sentences` of them make a paragraph."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(note={"type": "sentence"}, description={"type": "sentence", "sentences": 3}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "text", "sentences", "paragraph", "paragraphs", "lorem", "lorem_ipsum", "words", "word", "comment",
        "description", "note", "prose",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "nb_words words max_nb_chars length": "a sentence has a length of its own; 'sentences' is their number",
    }
    type: Literal["sentence"] = "sentence"
    sentences: int = Field(default=1, ge=1, le=12, description="number of sentences")

    def grammar(self) -> Grammar:
        firsts = [_FORMS[i % len(_FORMS)] for i in range(self.sentences + len(_FORMS))]
        forms = [" ".join(firsts[k : k + self.sentences]) for k in range(len(_FORMS))]
        return Grammar.of([forms], data("words.json")["sentence"])
