"""Declarations of numeric generators: distribution, range, rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Rows, Type
from datagen.declarations.values import Distribution, DistributionDeclaration, Unit
from datagen.random.stratified_stream import StratifiedStream

if TYPE_CHECKING:
    from datagen.random.shifting import Shifting
    from datagen.random.streams import Stream
    from datagen.scope import Scope

SIZE = 8192


class NumericColumn(Protocol):
    """What a declaration asks a generator of numbers. `Numeric` describes each member."""

    @property
    def discrete(self) -> bool: ...

    @property
    def tilts(self) -> bool: ...

    def result(self, scope: Scope) -> Type | None: ...

    def limits(self, type_: Type) -> tuple[float | None, float | None]: ...

    def shifting(self, scope: Scope) -> Shifting | None: ...

    def stratified(self, scope: Scope) -> Floats: ...


class _StratifiedScope:
    """A scope with stratified streams and without multipliers."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)

    def at(self, *keys: str | int) -> _StratifiedScope:
        return _StratifiedScope(self._scope.at(*keys))

    def effect(self) -> Callable[[Rows], Floats] | None:
        return None

    def stream(self, *purpose: str) -> Stream:
        return StratifiedStream(SIZE)


def quantiles(generator: NumericColumn, scope: Scope) -> Floats:
    """The quantiles at (k + 1/2) / 8192 before multipliers, range and rounding; ascending, shape (8192,).

    Computed by the code that draws, with stratified words instead of its stream.
    """
    return np.sort(generator.stratified(cast("Scope", _StratifiedScope(scope))))


def case_of(generator: NumericColumn, scope: Scope, name: str = "") -> Distribution:
    """The distribution of a generator as a case of a column."""
    type_ = generator.result(scope)
    low, high = (None, None) if type_ is None else generator.limits(type_)
    shifting = generator.shifting(scope) if scope.effect() is not None else None
    by_lot = generator.discrete and not generator.tilts and scope.effect() is not None
    return Distribution(lambda: quantiles(generator, scope), name, low, high, mean_only=by_lot, shifting=shifting)


def half_step(type_: Type, blur: float) -> tuple[float, float]:
    """The largest distance of a value from its rounded cell, below and above; `blur` is the change by modifiers."""
    half = {"int": 0.5, "duration": 0.5, "decimal": 0.5 / 10**type_.scale}.get(type_.name, 0.0)
    return max(half, blur), max(half, blur)


def fit(
    scope: Scope,
    type_: Type,
    cases: Sequence[Distribution],
    blur: float = 0.0,
    case: Callable[[Rows], Ints] | None = None,
) -> DistributionDeclaration:
    """The declaration of a column of numbers; `case(rows)` is the case of each row."""
    table = scope.table.name
    size = lambda: scope.rows_in(table)  # noqa: E731 - asked for only where there is data
    unit: Unit = "duration" if type_.name == "duration" else "number"
    column, steps = scope.column or "", half_step(type_, blur)
    return DistributionDeclaration(table, column, tuple(cases), steps, size, case, scope.planted(), unit=unit)


def even_fit(
    scope: Scope, low: float, high: float, reading: Callable[[Rows], Column] | None, step: float
) -> DistributionDeclaration:
    """The declaration of cells that are uniform from `low` to `high`; each stands for the values up to
    `step` above it.
    """
    table = scope.table.name
    case = Distribution(lambda: low + (high - low) * (np.arange(SIZE) + 0.5) / SIZE)
    size = lambda: scope.rows_in(table)  # noqa: E731 - asked for only where there is data
    return DistributionDeclaration(table, scope.column or "", (case,), (0.0, step), size, reading=reading)


def delay_fit(
    scope: Scope, case: Distribution, reading: Callable[[Rows], Column], limit: Callable[[Rows], Floats] | None
) -> DistributionDeclaration:
    """The declaration of delays, microseconds, which are not observed beyond their limit."""
    table = scope.table.name
    size = lambda: scope.rows_in(table)  # noqa: E731 - asked for only where there is data
    return DistributionDeclaration(
        table, scope.column or "", (case,), (0.5, 0.5), size, None, scope.planted(), reading, limit, "delays",
        "duration"
    )  # fmt: skip


def mean_fit(scope: Scope, cells: Floats, shares: Floats) -> DistributionDeclaration:
    """The declaration of a multiplied choice of numbers. They are rounded at random, so only means are compared."""
    table, case = scope.table.name, mean_case(cells, shares)
    size = lambda: scope.rows_in(table)  # noqa: E731 - asked for only where there is data
    return DistributionDeclaration(table, scope.column or "", (case,), (0.0, 0.0), size, planted=scope.planted())


def mean_case(cells: Floats, shares: Floats, name: str = "") -> Distribution:
    """A choice of numbers of which only the mean is compared, as a case of this name."""
    counts = np.diff(np.rint(np.concatenate(([0.0], np.cumsum(shares / shares.sum()))) * SIZE)).astype(np.int64)
    return Distribution(lambda: np.sort(np.repeat(cells, counts)), name, mean_only=True)
