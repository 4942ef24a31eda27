"""The base class of generators: each fills one column, and each cell depends on its own address only.

A numeric generator draws float64. This file multiplies (behaviors), clips (`min`, `max`) and rounds (`decimals`), in
that order, so that no multiplier leaves the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from datagen.columnar.block import DURATION, FLOAT, INT, Block, Column, Floats, Rows, Type, Words, decimal
from datagen.declarations.constraints import RangeDeclaration
from datagen.declarations.values import HiddenEffectsDeclaration
from datagen.errors import Note, Problem
from datagen.kinds.generators.support import numeric_range
from datagen.kinds.generators.support.column_lookup import resolve_column, seen_from
from datagen.kinds.generators.support.distribution_declarations import SIZE, case_of, fit, quantiles
from datagen.kinds.generators.support.literals import parse_cell
from datagen.kinds.generators.support.numeric_fields import Amount, number, spelled_amount
from datagen.kinds.modifiers.base import Modifier
from datagen.random.shifting import Shifting, tilted
from datagen.registry import Kind
from datagen.time_units import parse_duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.declarations.values import OpenEnd
    from datagen.scope import ColumnRef, DeclaredColumn, Role, Scope, StaticContext

Fill = Callable[[Rows], Column]
Draw = Callable[[Rows], Floats]
Decimals = Annotated[int, Field(ge=0, le=9)]

Extent = tuple[float, float]
"""The smallest and the largest cell of a column, in storage form."""


_INSTEAD = (
    (
        "there are no lists of these: give a 'choice' your own values, or 'list' rows",
        "language language_code department industry brand continent nationality car animal domain_name airport slug",
    ),
    (
        """write an 'expression' over a time: {"type": "expression", "expression": "EXTRACT(EPOCH FROM at)"}""",
        "unix_time epoch unix_timestamp epoch_seconds unixtime_seconds posix_time",
    ),
    (
        "put its parts together by an 'expression' with ||",
        "semver version",
    ),
    (
        "cells are numbers, times, truth values and text",
        "blob binary bytes image file bytea varbinary geometry geography",
    ),
    (
        "use 'lognormal' with the modifier 'round_to' and 'endings'",
        "price_point price_points psychological_price",
    ),
    (
        "write an 'expression' over other columns of the row",
        "row_function function lambda custom script code_block udf",
    ),
)
"""Names of generators that do not exist, with what to write instead, and synonyms of other tools."""


class Generator(Kind, family="generators"):
    """The declaration of how one column is filled."""

    instead: ClassVar[tuple[tuple[str, str], ...]] = tuple((names, hint) for hint, names in _INSTEAD)
    shape_hint: ClassVar[str] = 'write {"type": "normal", "mean": 50, "sd": 10}, for example'

    @classmethod
    def shape_help(cls, data: Any) -> str:
        try:
            parse_duration(data if isinstance(data, str) else "")
        except ValueError:
            return cls.shape_hint
        same = f'{{"type": "uniform", "min": "{data}", "max": "{data}"}}'
        return f'write {{"type": "exponential", "mean": "{data}"}}, or {same} for the same time in every row'

    multiplied: ClassVar[bool] = True
    """Whether behaviors can multiply its cells, if they are numbers. Keys and totals cannot be multiplied."""
    role: ClassVar[Role] = "value"
    computed: ClassVar[bool] = False
    """Whether cells are computed from others or are names. Their dependence on other columns is not tested."""

    multiplies_parts: ClassVar[bool] = False
    """Whether its nested generators apply the multipliers of behaviors, so that it does not."""
    alone: ClassVar[bool] = True
    """Whether cells depend on no other rows of their table, so that the items of a list can be drawn so."""

    description: str = Field(default="", description="what the column means, for readers")
    hidden: bool = Field(default=False, description="write the column only to _truth/, not to the data")
    modifiers: tuple[Modifier, ...] = Field(default=(), description="changes to the finished values, one after another")
    precision: int | None = Field(
        default=None,
        ge=1,
        le=38,
        description="write numbers as exact DECIMAL of so many digits, not as 64-bit numbers",
    )
    zone: str | None = Field(
        default=None, max_length=60, description="write timestamps with a time zone: this one, such as Europe/Berlin"
    )

    @property
    def intact(self) -> bool:
        """Whether no modifier changes the values; some may make cells missing."""
        return all(modifier.keeps for modifier in self.modifiers)

    def blur(self, type_: Type) -> float | None:
        """The largest change of a number by modifiers; None if unknown."""
        widths = [modifier.blur(type_) for modifier in self.modifiers]
        return None if None in widths else sum(width or 0.0 for width in widths)

    def raised(self, type_: Type) -> float:
        """The number from 0 up to which a cell can come from any number from 0, because of modifiers."""
        return max((modifier.raised(type_) for modifier in self.modifiers), default=0.0)

    @property
    def measures_length(self) -> bool:
        """Whether its own problems include cells that are too long."""
        return False

    @property
    def row_attribute(self) -> str | None:
        """The row attribute that it shows; None if it shows none."""
        return None

    @property
    def most_rows(self) -> int | None:
        """The most rows with distinct values, if values are unique; None if unlimited."""
        return None

    @property
    def first_key(self) -> int | None:
        """The key of the first row, if cells count the rows of the table; None otherwise."""
        return None

    @property
    def keyed(self) -> bool:
        """Whether cells are keys of rows, in row order."""
        return self.role in ("key", "parent_key", "reference")

    @property
    def chooses(self) -> str | None:
        """The table of which each cell chooses a row; None if it chooses none."""
        return None

    @property
    def chosen_through(self) -> str | None:
        """The hidden reference to the row whose key it copies; None if it copies none."""
        return None

    @property
    def chosen_at(self) -> str | None:
        """The column with the time of the choice, if one is named."""
        return None

    @property
    def independent(self) -> bool:
        """Whether each cell is chosen independently of the other rows of its parent and of its ancestors."""
        return self.chooses is not None

    @property
    def unconditional(self) -> bool:
        """Whether the choice of each cell depends only on the popularity of rows, not on columns,
        times or other rows.
        """
        return False

    @property
    def exhausts(self) -> str | None:
        """The table from which the rows of one parent choose different rows, which limits their number."""
        return None

    @property
    def total_of(self) -> tuple[str, str] | None:
        """The child table and the expression whose sum over its rows each cell is; None otherwise."""
        return None

    @property
    def missing_by_rule(self) -> bool:
        """Whether cells are missing by a declared rule, never at random."""
        return False

    def looked_up(self, scope: Scope) -> ColumnRef | None:
        """The column, as (table, column), of another row whose cells it copies; None otherwise."""
        return None

    def open_end(self, scope: Scope) -> OpenEnd | None:
        """What happens to times beyond the window's end; None if there are none."""
        return None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns that must be filled before this one, as (table, column)."""
        return frozenset()

    def result(self, scope: Scope) -> Type | None:
        """The type of the filled column; None if a problem elsewhere makes it unknown."""
        raise TypeError(f"generator '{self.type}' has no result")

    def nullable(self, scope: Scope) -> bool:
        """Whether cells can be missing."""
        return False

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def notes(self, scope: Scope) -> Iterator[Note]:
        """What a valid declaration says, but may not mean."""
        yield from ()

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        """Every possible value of the cells, as written in a document; None if unknown."""
        return None

    def extent(self, scope: Scope) -> Extent | None:
        """The smallest and the largest cell of numbers or times, in storage form; None if unknown.

        Modifiers are ignored. Multipliers of behaviors are ignored except for numeric generators.
        """
        type_, domain = self.result(scope), self.domain(scope)
        if type_ is None or not domain or not (type_.numeric or type_.name in ("date", "timestamp", "duration")):
            return None
        try:
            cells = [cell for cell in (parse_cell(spelling, type_) for spelling in domain) if not isinstance(cell, str)]
        except ValueError:
            return None  # the generator reports values of another type
        return (min(cells), max(cells)) if cells else None

    def modified(self, extent: Extent | None, type_: Type | None) -> Extent | None:
        """The extent of its cells after its modifiers, by that before; None if unknown."""
        for modifier in self.modifiers:
            extent = None if extent is None or type_ is None else modifier.extent(extent, type_)
        return extent

    def fewest_texts(self) -> int:
        """The texts that it draws at least, each as likely as the most likely one; 0 if unknown."""
        return 0

    def longest(self, scope: Scope) -> int | None:
        """The bytes of the longest text among its cells; None if unknown or not text."""
        domain = self.domain(scope)
        return max(len(value.encode()) for value in domain) if domain else None

    @property
    def tabulated(self) -> int:
        """The bytes of tables that are kept for the column as long as there is a worker."""
        return 0

    def working(self, scope: Scope) -> int:
        """The bytes of temporary text per cell while it is made, beyond those of the cell."""
        return 0

    def choosing(self, rows: int, *, rated: bool) -> int:
        """The bytes that it keeps to choose among this many rows; `rated`: in proportion to rates that change."""
        return 0

    def depends_on_row_number(self, context: StaticContext) -> bool:
        """Whether cells depend on the number of earlier rows of a child table, nested generators included."""
        return any(one.depends_on_row_number(context) for one in self._nested())

    def may_fail(self, scope: Scope) -> bool:
        """Whether values of other columns can end a run in a way that no problem foresees, nested generators included;
        `check` makes a few rows to see.
        """
        return any(one.may_fail(scope) for one in self._nested())

    def _nested(self) -> Iterator[Generator]:
        fields = (field for _, field in self)
        within = (one for field in fields for one in (field.values() if isinstance(field, dict) else (field,)))
        return (one for one in within if isinstance(one, Generator))

    def refers_to(self, context: StaticContext) -> str | None:
        """The table whose keys the cells are; None if they are no keys of another table."""
        return None

    def points_to(self, context: StaticContext) -> str | None:
        """The table whose rows its cells number: that whose keys they are, or those of the column which it copies. None
        if they number no rows.
        """
        own = self.refers_to(context)
        found = self.source_column(context) if own is None and self.intact else None
        if found is not None and found[1].copies_identifier(found[0]):
            return None
        return own if found is None else found[1].points_to(found[0])

    def copies_identifier(self, context: StaticContext) -> bool:
        """Whether its cells are keys that do not number the rows of their table, such as codes."""
        return False

    @property
    def identifies(self) -> bool:
        """Whether cells are distinct over the whole table by construction."""
        return False

    def decimal_digits(self, context: StaticContext) -> int | None:
        """The precision of the DECIMAL that its cells are written as, or that of the column which it copies; None for
        other types.
        """
        found = self.source_column(context) if self.precision is None and self.intact else None
        return self.precision if found is None else found[1].decimal_digits(found[0])

    def source_column(self, context: StaticContext) -> tuple[StaticContext, DeclaredColumn] | None:
        """The column whose cells it copies as they are, with its context: the key that it refers to, by default. None
        if there is none.
        """
        there = seen_from(context, self.refers_to(context) or "")
        return resolve_column(there, there.table.key) if there is not None and there.table.key is not None else None

    def listed_cells(self, context: StaticContext) -> tuple[object, ...] | None:
        """The cells of all rows of the table in order, where the document writes them down."""
        return None

    @property
    def unique_per_parent(self) -> bool:
        """Whether cells are distinct among the rows of one parent by construction."""
        return False

    def determines(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns, as (table, column), of which this one is a one-to-one function."""
        return frozenset()

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        """The stream keys below the column of the one stream that cells are drawn from by inversion: a larger word
        never gives a smaller cell.

        If cells are not drawn so, the reason, in words that complete "it cannot be correlated: ...".
        """
        return f"cells of type '{self.type}' are not drawn by inversion from one stream"

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        """What validation measures in the column, beyond the constraints of every column."""
        return ()

    def bind(self, scope: Scope) -> Fill:
        """The filler: a function from rows to values. Tables and streams are made here, once."""
        raise TypeError(f"generator '{self.type}' has no bind")


