"""The ground truth of a lifecycle for validation: expected shares and cumulative hazards under censoring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.columnar.block import Block, Floats, Ints
from datagen.columnar.millionths import millionths
from datagen.declarations.processes import DeclaredDwell, DeclaredTransition, LatentMultiplier, ObservedStays
from datagen.kinds.behaviors.support.survival_curves import life_hours
from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.generators.support.distribution_declarations import quantiles
from datagen.kinds.lifetimes.base import Lifetime
from datagen.kinds.lifetimes.exponential import ExponentialLife
from datagen.kinds.processes.support.covariates import BoundCovariate, ConstantIntervals, RowTimes, constant_intervals
from datagen.kinds.processes.support.dwell import bound_dwell
from datagen.kinds.processes.support.simulation import holds
from datagen.point_process.effects import Aging, Calendar
from datagen.point_process.expected_counts import treatment_curves
from datagen.point_process.exposure import cells
from datagen.point_process.factors import Spread
from datagen.point_process.ground_truth import GroundTruth, distribution_of
from datagen.random.math.elementary import exp, expm1, log
from datagen.time_units import HOUR, UNIT_HOURS

if TYPE_CHECKING:
    from datagen.kinds.processes.support.state_graph import StateGraph
    from datagen.kinds.processes.support.states import State
    from datagen.scope import DeclaredColumn, Scope

_LEVELS = 32
"""Quantiles of a latent multiplier."""


@dataclass(frozen=True, eq=False)
class StateRecovery:
    """The edges and the stays of a process as validation expects them; `scope` is the place of the process, planned."""

    graph: StateGraph
    scope: Scope

    def truth(self, path: str) -> GroundTruth:
        return self.scope.planted_multipliers(f"{self.scope.keys[3]}.{path}")

    def factor(self, path: str, condition: str | None = None, groups: tuple[str, ...] = ()) -> TargetFactor:
        """What multiplies a target, as files can show it."""
        tables = ((name, held.factors(path)) for name, held in self.graph.attributes.items())
        by_value = {name: table for name, table in tables if table is not None}
        return TargetFactor((self.truth(path), *map(self.truth, groups)), by_value, condition, self.scope)

    def hazards(self, name: str) -> Iterator[tuple[str, _Hazard, tuple[str, str, str] | None]]:
        """The hazards of a state: to which state, and (attribute, from, to) of a change."""
        state = self.graph.states[name]
        for to, lifetime in sorted((state.exits or {}).items()):
            factor = self.factor(f"{name}>{to}", (state.when or {}).get(to))
            yield to, _Hazard(lifetime, factor, *self._covariates(f"{name}>{to}")), None
        for key, attribute in self.graph.attributes.items():
            for origin, to in attribute.edges if name in attribute.in_ else ():
                lifetime, path = attribute.changes[origin][to], f"{key}.{origin}>{to}"
                yield name, _Hazard(lifetime, self.factor(path), *self._covariates(path)), (key, origin, to)

    def _covariates(self, path: str) -> tuple[tuple[BoundCovariate, ...], Mapping[str, str | None], bool, bool]:
        """What covariates do to a hazard, the column of each of their tables that shows when its rows came, whether the
        rows depend on the process, and whether files do not show their values.
        """
        acting, tables = BoundCovariate.on(self.graph.covariates, path), self.scope.tables()
        return (
            acting,
            {one.table: tables[one.table].moment for one in acting},
            any(tables[one.table].rows.follows is not None for one in acting),
            any(not _shown(tables[one.table].columns.get(one.declared.column or "")) for one in acting),
        )

    @cached_property
    def shares(self) -> Mapping[str, _Shares]:
        """The targets of each state with `next`."""
        return {name: self._shares(name) for name, state in self.graph.states.items() if state.next}

    def _shares(self, name: str) -> _Shares:
        state, here = self.graph.states[name], self.scope.at("states", name)
        odds = {
            to: self.factor(f"{name}>{to}", (state.when or {}).get(to), self.graph.paths(name, to)[1:])
            for to in state.to
        }
        nominal = {to: share for (origin, to), share in self.graph.nominal.items() if origin == name}
        return _Shares(state.next or {}, odds, self.factor(name), _distributions(state, here), self.latent, nominal)

    def edges(self) -> Iterator[DeclaredTransition]:
        """Every edge with what is expected along it: once for each value of an attribute that acts on it."""
        codes = self.graph.codes
        for name, state in self.graph.states.items():
            for to, hazard, change in self.hazards(name) if state.exits else ():
                held, becomes = ({}, {}) if change is None else ({change[0]: change[1]}, {change[0]: change[2]})
                for more, factor in self._values(hazard.factor):
                    planted = hazard.planted * factor
                    yield DeclaredTransition(
                        codes[name],
                        codes[to],
                        planted,
                        hazard.unit,
                        hazard,
                        True,
                        hazard.hidden,
                        {**held, **more},
                        becomes,
                    )
            for to in state.to if state.next else ():
                shares = self.shares[name]
                for more, _ in self._values(shares.odds[to]):
                    share = _Share(shares, to)
                    yield DeclaredTransition(
                        codes[name], codes[to], shares.planted(to, more), "share", share, False, shares.hidden, more
                    )

    def _values(self, factor: TargetFactor) -> Iterator[tuple[dict[str, str], float]]:
        """The values of an attribute that acts on a target, each with its factor."""
        name = next(iter(factor.by_value), None)
        if name is None:
            yield {}, 1.0
            return
        values = self.graph.attributes[name].domain
        for value, multiplier in zip(values, factor.by_value[name].tolist(), strict=True):
            if multiplier > 0:
                yield {name: value}, multiplier

    def dwells(self) -> Iterator[DeclaredDwell]:
        """The distribution of each stay that is a matter of chance."""
        codes = self.graph.codes
        for name, state in self.graph.states.items():
            if state.exits:
                hazards = [(hazard, change) for _, hazard, change in self.hazards(name)]
                sojourn = _Sojourn(self.graph, tuple(hazards))
                if any(hazard.internal for hazard, _ in hazards):
                    why = "a covariate reads rows that end with the stay, so what came after it is unknown"
                    yield DeclaredDwell(codes[name], None, sojourn, True, why)
                    continue
                yield DeclaredDwell(codes[name], None, sojourn, any(hazard.hidden for hazard, _ in hazards))
            for to in state.to if state.next else ():
                shares = self.shares[name]
                if len(shares.distributions[to]) > 1:
                    hidden = bool(shares.length.unobserved)
                    yield DeclaredDwell(
                        codes[name], codes[to], _Length(shares.distributions[to], shares.length), hidden
                    )

    @cached_property
    def latent(self) -> LatentMultiplier | None:
        """The one multiplier that entities keep and no file shows, where it acts on odds alone."""
        graph = self.graph
        found: dict[str, Spread] = {}
        for path, target in graph.targets().items():
            for owner, unobserved in self.truth(path).unobserved:
                if (
                    target != "share"
                    or owner != self.scope.table.name
                    or not isinstance(unobserved, Spread)
                    or not unobserved.key
                ):
                    return None
                found[unobserved.key] = unobserved
        if len(found) != 1:
            return None
        words = ((np.arange(_LEVELS, dtype=np.float64) + 0.5) / _LEVELS * 2.0**64).astype(np.uint64)
        return LatentMultiplier(distribution_of(next(iter(found.values()))).at(words), self._likelihood)

    def _likelihood(self, stays: ObservedStays, state: Ints, after: Ints, levels: Floats) -> Floats:
        """The logarithm of the chance of each closed stay's target at each level of the latent
        multiplier, (n, levels).
        """
        found = np.zeros((len(state), len(levels)))
        for code, name in enumerate(self.graph.names):
            at = np.flatnonzero((state == code) & (after >= 0))
            if name in self.shares and len(at):
                shares, some = self.shares[name], stays.take(at)
                weights = shares.weights(some)
                plain = sum(w for to, w in weights.items() if not shares.moved(to))
                moved: Any = sum(w for to, w in weights.items() if shares.moved(to))
                chosen = np.zeros(len(self.graph.names) + 1, np.bool_)
                chosen[[self.graph.codes[to] for to in weights if shares.moved(to)]] = True
                total = np.multiply.outer(np.zeros(len(at)) + moved, levels) + np.reshape(
                    np.zeros(len(at)) + plain, (-1, 1)
                )
                found[at] = np.where(chosen[after[at]][:, None], log(levels), 0.0) - log(np.maximum(total, 1e-300))
        return found


@dataclass(frozen=True, eq=False)
class TargetFactor:
    """What multiplies one target: behaviors, values of attributes and a condition."""

    truths: tuple[GroundTruth, ...]
    by_value: Mapping[str, Floats]
    condition: str | None
    scope: Scope

    @property
    def unobserved(self) -> bool:
        return any(truth.unobserved for truth in self.truths)

    def kept(self, stays: ObservedStays) -> Floats:
        """What does not change during the stay, behaviors left aside, shape (n,)."""
        factor = np.ones(len(stays.entered))
        for name, table in self.by_value.items():
            factor *= np.where(stays.values[name] >= 0, table.take(np.maximum(stays.values[name], 0)), 1.0)
        if self.condition is not None:
            factor *= holds(self.scope.expression(self.condition)(stays.rows))
        return factor

    def at(self, stays: ObservedStays) -> Floats:
        """All of it when the stays begin, shape (n,)."""
        factor = self.kept(stays)
        for truth in self.truths:
            if truth.rate:
                factor *= truth.at(stays.rows, stays.entered)
        return factor


def _distributions(state: State, here: Scope) -> Mapping[str, Floats]:
    """For each target, quantiles of the length of a stay, ascending microseconds."""
    own = state.after or {}
    return {
        to: _spread(state.distribution(to), here.at("after", to) if to in own else here.at("stay")) for to in state.to
    }


def _spread(distribution: Generator, scope: Scope) -> Floats:
    if not isinstance(distribution, Numeric):
        return bound_dwell(distribution, scope)(np.zeros(1, np.uint64)).astype(np.float64)
    type_ = distribution.result(scope)
    low, high = distribution.limits(type_) if type_ is not None else (None, None)
    drawn: Floats = np.maximum(np.clip(quantiles(distribution, scope), low, high), 0.0)
    return drawn


@dataclass(frozen=True, eq=False)
class _Length:
    """The chance that a stay of this distribution has ended by the time seen."""

    quantiles: Floats
    length: TargetFactor

    def __call__(self, stays: ObservedStays) -> Floats:
        time = (stays.until - stays.entered) / np.maximum(self.length.at(stays), 1e-300)
        return np.searchsorted(self.quantiles, time, side="left") / len(self.quantiles)


@dataclass(frozen=True, eq=False)
class _Shares:
    """The targets of one state with their weights, and how long a stay lasts before each."""

    next: Mapping[str, float]
    odds: Mapping[str, TargetFactor]
    length: TargetFactor
    distributions: Mapping[str, Floats]
    latent: LatentMultiplier | None
    nominal: Mapping[str, float]

    @property
    def hidden(self) -> bool:
        unobserved = self.length.unobserved or any(odds.unobserved for odds in self.odds.values())
        return unobserved and self.latent is None

    def moved(self, to: str) -> bool:
        """Whether the latent multiplier acts on the odds of a target."""
        return self.odds[to].unobserved

    def planted(self, to: str, held: Mapping[str, str]) -> float:
        """The share of a target where nothing but the value of an attribute acts."""
        if to in self.nominal:
            return self.nominal[to]
        weights = dict(self.next)
        for name, value in held.items():
            for target, odds in self.odds.items():
                if name in odds.by_value:
                    names = odds.scope.table.processes[str(odds.scope.keys[3])].attribute_values[name]
                    weights[target] *= float(odds.by_value[name][names.index(value)])
        return weights[to] / sum(weights.values())

    def weights(self, stays: ObservedStays) -> dict[str, Floats]:
        """The weight of each target, shape (n,) each, the latent multiplier left aside."""
        return {to: weight * self.odds[to].at(stays) for to, weight in self.next.items()}


@dataclass(frozen=True, eq=False)
class _Share:
    """The share of one target of a state, times the chance that the stay before it ends within the window."""

    shares: _Shares
    to: str

    def __call__(self, stays: ObservedStays) -> tuple[Floats, Floats]:
        weights, shares = self.shares.weights(stays), self.shares
        if stays.belief is None or shares.latent is None:
            share = _ratio(weights[self.to], _total(weights.values()))
        else:
            share = np.zeros(len(stays.entered))
            for level, belief in zip(shares.latent.levels.tolist(), stays.belief.T, strict=True):
                scaled = {to: w * level if shares.moved(to) else w for to, w in weights.items()}
                share += belief * _ratio(scaled[self.to], _total(scaled.values()))
        chance = share * _Length(shares.distributions[self.to], shares.length)(stays)
        return chance, chance * (1.0 - chance)


def _total(weights: Any) -> Floats:
    total: Floats = np.sum(np.stack(list(weights)), axis=0)
    return total


def _ratio(part: Floats, whole: Floats) -> Floats:
    return part / np.maximum(whole, 1e-300)


@dataclass(frozen=True, eq=False)
class _Hazard:
    """The cumulative hazard of one exit over a stay."""

    lifetime: Lifetime
    factor: TargetFactor
    acting: tuple[BoundCovariate, ...] = ()
    moments: Mapping[str, str | None] = field(default_factory=dict)
    internal: bool = False
    """Whether the rows of covariates end with the stay, so that they are unknown after it."""

    concealed: bool = False
    """Whether files do not show the columns of covariates."""

    @property
    def truth(self) -> GroundTruth:
        """What behaviors multiply: a hazard has one target."""
        return self.factor.truths[0]

    @property
    def planted(self) -> float:
        return (
            1.0 / self.lifetime.mean_life
            if isinstance(self.lifetime, ExponentialLife) and not self.lifetime.cure_share
            else 1.0
        )

    @property
    def unit(self) -> str:
        constant = isinstance(self.lifetime, ExponentialLife) and not self.lifetime.cure_share
        return f"hazard per {self.lifetime.unit}" if constant else "hazard ratio"

    @property
    def timed(self) -> bool:
        return any(isinstance(effect, Calendar | Aging) for _, effect in self.truth.rate.effects)

    @property
    def hidden(self) -> bool:
        return bool(self.truth.unobserved) or None in self.moments.values()

    @cached_property
    def lives(self) -> Floats:
        """Times to the exit of entities that are not cured, in hours, ascending."""
        whole = life_hours(self.lifetime.model_copy(update={"cure_share": 0.0}))
        return np.sort(whole)

    def __call__(self, stays: ObservedStays) -> tuple[Floats, Floats]:
        expected = self._of_all(self._of_uncured(stays))
        return expected, expected

    def _of_uncured(self, stays: ObservedStays) -> Floats:
        """The cumulative hazard of each stay of an entity that is not cured: behaviors and covariates multiply this."""
        if not self.acting:
            return self._expected(stays, (stays.entered, stays.until, np.ones(len(stays.entered))))
        found = self._pieces(stays)
        each = self._expected(stays.take(found.stay), (found.low, found.high, found.factor))
        return np.bincount(found.stay, each, minlength=len(stays.entered)).astype(np.float64)

    def _of_all(self, uncured: Floats) -> Floats:
        """The cumulative hazard where it is not known who is cured."""
        cured = self.lifetime.cure_share
        if not cured:
            return uncured
        found: Floats = -log(cured + (1.0 - cured) * exp(-uncured))
        return found

    def _pieces(self, stays: ObservedStays) -> ConstantIntervals:
        """The parts of the stays during which the covariates that files show do not change."""
        owner = stays.rows.at if stays.rows.at is not None else np.arange(len(stays.rows))
        cells = {
            one.table: tuple(two.declared.column for two in self.acting if two.table == one.table)
            for one in self.acting
        }
        known = {
            table: _moments(stays.rows.block, table, column or "", cells[table])
            for table, column in self.moments.items()
        }
        return constant_intervals(self.acting, known, owner, (stays.entered, np.maximum(stays.until, stays.entered)))

    def _expected(self, stays: ObservedStays, part: tuple[Ints, Ints, Floats]) -> Floats:
        """The cumulative hazard of each stay between two times, times a factor."""
        entered, until = stays.entered, part[1]
        parts, treatments = [part], treatment_curves(self.truth.rate, stays.rows, until)
        if not treatments and not self.acting:
            return self._untreated(stays)
        for treatment in treatments:
            parts = [part for whole in parts for part in treatment.split(whole)]
        # the cumulative hazard from entry, part by part
        expected = np.zeros(len(entered))
        for low, high, value in parts:
            before, after = (replace(stays, until=np.maximum(time, entered)) for time in (low, high))
            expected += (self._untreated(after) - self._untreated(before)) * value
        return expected

    def _untreated(self, stays: ObservedStays) -> Floats:
        return self._along(stays) if self.timed else self._plain(stays)

    def _plain(self, stays: ObservedStays) -> Floats:
        hours = np.asarray((stays.until - stays.entered) * (1.0 / HOUR), np.float64)
        factor = self.factor.kept(stays)
        if self.truth.rate:
            factor *= self.truth.rate.static(stays.rows)
        if isinstance(self.lifetime, ExponentialLife):
            return np.asarray(hours * factor / (self.lifetime.mean_life * UNIT_HOURS[self.lifetime.unit]), np.float64)
        above = len(self.lives) - np.searchsorted(self.lives, hours, side="right")
        found: Floats = -log(np.maximum(above, 0.5) / len(self.lives)) * factor
        return found

    def _along(self, stays: ObservedStays) -> Floats:
        rate, rows, entered, until = self.truth.rate, stays.rows, stays.entered, stays.until
        assert isinstance(self.lifetime, ExponentialLife)
        per_hour = 1.0 / (self.lifetime.mean_life * UNIT_HOURS[self.lifetime.unit])
        group, expected = rate.group(rows), np.zeros(len(rows))
        for code, clock in enumerate(rate.clocks):
            at = np.arange(len(rows)) if group is None else np.flatnonzero(group == code)
            if len(at):
                for cell in cells(clock, [(entered[at], until[at])], rate.agings(rows.take(at))):
                    expected[at] += cell.expected()
        return expected * rate.static(rows) * self.factor.kept(stays) * per_hour


def _shown(column: DeclaredColumn | None) -> bool:
    return column is None or (column.intact and not column.hidden)


def _moments(entities: Block, table: str, column: str, cells: Iterable[str | None]) -> RowTimes:
    """When the rows of a table came that files show, by entity, with some cells."""
    block = entities.children[table]
    assert block.parent_row is not None
    times = block.columns[column].data
    order = np.lexsort((times, block.parent_row))
    values = {name: millionths(block.columns[name])[order] for name in cells if name is not None}
    return RowTimes(np.bincount(block.parent_row, minlength=len(entities)).astype(np.int64), times[order], values)


@dataclass(frozen=True, eq=False)
class _Sojourn:
    """The chance that a stay with these hazards has ended by the time seen."""

    graph: StateGraph
    hazards: tuple[tuple[_Hazard, tuple[str, str, str] | None], ...]

    def __call__(self, stays: ObservedStays) -> Floats:
        total = np.zeros(len(stays.entered))
        for hazard, change in self.hazards:
            own = np.ones(len(total), np.bool_)
            if change is not None:
                own = stays.values[change[0]] == self.graph.attributes[change[0]].domain.index(change[1])
            total += np.where(own, hazard(stays)[0], 0.0)
        ended: Floats = -expm1(-total)
        return ended
