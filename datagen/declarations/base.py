"""The base class of declarations: a frozen record about one table, with what a metric needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Declaration:
    """Something that holds for a table, or was put into it. A metric is registered for each type of declaration.

    Functions in a declaration take rows, of whatever origin, and give arrays of the same length; they are pure.
    """

    table: str
