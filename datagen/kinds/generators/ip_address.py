"""Addresses of computers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Ints, Rows, Type
from datagen.columnar.text import Part, WordTable, concat_words
from datagen.declarations.constraints import PatternDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import uniform_below

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope

Network = Literal["public", "private", "documentation"]
_OCTETS = WordTable.of([str(octet) for octet in range(256)])
_DOT, _COLON = WordTable.of(["."]), WordTable.of([":"])
_GROUPS = WordTable.of([f"{group:x}" for group in range(65536)])
_HEADS = WordTable.of(["2001:db8"])
_RESERVED = frozenset([10, 100, 127, 169, 172, 192, 198, 203])
_PUBLIC = np.array([octet for octet in range(1, 224) if octet not in _RESERVED], np.int64)


class IpAddress(Generator):
    """IP addresses: of version 4 public, private (10.x.x.x) or for documentation (RFC 5737); of version 6 for
    documentation (RFC 3849).
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(ip={"type": "ip_address"}, host={"type": "ip_address", "version": 6}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("ip", "ipv4", "ipv6", "inet", "ip_address_v4", "ip_address_v6")
    type: Literal["ip_address"] = "ip_address"
    version: Literal[4, 6] = Field(default=4, description="4 or 6")
    network: Network = Field(default="public", description="where addresses of version 4 belong")

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        return 15 if self.version == 4 else 39

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            regex = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$" if self.version == 4 else r"^2001:db8(:[0-9a-f]{1,4}){6}$"
            yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what="an IP address")

    def bind(self, scope: Scope) -> Fill:
        stream = scope.stream()

        def numbers(rows: Rows, lane: int, below: int) -> Ints:
            return uniform_below(stream.substream(lane).words(rows.ids), below)

        def fill(rows: Rows) -> Column:
            none = np.zeros(len(rows), np.int64)
            if self.version == 6:
                parts: list[Part] = [(_HEADS, none)]
                for lane in range(6):
                    parts += [(_COLON, none), (_GROUPS, numbers(rows, lane, 65536))]
                return Column(TEXT, concat_words(parts))
            octets = [numbers(rows, lane, 256) for lane in range(4)]
            octets[3] = 1 + numbers(rows, 3, 254)
            if self.network == "public":
                octets[0] = _PUBLIC[numbers(rows, 0, len(_PUBLIC))]
            elif self.network == "private":
                octets[0] = none + 10
            else:
                octets[:3] = [none + 203, none, none + 113]
            parts = [(_OCTETS, octets[0])]
            for octet in octets[1:]:
                parts += [(_DOT, none), (_OCTETS, octet)]
            return Column(TEXT, concat_words(parts))

        return fill
