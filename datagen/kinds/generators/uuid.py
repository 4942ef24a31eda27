"""Random UUIDs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import Bytes, strings
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator, Role
from datagen.kinds.generators.support.examples import table_of

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope

_LENGTH = 36
_WRITTEN = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_DIGITS = np.frombuffer(b"".join(f"{byte:02x}".encode() for byte in range(256)), np.uint16)
_GROUPS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


class Uuid(Generator):
    """Version 4 UUIDs (RFC 9562) as text: 122 random bits, so that none comes twice."""

    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(token={"type": "uuid"}),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "guid",
        "uuid4",
        "uuid_v4",
        "uuidv4",
        "uuid7",
        "unique_id",
    )
    type: Literal["uuid"] = "uuid"

    @property
    def identifies(self) -> bool:
        return True

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column = scope.table.name, scope.column or ""
        if self.intact:
            yield PatternDeclaration(table, column, regex=_WRITTEN, what="a UUID of version 4")
            yield UniqueDeclaration(table, (column,))

    def bind(self, scope: Scope) -> Fill:
        streams = scope.stream(), scope.stream().lane(1)

        def fill(rows: Rows) -> Column:
            words = np.empty((len(rows), 2), ">u8")
            for half, stream in enumerate(streams):
                words[:, half] = stream.words(rows.ids)
            return Column(TEXT, strings(_spelled(words.view(np.uint8)), np.arange(len(rows) + 1) * _LENGTH))

        return fill


def _spelled(octets: Bytes) -> Bytes:
    """UUIDs of 16 octets each, shape (n, 16), as characters, shape (36 n,)."""
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = np.full((len(octets), _LENGTH), ord("-"), np.uint8)
    digits = _DIGITS[octets].view(np.uint8)
    for dashes, (start, end) in enumerate(_GROUPS):
        text[:, start + dashes : end + dashes] = digits[:, start:end]
    return text.reshape(-1)
