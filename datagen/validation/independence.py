"""Which columns of a schema are independent of which others, derived from their dependencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from datagen.analysis.correlation_matrix import CorrelationMatrix
from datagen.columnar.block import Floats, Ints, Rows, Type
from datagen.columnar.cell_hashes import cell_hashes
from datagen.columnar.row_time import moments
from datagen.engine.program import Program
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.planning.steps import Step, closure
from datagen.scope import Window
from datagen.time_units import DAY, HOUR
from datagen.validation.correlations import placed
from datagen.validation.filtered import filtered_by
from datagen.validation.metrics.autocorrelation import Autocorrelation
from datagen.validation.metrics.base import Metric
from datagen.validation.metrics.category_shares import Shares
from datagen.validation.metrics.digits import digits_of, equal_cells
from datagen.validation.metrics.distribution.metric import DistributionFit
from datagen.validation.metrics.independence import MOST_DAYS, Independence
from datagen.validation.metrics.registry import metric_of
from datagen.validation.metrics.repeats import Repeats
from datagen.validation.metrics.residuals import BANDS, Codes, Grouping, Residual
from datagen.validation.metrics.walk_steps import WalkSteps

MOST_VALUES = 64
MOST_GROUPS = 256
_MANY_FORMS = 1_000
_IDENTIFYING = 1e-12
"""The probability that two rows have the same cells, below which no further column is needed to identify rows."""
MOST_FACING = 40
MOST_RESIDUALS = 24
MOST_PAIRS = 12
MOST_FIRSTS = 6
_PAIRED = 8
"""The most values of a column for which pairs of columns are tested."""
_PERIODS, _PLACES = 24, 20
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def independence(program: Program, table: str) -> Iterator[Metric]:
    """The metric of a table; None if no column is independent of anything."""
    columns = {
        name: known for name in program.model.tables[table].declared if (known := _Column.of(program, table, name))
    }
    groupings = [*_columns(program, table, columns), *_times(program, table), *_position(program, table)]
    pairs = [*_paired(groupings), *_firsts(program, table, groupings)]
    residuals: list[Residual] = []
    for column in columns.values():
        if len(residuals) >= MOST_RESIDUALS:
            break
        against = tuple(f.name for f in groupings if not column.decides(f.name))
        paired = tuple(f.name for f, parts in pairs if set(parts) <= set(against))
        residuals += column.residuals((*against, *paired))
    moving = {c.name: c.fit.repeated for c in columns.values() if isinstance(c.fit, Autocorrelation | WalkSteps)}
    drawn = tuple(
        c.name
        for c in columns.values()
        if c.generator.role != "reference" and not c.generator.modifiers and c.name not in moving
    )
    steady = tuple(
        c.name
        for c in columns.values()
        if c.name in drawn and isinstance(c.fit, DistributionFit) and len(c.fit.cases) == 1
    )
    moment = program.model.tables[table].moment
    varied = dict(_varied(program, table))
    if steady or varied or moving or (moment and drawn):
        drawn_times = not program.model.tables[table].rows.regular
        timed = (moment,) if drawn_times and moment in program.model.tables[table].declared else ()
        alone, chance = _identifying(columns, steady)
        yield Repeats(table, (*timed, *drawn), steady, bool(timed), varied, moving, alone, chance)
    residuals = residuals[:MOST_RESIDUALS]
    if moment and not program.model.tables[table].rows.regular:
        residuals += _precision(program, table, moment, tuple(one.name for one in groupings))
    if residuals:
        facts, window = program.model.tables[table], program.model.document.window
        days = 0 if window is None else min(-(-(window.end - window.start) // DAY), MOST_DAYS)
        day = _day(window) if window is not None and _timed(program, table) and 2 <= days < MOST_DAYS else None
        yield Independence(
            table, tuple(residuals), (*groupings, *(f for f, _ in pairs)),
            lambda: program.rows_in(table), lambda: program.rows_in(facts.root), day, days,
        )  # fmt: skip


def _identifying(columns: Mapping[str, _Column], steady: tuple[str, ...]) -> tuple[tuple[str, ...], float]:
    """The fewest columns that hardly two rows share, and the probability that two rows do."""
    found: tuple[str, ...] = ()
    total = 1.0
    for chance, name in sorted((columns[name].equal, name) for name in steady):
        if total > _IDENTIFYING and not columns[name].together(found):
            found, total = (*found, name), total * chance
    return found, total


def _varied(program: Program, table: str) -> Iterator[tuple[str, int]]:
    """The columns with many texts, and how many there are at least."""
    for name in program.model.tables[table].declared:
        generator = program.model.tables[table].columns[name]
        forms = generator.fewest_texts()
        if not generator.hidden and generator.intact and forms >= _MANY_FORMS:
            yield name, forms


Fit = DistributionFit | Shares | Autocorrelation | WalkSteps
"""A metric that gives the quantile of each cell, or of its step from the row before."""


class _Column:
    """A column with independent draws. Its metric gives the quantiles of its cells."""

    def __init__(self, program: Program, table: str, name: str, fit: Fit | None) -> None:
        self.program, self.table, self.name, self.fit = program, table, name, fit
        self.generator = program.model.tables[table].columns[name]
        self._graph = program.dependencies
        partners = CorrelationMatrix.of(program.model.tables[table].correlations).partners(name)
        self._together = {Step(table, one) for one in (name, *partners)}

    @classmethod
    def of(cls, program: Program, table: str, name: str) -> _Column | None:
        """None if cells depend on others in a way that cannot be removed."""
        generator = program.model.tables[table].columns[name]
        if generator.hidden or any(modifier.reads() for modifier in generator.modifiers):
            return None
        if filtered_by(program.model, table, name):
            return None
        if generator.role == "reference":
            scope = program.column_scope(table, name)
            timed = generator.chooses is not None and scope.choice_timed(generator.chooses)
            plain = generator.unconditional and not timed and not program.effects.on(table, name)
            return cls(program, table, name, None) if plain and generator.chooses != table else None
        fit = placed(program, table, name) or _stepping(program, table, name)
        return cls(program, table, name, fit) if fit is not None else None

    @property
    def equal(self) -> float:
        """The probability that two cells are equal."""
        assert isinstance(self.fit, DistributionFit)
        return equal_cells(self.fit, self.program.model.type_of(self.table, self.name))

    def together(self, others: tuple[str, ...]) -> bool:
        """Whether it is correlated with one of these columns of its table."""
        return any(Step(self.table, one) in self._together for one in others)

    def decides(self, other: str) -> bool:
        """Whether a column, by its name as a factor, depends on this one or on one that is correlated with it."""
        table, dot, column = other.rpartition(".")
        step = Step(table if dot else self.table, column)
        if step in self._together:
            return True
        return step in self._graph and not self._together.isdisjoint(closure(self._graph, {step}))

    def residuals(self, against: tuple[str, ...]) -> Iterator[Residual]:
        if self.fit is None:
            yield self._reference(against)
        elif isinstance(self.fit, Shares) and len(self.fit.labels) <= MOST_VALUES:
            yield self._values(self.fit, against)
        elif not isinstance(self.fit, Autocorrelation) or self.fit.fine:
            yield Residual(self.name, self.name, self.fit.places, against)
        if isinstance(self.fit, DistributionFit):
            digits = digits_of(self.fit, self.program.model.type_of(self.table, self.name), self.generator)
            if digits is not None:
                labels, shares, code = digits
                yield Residual(
                    f"digits of {self.name}", self.name, lambda rows: code(rows).astype(np.float64), against, labels,
                    code, alike=False, shares=shares,
                )  # fmt: skip
        own = self.generator.nullable(self.program.column_scope(self.table, self.name))
        if not own and any(modifier.nullable(False) for modifier in self.generator.modifiers):
            yield self._missing(against)

    def _values(self, fit: Shares, against: tuple[str, ...]) -> Residual:
        if len(fit.cases) > 1:  # the value depends on the case, its quantile does not
            return Residual(self.name, self.name, fit.places, against)
        code = lambda rows: fit.coding(rows.column(self.name))  # noqa: E731 - one expression
        return Residual(self.name, self.name, fit.places, against, tuple(f"'{label}'" for label in fit.labels), code)

    def _reference(self, against: tuple[str, ...]) -> Residual:
        def places(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            keys = rows.column(self.name)
            found = (cell_hashes(keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53
            return found if keys.valid is None else np.where(keys.valid, found, np.nan)

        return Residual(self.name, self.name, places, against, *self._referred())

    def _referred(self) -> tuple[tuple[str, ...], Codes | None]:
        """The rows of a small root table, as categories, with their codes."""
        model, target = self.program.model, self.generator.chooses
        type_ = model.type_of(self.table, self.name)
        if target is None or model.tables[target].parent is not None or type_ is None or type_.name != "int":
            return (), None
        rows_in, start = self.program.rows_in(target), key_start(model.column(self.table, self.name), target)
        if not 1 < rows_in <= MOST_VALUES:
            return (), None

        def code(rows: Rows) -> Ints:
            keys = rows.column(self.name)
            index = keys.data - start
            known = (index >= 0) & (index < rows_in)
            return np.where(known if keys.valid is None else known & keys.valid, index, -1)

        return tuple(f"row {start + number} of '{target}'" for number in range(rows_in)), code

    def _missing(self, against: tuple[str, ...]) -> Residual:
        def code(rows: Rows) -> Ints:
            valid = rows.column(self.name).valid
            return np.zeros(len(rows), np.int64) if valid is None else (~valid).astype(np.int64)

        labels = ("there", "missing")
        return Residual(
            f"missing {self.name}", self.name, lambda rows: code(rows).astype(np.float64) / 2.0, against, labels, code
        )


def _precision(program: Program, table: str, moment: str, against: tuple[str, ...]) -> Iterator[Residual]:
    """Whether times that are drawn to the microsecond are on whole minutes, seconds or milliseconds."""
    generator = program.model.tables[table].columns[moment]
    if generator.type not in ("event_time", "arrival_time") or generator.hidden or not generator.intact:
        return
    units = (60_000_000, 1_000_000, 1_000)

    def code(rows: Rows) -> Ints:
        times = rows.column(moment).data
        return np.select([times % unit == 0 for unit in units], range(len(units)), len(units))

    within = [0.0, *(1.0 / unit for unit in units), 1.0]
    shares = tuple(one - other for one, other in zip(within[1:], within, strict=False))
    labels = ("on a whole minute", "on a whole second", "on a whole millisecond", "between milliseconds")

    def places(rows: Rows) -> Floats:
        cells = rows.column(moment)
        found = code(rows) / len(shares)
        return found if cells.valid is None else np.where(cells.valid, found, np.nan)

    yield Residual(f"precision of {moment}", moment, places, against, labels, code, alike=False, shares=shares)


def _stepping(program: Program, table: str, column: str) -> Autocorrelation | WalkSteps | None:
    """The metric of a column whose cells depend on the row before."""
    generator = program.model.tables[table].columns[column]
    metrics = map(metric_of, generator.declarations(program.column_scope(table, column)))
    return next((one for one in metrics if isinstance(one, Autocorrelation | WalkSteps)), None)


# --- what they are tested against
# --------------------------------------------------------------------------------------------------


def _columns(program: Program, table: str, columns: Mapping[str, _Column]) -> Iterator[Grouping]:
    """The columns of a table and of its ancestors, as categories of their values or bands. `columns` are those of the
    table with independent draws.
    """
    found = 0
    for owner in program.model.tables[table].lineage:
        for name in program.model.tables[owner].declared:
            own = owner == table
            groupings = _column(program, (owner, name), "" if own else f"{owner}.", columns.get(name) if own else None)
            if groupings is not None and found < MOST_FACING:
                found += 1
                yield groupings


def _column(program: Program, at: tuple[str, str], above: str, column: _Column | None) -> Grouping | None:
    table, name = at
    model, called = program.model, f"{above}{name}"
    generator, type_ = model.tables[table].columns[name], model.type_of(table, name)
    if (
        generator.hidden
        or type_ is None
        or generator.role in ("key", "parent_key")
        or generator.row_attribute is not None
    ):
        return None
    target = generator.refers_to(model.column(table, name))
    if target is not None:
        return _referring(program, at, called, target)
    labels = generator.domain(model.column(table, name)) if type_.name == "category" else None
    if labels:
        return _categories(called, labels) if len(labels) <= MOST_GROUPS else None
    if column is not None and isinstance(column.fit, DistributionFit) and len(column.fit.cases) == 1:
        return Grouping(called, BANDS + 1, None, places=column.fit.places)
    return _numbers(called, type_)


def _categories(called: str, labels: tuple[str, ...]) -> Grouping:
    size = len(labels)

    def code(rows: Rows) -> Ints:
        values = rows.column(called)
        known = values.data < size if values.valid is None else values.valid & (values.data < size)
        return np.where(known, values.data, size)

    return Grouping(called, size + 1, code, (*labels, "missing or another"))


def _referring(program: Program, at: tuple[str, str], called: str, target: str) -> Grouping:
    start = key_start(program.model.column(*at), target)

    def code(rows: Rows) -> Ints:
        values = rows.column(called)
        index = values.data - start
        if program.rows_in(target) > MOST_GROUPS:
            index = (cell_hashes(values) % np.uint64(MOST_GROUPS)).astype(np.int64)
        known = (index >= 0) & (index < MOST_GROUPS)
        return np.where(known if values.valid is None else known & values.valid, index, -1)

    return Grouping(called, MOST_GROUPS, code)


def _numbers(called: str, type_: Type) -> Grouping | None:
    """Half octaves: bands that need no distribution."""
    if type_.name not in ("int", "decimal", "float", "bool", "duration"):
        return None

    def code(rows: Rows) -> Ints:
        values = rows.column(called)
        size = np.abs(values.data.astype(np.float64)) if type_.name != "float" else np.abs(values.data) * 100.0
        band = np.clip(2.0 * np.log2(1.0 + size), 0, MOST_VALUES - 2).astype(np.int64)
        return band if values.valid is None else np.where(values.valid, band, MOST_VALUES - 1)

    return Grouping(called, MOST_VALUES, code)


def _timed(program: Program, table: str) -> bool:
    tables = program.model.tables
    return any(tables[name].row_times for name in tables[table].lineage)


def _times(program: Program, table: str) -> Iterator[Grouping]:
    window = program.model.document.window
    if window is None or not _timed(program, table):
        return
    span = window.end - window.start

    def at(rows: Rows) -> Ints:
        times = moments(rows)
        return np.full(len(rows), -1, np.int64) if times is None else times

    yield Grouping("the hour", 24, lambda rows: at(rows) // HOUR % 24, tuple(f"{hour}:00 UTC" for hour in range(24)))
    yield Grouping("the weekday", 7, lambda rows: (at(rows) // DAY + 3) % 7, _WEEKDAYS)
    for name, parts in (("the period", _PERIODS), ("the eighth of the window", _PAIRED)):
        labels = tuple(
            f"from {np.datetime64(window.start + span * k // parts, 'us').astype('datetime64[D]')}"
            for k in range(parts)
        )

        def code(rows: Rows, parts: int = parts) -> Ints:
            part = (at(rows) - window.start) // max(span // parts, 1)
            return np.where(part < 0, -1, np.minimum(part, parts - 1))

        yield Grouping(name, parts, code, labels)


def _day(window: Window) -> Codes:
    def day(rows: Rows) -> Ints:
        times = moments(rows)
        if times is None:
            return np.full(len(rows), -1, np.int64)
        return np.where(
            times < window.start, -1, np.minimum((times - window.start) // DAY, (window.end - window.start - 1) // DAY)
        )

    return day


def _position(program: Program, table: str) -> Iterator[Grouping]:
    """The position of rows in the table, by their keys."""
    facts = program.model.tables[table]
    key = facts.key
    if key is None or facts.columns[key].hidden:
        return
    start = key_start(program.model.column(table, key), table)

    def code(rows: Rows) -> Ints:
        place: Ints = (rows.column(key).data - start) * _PLACES // max(program.rows_in(table), 1)
        return np.minimum(np.maximum(place, 0), _PLACES - 1)

    yield Grouping("the order of keys", _PLACES, code)


def _paired(groupings: list[Grouping]) -> Iterator[tuple[Grouping, tuple[str, ...]]]:
    """Pairs of columns with few categories, each with the names of its parts."""
    few = [f for f in groupings if f.levels <= _PAIRED + 1 and f.name != "the period"]
    for one, two in [*combinations(few, 2)][:MOST_PAIRS]:
        labels = tuple(f"{one.label(a)}, {two.label(b)}" for a in range(one.levels) for b in range(two.levels))
        pair = one.name, two.name
        yield Grouping(f"{one.name} and {two.name}", one.levels * two.levels, None, labels, pair=pair), pair


def _firsts(program: Program, table: str, groupings: list[Grouping]) -> Iterator[tuple[Grouping, tuple[str, ...]]]:
    """Categories of the parent, of the first row below it only: if a column is shifted by a row, just the first row has
    a cell of another parent.
    """
    parent = program.model.tables[table].parent
    few = [f for f in groupings if f.levels <= _PAIRED + 1 and f.code is not None and f.name.startswith(f"{parent}.")]
    for one in few[:MOST_FIRSTS]:

        def code(rows: Rows, one: Grouping = one) -> Ints:
            assert one.code is not None
            ordinal = rows.block.ordinal if rows.at is None else rows.block.ordinal[rows.at]
            return np.where(ordinal == 0, one.code(rows), -1)

        yield Grouping(f"{one.name} in the first row of each parent", one.levels, code, one.labels), (one.name,)
