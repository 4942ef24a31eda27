"""Targets of behaviors exist, are related to the entity, and can be multiplied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.analysis.join_path import chosen_from
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import no_column
from datagen.analysis.table_info import TableInfo
from datagen.analysis.total_pushdown import pushed_down
from datagen.errors import Problem
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior
from datagen.registry import did_you_mean
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.placeholders import InvalidColumn
from datagen.schema.reading.read import Schema

Wrong = tuple[str, str, str]


def behavior_targets(model: SemanticModel) -> Iterator[Problem]:
    """The target of a behavior is the entity's own table, below it, or refers to it."""
    for scope, target in model.targets:
        behavior = model.tables[str(scope.keys[1])].behaviors[int(scope.keys[3])]
        wrong = _wrong(model, model.tables[scope.table.name], target, behavior)
        if wrong and wrong[0] == "unknown-table" and "." not in target and _may_be_column(behavior):
            wrong = _neither(model, model.tables[scope.table.name], target)
        if wrong:
            code, message, hint = wrong
            yield Problem(code, written(model.schema, scope.keys, target), message, hint)


def _may_be_column(behavior: Behavior) -> bool:
    """Whether the behavior's target may be a column of its own table, written without the table."""
    return isinstance(getattr(behavior, "rest", None) or behavior, TimeBehavior)


def _neither(model: SemanticModel, entity: TableInfo, target: str) -> Wrong:
    """The problem of a bare name that is neither a table nor a column of the entity."""
    known = [*entity.declared, *(name for name in model.tables if related(model, entity, model.tables[name]))]
    message = f"there is no column of '{entity.name}' and no table called '{target[:60]}'"
    return "unknown-table", message, did_you_mean(target, known)


def _wrong(model: SemanticModel, entity: TableInfo, target: str, behavior: Behavior) -> Wrong | None:
    meant = model.process_target(entity.name, target)
    if meant is not None:
        return _transition(model, entity, meant, behavior)
    table, dot, column = target.partition(".")
    facts = model.tables.get(table)
    if facts is None:
        known = [name for name in model.tables if related(model, entity, model.tables[name])]
        return "unknown-table", f"there is no table '{table[:60]}'", did_you_mean(table, known)
    if not related(model, entity, facts):
        message = f"'{table}' is neither below '{entity.name}' nor refers to it, so the behavior cannot reach it"
        common = next((name for name in entity.lineage if name in facts.lineage), None)
        above = f"declare the behavior on '{common}', their common ancestor" if common else ""
        return "unrelated-table", message, above or "declare the behavior on a table that it is related to"
    if dot:
        return _column(model, facts, column)
    return None if entity.name in chosen_from(model.tables, table) else _rate(facts, behavior)


def _transition(
    model: SemanticModel, entity: TableInfo, meant: tuple[str, str, str], behavior: Behavior
) -> Wrong | None:
    """The problem of multiplying a part of a process."""
    table, process, path = meant
    if not related(model, entity, model.tables[table]):
        message = f"'{table}' is neither below '{entity.name}' nor refers to it, so the behavior cannot reach it"
        return "unrelated-table", message, "declare the behavior on a table that it is related to"
    return model.tables[table].processes[process].target_problem(path, behavior)


def related(model: SemanticModel, entity: TableInfo, facts: TableInfo) -> bool:
    """Whether a row of `facts`, or an ancestor of it, belongs to a row of the entity."""
    if entity.name in facts.lineage or facts.name in model.lost:
        return True
    return any(
        _leads_to(model, name, column, entity.name) for name in facts.lineage for column in model.tables[name].columns
    )


def _leads_to(model: SemanticModel, table: str, column: str, entity: str) -> bool:
    """Whether the column is a reference to the entity's table, as far as it can be parsed."""
    generator = model.tables[table].columns[column]
    target = generator.refers_to(model.column(table, column))
    return target == entity or (target is None and isinstance(generator, InvalidColumn))


def _rate(facts: TableInfo, behavior: Behavior) -> Wrong | None:
    if facts.rows.multiplied:
        return facts.rows.multiplier_problem(behavior)
    message = f"the number of rows of '{facts.name}' is fixed ({facts.rows.type}), so it cannot be multiplied"
    return "no-effect", message, f"multiply a column, as in '{facts.name}.amount', or let its rows come over time"


def _column(model: SemanticModel, facts: TableInfo, column: str) -> Wrong | None:
    if column not in facts.columns:
        return no_column(facts.name, column, list(facts.declared))
    lines = pushed_down(model, f"{facts.name}.{column}")
    if lines != f"{facts.name}.{column}":
        return _column(model, model.tables[lines.partition(".")[0]], lines.partition(".")[2])
    if not facts.columns[column].multiplied:
        kind = facts.columns[column].type
        return (
            "no-effect",
            f"'{column}' is of type {kind}, which cannot be multiplied",
            "multiply the columns that it is computed from",
        )
    type_ = model.type_of(facts.name, column)
    if type_ is not None and not type_.numeric and type_.name != "duration":
        return "type", f"'{column}' is {type_}, which cannot be multiplied", "name a column of numbers"
    return None


def written(schema: Schema, keys: Keys, target: str) -> Keys:
    """The first place of a target below `keys`, in full or in its short form for the own table; else `keys`."""
    here = schema.at(keys)
    found = (_search(here, message, keys) for message in (target, target.partition(".")[2] or "rows"))
    return next((one for one in found if one), keys)


def _search(here: Any, text: str, keys: Keys) -> Keys | None:
    if here == text:
        return keys
    if isinstance(here, dict) and text in here:
        return (*keys, text)
    items = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
    found = (_search(value, text, (*keys, key)) for key, value in items)
    return next((one for one in found if one), None)
