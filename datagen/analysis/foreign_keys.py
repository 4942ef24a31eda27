"""The foreign keys of the data: columns with keys of another table, from any kind of generator."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.analysis.semantic_model import SemanticModel
from datagen.kinds.generators.lookup import Lookup
from datagen.kinds.generators.parent_key import ParentKey
from datagen.kinds.generators.support.column_lookup import resolve_column, target_of


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of one table have the values of `keys` of a row of `table`, in this order."""

    columns: tuple[str, ...]
    table: str
    keys: tuple[str, ...]


def foreign_keys(model: SemanticModel, table: str) -> tuple[ForeignKey, ...]:
    """The foreign keys of a table: visible columns that hold visible keys, in column order."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in model.tables[table].declared:
        copied = _copied(model, table, name)
        if copied is not None:
            way, target, key = copied
            groups.setdefault((way, target), {}).setdefault(key, name)
    found: list[ForeignKey] = []
    for (_, target), columns in groups.items():
        found += _whole(model, target, columns)
    order = list(model.tables[table].columns)
    return tuple(sorted(found, key=lambda key: order.index(key.columns[0])))


def _copied(model: SemanticModel, table: str, name: str) -> tuple[str, str, str] | None:
    """The path to the row whose key a visible column copies, its table and the key's column; None if it copies none."""
    facts, scope = model.tables[table], model.column(table, name)
    generator = facts.columns[name]
    if generator.hidden or not generator.intact:
        return None
    if isinstance(generator, ParentKey):
        target, key = generator.refers_to(scope), generator.copied(scope)
        return ("", target, key) if target is not None and key is not None else None
    if isinstance(generator, Lookup):
        through = resolve_column(scope, generator.through)
        target = target_of(scope, generator.keys_in(scope))
        hidden = through is not None and (through[1].hidden or isinstance(through[1], Lookup))
        own = generator.through == generator.keys_in(scope) and not hidden
        return None if own or target is None else (generator.keys_in(scope), target, generator.column)
    target = generator.refers_to(scope) if generator.type != "key" else None
    key = model.tables[target].key if target in model.tables else None
    return (name, target, key) if target is not None and key is not None else None


def _whole(model: SemanticModel, target: str, columns: dict[str, str]) -> list[ForeignKey]:
    """The foreign keys among copies from one row: its whole key, and columns that are unique on their own."""
    facts = model.tables.get(target)
    if facts is None:
        return []
    shown = {key: name for key, name in columns.items() if key in facts.columns and not facts.columns[key].hidden}
    identity = facts.identity
    if identity and set(identity) <= set(shown):
        return [ForeignKey(tuple(shown[key] for key in identity), target, identity)]
    single = (key for key in shown if facts.columns[key].identifies and facts.columns[key].intact)
    return [ForeignKey((shown[key],), target, (key,)) for key in single]
