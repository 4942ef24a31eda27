"""Processes: what their views must satisfy, and expected transitions along each edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from datagen.columnar.block import Floats, Ints, Rows
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import Bound, ConstraintDeclaration
from datagen.declarations.rates import BaseRate
from datagen.point_process.ground_truth import GroundTruth

Shown = Mapping[str, str]
"""Attributes of a view, each with the column that shows it."""

Expected = Callable[[Rows, Ints, Ints], "tuple[Floats, Floats]"]
"""From entities, when they entered (microseconds) and until when they were seen, to the expected number of transitions of each
stay and its variance, shape (n,)."""


@dataclass(frozen=True, eq=False)
class ViewDeclaration(ConstraintDeclaration):
    """A rule for the rows of a view; `names` are the states of the process."""

    names: tuple[str, ...] = ()
    shown: Shown = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LegalTransitionsDeclaration(ViewDeclaration):
    """Every transition is one that the process has; `edges` are pairs of positions in `names`.

    The attributes `origin` and `to` hold the states.
    """

    origin: str = "state"
    to: str = "next_state"
    edges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class ContiguousStaysDeclaration(ViewDeclaration):
    """The stays of an entity do not overlap; where `all_states` are shown, they follow each other without a gap from `born` on."""

    all_states: bool = True
    born: Bound = births_above


@dataclass(frozen=True, eq=False)
class ViewsAgreeDeclaration(ViewDeclaration):
    """The rows of `table` (from, to, at) are the closed stays of `stays`, one for one."""

    stays: str = ""
    shown_there: Shown = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PlantedEdge:
    """One transition: positions of its states, what is `planted` and in which `unit`, and what is expected of each stay.

    `until_left`: a stay is seen until it is left (a hazard), not until the window's end (a share). `unseen`: a multiplier that no column
    shows acts on it.
    """

    origin: int
    to: int
    planted: float
    unit: str
    expected: Expected
    until_left: bool
    unseen: bool = False


@dataclass(frozen=True, eq=False)
class TransitionsDeclaration(Declaration):
    """The transitions of the stays in `table`, edge by edge; `names` are the states, `end` is the window's (microseconds)."""

    shown: Shown
    names: tuple[str, ...]
    edges: Callable[[], Sequence[PlantedEdge]]
    end: int


@dataclass(frozen=True, eq=False)
class DuringDeclaration(Declaration):
    """Events at `column` come only during the states in `factors` (by position in `names`) of the stays in table `stays`, which
    `shown` shows, at the `base` rate times the factor of the state. `plain`: nothing but what is `planted` acts on their number.
    """

    column: str
    stays: str
    shown: Shown
    names: tuple[str, ...]
    factors: Mapping[int, float]
    planted: GroundTruth
    base: BaseRate
    bounds: tuple[int, int]
    plain: bool
