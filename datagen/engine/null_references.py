"""Effects of an entity are neutral where the reference to it is null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints
from datagen.point_process.effects import NEVER_BORN, Aging, Alive, Effect, Entity, Interval, MaxEvents, Static
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EVER = 1 << 61
"""Microseconds on either side of 1970 that no window reaches."""
_AGELESS = float((1 << 60) // HOUR)
"""An age in hours above every possible age."""


def neutral_where_null(effect: Effect) -> Effect:
    """The effect, neutral where the reference is null. Calendars need no change: they read columns, which are null
    there.
    """
    if isinstance(effect, Static):
        return Static(_Factor(effect))
    if isinstance(effect, Aging):
        return _ageless(effect)
    if isinstance(effect, Alive):
        return Alive(_Spells(effect))
    return MaxEvents(_Limit(effect)) if isinstance(effect, MaxEvents) else effect


def _there(entity: Entity) -> Bools | None:
    """Which references are not null; None if all are."""
    there: Bools | None = getattr(entity, "valid", None)
    return there


class _Factor:
    def __init__(self, effect: Static) -> None:
        self._effect = effect

    def __call__(self, entity: Entity) -> Floats:
        factor, there = self._effect.factor(entity), _there(entity)
        return factor if there is None else np.where(there, factor, 1.0)


def _ageless(effect: Aging) -> Aging:
    """An entity of the age `_AGELESS`, whose multiplier is 1."""
    edges, values = np.append(effect.edges, _AGELESS), np.append(effect.values, 1.0)
    smooth = None if effect.smooth is None else _Smooth(effect.smooth)
    slopes = None if effect.slopes is None else np.append(effect.slopes, 0.0)
    return Aging(_Births(effect.born), edges, values, smooth, slopes)


class _Births:
    def __init__(self, born: Callable[[Entity], Ints]) -> None:
        self._born = born

    def __call__(self, entity: Entity) -> Ints:
        born = self._born(entity)
        return np.where(born == NEVER_BORN, -NEVER_BORN, born)


class _Smooth:
    def __init__(self, curve: Callable[[Floats], Floats]) -> None:
        self._curve = curve

    def __call__(self, hours: Floats) -> Floats:
        there = hours < _AGELESS
        return np.where(there, self._curve(np.where(there, hours, 0.0)), 1.0)


class _Spells:
    def __init__(self, effect: Alive) -> None:
        self._effect = effect

    def __call__(self, entity: Entity) -> Sequence[Interval]:
        spells, there = self._effect.spells(entity), _there(entity)
        if there is None:
            return spells
        (start, end), *later = spells
        first = np.where(there, start, -_EVER), np.where(there, end, _EVER)
        return [first, *((s, np.where(there, e, s)) for s, e in later)]


class _Limit:
    def __init__(self, effect: MaxEvents) -> None:
        self._effect = effect

    def __call__(self, entity: Entity) -> Ints:
        limit, there = self._effect.limit(entity), _there(entity)
        return limit if there is None else np.where(there, limit, _EVER)
