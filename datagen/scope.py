"""The questions that a kind may ask about the document.

The analysis and the plan implement the protocol; kinds see nothing else of the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from datagen.columnar.block import Attribute, Block, Bools, Column, Floats, Ints, Rows, Type, Words
from datagen.errors import Problem
from datagen.random.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from datagen.declarations.base import Declaration
    from datagen.declarations.processes import ProcessRecovery, StaysDeclaration
    from datagen.expressions.compiled_expression import Compiled
    from datagen.point_process.effects import Entity, Grid
    from datagen.point_process.factors import Grouped
    from datagen.point_process.ground_truth import GroundTruth
    from datagen.point_process.peaks import EntityRate
    from datagen.point_process.rate import Rate
    from datagen.point_process.trajectory import Trajectory

ColumnRef = tuple[str, str]
"""A column: (table, column)."""

Role = Literal["value", "key", "parent_key", "reference", "identifier"]
"""The role of cells: values, the key of the row, the key of an ancestor row, the key of a chosen row, or an identifier
without order.
"""


class Window(Protocol):
    """The time window of the dataset, half open, int64 microseconds since 1970."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Simulation(Protocol):
    """A process ready to be simulated, once per block and end."""

    def __call__(self, parents: Block) -> Trajectory:
        """The trajectory of a block of entities, censored at the window's end."""

    def until(self, parents: Block, end: int) -> Trajectory:
        """The same, censored at another instant (microseconds)."""


class ForeseenRows(Protocol):
    """Rows below an entity that are known before its process: all that may occur, whatever state it is in."""

    @property
    def limited(self) -> bool:
        """Whether they occur in some states only."""

    def moments(self, parents: Block) -> tuple[Ints, Ints]:
        """The number of candidates below each parent, shape (parents,), and their times in the order of parent and
        time, int64 microseconds, shape (n,).
        """

    def occur(self, parents: Block, state: int) -> Bools:
        """Which of them occur while the parent is in a state, given by its code, shape (n,)."""

    def rows(self, parents: Block) -> tuple[Words, Mapping[str, Column]]:
        """Their identities and attributes, shape (n,) each."""

    def cells(self, parents: Block, column: str) -> Column:
        """The cells of a column, shape (n,)."""


class DeclaredModifier(Protocol):
    """A modifier of a column, as other kinds see it. `Modifier` describes each member."""

    @property
    def keeps(self) -> bool: ...

    def nullable(self, before: bool) -> bool: ...


class DeclaredColumn(Protocol):
    """The generator of a column, as other kinds see it. `Generator` describes each member."""

    @property
    def type(self) -> str: ...

    @property
    def hidden(self) -> bool: ...

    @property
    def modifiers(self) -> Sequence[DeclaredModifier]: ...

    @property
    def intact(self) -> bool: ...

    @property
    def role(self) -> Role: ...

    @property
    def row_attribute(self) -> str | None: ...

    @property
    def first_key(self) -> int | None: ...

    @property
    def exhausts(self) -> str | None: ...

    @property
    def chooses(self) -> str | None: ...

    @property
    def chosen_at(self) -> str | None: ...

    @property
    def chosen_through(self) -> str | None: ...

    @property
    def identifies(self) -> bool: ...

    def needs(self, scope: Scope) -> frozenset[ColumnRef]: ...

    def domain(self, context: StaticContext) -> tuple[str, ...] | None: ...

    def decimal_digits(self, context: StaticContext) -> int | None: ...

    def refers_to(self, context: StaticContext) -> str | None: ...

    def points_to(self, context: StaticContext) -> str | None: ...

    def copies_identifier(self, context: StaticContext) -> bool: ...

    def nullable(self, scope: Scope) -> bool: ...


class DeclaredRows(Protocol):
    """The row source of a table, as other kinds see it. `RowSource` describes each member."""

    @property
    def time(self) -> str | None: ...

    @property
    def multiplied(self) -> bool: ...

    @property
    def follows(self) -> str | None: ...

    @property
    def after(self) -> str | None: ...

    @property
    def foreseen(self) -> bool: ...

    @property
    def shows_every_stay(self) -> bool: ...

    @property
    def listed_columns(self) -> tuple[str, ...] | None: ...

    def listed(self, column: str) -> tuple[int | float | bool | str | None, ...] | None: ...

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None: ...

    def most_below(self, *, multiplied: bool) -> int | None: ...


