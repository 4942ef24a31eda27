"""The interface of the semantic model to scopes. The model implements it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from datagen.analysis.table_info import TableInfo
from datagen.columnar.block import Type
from datagen.expressions.compiled_expression import Compiled
from datagen.schema.document import Document
from datagen.schema.reading.read import Schema
from datagen.scope import ColumnRef, Scope


class DocumentModel(Protocol):
    """The tables, types and expressions of one document."""

    schema: Schema
    document: Document
    tables: dict[str, TableInfo]
    empty: frozenset[str]
    """The tables that are known to have no rows."""
    compiled: dict[tuple[str, str, str], Compiled]
    """Compiled expressions by table, text, and the reason why window functions are not available."""

    @property
    def targets(self) -> tuple[tuple[Scope, str], ...]:
        """The scope of each behavior with each of its targets."""

    def rows(self, table: str) -> Scope:
        """The scope of a table's row source."""

    def needs_of(self, table: str, column: str | None) -> frozenset[ColumnRef]:
        """The columns that a column, or the rows of a table, depend on."""

    def foreseen_needs(self, table: str, columns: Iterable[str] = ()) -> frozenset[ColumnRef]:
        """The columns that the rows of a table, and some of its columns, depend on before any process."""

    def foreseen_column_problem(self, table: str, column: str) -> str:
        """Why cells of a column cannot be known before a process; empty if they can."""

    def readable(self, table: str) -> tuple[str, ...]:
        """Every column that may be named in a table."""

    def type_of(self, table: str, column: str) -> Type | None:
        """The type of a column; None if unknown."""

    def nullable(self, table: str, column: str) -> bool:
        """Whether cells of a column can be missing."""

    def extent(self, table: str, column: str) -> tuple[float, float] | None:
        """The smallest and the largest cell of a column; None if unknown."""

    def longest(self, table: str, column: str) -> int | None:
        """The bytes of the longest text of a column; None if unknown."""
