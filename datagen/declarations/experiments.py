"""Experiments: how entities are assigned to arms, and what the arms do."""

from __future__ import annotations

from collections.abc import Callable

from datagen.columnar.block import Floats, Ints
from datagen.declarations.base import Declaration
from datagen.point_process.effects import Entity, Interval


class ArmSharesDeclaration(Declaration):
    """The arms of an experiment with their weights among the recorded assignments in `column`."""

    experiment: str
    arms: tuple[str, ...]
    weights: tuple[float, ...]
    column: str


class ExperimentDeclaration(Declaration):
    """What the arms in `column` do to the rows of `target`, or to the values of its column `measured`, while `span`
    lasts.

    `planted(arm, entity, times)` is the mean multiplier that the rows of an entity at these times (microseconds, shape
    (n,)) would have in an arm, the first of which is the control. `end` is the window's end, microseconds. `unknown`
    says why rates of arms differ by more than that; empty where they do not.
    """

    experiment: str
    arms: tuple[str, ...]
    column: str
    target: str
    measured: str | None
    span: Callable[[Entity], Interval]
    planted: Callable[[int, Entity, Ints], Floats]
    end: int
    unknown: str = ""
