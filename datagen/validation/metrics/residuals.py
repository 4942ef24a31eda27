"""Residuals of columns, the groupings that they are tested against, and the sums that a test needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datagen.columnar.block import Floats, Ints, Rows

BANDS = 8

Codes = Callable[[Rows], Ints]
Places = Callable[[Rows], Floats]
"""The quantile of each row's cell in its distribution, 0 to 1; nan for none."""


@dataclass(frozen=True, slots=True)
class Residual:
    """A residual of a column that is independent of all that is `against` it: `places(rows)` are 0 to 1, nan for none.

    `name` distinguishes several of one column. `code(rows)` are the categories of its values, with a label each; None
    for `BANDS` bands of the quantile. `alike` says whether cells of one entity are also compared with each other.
    """

    name: str
    column: str
    places: Places
    against: tuple[str, ...]
    labels: tuple[str, ...] = ()
    code: Codes | None = None
    alike: bool = True
    shares: tuple[float, ...] = ()
    """The declared share of each label, if known and not tested by another metric."""

    @property
    def levels(self) -> int:
        return len(self.labels) or BANDS

    def label(self, code: int) -> str:
        """The name of a code in a message."""
        return self.labels[code] if self.labels else f"the {_ORDINALS[code]} eighth of its values"


_ORDINALS = ("lowest", "second", "third", "fourth", "fifth", "sixth", "seventh", "highest")


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping of rows: by a column of theirs or of an ancestor, or by their time; `code(rows)`, below `levels`, -1
    for none. There may be fewer `labels` than levels.

    Without `code` it is one of two others: bands of the quantiles `places`, or the pairs of the groupings named `pair`.
    """

    name: str
    levels: int
    code: Codes | None
    labels: tuple[str, ...] = ()
    places: Places | None = None
    pair: tuple[str, str] | None = None

    def label(self, code: int) -> str:
        """The name of a code in a message."""
        message = self.labels[code] if code < len(self.labels) else f"part {code + 1} of {self.levels}"
        return f"{self.name} ({message})"


@dataclass(frozen=True, slots=True, eq=False)
class ResidualState:
    """The state of one residual: counts by code and group; number, sum and sum of squares of the scores (quantiles less
    a half); sums over entities by level (see `pair_sums`); products, sums and number of successive rows; number and sum
    of scores by day.
    """

    tables: Mapping[str, Floats]
    moments: Floats
    within: Mapping[str, Floats]
    steps: Floats
    days: Floats

    def __add__(self, other: ResidualState) -> ResidualState:
        return ResidualState(
            added(self.tables, other.tables), self.moments + other.moments, added(self.within, other.within),
            self.steps + other.steps, self.days + other.days,
        )  # fmt: skip


def added(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> dict[str, Floats]:
    """The element-wise sums of arrays by name."""
    return {
        name: one[name] + other[name] if name in one and name in other else {**one, **other}[name]
        for name in {**one, **other}
    }
