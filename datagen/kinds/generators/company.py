"""Names of companies."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import LOCALES, data
from datagen.kinds.generators.support.grammar_generator import LocalGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class Company(LocalGenerator):
    """Fictional company names with the legal form of the country: Silver Oak Foods Inc., Becker Optics GmbH."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "choice", "values": {"US": 5, "DE": 3, "JP": 1}},
            company={"type": "company", "country": "country"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "company_name",
        "organization",
        "organisation",
        "business",
        "employer",
        "vendor",
        "supplier",
    )
    type: Literal["company"] = "company"

    def grammar(self) -> Grammar:
        words, pools, groups = data("words.json")["company"], {}, []
        for locale in LOCALES:
            people = data("people", f"{locale}.json")
            pools[f"{locale} last"] = people["last"][:60]
            pools[f"{locale} suffix"] = words["suffix"][locale]
            last, suffix = f"{{{locale} last}}", f"{{{locale} suffix}}"
            latin = "latin_last" not in people
            spaced = people.get("space", " ")
            own = [f"{{core}} {{trade}} {suffix}", f"{{core}} {suffix}", f"{last} {{trade}} {suffix}"]
            groups.append(own if latin else [f"{last}{spaced}{suffix}"])
        return Grammar.of(groups, {**pools, "core": words["core"], "trade": words["trade"]})
