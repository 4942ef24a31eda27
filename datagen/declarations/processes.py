"""Processes: rules of their views, and expected transitions along each edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from datagen.columnar.block import Column, Floats, Ints, Rows
from datagen.columnar.row_time import births_above
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import Bound, ConstraintDeclaration
from datagen.declarations.rates import BaseRate
from datagen.point_process.ground_truth import GroundTruth
from datagen.time_units import AgeUnit

Shown = Mapping[str, str]
"""Attributes of a view, each with the column that shows it."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservedStays:
    """n stays as files show them: their entities, when they began and until when they were seen (microseconds), and the
    codes of attributes during the stay (-1: no value of the process). `belief` is the chance of each level of a latent
    multiplier, (n, levels).
    """

    rows: Rows
    entered: Ints
    until: Ints
    values: Mapping[str, Ints]
    belief: Floats | None = None

    def take(self, at: Ints) -> ObservedStays:
        values = {name: codes[at] for name, codes in self.values.items()}
        belief = None if self.belief is None else self.belief[at]
        return ObservedStays(self.rows.take(at), self.entered[at], self.until[at], values, belief)


@dataclass(frozen=True, slots=True, eq=False)
class LatentMultiplier:
    """A multiplier that entities keep and no file shows, by equally likely `levels`.

    `likelihood(stays, state, after, levels)` is the logarithm of the chance of each stay's end at each level, (n,
    levels).
    """

    levels: Floats
    likelihood: Callable[[ObservedStays, Ints, Ints, Floats], Floats]


Expected = Callable[[ObservedStays], "tuple[Floats, Floats]"]
"""From stays to the expected number of transitions of each and its variance, shape (n,)."""


class ViewDeclaration(ConstraintDeclaration):
    """A rule for the rows of a view; `names` are the states of the process."""

    names: tuple[str, ...] = ()
    shown: Shown = field(default_factory=dict)


class LegalTransitionsDeclaration(ViewDeclaration):
    """Every transition is an edge of the process; `edges` are pairs of positions in `names`. The attributes `origin`
    and `to` are the states.
    """

    origin: str = "state"
    to: str = "next_state"
    edges: tuple[tuple[int, int], ...] = ()


class ContiguousStaysDeclaration(ViewDeclaration):
    """The stays of an entity do not overlap. If `all_states` are shown, they follow each other without gaps from `born`
    on.
    """

    all_states: bool = True
    born: Bound = births_above
    ended: Bound | None = None
    """When entities end, `NEVER` where that is not before the window's end; None if none does."""


Rebuild = Callable[[Ints, Sequence[Ints], Mapping[str, Ints]], "tuple[Ints, dict[str, Column]]"]
"""From stays in the order of entity and time to a view of them: the position of the entity of each row, and the
attributes.

Stays are given as their number per entity, shape (n,), as codes of the state, when it was entered and left (`NEVER`
while it is open), the code of the next state (-1), and as the codes of each attribute.
"""

NEVER = 2**61
"""The end of what has not ended, microseconds."""


class ViewsAgreeDeclaration(ViewDeclaration):
    """The rows of `table` are those that `rebuild` gives of the stays in table `stays`, one for one.

    `values` are those of each attribute that changes along the way. The entity has a column for those that are `kept`.
    """

    stays: str = ""
    shown_there: Shown = field(default_factory=dict)
    kept: Shown = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rebuild: Rebuild = field(kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredTransition:
    """One transition: positions of its states, what is `planted` and in which `unit`, and what is expected of each
    stay.

    `until_left`: a stay is seen until it is left (a hazard), not until the window's end (a share). `unobserved`: a
    multiplier that no column shows acts on it. `held` are the values of attributes that a stay must have, `becomes`
    those of the stay after it.
    """

    origin: int
    to: int
    planted: float
    unit: str
    expected: Expected
    until_left: bool
    unobserved: bool = False
    held: Mapping[str, str] = field(default_factory=dict)
    becomes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredDwell:
    """The distribution of the stays in a state, or only of those that end in `to`: the probability to have ended by the
    time seen.
    """

    origin: int
    to: int | None
    ended: Callable[[ObservedStays], Floats]
    unobserved: bool
    why: str = "a hidden multiplier acts on it"
    """Why the distribution cannot be judged, where something is `unobserved`."""


class StaysDeclaration(Declaration):
    """Stays in `table`; `names` are the states, `values` those of each attribute that acts on them, `end` is the
    window's (microseconds).
    """

    shown: Shown
    names: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    end: int
    until: str | None
    """The column of the entities at which they end, if they do."""


class TransitionsDeclaration(StaysDeclaration):
    """The transitions of the stays, edge by edge."""

    edges: Callable[[], Sequence[DeclaredTransition]]
    latent: Callable[[], LatentMultiplier | None]


class DwellDeclaration(StaysDeclaration):
    """How long the stays last."""

    dwells: Callable[[], Sequence[DeclaredDwell]]


class CohortRetentionDeclaration(Declaration):
    """Monthly periods that begin at `column`: the entities that have one n months after the first, up to `end`
    (microseconds).
    """

    column: str
    end: int


class LevelBridgeDeclaration(Declaration):
    """Monthly periods that begin at `column` with an amount in `measure`, of `scale` decimals: the level of a month is
    the
    sum of its amounts. Months up to `end` (microseconds) count.
    """

    column: str
    measure: str
    scale: int
    end: int


class IncidenceDeclaration(StaysDeclaration):
    """A process with a single transition, `edge()`, seen from `start` (microseconds) to `end`: how many entities have
    made it by each time.
    """

    start: int
    edge: Callable[[], DeclaredTransition]


class ChannelDeclaration(Declaration):
    """Credits in `table`, of the rules in `credits` (by column), for touches of the kinds in column `kind`.

    `touches` is the table of touches, its column with the kind, and its columns of amounts; `caused` is the table of
    conversions and its column with the kind of the true cause, if one shows it.
    """

    kind: str
    credits: tuple[str, ...]
    touches: tuple[str, str, tuple[str, ...]]
    caused: tuple[str, str] | None


@dataclass(frozen=True, slots=True, eq=False)
class CommunityExposure:
    """Of n stays in communities: the hours at risk times the multiplier of the entity, the integral of the share of the
    community that has adopted over them, and this share when the stay ended, shape (n,) each.
    """

    hours: Floats
    shared: Floats
    share: Floats


class ContagionDeclaration(StaysDeclaration):
    """Entities of one parent act on each other: in state 0 the hazard is `p` plus `q` times the share of them in state
    1, per `unit`, times the multiplier of the entity.

    `exposure` takes the rows, and the community, the beginning and the end of each stay. `unobserved`: no column shows
    a multiplier.
    """

    p: float
    q: float
    unit: AgeUnit
    exposure: Callable[[Rows, Ints, Ints, Ints], CommunityExposure]
    unobserved: bool


class DuringDeclaration(Declaration):
    """Events at `column` occur only during the states in `factors` (by position in `names`) of the stays in table
    `stays`, shown by `shown`, at the `base` rate times the factor of the state.

    `plain`: only `planted` acts on their number.
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


class ProcessRecovery(Protocol):
    """What validation expects of a process."""

    def edges(self) -> Iterable[DeclaredTransition]:
        """What is expected along each edge."""

    def dwells(self) -> Iterable[DeclaredDwell]:
        """The distributions of the stays."""

    @property
    def latent(self) -> LatentMultiplier | None:
        """The latent multiplier of the odds."""
