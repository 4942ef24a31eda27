"""What a kind may ask of the document around it. The checks and the plan implement it; kinds see only this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from datagen.columnar.block import Column, Floats, Ints, Rows, Type
from datagen.errors import Problem
from datagen.random.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from datagen.kinds.generators.base import Generator
    from datagen.kinds.processes.base import Process, Simulation
    from datagen.kinds.row_sources.base import RowSource
    from datagen.point_process.effects import Entity, Grid
    from datagen.point_process.factors import Grouped
    from datagen.point_process.ground_truth import GroundTruth
    from datagen.point_process.peaks import EntityRate
    from datagen.point_process.rate import Rate


class Window(Protocol):
    """The time that the dataset shows, int64 microseconds since 1970, half open."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Compiled(Protocol):
    """A compiled SQL scalar expression."""

    @property
    def type(self) -> Type: ...

    @property
    def columns(self) -> frozenset[str]: ...

    def foreseen(
        self,
        domains: Callable[[str], tuple[str, ...] | None],
        extents: Callable[[str], tuple[float, float] | None],
    ) -> Iterator[tuple[str, str]]:
        """What fails in some row, as far as the values and bounds of the columns say so, with what to write instead."""

    def longest(self, columns: Callable[[str], int | None]) -> int:
        """The bytes of the longest cell of an expression that gives text, from those of the columns; 0 for any other."""

    def widest(self, columns: Callable[[str], int | None]) -> int:
        """The bytes of the longest text on the way to a cell."""

    def nullable(
        self, column_nullable: Callable[[str], bool], extents: Callable[[str], tuple[float, float] | None] = ...
    ) -> bool:
        """Whether a cell can be missing, from the same of each column and the smallest and largest cell of each."""

    def extent(self, columns: Callable[[str], tuple[float, float] | None] = ...) -> tuple[float, float] | None:
        """The smallest and the largest cell in storage form, from those of the columns; None for texts and truth values."""

    def __call__(self, rows: Rows) -> Column:
        """The value of each row, with SQL null semantics."""


class Table(Protocol):
    """What is known of a table of the document."""

    @property
    def name(self) -> str: ...

    @property
    def parent(self) -> str | None: ...

    @property
    def root(self) -> str:
        """The topmost ancestor; the table itself where it stands alone."""

    @property
    def depth(self) -> int: ...

    @property
    def key(self) -> str | None:
        """The column of type `key`, if there is one."""

    @property
    def identity(self) -> tuple[str, ...]:
        """The visible columns that identify a row: its primary key, or else the first column that is unique."""

    @property
    def latent(self) -> frozenset[str]:
        """The columns that the document does not name."""

    @property
    def moment(self) -> str | None:
        """The timestamp column that says when a row came to be (arrival or event time), if there is one."""

    @property
    def row_times(self) -> tuple[str, ...]:
        """The attribute of its rows that says when they came to be (`arrival_time`, `event_time`); several where it is not known."""

    @property
    def rows(self) -> RowSource:
        """Where its rows come from."""

    @property
    def columns(self) -> Mapping[str, Generator]: ...

    @property
    def processes(self) -> Mapping[str, Process]:
        """What each of its rows goes through, by name."""


