"""Random UUIDs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import Bytes, strings
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop, table_of
from datagen.kinds.generators.support.row_moment import moment_needs, moment_of, moment_problems
from datagen.scope import ColumnRef, Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_LENGTH = 36
_WRITTEN = "^[0-9a-f]{{8}}-[0-9a-f]{{4}}-{}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}$"
_DIGITS = np.frombuffer(b"".join(f"{byte:02x}".encode() for byte in range(256)), np.uint16)
_GROUPS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


class Uuid(Generator):
    """UUIDs (RFC 9562) as text. Version 4 has 122 random bits, so that none comes twice; version 7 begins with the time
    and sorts by it.

    The time of version 7 is that of the row, or of the column `at`, in milliseconds; 74 bits are random.
    """

    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(token={"type": "uuid"}),
        shop(orders={"order_ref": {"type": "uuid", "version": 7}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "guid",
        "uuid4",
        "uuid_v4",
        "uuidv4",
        "uuid7",
        "uuidv7",
        "unique_id",
    )
    left_out: ClassVar[Mapping[str, str]] = {"unique": "every cell is unique without it"}
    type: Literal["uuid"] = "uuid"
    version: Literal[4, 7] = Field(default=4, description="4 is random, 7 sorts by time")
    at: str | None = Field(default=None, description="of version 7: a timestamp column, instead of the time of the row")

    @property
    def identifies(self) -> bool:
        return True

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return moment_needs(scope, self.at)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.version == 7:
            yield from moment_problems(scope, self.at, "at")
        elif self.at is not None:
            yield scope.problem(
                "no-effect", "UUIDs of version 4 hold no time", "leave it out, or write version 7", "at"
            )

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column = scope.table.name, scope.column or ""
        if self.intact:
            yield PatternDeclaration(
                table, column, regex=_WRITTEN.format(self.version), what=f"a UUID of version {self.version}"
            )
            yield UniqueDeclaration(table, (column,))

    def bind(self, scope: Scope) -> Fill:
        streams = scope.stream(), scope.stream().substream(1)

        def fill(rows: Rows) -> Column:
            words = np.empty((len(rows), 2), ">u8")
            for half, stream in enumerate(streams):
                words[:, half] = stream.words(rows.ids)
            if self.version == 7:
                milliseconds = np.maximum(moment_of(rows, self.at) // 1000, 0).view(np.uint64)
                words[:, 0] = milliseconds << np.uint64(16) | words[:, 0] & np.uint64(0xFFFF)
            return Column(
                TEXT, strings(_spelled(words.view(np.uint8), self.version), np.arange(len(rows) + 1) * _LENGTH)
            )

        return fill


def _spelled(octets: Bytes, version: int) -> Bytes:
    """UUIDs of 16 octets each, shape (n, 16), as characters, shape (36 n,)."""
    octets[:, 6] = octets[:, 6] & 0x0F | version << 4
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = np.full((len(octets), _LENGTH), ord("-"), np.uint8)
    digits = _DIGITS[octets].view(np.uint8)
    for dashes, (start, end) in enumerate(_GROUPS):
        text[:, start + dashes : end + dashes] = digits[:, start:end]
    return text.reshape(-1)
