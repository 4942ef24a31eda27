"""Which behaviors multiply which target, and the join path from a row to the entity of each behavior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from datagen.analysis.join_path import Path, chosen_from, path_to
from datagen.analysis.total_pushdown import pushed_down
from datagen.columnar.block import INT, Column, Floats, Ints, Rows, Words
from datagen.columnar.row_time import moments
from datagen.engine.compiled_document import CompiledDocument
from datagen.engine.null_references import neutral_where_null
from datagen.engine.recompute import identities_of
from datagen.engine.time_grid import grid_of
from datagen.errors import PlanError
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.point_process.effects import Calendar, Effect, Entity, Static, Treatment
from datagen.point_process.factors import Daily, Grouped, LatentVariation, SeenAlive, Spread, SurvivalFactor
from datagen.point_process.grid import Grid
from datagen.point_process.ground_truth import GroundTruth, KnownFactor, KnownLife
from datagen.point_process.peaks import EntityRate, in_steps
from datagen.point_process.rate import EntityOf, Rate
from datagen.random.streams import root_identities
from datagen.scope import ColumnRef, Scope

MOST_WEIGHED = 20_000_000


@dataclass(frozen=True, slots=True)
class DeclaredEffect:
    """A behavior, the target that it names, and the target that it resolves to."""

    owner: str
    number: int
    behavior: Behavior
    named: str
    target: str


class EffectIndex:
    """All behaviors of the document, by target."""

    def __init__(self, program: CompiledDocument) -> None:
        self._program = program
        self._by_target: dict[str, list[DeclaredEffect]] = {}
        self._grids: dict[tuple[str, str | None], Grid] = {}
        model = program.model
        for owner, table in model.tables.items():
            for number, behavior in enumerate(table.behaviors):
                for named in sorted(behavior.targets(model.behavior(owner, number))):
                    meant = model.process_target(owner, named)
                    target = ".".join(meant) if meant is not None else pushed_down(model, named)
                    declared = DeclaredEffect(owner, number, behavior, named, target)
                    self._by_target.setdefault(declared.target, []).append(declared)

    def declared(self, table: str, column: str | None = None) -> list[DeclaredEffect]:
        """The behaviors on a rate or on the values of a column, those that are switched off too."""
        return self._by_target.get(table if column is None else f"{table}.{column}", [])

    def on(self, table: str, column: str | None = None) -> list[DeclaredEffect]:
        """The behaviors on a rate or on the values of a column."""
        off = self._program.model.behaviors_off
        return [one for one in self.declared(table, column) if (one.owner, one.number) not in off]

    def grid(self, table: str, column: str | None = None) -> Grid:
        """The time grid of a target: whole hours, cut where its behaviors change within one."""
        if (table, column) not in self._grids:
            model, declared = self._program.model, self.declared(table, column)
            grid = grid_of(model, (table, *(one.owner for one in declared)))
            scopes = [self._program.behavior_scope(one.owner, one.number, grid) for one in declared]
            cuts = [one.behavior.cuts(scope, grid) for one, scope in zip(declared, scopes, strict=True)]
            self._grids[table, column] = grid.cut(np.concatenate(cuts)) if cuts else grid
        return self._grids[table, column]

    def _scope(self, declared: DeclaredEffect, table: str, column: str | None) -> Scope:
        """The scope of a behavior for a target."""
        return self._program.behavior_scope(declared.owner, declared.number, self.grid(table, column))

    def needs(self, table: str, column: str | None = None) -> frozenset[ColumnRef]:
        """The columns that must be filled before the target can be multiplied."""
        found: set[ColumnRef] = set()
        for declared in self.declared(table, column):
            path = self._path(declared, table, column)
            if path is None:
                continue
            if path.through is not None:
                found.add((path.table, path.through))
            else:
                found |= self._needed(declared)
        return frozenset(found | self._needs_of_chosen(table, column))

    def _needs_of_chosen(self, table: str, column: str | None) -> set[ColumnRef]:
        """The columns that behaviors read of the candidate rows of a reference within a common ancestor. They are in
        memory.
        """
        reference = None if column is None else self._program.model.tables[table].columns.get(column)
        if not getattr(reference, "within", None):
            return set()
        declared = self._choosing(table, getattr(reference, "table", ""))
        return {need for one in declared for need in self._needed(one)}

    def _needed(self, declared: DeclaredEffect) -> set[ColumnRef]:
        scope, follows = self._program.model.behavior(declared.owner, declared.number), declared.behavior.follows
        own = {_split(table, column) for table, column in declared.behavior.needs(scope)}
        return own | (self.followed(declared.owner, follows) if follows is not None else set())

    def _path(self, declared: DeclaredEffect, table: str, column: str | None) -> Path | None:
        """The join path to the entity: from the row for values, from its parent for a rate."""
        tables = self._program.model.tables
        start = table if column is not None else tables[table].parent
        if declared.owner == table and column is None:
            return Path(start or table)  # the rate of the table itself: the entity is the parent row
        return path_to(tables, start, declared.owner) if start else None

    def _bound(self, declared: DeclaredEffect, path: Path, scope: Scope) -> list[tuple[EntityOf, Effect]]:
        reach = self._reach(path, declared.owner)
        effects = declared.behavior.bind(scope, declared.named)
        return [(reach, _neutral_without_reference(effect, path)) for effect in effects]

    def _reach(self, path: Path, owner: str) -> EntityOf:
        program, table, through = self._program, path.table, path.through
        if through is None:
            return lambda rows: rows.above(table)
        if program.model.tables[owner].parent is not None:
            program.referred.add(owner)
        start = key_start(program.model.rows(owner), owner)
        return lambda rows: ReferencedEntity(program, owner, rows.above(table).column(through), start)

    def rate(self, table: str) -> Rate:
        """The multiplier of the rate of a table."""
        return self._rate(table, self.on(table))

    def factual(self, table: str) -> tuple[Rate, Rate] | None:
        """The rate of a table with the behaviors that are switched off, and those alone; None where there are none.

        Treatments are left out: without one, the candidates of the rows stay as they are.
        """
        on = self.on(table)
        off = [one for one in self.declared(table) if one not in on]
        alone = self._rate(table, off).untreated
        if not alone:
            return None
        return self._rate(table, [*on, *off], treated_by=on), Rate(table, alone.grid, _by_cell(alone))

    def _rate(
        self, table: str, behaviors: list[DeclaredEffect], treated_by: list[DeclaredEffect] | None = None
    ) -> Rate:
        """The effects of these behaviors on a rate; treatments of those only that `treated_by` names, if it does."""
        found: list[tuple[EntityOf, Effect]] = []
        for declared in behaviors:
            path = self._path(declared, table, None)
            if path is not None or declared.owner == table:
                bound = self._bound(declared, path or Path(table), self._scope(declared, table, None))
                counted = treated_by is None or declared in treated_by
                found += [one for one in bound if counted or not isinstance(one[1], Treatment)]
        return Rate(table, self.grid(table), tuple(found))

    def multipliers(self, table: str, column: str) -> Rate:
        """The multiplier of the values of a column, or of a part of a process of the table (`process.state>state`)."""
        found: list[tuple[EntityOf, Effect]] = []
        for declared in self.on(table, column):
            path = self._path(declared, table, column)
            if path is not None:
                found += self._bound(declared, path, self._scope(declared, table, column))
        return Rate(f"{table}.{column}", self.grid(table, column), tuple(found))

    def followed(self, table: str, process: str) -> frozenset[ColumnRef]:
        """The columns that must be filled before a process can be simulated, besides those that it reads itself."""
        begin = f"{table}.{process}."
        parts = [target.partition(".")[2] for target in self._by_target if target.startswith(begin)]
        return frozenset(need for part in parts for need in self.needs(table, part))

    def value(self, table: str, column: str) -> Callable[[Rows], Floats] | None:
        """The multiplier of a column's values, row by row."""
        rate = self.multipliers(table, column)
        if not rate:
            return None
        _ = rate.calendars  # unbounded rates are found before a run
        return lambda rows: rate.at(rows, moments(rows))

    def planted(self, table: str, column: str | None = None) -> GroundTruth:
        """The ground truth of the rate of a table or of the values of a column, as files can show it."""
        effects: list[tuple[EntityOf, Effect]] = []
        survival_factors: list[tuple[EntityOf, SurvivalFactor]] = []
        known: list[KnownFactor] = []
        unobserved: list[tuple[str, LatentVariation]] = []
        ends: list[KnownLife] = []
        tangled = False
        for declared in self.on(table, column):
            path = self._path(declared, table, column)
            if path is None and (column is not None or declared.owner != table):
                continue
            reach = self._reach(path or Path(table), declared.owner)
            scope, behavior = self._scope(declared, table, column), declared.behavior
            end = self._known_end(declared, scope, table, column)
            for effect in behavior.marginal(scope, declared.named):
                if isinstance(effect, SurvivalFactor) and effect.monotone and end is not None:
                    ends.append(KnownLife(reach, effect.born, end))
                elif isinstance(effect, SurvivalFactor):
                    survival_factors.append(self._as_seen(declared, table, column, (reach, effect)))
                    tangled |= end is not None
                else:
                    effects.append((reach, _neutral_without_reference(effect, path)))
            # a short window may have no category
            observable = (factor for factor in behavior.factors(scope, declared.named) if len(factor.planted))
            owner = declared.owner, path.through if path else None
            known += [KnownFactor(reach, factor, behavior.type, owner) for factor in observable]
            for one in behavior.unobserved(scope, declared.named):
                mean, rest = (1.0, one) if column is not None else self._among_rows(table, one)
                unobserved.append((declared.owner, rest))
                effects += [(reach, _constant(mean))] if mean != 1.0 else []
        target = table if column is None else f"{table}.{column}"
        rate = Rate(target, self.grid(table, column), tuple(effects))
        crowding = self._crowding(table) if column is not None and unobserved else frozenset()
        return GroundTruth(
            rate, tuple(survival_factors), tuple(known), tuple(unobserved), tuple(ends), tangled, crowding,
            self._shared(table) if column is None else None,
        )  # fmt: skip

    def _as_seen(
        self, declared: DeclaredEffect, table: str, column: str | None, survival: tuple[EntityOf, SurvivalFactor]
    ) -> tuple[EntityOf, SurvivalFactor]:
        """The survival of the entities of a rate. Those of rows that came only during the same life were alive then."""
        (reach, factor), above = survival, self._program.model.tables[table].parent
        if factor.seen is None or column is not None or above is None:
            return survival
        for name in self._program.model.tables[above].lineage:
            if name == declared.owner:
                break
            same = any((one.owner, one.number) == (declared.owner, declared.number) for one in self.on(name))
            if same and self._program.model.tables[name].row_times:
                return partial(_seen_alive, reach, factor.born, name), factor.seen()
        return survival

    def _shared(self, table: str) -> str | None:
        """The topmost table above the parents of a table whose rows have a hidden effect on the rate of the table."""
        tables, found = self._program.model.tables, set[str]()
        for declared in self.on(table):
            path, scope = self._path(declared, table, None), self._scope(declared, table, None)
            hidden = any(not isinstance(one, Daily) for one in declared.behavior.unobserved(scope, declared.named))
            lives = any(isinstance(one, SurvivalFactor) for one in declared.behavior.marginal(scope, declared.named))
            if (hidden or lives) and path is not None and path.through is None and path.table != tables[table].parent:
                found.add(path.table)
        return min(found, key=lambda name: tables[name].depth, default=None)

    def _among_rows(self, table: str, one: LatentVariation) -> tuple[float, LatentVariation]:
        """The mean and the rest of a hidden multiplier of a rate among the parents, whose number it may multiply."""
        above = self._program.model.tables[table].parent
        if above is None or not isinstance(one, Spread) or one.crowded is None:
            return 1.0, one
        levels = sum(one.key in self._multiplying(name) for name in self._program.model.tables[above].lineage)
        return one.crowded(levels) if levels else (1.0, one)

    def _multiplying(self, table: str) -> frozenset[str]:
        """The keys of the hidden multipliers of the number of rows of a table."""
        return frozenset(
            one.key
            for declared in self.on(table)
            for one in declared.behavior.unobserved(self._scope(declared, table, None), declared.named)
            if isinstance(one, Spread) and one.key
        )

    def _crowding(self, table: str) -> frozenset[str]:
        """The keys of the hidden multipliers of the number of rows of a table below each row of the tables above."""
        return frozenset().union(*map(self._multiplying, self._program.model.tables[table].lineage))

    def _known_end(self, declared: DeclaredEffect, scope: Scope, table: str, column: str | None) -> str | None:
        """The column with the end of a life, if another behavior on the same target depends on that end.

        The end is then known for every row where the other behavior applies, and its chance need not be modelled.
        """
        ends = {(declared.owner, name) for name in declared.behavior.end_columns(scope)}
        if not ends:
            return None
        model = self._program.model
        waiting: list[ColumnRef] = [*(model.needs_of(table, None) if column is None else ())]
        waiting += [need for other in self.on(table, column) if other != declared for need in self._needed(other)]
        seen: set[ColumnRef] = set()
        while waiting:
            owner, name = need = waiting.pop()
            if need in ends:
                return name
            if need not in seen and name in model.tables[owner].columns:
                seen.add(need)
                waiting += model.needs_of(owner, name)
        return None

    def weights(self, table: str, owner: str) -> Callable[[], Floats] | None:
        """The constant weights with which `table` chooses rows of `owner`, where behaviors multiply its rate."""
        rate = self.choice_rate(table, owner, everyone=True)
        return None if rate is None else lambda: rate.kept(self._everyone(owner))

    def choice_rate(self, table: str, owner: str, *, everyone: bool) -> EntityRate | None:
        """The rate at which rows of `table` choose each row of `owner`; None if no behavior multiplies the rate of
        `table`.

        With `everyone` they choose among all rows, which must then be in memory.
        """
        declared = self._choosing(table, owner)
        if not declared:
            return None
        total = self._program.rows_in(owner) if everyone else 0
        if total > MOST_WEIGHED:
            raise PlanError(
                f"behaviors of '{owner}' weight how often '{table}' chooses each of its {total:,} rows, which needs "
                f"all of them in memory (at most {MOST_WEIGHED:,}); put '{table}' below '{owner}' instead, or give "
                f"'{owner}' fewer rows"
            )
        found: list[tuple[EntityOf, Effect]] = []
        for one in declared:
            effects = one.behavior.bind(self._scope(one, table, None), one.named)
            found += [(_itself, in_steps(effect)) for effect in effects]
        return EntityRate(Rate(table, self.grid(table), tuple(found)))

    def entities(self, owner: str) -> Callable[[Ints], Entity]:
        """A function from row indices of a table to these rows as entities."""
        return lambda index: ReferencedEntity(self._program, owner, Column(INT, index), 0)

    def chosen_by(self, table: str, owner: str) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]:
        """The factors that weight the choice of rows of `owner`: behavior, factor, and the category of each row."""
        declared = self._choosing(table, owner)
        observable = [(d, f) for d in declared for f in d.behavior.factors(self._scope(d, table, None), d.named)]
        return tuple(
            (d.behavior.type, f, partial(self.codes, owner, f)) for d, f in observable if isinstance(f, Grouped)
        )

    def codes(self, owner: str, factor: Grouped) -> Ints:
        """The category of each row of a table, int64 (rows,)."""
        return factor.code(self._everyone(owner))

    def _choosing(self, table: str, owner: str) -> list[DeclaredEffect]:
        """The behaviors of `owner` that multiply the rate of `table` through its own references."""
        if owner not in chosen_from(self._program.model.tables, table):
            return []
        return [declared for declared in self.on(table) if declared.owner == owner]

    def _everyone(self, owner: str) -> ReferencedEntity:
        """All rows of a table as entities."""
        total = self._program.rows_in(owner)
        return ReferencedEntity(self._program, owner, Column(INT, np.arange(total, dtype=np.int64)), 0)


