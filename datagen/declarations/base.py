"""The base class of declarations: a frozen record about one table, with what a metric needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Declaration:
    """A property of the data of a table. A metric is registered for each type of declaration.

    Functions in a declaration take rows, generated or read from files, and give arrays of the same length. They are
    pure.
    """

    table: str
