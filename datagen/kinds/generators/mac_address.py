"""Hardware addresses."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar


class MacAddress(GrammarGenerator):
    """MAC addresses of no manufacturer (locally administered, IEEE 802): 02:1b:7e:..."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(mac={"type": "mac_address"}),)

    synonyms: ClassVar[tuple[str, ...]] = ("mac", "macaddr", "hardware_address")
    type: Literal["mac_address"] = "mac_address"

    def grammar(self) -> Grammar:
        octets = [f"{octet:02x}" for octet in range(256)]
        local = [octet for octet in octets if octet[1] in "26ae"]
        return Grammar.of([["{local}" + ":{octet}" * 5]], {"local": local, "octet": octets})