def _constant(mean: float) -> Static:
    """The same multiplier of every entity."""
    return Static(lambda entity: np.full(len(entity), mean))


def _seen_alive(reach: EntityOf, born: Callable[[Entity], Ints], seen: str, rows: Rows) -> SeenAlive:
    """The entities of rows, known to be alive when the rows of the table `seen` above them came; at birth where that
    time is not in the data.
    """
    entity, since = reach(rows), moments(rows.above(seen))
    return SeenAlive(entity, born(entity) if since is None else since)


class ReferencedEntity:
    """The rows of `table` that a reference column points to, as entities. Their columns are recomputed."""

    def __init__(self, program: CompiledDocument, table: str, keys: Column, start: int) -> None:
        self._program, self._table, self.valid = program, table, keys.valid
        index = keys.data - start
        self._index: Ints = index if keys.valid is None else np.where(keys.valid, index, 0)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def ids(self) -> Words:
        if self._program.model.tables[self._table].parent is None:
            return root_identities(self._index)
        known = identities_of(self._program, self._table)
        return known[self._index] if len(known) else np.zeros(len(self), np.uint64)

    def column(self, name: str) -> Column:
        values = self._program.recomputed(self._table, name)(self._index)
        return values if self.valid is None else values.where(self.valid)


def _by_cell(rate: Rate) -> tuple[tuple[EntityOf, Effect], ...]:
    """The effects as events come by them: the mean of a calendar in each cell, and curves of age, which rates follow
    closely.
    """
    return tuple(
        (reach, in_steps(effect) if isinstance(effect, Calendar) else effect) for reach, effect in rate.effects
    )


def _itself(entities: Any) -> Entity:
    """The path to the entity if the rows are the entities."""
    return entities  # type: ignore[no-any-return]


def _neutral_without_reference(effect: Effect, path: Path | None) -> Effect:
    """The effect, neutral for rows whose reference is null."""
    return effect if path is None or path.through is None else neutral_where_null(effect)


def _split(table: str, column: str) -> ColumnRef:
    """The table and the column of a qualified column name."""
    other, dot, name = column.partition(".")
    return (other, name) if dot else (table, column)


__all__ = ["EffectIndex", "Entity", "ReferencedEntity"]