class Scope(Protocol):
    """One place in the document: usually one column of one table.

    Questions about types and tables are answered while the document is checked; streams, sizes and recomputation
    only once it is planned.
    """

    @property
    def keys(self) -> tuple[str | int, ...]: ...

    @property
    def table(self) -> Table: ...

    @property
    def column(self) -> str | None: ...

    @property
    def window(self) -> Window | None: ...

    def at(self, *keys: str | int) -> Scope:
        """The same scope, narrowed to a deeper place: problems are reported there, streams are named by it."""

    def behavior(self, index: int) -> Scope:
        """The place of one of this table's behaviors: problems are reported there, streams are named by it."""

    def above(self) -> Scope:
        """The parent's table, seen from outside of any place in it."""

    @property
    def switched_off(self) -> frozenset[str]:
        """The parts of this table that are switched off, each by its address below the table."""

    def problem(self, code: str, message: str, hint: str = "", *keys: str | int) -> Problem:
        """A problem at this place, or at `keys` below it."""

    def tables(self) -> Mapping[str, Table]:
        """Every table of the document by name."""

    def type_of(self, column: str, table: str | None = None) -> Type | None:
        """The type of a column of this table, or of `table`; None where it is unknown or not sound itself."""

    def column_problem(self, column: str, *keys: str | int) -> Problem | None:
        """What is wrong with reading `column` of this table from here: unknown, or not filled before this column."""

    def nullable(self, column: str, table: str | None = None) -> bool:
        """Whether cells of the column can be missing."""

    def extent(self, column: str, table: str | None = None) -> tuple[float, float] | None:
        """The smallest and the largest cell of a column of numbers or times, in storage form; None where that is not known."""

    def longest(self, column: str, table: str | None = None) -> int | None:
        """The bytes of the longest text of a column; None where that is not known, or it is no column of text."""

    def empty(self, table: str) -> bool:
        """Whether the table is known to have no rows: keys of it are all missing."""

    def expression(self, text: str, table: str | None = None) -> Compiled:
        """`text` compiled against the columns of this table (or `table`). Raises ExpressionError."""

    def choice_timed(self, table: str) -> bool:
        """Whether how often this table's rows choose each row of `table` changes with time: there may be none to choose then."""

    # --- answered once planned ---------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """The cells that calendars of this target are tabulated on: of a column's values, or of this table's rate."""

    def span(self) -> Grid:
        """The whole hours of the document: what every grid of it lies within."""

    def freeze(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives (plain JSON values), computed while planning and kept in the plan under `name`."""

    def choice_rate(self, table: str, *, everyone: bool) -> EntityRate | None:
        """The rate by which rows of this table choose among those of `table`, all of them or (not `everyone`) some in memory."""

    def entities(self, table: str) -> Callable[[Ints], Entity]:
        """A function from row indices of `table`, shape (n,), to these rows as entities."""

    def reference_weights(self) -> Callable[[], Floats] | None:
        """How often a reference chooses each row, where behaviors of the rows multiply this table's rate."""

    def chosen_by(self) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]:
        """The factors by which a reference chooses some rows more often: behavior, factor, and the category of each row."""

    def effect(self) -> Callable[[Rows], Floats] | None:
        """What the behaviors multiply this column's values with, row by row; None where nothing does."""

    def rate(self) -> Rate:
        """What the behaviors multiply this table's number of rows with (asked by row sources)."""

    def factual(self) -> tuple[Rate, Rate] | None:
        """Where behaviors of this table's rate are switched off: the rate with them, and what they multiply it with; else None."""

    def multipliers(self, path: str) -> Rate:
        """What the behaviors multiply a part of this table with: `process.state>state`, for example (asked by processes)."""

    def planted_multipliers(self, path: str) -> GroundTruth:
        """The same as files can show it."""

    def process(self, name: str) -> Simulation:
        """A process of the parent, ready to be simulated (asked by row sources)."""

    def own_process(self, name: str) -> Simulation:
        """A process of this table, ready to be simulated (asked by behaviors)."""

    def planted(self) -> GroundTruth:
        """What behaviors plant in this column's values, or (asked by row sources) in this table's rate, as files can show it."""

    def stream(self, *purpose: str) -> Stream:
        """The random stream of this table, column and purpose."""

    def table_stream(self, *purpose: str) -> Stream:
        """A stream of this table that its columns and behaviors share: the same wherever in the table it is asked for."""

    def rows_in(self, table: str) -> int:
        """How many rows a table of another family, or a root table, has in all."""

    def recompute(self, table: str, column: str) -> Callable[[Ints], Column]:
        """A function from row indices of `table`, shape (n,), to the values of `column` in those rows."""

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        """A function from times to how many rows of a root table came to be before them (keys grow with time)."""


__all__ = ["Column", "Compiled", "Floats", "Ints", "Rows", "Scope", "Table", "Type", "Window"]
