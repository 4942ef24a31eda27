"""A foreign key to a row of another table, computed from a row index, never read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Bools, Column, Ints, Rows, Type
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import (
    DistinctReferencesDeclaration,
    EarlierReferenceDeclaration,
    ExistingThenDeclaration,
    ForeignKeyDeclaration,
    OtherReferenceDeclaration,
    SameValueDeclaration,
    SharedAncestorDeclaration,
    UniqueDeclaration,
    ValidReferenceDeclaration,
)
from datagen.declarations.values import (
    LastingPopularityDeclaration,
    NullRateDeclaration,
    PopularityDeclaration,
    ReferenceFactorDeclaration,
    RestrictedChoiceDeclaration,
)
from datagen.errors import Note, Problem
from datagen.kinds.choosers.base import Chooser
from datagen.kinds.choosers.support.choice import Choice, Chosen, one_to_one
from datagen.kinds.choosers.support.distributions import MOST_SUMS
from datagen.kinds.choosers.support.matching import Matching, Validity
from datagen.kinds.choosers.support.rate_thinning import FREE, MOST_EPOCHS
from datagen.kinds.choosers.uniform import Uniform
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.choice_times import order_notes, time_problems
from datagen.kinds.generators.support.column_lookup import (
    key_start,
    keys_up_to,
    need,
    resolve_column,
    shown_key,
    target_of,
)
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef, Role, Scope, StaticContext, Table
from datagen.time_units import Duration

_UNCONDITIONAL = frozenset({"type", "table", "popularity", "null_share", "description", "modifiers", "hidden"})
"""The fields that do not make a choice depend on other cells."""
_MATCHED, _COMPARED, _CANDIDATE, _POPULAR = 40, 24, 110, 24
"""Bytes of each row that is chosen from (measured): sorted, with a column to compare, as a candidate at one time, and
with cumulative weights.
"""


class Reference(Generator):
    """The key of a row of another table, or of an earlier row of the own table, chosen by popularity.

    `existing_at` names a timestamp: only rows that existed then are chosen, and the cell is null if there was none.
    With `distinct`, rows of one parent choose different rows, one after the other, each among the remaining ones
    (successive sampling). A count per parent is limited to the number of candidates; other rows beyond it are null.
    `unique` is one to one: in the whole table, or with `within` below each ancestor, where every other option applies
    too. A table that refers to itself chooses among earlier rows: by their time, if rows have one, or by the column
    `order_by`, else by their order.

    `weight` names a column of the table with weights. `same` keeps to rows with the same value:
    {"country": "country"}. With a `same_share` of 0.8 a fifth of the rows chooses among all. `differs_from` names
    references to the same table whose row is not taken again: home and away. `valid` keeps to rows whose interval holds
    a moment: a campaign while it ran. Cells are missing where there is no such row. These need the columns of the whole
    table in memory (at most two million rows). With `within` they choose among the rows of the block.
    """

    role: ClassVar[Role] = "reference"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "sales",
            "tables": {
                "products": {"rows": 20, "columns": {"product_id": {"type": "key"}}},
                "sales": {
                    "rows": 100,
                    "columns": {
                        "sale_id": {"type": "key"},
                        "product_id": {
                            "type": "reference",
                            "table": "products",
                            "popularity": {"type": "zipf", "exponent": 1.1},
                        },
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "foreign_key", "fk", "ref", "relation", "references", "relationship", "belongs_to", "many_to_one",
        "link", "foreign", "dataset_column",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "fk foreign_key to references": "table",
        "column field on": "key",
    }
    type: Literal["reference"] = "reference"
    table: str = Field(description="the table whose key is chosen")
    key: str | None = Field(default=None, description="the column of that table to copy; the default is its key")
    popularity: Chooser = Field(default=Uniform(), description="the popularity of rows")
    existing_at: str | None = Field(default=None, description="a timestamp column: choose only rows that existed then")
    lookback: Duration | None = Field(
        default=None, gt=0, description="choose only rows that came within this time before 'existing_at'"
    )
    distinct: bool = Field(default=False, description="different rows under one parent")
    unique: bool = Field(default=False, description="different rows in the whole table: one to one")
    within: str | None = Field(default=None, description="a common ancestor: choose only among rows below the same one")
    order_by: str | None = Field(
        default=None, description="a time of the own table: choose only rows that are earlier by it"
    )
    weight: str | None = Field(
        default=None, description="a column of that table with weights, 0 or more; a missing one is 0"
    )
    same: dict[str, str] = Field(
        default={}, description="columns of that table whose value must be that of a column here", max_length=4
    )
    same_share: float = Field(
        default=1.0, gt=0, le=1, description="share of rows that `same` holds for; others choose among all"
    )
    differs_from: tuple[str, ...] = Field(
        default=(), max_length=4, description="references here whose row is not chosen"
    )
    valid: Validity | None = Field(
        default=None, description="an interval of that table that holds a moment of this row"
    )
    null_share: float = Field(default=0.0, ge=0, le=1, description="share of rows without a reference")

    @property
    def identifies(self) -> bool:
        return self.unique

    @property
    def unique_per_parent(self) -> bool:
        return self.distinct

    def result(self, scope: Scope) -> Type | None:
        return INT

    def depends_on_row_number(self, context: StaticContext) -> bool:
        own = self.unique and context.table.parent is not None
        return own or self.within is not None or (self.table == context.table.name and context.table.parent is not None)

    def refers_to(self, context: StaticContext) -> str | None:
        return self.table

    def nullable(self, scope: Scope) -> bool:
        own = self.table == scope.table.name
        limited = self.existing_at or own or self.within or self._short(scope) or scope.choice_timed(self.table)
        limited = (
            limited or self._outnumbered(scope) or bool(self.same or self.differs_from or self.valid or self.lookback)
        )
        return bool(self.null_share or limited or scope.empty(self.table))

    def copied_from(self, target: Table) -> str | None:
        """The column of `target` that cells copy; None if it has no key, or a composite one."""
        return self.key or shown_key(target)

    def _short(self, scope: Scope) -> bool:
        """Whether one parent may have more rows than candidates. Events do not limit their number."""
        return self.distinct and bool(scope.table.row_times or self.within or self.existing_at)

    @property
    def _matched(self) -> bool:
        """Whether columns decide which rows can be chosen."""
        return bool(self.weight or self.same or self.differs_from or self.valid or self.order_by)

    @property
    def _choice(self) -> Choice:
        """The domain, the distribution and the replacement."""
        return Choice(
            self.table, self.popularity, self.existing_at, self.within, self.distinct, self.lookback, self.unique,
            self.order_by,
        )  # fmt: skip

    def _sorted(self, scope: Scope) -> bool:
        """Whether validation compares each choice with all candidates, sorted by the columns that decide."""
        return bool(self._matched or self.lookback or self.within or scope.choice_timed(self.table))

    def _shown_below(self, scope: Scope) -> bool:
        """Whether the files show the candidates below each ancestor, and their weights."""
        tables = scope.tables()
        shown = all(_numbered(tables[name]) for name in (self.table, self.within or ""))
        shown = shown and (self.existing_at is None or tables[self.table].moment is not None)
        shown = shown and (not self._by_time(scope) or _shown_time(tables[self.table], self.order_by) is not None)
        return self.popularity.uniform and shown and keys_up_to(scope, self.table, self.within or "") is not None

    def _outnumbered(self, scope: Scope) -> bool:
        """Whether a one-to-one reference may have more rows than the referenced table."""
        rows, most = _rows_known(scope, scope.table.name), _rows_known(scope, self.table)
        return self.unique and (rows is None or most is None)

    def _exponent(self, scope: Scope, start: int) -> Declaration:
        """The exponent of popularity among the candidates of each row."""
        return LastingPopularityDeclaration(
            scope.table.name, scope.column or "", start, self.popularity.zipf, *self._choice.known(scope)
        )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        from_time = (
            {(scope.table.name, self.existing_at)} if self.existing_at and "." not in self.existing_at else set()
        )
        if self.existing_at and "." in self.existing_at:
            table, _, column = self.existing_at.partition(".")
            from_time = {(table, column)}
        target = scope.tables().get(self.table)
        shared = {(self.table, target.key)} if self.within and target and target.key else set()
        here = [*self.same.values(), *(_row_numbers(scope, one) for one in self.differs_from)]
        there = [*self.same, *([self.weight] if self.weight else [])]
        if self.order_by is not None:
            here.append(self.order_by)
        if self.valid is not None:
            here.append(self.valid.at)
            there += [self.valid.from_, self.valid.to]
        read = {need(scope, column) for column in here} | {(self.table, column) for column in there}
        return frozenset(from_time | shared | read)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        target = scope.tables().get(self.table)
        if target is None:
            known = list(scope.tables())
            yield scope.problem(
                "unknown-table", f"there is no table '{self.table}'", did_you_mean(self.table, known), "table"
            )
            return
        if scope.empty(self.table) and not scope.empty(scope.table.name) and self.null_share < 1:
            message = f"'{self.table}' has no rows, so every cell would be missing"
            yield scope.problem("no-effect", message, "give it rows, or write a null_share of 1", "table")
        yield from self._key_problems(scope, target)
        yield from time_problems(scope, self._choice)
        yield from self._distinct_problems(scope)
        yield from self._unique_problems(scope)
        yield from self._matching_problems(scope, target)

    def notes(self, scope: Scope) -> Iterator[Note]:
        if self.valid is None:
            yield from order_notes(scope, self._choice)

    def _matching_problems(self, scope: Scope, target: Table) -> Iterator[Problem]:
        if self.same_share < 1 and not self.same:
            yield scope.problem("no-effect", "nothing must be the same", "write 'same'", "same_share")
        there = [("weight", self.weight), *(("same", column) for column in self.same)]
        there += [("valid", column) for column in ((self.valid.from_, self.valid.to) if self.valid else ())]
        for key, column in there:
            if column is not None and column not in target.columns:
                hint = did_you_mean(column, list(target.columns))
                if column in (target.rows.listed_columns or ()):
                    hint = f"its rows list it; declare it there: '{column}': {{'type': 'listed'}}"
                yield scope.problem("unknown-column", f"'{target.name}' has no column '{column[:60]}'", hint, key)
        yield from self._matching_types(scope)

    def _matching_types(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the types of the compared columns."""
        if self.weight is not None:
            yield from self._weight_problems(scope, self.weight)
        for there, here in self.same.items():
            one, other = scope.type_of(there, self.table), scope.type_of(here)
            differ = one != other and not (one is not None and other is not None and one.textual and other.textual)
            if one is not None and other is not None and (one.name == "float" or differ):
                message = f"'{there}' is {one}, '{here}' is {other}"
                yield scope.problem("type", message, "compare columns of one type that is not float", "same", there)
        for i, column in enumerate(self.differs_from):
            if self._holds_no_keys(scope, column):
                message = f"'{column[:60]}' holds no keys of '{self.table}'"
                yield scope.problem("type", message, "name a reference to the same table", "differs_from", i)
        if self.valid is not None:
            types = [
                scope.type_of(self.valid.at),
                *(scope.type_of(one, self.table) for one in (self.valid.from_, self.valid.to)),
            ]
            mixed = len({str(one) for one in types}) + (str(types[0]) not in ("timestamp", "date")) > 1
            if None not in types and mixed:
                message = f"interval and moment are {', '.join(map(str, types[1:]))} and {types[0]}"
                yield scope.problem("type", message, "compare timestamps, or dates", "valid")

    def _holds_no_keys(self, scope: Scope, column: str) -> bool:
        """Whether a column that reads holds no keys of the table."""
        reads = column not in scope.table.columns or scope.type_of(column) is not None
        return reads and target_of(scope, _row_numbers(scope, column)) != self.table

    def _key_problems(self, scope: Scope, target: Table) -> Iterator[Problem]:
        copied = self.copied_from(target)
        if self.key is not None and self.key not in target.columns:
            hint = did_you_mean(self.key, list(target.columns))
            yield scope.problem("unknown-column", f"'{target.name}' has no column '{self.key[:60]}'", hint, "key")
        elif copied is None and target.identity:
            message = f"the key of '{target.name}' has {len(target.identity)} columns: {', '.join(target.identity)}"
            hint = "name one of them with 'key', and add the others by a 'lookup' through this column"
            yield scope.problem("primary-key", message, hint, "table")
        elif copied is None:
            message = f"table '{self.table}' has no column that identifies its rows"
            yield scope.problem("primary-key", message, "give it one of type 'key'", "table")
        elif target.columns[copied].type != "key" and not _whole_column(scope):
            message = f"'{target.name}.{copied}' is not of type 'key', and this reference is part of another generator"
            yield scope.problem("primary-key", message, f"give '{target.name}' a column of type 'key'", "table")
        elif self.key is not None and scope.nullable(self.key, target.name):
            message = f"'{target.name}.{self.key}' can be missing"
            yield scope.problem("primary-key", message, "name a column that is never missing", "key")

    def _distinct_problems(self, scope: Scope) -> Iterator[Problem]:
        if self.distinct and scope.table.parent is None:
            yield scope.problem("no-effect", "distinct needs a parent table", "leave it out", "distinct")

        elif self.distinct and self.table != scope.table.name:
            most, rows = _rows_known(scope, self.table), getattr(scope.table, "rows", None)
            count = getattr(rows, "count", None) if rows and rows.type == "per_parent" else None
            low, high = count.limits(multiplied=False) if count else (0, None)
            if most is not None and (high or low) > most:
                message = (
                    f"a row of '{scope.table.parent}' can have {high or low:,} rows here, but '{self.table}' has "
                    f"only {most:,}"
                )
                yield scope.problem("range", message, "lower the count per parent, or leave out distinct", "distinct")

    def _weight_problems(self, scope: Scope, weight: str) -> Iterator[Problem]:
        type_ = scope.type_of(weight, self.table)
        if type_ is None:
            return
        if not type_.numeric:
            message = f"weights are numbers, '{weight}' is {type_}"
            yield scope.problem("type", message, "name a column of numbers", "weight")
            return
        least, most = scope.extent(weight, self.table) or (0.0, 1.0)
        if least < 0:
            message = f"weights are 0 or more, '{weight}' can be {least / 10**type_.scale:.4g}"
            yield scope.problem("range", message, f"give '{weight}' values from 0 on, such as by 'min'", "weight")
        elif most <= 0:
            yield scope.problem("range", f"'{weight}' is 0 in every row", "give some row a weight above 0", "weight")

    def _unique_problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of a one-to-one reference, which chooses every row of a table at most once, whatever its popularity
        or time. Below one ancestor rows choose one after the other, by any distribution.
        """
        if not self.unique or self.within:
            return
        others = (("existing_at", self.existing_at), ("distinct", self.distinct), ("weight", self.weight),
                  ("same", self.same), ("differs_from", self.differs_from), ("valid", self.valid))  # fmt: skip
        named = [name for name, value in others if value] + ["popularity"] * (not self.popularity.uniform)
        if named or self.table == scope.table.name:
            message = (
                "unique assigns the rows of another table by a permutation, so no other option applies: no task knows "
                "which rows those of other tasks chose"
            )
            leave = f"leave out {named[0] if named else 'unique'}, or name a common ancestor with 'within'"
            yield scope.problem("conflict", message, leave, "unique")
        rows, most = _rows_known(scope, scope.table.name), _rows_known(scope, self.table)
        if rows is not None and most is not None and rows > most:
            message = f"'{scope.table.name}' has {rows:,} rows, but '{self.table}' has only {most:,} rows to refer to"
            yield scope.problem("range", message, f"give '{self.table}' at least {rows:,} rows", "unique")

    @property
    def chooses(self) -> str | None:
        return self.table

    @property
    def chosen_at(self) -> str | None:
        return self.existing_at

    @property
    def independent(self) -> bool:
        return not self.distinct and not self.within and not self._matched

    @property
    def unconditional(self) -> bool:
        return self.model_fields_set <= _UNCONDITIONAL

    def choosing(self, rows: int, *, rated: bool) -> int:
        if self.within is not None or self.unique:
            return 0
        if self._matched:
            compared = len(self.same) + bool(self.weight) + bool(self.order_by) + 2 * bool(self.valid)
            return rows * (_MATCHED + _COMPARED * compared)
        if self.lookback is not None and (rated or not self.popularity.uniform):
            return rows * _MATCHED
        if rated:
            return _CANDIDATE * min(MOST_EPOCHS * rows, 4 * rows + FREE)
        return 0 if self.popularity.uniform else _POPULAR * min(rows, MOST_SUMS)

    @property
    def exhausts(self) -> str | None:
        return self.table if self.distinct and self.within is None else None

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        table, column, target = scope.table.name, scope.column, scope.tables()[self.table]
        key = target.key or ""
        yield ForeignKeyDeclaration(table, column, target=self.table, key=key)
        if self.existing_at is not None and target.moment is not None:
            yield ExistingThenDeclaration(
                table, column, target=self.table, moment=target.moment, at=self.existing_at, lookback=self.lookback
            )
        if self.distinct:
            yield DistinctReferencesDeclaration(table, column)
        if self.unique:
            yield UniqueDeclaration(table, (column or "",))
        if self.table == table:
            yield from self._earlier(scope, key)
        if self.within is not None:
            yield SharedAncestorDeclaration(table, column, target=self.table, key=key, ancestor=self.within)
        yield from self._what_matches(scope)
        yield from self._how_often(scope, target, key)

    def _earlier(self, scope: Scope, key: str) -> Iterator[Declaration]:
        """That rows of the own table come before: by their keys, or by their times where files show these."""
        name = scope.table.name
        if not self._by_time(scope):
            yield EarlierReferenceDeclaration(name, scope.column, key=key)
        elif (moment := _shown_time(scope.table, self.order_by)) is not None:
            yield EarlierReferenceDeclaration(name, scope.column, key=key, moment=moment)

    def _by_time(self, scope: Scope) -> bool:
        """Whether earlier rows of the own table are those of an earlier time, because their order is another one."""
        return self._choice.by_time(scope)

    def _what_matches(self, scope: Scope) -> Iterator[Declaration]:
        """The conditions that columns impose on the chosen rows."""
        table, column = scope.table.name, scope.column
        if self.same_share == 1.0:
            for there, here in self.same.items():
                yield SameValueDeclaration(table, column, target=self.table, there=there, here=here)
        for other in self.differs_from:
            yield OtherReferenceDeclaration(table, column, other=_row_numbers(scope, other))
        if self.valid is not None:
            ends = {"begins": self.valid.from_, "ends": self.valid.to, "at": self.valid.at}
            yield ValidReferenceDeclaration(table, column, target=self.table, **ends)

    def _how_often(self, scope: Scope, target: Table, key: str) -> Iterator[Declaration]:
        """The declared share of missing cells, and the declared popularity."""
        table, column = scope.table.name, scope.column or ""
        if self.nullable(scope) and self._missing_by_lot(scope):
            yield NullRateDeclaration.of_all(table, column, self.null_share, self._due(scope))
        if not self.unique and (self.within is None or self._shown_below(scope)):
            start = key_start(scope, self.table)
            restricted = self._sorted(scope) or self.distinct or self.table == table or self.existing_at is not None
            yield from (self._among_candidates if restricted else self._among_all)(scope, start)

    def _among_candidates(self, scope: Scope, start: int) -> Iterator[Declaration]:
        """The popularity of rows where not every row can be chosen."""
        if self._sorted(scope):
            plain = self.same_share == 1.0
        else:
            plain = scope.reference_weights(self.table) is None
            if plain and not self.popularity.uniform:
                yield self._exponent(scope, start)
        if plain:
            yield self._candidates(scope, start)

    def _among_all(self, scope: Scope, start: int) -> Iterator[Declaration]:
        """The popularity of rows that can all be chosen."""
        table, column, weights = scope.table.name, scope.column or "", scope.reference_weights(self.table)
        size = lambda: scope.rows_in(self.table)  # noqa: E731 - asked for only where there is data
        if weights is None:
            yield PopularityDeclaration(table, column, start, size, *self.popularity.zipf)
        else:
            yield ReferenceFactorDeclaration(table, column, start, size, weights, scope.chosen_by(self.table))

    def _candidates(self, scope: Scope, start: int) -> Declaration:
        """The candidates of each row and their weights."""
        table, column = scope.table.name, scope.column or ""
        size, most = partial(scope.rows_in, table), partial(scope.rows_in, self.table)
        choice = self._choice
        window = None if scope.window is None else (scope.window.start, scope.window.end)
        if self._sorted(scope):
            known = self._matched_by(scope, choice).known(scope)
            return RestrictedChoiceDeclaration(
                table, column, start, size, most, window, lambda: known().weights(), lambda rows: known().spans(rows),
                lambda rows: known().factors(rows), not self.popularity.uniform,
            )  # fmt: skip
        limits = choice.known(scope)[1]
        spans = lambda rows: (np.zeros(len(rows), np.int64), limits(rows))  # noqa: E731 - one expression
        return RestrictedChoiceDeclaration(
            table, column, start, size, most, window, lambda: choice.weights(scope), spans, _any_of
        )

    def _missing_by_lot(self, scope: Scope) -> bool:
        """Whether cells are missing only at random or because no row existed at the time."""
        modifiers = scope.table.columns[scope.column or ""].modifiers
        other = self._sorted(scope) or self._short(scope) or scope.empty(self.table)
        other = other or self._outnumbered(scope) or (self.table == scope.table.name and self.distinct)
        return not other and not any(modifier.nullable(False) for modifier in modifiers)

    def _due(self, scope: Scope) -> Callable[[Rows], Bools] | None:
        """Which rows had candidates; None if all had."""
        if self.table == scope.table.name:
            key = scope.table.key or ""
            start = scope.table.columns[key].first_key if key else None
            return (
                None if start is None else lambda rows: rows.column(key).data > start
            )  # the first row has no earlier row
        if self.existing_at is None:
            return None
        existing = _existing(scope, self.table, self.existing_at)
        return lambda rows: existing(rows)[1]

    def bind(self, scope: Scope) -> Fill:
        if self.unique and not self.within:
            choice = one_to_one(scope, self.table)
        else:
            plain = self._choice
            by_columns = self._matched or (self.lookback is not None and not self._plainly_recent(scope))
            choice = self._matching(scope, plain) if by_columns else plain.bind(scope)
        none = scope.stream("null") if self.null_share else None
        start = key_start(scope, self.table)

        def fill(rows: Rows) -> Column:
            chosen, valid = choice(rows)
            values = Column(INT, chosen + start).where(valid)
            return values if none is None else values.where(none.uniforms(rows.ids) >= self.null_share)

        return fill

    def _plainly_recent(self, scope: Scope) -> bool:
        """Whether the rows of the whole table that came shortly before are chosen alike."""
        if self.within is not None or not self.popularity.uniform:
            return False
        return scope.choice_rate(self.table, everyone=True) is None

    def _matched_by(self, scope: Scope, plain: Choice) -> Matching:
        differs = tuple(_row_numbers(scope, column) for column in self.differs_from)
        return Matching(plain, self.weight, self.same, differs, self.valid, key_start(scope, self.table))

    def _matching(self, scope: Scope, plain: Choice) -> Chosen:
        """A choice by columns; with a `same_share` some rows choose without `same`."""
        matched = self._matched_by(scope, plain)
        if self.distinct or self.unique:
            return replace(matched, share=self.same_share).bind(scope)
        narrow = matched.bind(scope)
        if self.same_share == 1.0:
            return narrow
        wide, lot = replace(matched, same={}).bind(scope), scope.stream("same")

        def choose(rows: Rows) -> tuple[Ints, Bools]:
            kept = lot.uniforms(rows.ids) < self.same_share
            found, valid = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
            for part, distribution in ((kept, narrow), (~kept, wide)):
                at = np.flatnonzero(part)
                found[at], valid[at] = distribution(rows.take(at))
            return found, valid

        return choose


def _any_of(rows: Rows) -> None:
    """Every candidate can be chosen."""


def _shown_time(table: Table, column: str | None) -> str | None:
    """The column, by default that of the time of the rows, where it shows times as they are."""
    moment = column or table.moment
    return moment if moment is not None and table.columns[moment].intact else None


def _numbered(table: Table) -> bool:
    """Whether files show the numbers of the rows of a table."""
    return table.key is not None and table.columns[table.key].intact


def _row_numbers(scope: Scope, column: str) -> str:
    """The column with the row numbers of a reference: a hidden one where keys of another type are shown."""
    found = resolve_column(scope, column)
    return column if found is None else found[1].chosen_through or column


def _whole_column(scope: Scope) -> bool:
    """Whether this is a column of a table, not a nested generator."""
    return scope.keys[2:3] == ("columns",) and len(scope.keys) == 4


def _rows_known(scope: Scope, table: str) -> int | None:
    """The number of rows of a table if the document fixes it; else None."""
    found = scope.tables().get(table)
    count = getattr(getattr(found, "rows", None), "count", None) if found and found.parent is None else None
    return count if isinstance(count, int) else None


def _existing(scope: Scope, table: str, column: str) -> Callable[[Rows], tuple[Ints, Bools]]:
    """The number of rows of a table at the time in `column`, and whether there were any."""
    existing = scope.existing(table)

    def of(rows: Rows) -> tuple[Ints, Bools]:
        moment = rows.column(column)
        there = existing(moment.data)
        return there, there > 0 if moment.valid is None else (there > 0) & moment.valid

    return of