class Numeric(Generator):
    """A generator of numbers: `draw` gives float64. Range, rounding and behaviors are common to all.

    Amounts written as durations make a column of durations, in microseconds.
    """

    amounts: ClassVar[tuple[str, ...]] = ()
    """The fields, besides `min` and `max`, that can be durations. All or none of them are."""
    tilts: ClassVar[bool] = False
    """Whether `min` and `max` are bounds of the distribution itself, not cuts."""

    discrete: ClassVar[bool] = False
    """Whether raw numbers are whole, and multiplied ones are rounded at random, so that the mean is kept."""

    decimals: Decimals | None = Field(default=None, description="number of decimals; 0 makes integers")
    min: Amount | None = Field(default=None, description="smallest value, applied last")
    max: Amount | None = Field(default=None, description="largest value, applied last")

    @property
    def timed(self) -> bool:
        """Whether the amounts are durations."""
        return any(isinstance(amount, str) for amount in self._amounts().values())

    @property
    def dated(self) -> bool:
        """Whether cells are dates, drawn between dates."""
        return False

    @property
    def accumulates(self) -> bool:
        """Whether cells add up along the rows of a parent, so that bounds of them say little about their usual size."""
        return False

    @property
    def support(self) -> tuple[float, float] | None:
        """The ends of a distribution that has bounds besides `min` and `max`, which multipliers do not leave either."""
        return None

    def _amounts(self) -> dict[str, float | str]:
        fields = {name: getattr(self, name) for name in (*self.amounts, "min", "max")}
        return {name: amount for name, amount in fields.items() if amount is not None}

    def result(self, scope: Scope) -> Type | None:
        return DURATION if self.timed else number_type(self.decimals)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.min is not None and self.max is not None and number(self.min) > number(self.max):
            yield scope.problem(
                "range", f"min {spelled_amount(self.min)} is above max {spelled_amount(self.max)}", "swap them", "min"
            )
        elif self.decimals is not None and not self.timed:
            yield from self._held_problems(scope, number_type(self.decimals))
        if not self.timed:
            return
        for name, amount in self._amounts().items():
            if not isinstance(amount, str) and amount != 0:
                yield scope.problem(
                    "type", f"{spelled_amount(amount)} is a number, but others are durations", "write its unit", name
                )
        if self.decimals is not None:
            yield scope.problem("no-effect", "durations have no decimals", "leave 'decimals' out", "decimals")

    def _held_problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        low, high = self._bounds(type_)
        if low is not None and high is not None and low > high:
            none = f"no number with {self.decimals} decimals between min and max"
            yield scope.problem("range", none, "change 'decimals'", "decimals")
        largest = numeric_range.LARGEST / 10**type_.scale
        beyond = "max" if high is not None and high < -largest else "min" if low is not None and low > largest else ""
        if beyond:
            message = f"no cell with {self.decimals} decimals is beyond {largest:.3g}, so '{beyond}' leaves none"
            yield scope.problem("range", message, f"correct '{beyond}'", beyond)

    def extent(self, scope: Scope) -> Extent | None:
        """Between `min` and `max`; for an unbounded distribution, up to values that practically no dataset exceeds."""
        return self.reached(scope, 1.0)

    def reached(self, scope: Scope, grown: float) -> Extent | None:
        """The extent if cells are multiplied by up to `grown` (at least 1) before they are clipped."""
        type_ = self.result(scope)
        if type_ is None:
            return None
        try:
            least, most = self._grown(self.ends_of(scope), grown)
        except ValueError:
            return None  # the distribution has problems of its own
        least, most = (min(least, 0.0), max(most, 0.0)) if grown > 1.0 else (least, most)
        low, high = (None if end is None else number(end) for end in (self.min, self.max))
        if type_.name not in ("int", "decimal"):
            return least if low is None else low, most if high is None else high
        unit = 10**type_.scale
        return (
            math.floor(least * unit) if low is None else math.ceil(Decimal(repr(low)).scaleb(type_.scale)),
            math.ceil(most * unit) if high is None else math.floor(Decimal(repr(high)).scaleb(type_.scale)),
        )

    def _grown(self, ends: tuple[float, float], factor: float) -> tuple[float, float]:
        """Ends of the distribution under a multiplier of up to `factor`."""
        within = self.support if factor > 1.0 else None
        return (ends[0] * factor, ends[1] * factor) if within is None else within

    def _bounds(self, type_: Type) -> tuple[float | None, float | None]:
        """The smallest and the largest number that is a cell of `type_` within `min` and `max`."""
        bounds = ((self.min, math.ceil), (self.max, math.floor))
        cell = numeric_range.cell_within
        low, high = (None if bound is None else cell(number(bound), type_, whole) for bound, whole in bounds)
        return low, high

    def limits(self, type_: Type) -> tuple[float | None, float | None]:
        """The smallest and the largest number of cells of `type_`, as far as `min`, `max` and the distribution say
        it.
        """
        bounds = self._bounds(type_)
        if self.support is None:
            return bounds
        low, high = numeric_range.clipped(np.array(self.support), *bounds).tolist()
        return low, high

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self.result(scope)
        if type_ is not None and self.intact and not (self.min is None and self.max is None):
            low, high = self._bounds(type_)
            least, most = ("" if bound is None else spelled_amount(bound) for bound in (self.min, self.max))
            range_ = f"{least} to {most}".strip()
            yield RangeDeclaration(scope.table.name, scope.column, low=low, high=high, range=range_)
        blur = self.blur(type_) if type_ is not None else None
        if type_ is not None and blur is not None:
            declared = replace(fit(scope, type_, [case_of(self, scope)], blur), raised=self.raised(type_))
            yield declared
            yield from HiddenEffectsDeclaration.beside(declared)

    def draw(self, scope: Scope) -> Draw:
        """Raw float64, before multipliers, range and rounding."""
        raise TypeError(f"generator '{self.type}' has no draw")

    def stratified(self, scope: Scope) -> Floats:
        """What it draws from a stratified stream, in any order, (8192,); `quantiles` calls it with such a scope."""
        return self.draw(scope)(Rows(Block(scope.table.name, 0, np.arange(SIZE, dtype=np.uint64))))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        """Raw float64 from words, for distributions with bounds of their own (`tilts`)."""
        raise TypeError(f"generator '{self.type}' is not tilted")

    def ends_of(self, scope: Scope) -> tuple[float, float]:
        """Raw numbers that practically no dataset exceeds."""
        return self.ends(numeric_range.UNSEEN)

    def ends(self, chance: float) -> tuple[float, float]:
        """Raw numbers with at most this probability below, or above."""
        return number(self.min or 0.0), number(self.max or 0.0)

    def size(self, chance: float, grown: float = 1.0) -> float:
        """The magnitude that cells exceed with about this probability if they are multiplied by up to `grown`."""
        low, high = (None if bound is None else number(bound) for bound in (self.min, self.max))
        least, most = -math.inf if low is None else low, math.inf if high is None else high
        return max(abs(min(max(end, least), most)) for end in self._grown(self.ends(chance), grown))

    def shifting(self, scope: Scope) -> Shifting | None:
        """How multipliers move the mean within `min` and `max`; None if they multiply the values."""
        low, high = self.limits(self.result(scope) or FLOAT)
        if low is None and high is None:
            return None
        grid = quantiles(self, scope)[:: SIZE // numeric_range.LEVELS]
        if self.tilts and low is not None and high is not None:
            return Shifting.tilting(grid, low, high)
        return Shifting.scaling(grid, low, high)

    def bind(self, scope: Scope) -> Fill:
        draw, effect = self.draw(scope), scope.effect()
        type_ = self.result(scope) or FLOAT
        low, high = self.limits(type_)
        self._check_fits(scope, type_, multiplied=effect is not None)
        draw = draw if effect is None else self._multiplied(scope, draw, effect)

        def fill(rows: Rows) -> Column:
            return numeric_range.rounded(numeric_range.clipped(draw(rows), low, high), type_)

        return fill

    def _check_fits(self, scope: Scope, type_: Type, *, multiplied: bool) -> None:
        """Raises PlanError if cells do not fit their type, or multipliers leave the range."""
        grown = numeric_range.largest_multiplier(scope.planted()) if multiplied else 1.0
        max_factor = math.prod(m.max_factor for m in self.modifiers)
        rare, usual = (self.size(chance, grown) * max_factor for chance in (numeric_range.RARE, numeric_range.USUAL))
        numeric_range.check_fits(type_, rare, usual)

    def _multiplied(self, scope: Scope, draw: Draw, effect: Draw) -> Draw:
        """The draws, moved by the multiplier of each row. For distributions with bounds the rule is that of
        `Shifting`.
        """
        shifting = self.shifting(scope)
        low, high = (None, None) if self.support is None else self.limits(FLOAT)
        numeric_range.check_mean_within(
            shifting, scope.planted(), (self.min if low is None else low, self.max if high is None else high)
        )
        if shifting is None:
            return lambda rows: draw(rows) * effect(rows)
        if not self.tilts:
            return lambda rows: draw(rows) * shifting.at(effect(rows))
        at, stream = self.at_words(scope), scope.stream()
        return lambda rows: at(tilted(stream.words(rows.ids), shifting.at(effect(rows))))


def number_type(decimals: int | None) -> Type:
    """The type for a number of decimals: None float, 0 int, else decimal."""
    if decimals is None:
        return FLOAT
    return INT if decimals == 0 else decimal(decimals)
