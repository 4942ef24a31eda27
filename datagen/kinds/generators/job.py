"""Titles of jobs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import data
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class Job(GrammarGenerator):
    """Titles of jobs in English: Senior Data Analyst, Nurse. Where titles decide salaries, use a
    `choice` and a `case`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(job={"type": "job"}),)

    synonyms: ClassVar[tuple[str, ...]] = ("job_title", "occupation", "profession", "position")
    type: Literal["job"] = "job"

    def grammar(self) -> Grammar:
        forms = ["{level} {field} {role}", "{field} {role}", "{single}", "{single}"]
        return Grammar.of([forms], data("words.json")["job"])