class DeclaredProcess(Protocol):
    """A process of a table, as other kinds see it. `Process` describes each member."""

    @property
    def born(self) -> str | None: ...

    @property
    def until(self) -> str | None: ...

    @property
    def state_names(self) -> tuple[str, ...]: ...

    @property
    def edges(self) -> tuple[tuple[str, str], ...]: ...

    @property
    def restarts(self) -> frozenset[tuple[str, str]]: ...

    @property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def kept_attributes(self) -> Mapping[str, str]: ...

    @property
    def acting_attributes(self) -> frozenset[str]: ...

    @property
    def reads(self) -> frozenset[str]: ...

    def needs(self, scope: Scope) -> frozenset[ColumnRef]: ...

    def recovery(self, scope: Scope) -> ProcessRecovery | None: ...

    def interaction(self, scope: Scope, stays: StaysDeclaration) -> Declaration | None: ...


class DeclaredBehavior(Protocol):
    """A behavior of a table, as other kinds see it. `Behavior` describes each member."""

    @property
    def type(self) -> str: ...


class Table(Protocol):
    """A table of the document, as kinds see it."""

    @property
    def name(self) -> str: ...

    @property
    def parent(self) -> str | None: ...

    @property
    def root(self) -> str:
        """The topmost ancestor; the table itself if it has no parent."""

    @property
    def depth(self) -> int: ...

    @property
    def key(self) -> str | None:
        """The column of type `key`, if there is one."""

    @property
    def identity(self) -> tuple[str, ...]:
        """The visible columns that identify a row: the primary key, or else the first unique column."""

    @property
    def latent(self) -> frozenset[str]:
        """Hidden columns that the document does not name."""

    @property
    def moment(self) -> str | None:
        """The timestamp column with the time of the row (arrival or event time), if there is one."""

    @property
    def row_times(self) -> tuple[str, ...]:
        """The row attribute with the time of the row (`arrival_time`, `event_time`); several if the
        source is unknown.
        """

    @property
    def rows(self) -> DeclaredRows:
        """Its row source."""

    @property
    def columns(self) -> Mapping[str, DeclaredColumn]: ...

    @property
    def behaviors(self) -> Sequence[DeclaredBehavior]:
        """The behaviors that it declares, in order."""

    @property
    def processes(self) -> Mapping[str, DeclaredProcess]:
        """The processes of each of its rows, by name."""


class StaticContext(Protocol):
    """The part of a scope that is needed to follow columns from table to table."""

    @property
    def table(self) -> Table: ...

    def tables(self) -> Mapping[str, Table]: ...


