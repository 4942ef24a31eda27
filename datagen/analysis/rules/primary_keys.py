"""Primary keys: at most one column of type `key`, existing columns without nulls that are unique, a visible column."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.functional_dependencies import identified
from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import no_column
from datagen.analysis.table_info import OpenColumns, TableInfo
from datagen.errors import Problem


def primary_keys(model: SemanticModel) -> Iterator[Problem]:
    """Primary keys are unique, visible and never null."""
    for facts in model.tables.values():
        yield from _one_key(facts)
        yield from _nothing_shown(facts)
        wrong = [found for k, name in enumerate(facts.primary_key) for found in _primary(model, facts, name, k)]
        yield from wrong
        if facts.primary_key and not wrong:
            yield from _not_unique(model, facts)


def _nothing_shown(facts: TableInfo) -> Iterator[Problem]:
    if not isinstance(facts.columns, OpenColumns) and all(facts.columns[name].hidden for name in facts.declared):
        message = f"every column of '{facts.name}' is hidden, so the table has no data"
        yield Problem("no-effect", ("tables", facts.name, "columns"), message, "make at least one of them visible")


def _not_unique(model: SemanticModel, facts: TableInfo) -> Iterator[Problem]:
    if any(primary_keys[:2] == ("tables", name) for primary_keys in model.schema.unparsed for name in facts.lineage):
        return  # an unparsed piece may make it unique
    if not identified(model, facts.name, facts.primary_key):
        named = ", ".join(f"'{name}'" for name in facts.primary_key)
        message = f"nothing makes {named} unique: rows of '{facts.name}' can have the same"
        yield Problem("primary-key", ("tables", facts.name, "primary_key"), message, _would_be(facts))


def _would_be(facts: TableInfo) -> str:
    alone = "name a column of type key or uuid, or one that is 'unique'"
    if facts.parent is None:
        return alone
    return f"{alone}, or the key of '{facts.parent}' together with an 'ordinal' or a 'distinct' reference"


def _one_key(facts: TableInfo) -> Iterator[Problem]:
    found = [name for name in facts.declared if facts.columns[name].role == "key"]
    for name in found[1:]:
        message = f"'{facts.name}' already has a column of type key: '{found[0]}'"
        yield Problem("primary-key", ("tables", facts.name, "columns", name), message, "keep one of them")


def _primary(model: SemanticModel, facts: TableInfo, name: str, index: int) -> Iterator[Problem]:
    at = ("tables", facts.name, "primary_key", index)
    if name not in facts.columns:
        code, message, hint = no_column(facts.name, name, list(facts.declared))
        yield Problem(code, at, message, hint)
    elif name in facts.primary_key[:index]:
        yield Problem("primary-key", at, f"'{name}' is given twice", "name it once")
    elif model.nullable(facts.name, name):
        yield Problem(
            "primary-key", at, f"'{name}' can be missing", "a primary key must not be null: choose another column"
        )
    elif facts.columns[name].hidden:
        yield Problem("primary-key", at, f"'{name}' is hidden", "a primary key must be visible")
