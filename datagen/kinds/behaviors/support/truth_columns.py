"""Finds the behavior that a hidden column shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from datagen.kinds.behaviors.base import Behavior

if TYPE_CHECKING:
    from datagen.scope import Scope

B = TypeVar("B", bound=Behavior)


def behavior_of(scope: Scope, kind: type[B], field: str) -> tuple[int, B] | None:
    """The behavior whose `field` names the column, else the only one of its kind in the table; None if
    there is none.
    """
    declared: tuple[Behavior, ...] = getattr(scope.table, "behaviors", ())
    found = [(index, behavior) for index, behavior in enumerate(declared) if isinstance(behavior, kind)]
    named = [one for one in found if getattr(one[1], field, None) == scope.column]
    chosen = named or found
    return chosen[0] if len(chosen) == 1 else None
