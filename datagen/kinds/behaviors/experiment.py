"""Experiments: entities are assigned to arms at random, and each arm multiplies rates, values and transitions from
exposure on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import CATEGORY, Column, Floats, Ints, Rows
from datagen.columnar.text import text_array
from datagen.declarations.experiments import ArmSharesDeclaration, ExperimentDeclaration
from datagen.errors import Absent
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.target_rules import below, own_rate
from datagen.kinds.behaviors.support.value_codes import ValueCodes, unreadable
from datagen.names import ColumnName
from datagen.point_process.effects import NEVER_BORN, Effect, Entity, Interval, MultiplierEnds, Treatment, treated
from datagen.point_process.factors import REST
from datagen.registry import Strict
from datagen.time_units import UNIT_HOURS, AgeUnit, Instant, format_instant

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

Share = Annotated[float, Field(ge=0, le=1)]
_NEVER = -1
"""The code of entities without an arm."""


def _referred() -> dict[str, Any]:
    """Members whom a treated member referred, treated a little themselves."""
    treated_arm = {"treatment": {"multiply": {"orders": 1.3}}}
    spilled = {"treatment": {"multiply": {"orders": 1.1}}}
    of_referrer = {"type": "row_reference", "attribute": "referrer_number"}
    return {
        "datagen": 1,
        "name": "word_of_mouth",
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "seeds": {"rows": {"type": "arrivals", "count": 60}, "columns": {"seed_id": {"type": "key"}}},
            "members": {
                "parent": "seeds",
                "rows": {"type": "cascade", "mean": 0.6, "gap": {"type": "exponential", "mean": "20d"}},
                "columns": {
                    "member_id": {"type": "key"},
                    "joined_at": {"type": "row_attribute", "attribute": "joined_at"},
                    "arm_of_referrer": {**of_referrer, "column": "banner_received"},
                    "referrer_exposed_at": {**of_referrer, "column": "banner_exposed_at"},
                },
                "behaviors": [
                    {"type": "experiment", "name": "banner", "start": "2024-03-01", "arms": {"off": {}, **treated_arm}},
                    {
                        "type": "experiment",
                        "name": "word_of_mouth",
                        "assigned_by": "arm_of_referrer",
                        "exposed": "referrer_exposed_at",
                        "arms": {"off": {}, **spilled},
                    },
                ],
            },
            "orders": {
                "parent": "members",
                "rows": {"type": "events", "mean_per_month": 2},
                "columns": {"member_id": {"type": "parent_key"}, "ordered_at": {"type": "event_time"}},
            },
        },
    }


class Arm(Strict):
    """A variant: its share of the entities, and its multipliers."""

    share: Annotated[float, Field(gt=0, le=1e9)] = Field(default=1.0, description="its weight in the assignment")
    multiply: dict[str, Multiplier] = Field(default={}, description="the multiplier of each target")
    by_segment: dict[str, dict[str, Multiplier]] = Field(
        default={}, description="for each segment, the multipliers that replace `multiply`"
    )
    attrition: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0, description="share of its entities whose assignment is not recorded: a sample ratio mismatch"
    )

    def factors(self, target: str, segments: tuple[str, ...]) -> list[float]:
        """The multiplier of a target in each of the segments, and in all others."""
        rest = self.multiply.get(target, 1.0)
        return [*(self.by_segment.get(segment, {}).get(target, rest) for segment in segments), rest]

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(self.multiply).union(*self.by_segment.values())


class Experiment(Behavior):
    """A randomized experiment. Each entity is assigned to an arm by a hash of its identity; the first arm is the
    control, without effect.

    An entity is exposed from the experiment's start on, or from its own birth or `exposed` time if that is later. From
    then until the end its arm multiplies rates, values, hazards, odds and stays. Only what is treated differs from a
    dataset without the experiment: rows that come anyway keep their times and values, further rows are added, missing
    ones are left out. With `assigned_by`, the arm is that of a column, such as the arm of who referred the entity: the
    effects of another experiment that spill over.
    """

    treats: ClassVar[bool] = True
    names_columns: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped(
            {
                "type": "experiment",
                "name": "new_checkout",
                "start": "2024-01-01",
                "end": "2024-04-01",
                "arms": {
                    "control": {},
                    "treatment": {"multiply": {"orders": 1.3, "orders.amount": 1.05}},
                },
                "column": "variant",
            },
            amount={"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2},
        ),
        shaped(
            {
                "type": "experiment",
                "name": "free_shipping",
                "arms": {
                    "control": {"share": 2},
                    "banner": {"multiply": {"orders": 1.2}, "by_segment": {"vip": {"orders": 1.5}}},
                    "coupon": {"multiply": {"orders": 0.8}, "attrition": 0.1},
                },
                "segment": "segment",
                "traffic": 0.8,
                "noncompliance": 0.1,
                "novelty": {"type": "exponential", "half_life": 30},
                "column": "variant",
                "time_column": "exposed_at",
            },
        ),
        _referred(),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("ab_test", "a_b_test", "abtest", "treatment", "split_test", "variant")
    type: Literal["experiment"] = "experiment"
    name: ColumnName = Field(description="its name: of its hidden columns, of its assignment, and for `--without`")
    arms: Annotated[dict[ColumnName, Arm], Field(min_length=2, max_length=50)] = Field(
        description="the arms, the control first"
    )
    start: Instant | None = Field(default=None, description="when it begins; by default at the window's start")
    end: Instant | None = Field(default=None, description="when its effects end; by default never")
    exposed: str | None = Field(
        default=None,
        description=(
            "a timestamp of the entity at which it is exposed, if later than the start; by default its birth; "
            "null means never"
        ),
    )
    assigned_by: ColumnName | None = Field(
        default=None,
        description=(
            "a column of the entity with its arm, instead of a random one, such as that of its referrer "
            "(effects that spill over); missing for who takes no part"
        ),
    )
    traffic: Annotated[float, Field(gt=0, le=1)] = Field(default=1.0, description="share of entities that take part")
    noncompliance: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0, description="share of the assigned entities that behave like the control"
    )
    novelty: AgeCurve | None = Field(
        default=None, description="share of the effect that is left, by time since exposure (in days by default)"
    )
    segment: str | None = Field(default=None, description="the column of the entity for `by_segment`")
    column: ColumnName | None = Field(default=None, description="name of a visible column with the assigned arm")
    time_column: ColumnName | None = Field(
        default=None, description="name of a visible column with the time of exposure"
    )

    @property
    def lasting_name(self) -> str:
        return f"{self.type} {self.name}"

    @property
    def received(self) -> str:
        """The hidden column with the arm whose effects an entity has."""
        return f"{self.name}_received"

    @property
    def assigned(self) -> str:
        """The column with the assigned arm, as far as it is recorded."""
        return self.assigned_by or self.column or self.truth

    @property
    def truth(self) -> str:
        """The hidden column with the assigned arm."""
        return f"{self.name}_arm"

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(segment for arm in self.arms.values() for segment in arm.by_segment))

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset().union(*(arm.targets for arm in self.arms.values()))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        own = [self.received, *(one for one in (self.segment, self.assigned_by) if one), *_time(self, scope)]
        return frozenset((scope.table.name, name) for name in own if "." not in name)

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        def shown(what: str, *, hidden: bool) -> dict[str, Any]:
            return {"type": "experiment_attribute", "experiment": self.name, "attribute": what, "hidden": hidden}

        return {
            self.truth: shown("assigned", hidden=True),
            self.received: shown("received", hidden=True),
            self.time_column or f"{self.name}_exposed_at": shown("exposed_at", hidden=self.time_column is None),
            **({self.column: shown("recorded", hidden=False)} if self.column else {}),
        }

    # --- problems ----------------------------------------------------------------------------------------------

    def problems(self, scope: Scope) -> Iterator[Problem]:
        targets = self.targets(scope)
        yield from own_rate(scope, targets)
        yield from below(scope, targets)
        yield from self._arm_problems(scope)
        yield from self._time_problems(scope)
        yield from self._assignment_problems(scope)
        if self.segment is not None:
            yield from unreadable(scope, self.segment, self.segments, "segment")
        if (self.segment is None) != (not self.segments):
            message = "'segment' and 'by_segment' of an arm belong together"
            yield scope.problem(
                "missing" if self.segment is None else "no-effect", message, "write both, or neither", "segment"
            )
        if self.novelty is not None:
            yield from self.novelty.problems(scope.at("novelty"))
            if float(self.novelty.at(np.arange(1000.0)).max()) > 1.0 + 1e-9:
                message = "more than the whole effect would be left"
                yield scope.problem("range", message, "let the curve stay between 0 and 1", "novelty")

    def _arm_problems(self, scope: Scope) -> Iterator[Problem]:
        control, *others = self.arms
        if self.arms[control].targets:
            message = f"'{control}' comes first, so it is the control, which has no multipliers"
            yield scope.problem("conflict", message, "put an arm without effects first", "arms", control)
        changed = any(
            factor != 1 for name in others for target in self.arms[name].targets
            for factor in self.arms[name].factors(target, self.segments)
        )  # fmt: skip
        if not changed and (self.column is None or self.targets(scope)):
            message = "no arm multiplies anything"
            hint = 'write multipliers, as in {"multiply": {"orders": 1.2}}; an A/A test has no multipliers and a column'
            yield scope.problem("no-effect", message, hint, "arms")
        if not changed and (self.noncompliance or self.novelty is not None):
            field = "noncompliance" if self.noncompliance else "novelty"
            yield scope.problem("no-effect", "there is no effect that it could change", "leave it out", field)

    def _assignment_problems(self, scope: Scope) -> Iterator[Problem]:
        if self.assigned_by is None:
            return
        yield from unreadable(scope, self.assigned_by, self.arms, "assigned_by")
        random = [name for name in ("traffic", "noncompliance", "column") if name in self.model_fields_set]
        if random or any({"share", "attrition"} & arm.model_fields_set for arm in self.arms.values()):
            message = f"'{self.assigned_by}' gives the arm, so nothing is assigned at random"
            hint = "leave out 'traffic', 'noncompliance', 'column', 'share' and 'attrition'"
            yield scope.problem("conflict", message, hint, random[0] if random else "arms")

    def _time_problems(self, scope: Scope) -> Iterator[Problem]:
        window = scope.window
        if self.start is not None and self.end is not None and self.end <= self.start:
            message = f"it ends ({format_instant(self.end)}) before it begins ({format_instant(self.start)})"
            yield scope.problem("range", message, "swap start and end", "end")
        if window is not None and self.start is not None and self.start >= window.end:
            yield scope.problem("no-effect", "it starts after the window", "choose a time within it", "start")
        if window is not None and self.end is not None and self.end <= window.start:
            yield scope.problem("no-effect", "it ends before the window", "choose a time within it", "end")
        if self.exposed is not None:
            problem = scope.column_problem(self.exposed, "exposed")
            type_ = scope.type_of(self.exposed)
            if problem is not None:
                yield problem
            elif type_ is not None and type_.name != "timestamp":
                message = f"'{self.exposed}' is {type_}, not a timestamp"
                yield scope.problem("type", message, "name a timestamp of the entity", "exposed")

    # --- assignment --------------------------------------------------------------------------------------------

    def exposure(self, scope: Scope) -> Callable[[Entity], Interval]:
        """The exposure of each entity, start and end in microseconds, shape (n,) each; empty if it is never exposed."""
        low = -NEVER_BORN if self.start is None else self.start
        if self.start is None and scope.window is not None:
            low = scope.window.start
        high = NEVER_BORN if self.end is None else self.end
        column = next(iter(_time(self, scope)), None)
        own = None if column is None else births(scope, column)

        def span(entity: Entity) -> Interval:
            begin = np.full(len(entity), low, np.int64)
            if own is not None:
                begin = np.maximum(begin, own(entity))
            return begin, np.full(len(entity), high, np.int64)

        return span

    def assignment(self, scope: Scope) -> Callable[[Rows], tuple[Ints, Ints]]:
        """The codes of the assigned arm and of the one received, int64, shape (n,) each; -1 if it takes no part."""
        streams = tuple(scope.stream(purpose) for purpose in ("arm", "traffic", "compliance"))
        if self.assigned_by is not None:
            return self._given(scope, self.assigned_by)
        edges = np.cumsum([arm.share for arm in self.arms.values()])
        edges = edges / edges[-1]
        span = self.exposure(scope)

        def arms(rows: Rows) -> tuple[Ints, Ints]:
            begin, end = span(rows)
            taking = (begin < end) & (streams[1].uniforms(rows.ids) < self.traffic)
            chosen = np.searchsorted(edges[:-1], streams[0].uniforms(rows.ids), side="right")
            assigned = np.where(taking, chosen, _NEVER)
            crossed = streams[2].uniforms(rows.ids) < self.noncompliance
            return assigned, np.where(crossed & taking, 0, assigned)

        return arms

    def _given(self, scope: Scope, column: str) -> Callable[[Rows], tuple[Ints, Ints]]:
        codes, span = ValueCodes(tuple(self.arms)), self.exposure(scope)

        def arms(rows: Rows) -> tuple[Ints, Ints]:
            begin, end = span(rows)
            found = np.where(begin < end, codes.codes(rows.column(column)), _NEVER)
            return found, found

        return arms

    def recorded(self, scope: Scope) -> Callable[[Rows, Ints], Ints]:
        """The assigned arm as recorded: -1 where the record is lost."""
        stream, lost = scope.stream("attrition"), np.array([arm.attrition for arm in self.arms.values()] + [0.0])
        return lambda rows, arm: np.where(stream.uniforms(rows.ids) < lost.take(arm), _NEVER, arm)

    def words(self, codes: Ints) -> Column:
        """Arms as a category; missing where the code is -1."""
        valid = codes >= 0
        cells = np.maximum(codes, 0).astype(np.int32)
        return Column(CATEGORY, cells, None if valid.all() else valid, text_array(list(self.arms)))

    # --- effects -----------------------------------------------------------------------------------------------

    def left(self) -> Callable[[Floats], Floats] | None:
        """The remaining share of the effect at a number of hours after exposure."""
        curve = self.novelty
        if curve is None:
            return None
        unit: AgeUnit = curve.unit or "day"
        per_hour = 1.0 / UNIT_HOURS[unit]
        return lambda hours: curve.at(hours * per_hour)

    def table_of(self, target: str) -> Floats:
        """The multiplier of each arm, and of who takes no part, in each segment and all others, shape (arms + 1,
        segments + 1).
        """
        rows = [arm.factors(target, self.segments) for arm in self.arms.values()]
        return np.array([*rows, [1.0] * (len(self.segments) + 1)])

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return (Treatment(self._factor(self.table_of(target), self.received), self.exposure(scope), self.left()),)

    def ends(self, scope: Scope, target: str) -> MultiplierEnds:
        """The least and the largest multiplier of a target: of any arm, and of who takes no part."""
        table, labels = self.table_of(target), (*self.segments, REST)
        name = f"experiment {self.name}"
        return MultiplierEnds(name, scope.table.name, self.segment, labels, table.min(axis=0), table.max(axis=0))

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        """The effects; if the arm received is not in the data, their mean given the assigned arm."""
        exact, table = self._factor(self.table_of(target), self.received), self.table_of(target)
        mixed = table * (1.0 - self.noncompliance) + self.noncompliance
        blurred = self._factor(mixed, self.assigned)
        shares = np.array([arm.share for arm in self.arms.values()])
        mean = 1.0 + (shares @ (mixed[:-1, -1] - 1.0)) / shares.sum() * self.traffic

        def factor(entity: Entity) -> Floats:
            for known in (exact, blurred):
                try:
                    return known(entity)
                except Absent:
                    continue
            return np.full(len(entity), mean)

        return (Treatment(factor, self.exposure(scope), self.left(), self.ends(scope, target)),)

    def _factor(self, table: Floats, column: str) -> Callable[[Entity], Floats]:
        arms = ValueCodes(tuple(self.arms))

        def factor(entity: Entity) -> Floats:
            found: Floats = table[arms.codes(entity.column(column)), self._segment(entity)]
            return found

        return factor

    def _segment(self, entity: Entity) -> Ints:
        """The position of each entity's segment, the last for all others."""
        if self.segment is None:
            return np.zeros(len(entity), np.int64)
        codes = ValueCodes(self.segments).codes(entity.column(self.segment))
        return np.where(codes < 0, len(self.segments), codes)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if scope.window is None:
            return
        arms, table = tuple(self.arms), scope.table.name
        weights = [arm.share * (1.0 - arm.attrition * (self.column is not None)) for arm in self.arms.values()]
        if self.assigned_by is None:
            yield ArmSharesDeclaration(table, self.name, arms, tuple(weights), self.assigned)
        span, left = self.exposure(scope), self.left()
        for target in sorted(self.targets(scope)):
            name, _, column = target.partition(".")
            below, process = scope.tables().get(name), column.partition(".")[0]
            if below is None or process in below.processes or name in scope.table.processes:
                continue  # transitions are judged edge by edge
            table_of = self.table_of(target) * (1.0 - self.noncompliance) + self.noncompliance

            def planted(arm: int, entity: Entity, times: Ints, table_of: Floats = table_of) -> Floats:
                return treated(table_of[arm, self._segment(entity)], span(entity), left, times)

            yield ExperimentDeclaration(
                table, self.name, arms, self.assigned, name, column or None, span, planted, scope.window.end,
                self._other_causes(scope, name) if not column else "",
            )  # fmt: skip

    def _other_causes(self, scope: Scope, name: str) -> str:
        """Why the rates of table `name` in the arms differ by more than what they are multiplied with; empty where
        they do not.
        """
        facts, targets = scope.tables()[name], self.targets(scope)
        if facts.rows.after is not None:
            return f"rows that '{facts.rows.after}' caused are not multiplied"
        parent = scope.tables().get(facts.parent or "")
        process = parent.processes.get(facts.rows.follows or "") if parent is not None else None
        if parent is None or process is None:
            return ""
        starts = [f"{parent.name}.{facts.rows.follows}."]
        starts += [f"{facts.rows.follows}."] if parent.name == scope.table.name else []
        moved = {target for target in targets if target.startswith(tuple(starts)) or target in process.reads}
        return f"the arms differ in '{min(moved)}' too, which these rows follow" if moved else ""


def _time(experiment: Experiment, scope: Scope) -> Iterator[str]:
    """The column with the earliest time of exposure of an entity."""
    column = experiment.exposed or scope.table.moment
    if column is not None:
        yield column
