"""The base class of row sources: numbers, identities and times of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from datagen.columnar.block import TIMESTAMP, Attribute, Block, Column, Ints, Words
from datagen.registry import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.kinds.generators.support.literals import Cell
    from datagen.kinds.row_sources.support.budget import Budget
    from datagen.scope import ColumnRef, ForeseenRows, Scope, StaticContext


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """The rows below a parent block: `counts` per parent, shape (parents,); `ids` and `attributes` per row.

    `columns` are those that are filled already.
    """

    counts: Ints
    ids: Words
    attributes: Mapping[str, Column] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)


class Roots(Protocol):
    """Rows of a root table: their number, and their attributes by address."""

    @property
    def total(self) -> int:
        """The number of rows."""

    def attributes(self, index: Ints, ids: Words) -> dict[str, Column]:
        """The attributes of the rows with these indices and identities, shape (n,) each."""

    def existing(self, times: Ints) -> Ints:
        """The number of rows that exist at each time (int64 microseconds), including those created in that microsecond,
        shape (n,).

        Rows are in time order, so these are the first rows.
        """


class Children(Protocol):
    """Rows of a table below a parent."""

    @property
    def fixed(self) -> int | None:
        """The number of rows below every parent, if it is constant. Counting then needs no draw."""

    def counts(self, parents: Block) -> Ints:
        """The number of rows below each parent, shape (parents,). Sufficient for a table without children."""

    def expand(self, parents: Block) -> Expansion:
        """The rows below each parent."""


def typical_rows(source: Roots | Children) -> float:
    """The mean number of rows below a parent without multipliers; 1 if the source does not know it (`typical`)."""
    fixed = getattr(source, "fixed", None)
    return float(getattr(source, "typical", 1.0) if fixed is None else fixed)


def scaled(count: int, scale: float) -> int:
    """A declared number of rows times a scale; at least one row unless it is 0."""
    return max(round(count * scale), 1) if count else 0


class RowSource(Kind, family="row_sources"):
    """The source of the rows of a table."""

    left_out: ClassVar[Mapping[str, str]] = {
        "where": "rows of a root table are as many as it says, so none is left out; filter the rows of a table below it"
    }
    root: ClassVar[bool]
    """Whether the table is a root table (True) or has a parent (False)."""
    time: ClassVar[str | None] = None
    """The attribute with the time of a row; None if rows have no time."""
    spread_over_time: ClassVar[bool] = False
    """Whether each row has its own time, at a rate that varies over time."""
    multiplied: ClassVar[bool] = True
    """Whether behaviors can multiply the number of its rows."""
    separating: ClassVar[frozenset[str]] = frozenset()
    """The attributes that differ among the rows of one parent."""

    def multiplier_problem(self, behavior: Behavior) -> tuple[str, str, str] | None:
        """Code, message and hint where this behavior cannot multiply the number of its rows, although others can."""
        return None

    @property
    def follows(self) -> str | None:
        """The process of the parent that the rows follow; None if there is none."""
        return None

    @property
    def foreseen(self) -> bool:
        """Whether candidates of its rows are known before the process that they follow, if any."""
        return False

    def foreseen_needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns that the candidates depend on."""
        return frozenset()

    def candidates(self, scope: Scope) -> ForeseenRows:
        """The candidates of its rows, where they are `foreseen`."""
        raise TypeError(f"row source '{self.type}' has no candidates")

    @property
    def shows_every_stay(self) -> bool:
        """Whether there is a row for each stay of the process that it follows."""
        return False

    @property
    def regular(self) -> bool:
        """Whether rows are more regular than a Poisson process, for every parent."""
        return False

    @property
    def reaches_back(self) -> int:
        """The longest time before the window at which rows may be created, microseconds."""
        return 0

    def working(self, scope: Scope) -> int:
        """The bytes per row of what is drawn and dropped while rows are made."""
        return 0

    @property
    def after(self) -> str | None:
        """The sibling table whose rows must be made first; None if there is none."""
        return None

    @property
    def row_filter(self) -> str | None:
        """The SQL condition that its rows satisfy; None if all rows are made."""
        return None

    @property
    def row_budget(self) -> Budget | None:
        """The budget that its rows keep; None if there is none."""
        return None

    @property
    def filtered(self) -> bool:
        """Whether a condition or a budget leaves out some of its rows."""
        return self.row_filter is not None or self.row_budget is not None

    @property
    def none(self) -> bool:
        """Whether the document declares that there are no rows."""
        return False

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        if isinstance(data, int) and not isinstance(data, bool):
            return {"type": "count", "count": data}
        return data

    @classmethod
    def with_files(cls, data: Mapping[str, Any], _folder: Path) -> Mapping[str, Any]:
        """A declaration with the content of the small files that it names, in a folder or below. Raises ValueError."""
        return data

    @property
    def listed_columns(self) -> tuple[str, ...] | None:
        """The columns of the rows that the document lists, by name; None where they are not known."""
        return ()

    def listed(self, column: str) -> tuple[Cell | None, ...] | None:
        """The cells of a listed column, one for each row; None where it is not listed."""
        return None

    def most_below(self, *, multiplied: bool) -> int | None:
        """The most rows below one parent; None if there is no limit. `multiplied` says that behaviors change their
        number.
        """
        return None

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        """The attributes of its rows, by name; None if unknown."""
        return {} if self.time is None else {self.time: Attribute(TIMESTAMP)}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """Columns of the parent or its ancestors that must be filled before the rows are made."""
        return frozenset()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def switches(self, scope: Scope) -> tuple[str, ...]:
        """The parts of it that can be switched off by themselves, each by its address below the table."""
        return ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation measures in these rows."""
        return ()

    def bind(self, scope: Scope, scale: float) -> Roots | Children:
        """The source, ready to make rows; `scale` multiplies the number of root rows."""
        raise TypeError(f"row source '{self.type}' has no bind")