class Scope(Protocol):
    """A place in the document: usually one column of one table.

    Questions about types and tables can be asked while the document is checked. Streams, sizes and recomputation are
    available only after planning.
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
        """The same scope, narrowed to a deeper place. Problems are reported at that place and streams are named after
        it.
        """

    def behavior(self, index: int) -> Scope:
        """The scope of one of this table's behaviors."""

    def above(self) -> Scope:
        """The scope of the parent table."""

    @property
    def switched_off(self) -> frozenset[str]:
        """The parts of this table that are switched off, each by its address below the table."""

    def problem(self, code: str, message: str, hint: str = "", *keys: str | int) -> Problem:
        """A problem at this place, or at `keys` below it."""

    def tables(self) -> Mapping[str, Table]:
        """Every table of the document by name."""

    def type_of(self, column: str, table: str | None = None) -> Type | None:
        """The type of a column of this table, or of `table`; None if it is unknown or has problems itself."""

    def column_problem(self, column: str, *keys: str | int) -> Problem | None:
        """The problem of reading `column` of this table from here: unknown, or filled after this column."""

    def nullable(self, column: str, table: str | None = None) -> bool:
        """Whether cells of the column can be missing."""

    def extent(self, column: str, table: str | None = None) -> tuple[float, float] | None:
        """The smallest and the largest cell of a column of numbers or times, in storage form; None if unknown."""

    def rows_below(self, table: str, through: str | None = None) -> int | None:
        """The most rows of a child table below one row of its parent, or rows that refer to one row by the column
        `through`; None if unknown.
        """

    def longest(self, column: str, table: str | None = None) -> int | None:
        """The bytes of the longest text of a column; None if unknown or if the column is not text."""

    def empty(self, table: str) -> bool:
        """Whether the table is known to have no rows. All references to it are then missing."""

    def expression(self, text: str, table: str | None = None) -> Compiled:
        """`text` compiled against the columns of this table (or `table`). Raises ExpressionError."""

    def choice_timed(self, table: str) -> bool:
        """Whether the rates at which this table's rows choose rows of `table` change with time; a
        choice may then fail.
        """

    def foreseen_needs(self, table: str, columns: Iterable[str] = ()) -> frozenset[ColumnRef]:
        """The columns that `candidates` of a table below this one, and some of their cells, depend on."""

    def foreseen_column_problem(self, table: str, column: str) -> str:
        """Why cells of a column of candidates cannot be known before a process; empty if they can."""

    # --- available after planning ---------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """The time grid of calendars of this target: of a column's values, or of this table's rate."""

    def span(self) -> Grid:
        """The whole hours of the document. Every grid lies within them."""

    def freeze(self, name: str, compute: Callable[[], Any]) -> Any:
        """The result of `compute` (plain JSON values). It is computed while planning and kept in the
        plan under `name`.
        """

    def choice_rate(self, table: str, *, everyone: bool) -> EntityRate | None:
        """The rate at which rows of this table choose each row of `table`.

        With `everyone` it covers all rows of `table`, otherwise only those in memory.
        """

    def entities(self, table: str) -> Callable[[Ints], Entity]:
        """A function from row indices of `table`, shape (n,), to these rows as entities."""

    def reference_weights(self, target: str) -> Callable[[], Floats] | None:
        """The weight with which a reference chooses each row of `target`, where behaviors of these rows multiply this
        table's rate.
        """

    def chosen_by(self, target: str) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]:
        """The factors that weight the choice of rows of `target`: behavior, factor, and the category of each row."""

    def effect(self) -> Callable[[Rows], Floats] | None:
        """The function that gives the multiplier of each row of this column; None if no behavior applies."""

    def rate(self) -> Rate:
        """The multiplier of this table's number of rows (for row sources)."""

    def factual(self) -> tuple[Rate, Rate] | None:
        """Where behaviors of this table's rate are switched off: the rate with them, and what they multiply it with;
        else None.
        """

    def multipliers(self, path: str) -> Rate:
        """The multiplier of a part of this table, such as `process.state>state` (for processes)."""

    def planted_multipliers(self, path: str) -> GroundTruth:
        """The ground truth of `multipliers`, as files can show it."""

    def process(self, name: str) -> Simulation:
        """A process of the parent, ready to be simulated (for row sources)."""

    def own_process(self, name: str) -> Simulation:
        """A process of this table, ready to be simulated (asked by behaviors)."""

    def foreseen_fill(self) -> Callable[[Block, str], Column]:
        """A function that fills a column of a block of candidates of this table."""

    def candidates(self, table: str) -> ForeseenRows:
        """The rows of a table below this one that are known before the process of the entity."""

    def planted(self) -> GroundTruth:
        """The ground truth of the behaviors on this column's values or, for row sources, on this table's rate."""

    def stream(self, *purpose: str) -> Stream:
        """The random stream of this table, column and purpose."""

    def table_stream(self, *purpose: str) -> Stream:
        """A random stream of this table that its columns and behaviors share."""

    def rows_in(self, table: str) -> int:
        """The total number of rows of a root table or of a table of another family."""

    def recompute(self, table: str, column: str) -> Callable[[Ints], Column]:
        """A function from row indices of `table`, shape (n,), to the values of `column` in those rows."""

    def scan(self, table: str, columns: Iterable[tuple[str, str]]) -> Callable[[], Iterator[Block]]:
        """A function that goes through all rows of `table` in their order, block by block, with these columns, as
        (table, column), filled. Raises PlanError if there are too many rows.
        """

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        """A function from times to the number of rows of a root table created before them (keys grow with time)."""
