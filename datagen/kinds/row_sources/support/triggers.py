"""Events triggered by rows of a sibling table: a superposition of Poisson processes, one per trigger.

Each trigger causes a Poisson number of events, of mean `effect` of its kind, at independent delays. The rate is a base
plus decaying contributions of earlier triggers (a shot-noise Cox process, or a Hawkes process without self-excitation).
Each event has at most one cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Block, Column, Floats, Ints, Rows, Words
from datagen.columnar.ragged import ordinals
from datagen.declarations.rates import Fatigue, TriggerDeclaration
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.column_lookup import key_start, seen_from
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.row_sources.support.saturation import Saturation
from datagen.names import ColumnName, TableName
from datagen.random.count_distributions import poisson
from datagen.random.distributions import exponential
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.stratified_stream import StratifiedStream
from datagen.random.streams import Stream, affordable, child_identities
from datagen.registry import Strict, did_you_mean
from datagen.scope import ColumnRef
from datagen.time_units import Duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.declarations.rates import ActivityPeriod, StayTable
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_TRIGGERED = np.uint64(0x8F1BBCDCCA62C1D6)
_POINTS = 8192
_LN_2 = float.fromhex("0x1.62e42fefa39efp-1")

SWITCH = "triggered_by"
"""The address of a trigger below its table, for switching it off."""

Effect = Annotated[float, Field(ge=0, le=1000)]


class Trigger(Strict):
    """Rows of a sibling table trigger rows of this table: `effect` each on average, of the kind in `by`."""

    table: TableName = Field(description="the table of triggers; it has the same parent")
    effect: Effect | dict[str, Effect] = Field(
        description="mean number of rows per trigger; with 'by' one for each of its values"
    )
    by: ColumnName | None = Field(default=None, description="the column of that table with the kind of a trigger")
    half_life: Duration | None = Field(default=None, description="the half-life of an exponential delay")
    delay: Generator | None = Field(default=None, description="a generator of durations, instead of a half-life")

    saturation: Saturation | None = Field(
        default=None, description="diminishing returns: what earlier triggers of its kind leave of a trigger's effect"
    )

    def needs(self) -> frozenset[ColumnRef]:
        """The columns of the other table that it reads."""
        return frozenset({(self.table, self.by)}) if self.by else frozenset()

    def kinds(self, context: StaticContext) -> tuple[str, ...]:
        """The kinds of triggers; empty if there is one effect for all."""
        there = seen_from(context, self.table)
        generator = there.table.columns.get(self.by or "") if there is not None else None
        return generator.domain(there) or () if there is not None and generator is not None else ()

    def switches(self, context: StaticContext) -> tuple[str, ...]:
        """What can be switched off: all of it, or one kind of triggers."""
        return (SWITCH, *(f"{SWITCH}.{kind}" for kind in (self.kinds(context) if self.by else ())))

    def means(self, scope: Scope) -> tuple[float, ...]:
        """The effect of a trigger of each kind, or one for all; 0 where it is switched off."""
        kinds, off = self.kinds(scope) if self.by else ("",), scope.switched_off
        effects = self.effect if isinstance(self.effect, dict) else dict.fromkeys(kinds, self.effect)
        return tuple(0.0 if {SWITCH, f"{SWITCH}.{kind}"} & off else effects.get(kind, 0.0) for kind in kinds)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        target = scope.tables().get(self.table)
        if target is None:
            hint = did_you_mean(self.table, list(scope.tables()))
            yield scope.problem("unknown-table", f"there is no table '{self.table}'", hint, "table")
            return
        if target.parent != scope.table.parent or self.table == scope.table.name:
            message = f"'{self.table}' is not another table below '{scope.table.parent}'"
            yield scope.problem("unrelated-table", message, "name a table that has the same parent", "table")
        elif not target.row_times:
            yield scope.problem(
                "unrelated-table", f"the rows of '{self.table}' have no time", "name one with events", "table"
            )
        if (self.half_life is None) == (self.delay is None):
            yield scope.problem(
                "missing", "needs either a half_life or a delay", 'write "half_life": "3d", for example'
            )
        elif self.half_life is not None and self.half_life <= 0:
            yield scope.problem("range", "the half-life is 0", "write '3d', for example", "half_life")
        elif self.delay is not None and not is_delay_distribution(self.delay):
            message = "a delay is a distribution of durations without modifiers, min or max"
            yield scope.problem("type", message, "write a lognormal or gamma with amounts such as '2d'", "delay")
        yield from self._effect_problems(scope)

    def _effect_problems(self, scope: Scope) -> Iterator[Problem]:
        effects = self.effect if isinstance(self.effect, dict) else {"": self.effect}
        if not any(effects.values()):
            yield scope.problem("no-effect", "no events are triggered", "write an effect above 0", "effect")
        if isinstance(self.effect, dict) != (self.by is not None):
            message = "'by' and an effect for each of its values belong together"
            yield scope.problem("conflict", message, "write both, or one effect without 'by'", "effect")
            return
        if self.by is None:
            return
        target = scope.tables()[self.table]
        if self.by not in target.columns:
            hint = did_you_mean(self.by, list(target.columns))
            yield scope.problem("unknown-column", f"'{self.table}' has no column '{self.by}'", hint, "by")
            return
        type_, kinds = scope.type_of(self.by, self.table), self.kinds(scope)
        if type_ is not None and (type_.name != "category" or not kinds):
            yield scope.problem("type", f"'{self.by}' is not a choice of texts", "name a column of type choice", "by")
            return
        for kind in effects if type_ is not None else ():
            if kind not in kinds:
                hint = did_you_mean(kind, list(kinds))
                yield scope.problem("no-effect", f"'{self.by}' is never '{kind[:60]}'", hint, "effect", kind)

    def label(self, scope: Scope) -> str | None:
        """The column that is missing in rows without a cause and gives the kind of the cause."""
        return _shows(scope, "cause_kind" if self.by else "cause")

    def declarations(
        self, scope: Scope, stay: ActivityPeriod, during: StayTable | None, unknown: str
    ) -> Iterator[Declaration]:
        """The effects on parents that are exposed while they `stay` and in the stays `during`; `unknown` says why that
        is not known.
        """
        label, trigger = self.label(scope), scope.tables()[self.table]
        if trigger.moment is None:
            return
        delays = np.sort(self._delays().at(StratifiedStream(_POINTS).words(np.arange(_POINTS, dtype=np.uint64))))

        def arrived(after: Ints) -> Floats:
            found: Floats = np.searchsorted(delays, after) / _POINTS
            return found

        cause, key = _shows(scope, "cause"), trigger.key
        numbered = key is not None and str(scope.type_of(key, self.table)) == "int"
        yield TriggerDeclaration(
            scope.table.name,
            self.table,
            self.by,
            label,
            (cause, key) if cause is not None and key is not None and numbered else None,
            self.kinds(scope) if self.by else (),
            self.means(scope),
            trigger.moment,
            stay,
            arrived,
            Fatigue(self.saturation.half_at, self.saturation.load) if self.saturation is not None else None,
            during,
            unknown or ("" if label is not None else "no column shows which rows they caused"),
        )

    def _delays(self) -> InverseCdfTable:
        return exponential(self.half_life / _LN_2) if self.half_life is not None else delay_distribution(self.delay)

    def bind(self, scope: Scope) -> BoundTrigger:
        distribution = self._delays()
        means = np.array(self.means(scope))
        streams = scope.stream("number"), scope.stream("delay")
        return BoundTrigger(
            self.table, self.by, means, distribution, streams, key_start(scope, self.table), self.saturation
        )


def is_delay_distribution(delay: Generator) -> bool:
    """Whether a generator is a distribution of durations without modifiers and limits."""
    if not isinstance(delay, DistributionGenerator) or delay.modifiers:
        return False
    return delay.timed and delay.min is None and delay.max is None


def delay_distribution(delay: Generator | None) -> InverseCdfTable:
    """The distribution of the delays of such a generator, in microseconds."""
    assert isinstance(delay, DistributionGenerator)
    return delay.distribution()


def _shows(scope: Scope, attribute: str) -> str | None:
    """The column of this table that shows an attribute unchanged."""
    columns = scope.table.columns.items()
    return next((name for name, column in columns if column.row_attribute == attribute and column.intact), None)


@dataclass(frozen=True, slots=True, eq=False)
class Triggered:
    """m triggered events: the position of the parent, identity, time, and the position of the trigger, (m,) each."""

    owner: Ints
    ids: Words
    times: Ints
    cause: Ints

    def take(self, at: Ints) -> Triggered:
        return Triggered(self.owner[at], self.ids[at], self.times[at], self.cause[at])


@dataclass(frozen=True, slots=True, eq=False)
class BoundTrigger:
    """`means` by kind, or one for all; `distribution` gives delays in microseconds; `start` is the key of the first
    trigger.
    """

    table: str
    by: str | None
    means: Floats
    distribution: InverseCdfTable
    streams: tuple[Stream, Stream]
    start: int
    saturation: Saturation | None = None

    def events(self, parents: Block) -> Triggered:
        """All events triggered by the rows of a block of parents, at any time, in trigger order."""
        triggers = parents.children[self.table]
        assert triggers.parent_row is not None and triggers.time is not None
        mean = self._means(triggers)
        affordable(float(np.add.reduce(mean)))
        keys = triggers.ids ^ _TRIGGERED
        counts = poisson(self.streams[0].words(keys), mean)
        cause = np.repeat(np.arange(len(triggers)), counts)
        rank = ordinals(counts)
        ids = child_identities(keys[cause], rank)
        begun = triggers.attributes[triggers.time].data[cause]
        delay = np.minimum(self.distribution.sample(self.streams[1], ids), 2.0**61)
        return Triggered(triggers.parent_row[cause], ids, begun + np.maximum(delay, 0.0).astype(np.int64), cause)

    def _means(self, triggers: Block) -> Floats:
        kinds = np.zeros(len(triggers), np.int64)
        mean = np.full(len(triggers), self.means[0])
        if self.by is not None:
            kind = Rows(triggers).column(self.by)
            kinds = kind.data.astype(np.int64)
            mean = self.means[np.minimum(kinds, len(self.means) - 1)]
            mean = mean if kind.valid is None else np.where(kind.valid, mean, 0.0)
        if self.saturation is None:
            return mean
        assert triggers.parent_row is not None and triggers.time is not None
        times = triggers.attributes[triggers.time].data
        return mean * self.saturation.factor(triggers.parent_row, kinds, times)

    def attributes(self, parents: Block, cause: Ints) -> dict[str, Column]:
        """The key of each event's trigger and its kind; missing where `cause` is -1."""
        triggers = parents.children[self.table]
        there, at = cause >= 0, np.maximum(cause, 0)
        if not len(triggers):
            at = np.zeros(0, np.int64)
        index = Rows(triggers, at).index_from(self.start) if len(triggers) else np.zeros(len(cause), np.int64)
        found = {"cause": Column(INT, index).where(there)}
        if self.by is not None:
            kind = Rows(triggers).column(self.by)
            kinds = (
                kind.take(at)
                if len(triggers)
                else Column(kind.type, np.zeros(len(cause), np.int32), None, kind.dictionary)
            )
            found["cause_kind"] = kinds.where(there)
        return found


def in_order(owner: Ints, times: Ints, ids: Words) -> Ints:
    """Positions in the order of parent, time and identity."""
    order: Ints = np.lexsort((ids, times, owner))
    return order


__all__ = ["BoundTrigger", "Trigger", "Triggered", "delay_distribution", "in_order", "is_delay_distribution"]
