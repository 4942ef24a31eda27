"""Repairs documents of another structure: tables as a list, values beside their weights, a column as one word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datagen.authoring.repair.change import Change, shown
from datagen.authoring.repair.foreign_kinds import foreign_column, named_kind
from datagen.authoring.repair.tree import Tree
from datagen.errors import json_path
from datagen.schema.reading.json_values import Keys

_NAMES = ("name", "id", "table", "column", "field")
_PROVIDERS = ("provider", "faker", "method", "generator", "kind")
_SHARES = (
    "weight", "weights", "probability", "probabilities", "p", "share", "shares", "percent", "percentage", "percentages",
    "proportions", "freq", "frequency", "frequencies",
)  # fmt: skip
_REFERENCES = ("fk", "foreign_key", "references")
_VALUES = ("value", "name", "label", "option")

Edits = Iterator[tuple[Keys, Any, str]]
"""The places to write, what to write there, and why."""


def fix_shapes(tree: Tree) -> list[Change]:
    """Write tables, columns and values in the shape of a document, wherever another shape is clear."""
    changes: list[Change] = []
    _apply(tree, changes, _unwrapped(tree))
    _apply(tree, changes, _tables(tree))
    for table in _names(tree, ("tables",)):
        at: Keys = ("tables", table)
        _apply(tree, changes, _columns(tree, at))
        for column in _names(tree, (*at, "columns")):
            for fix in (_word, _provider, _foreign_key, _typed, _weighted):
                _apply(tree, changes, fix(tree, (*at, "columns", column)))
    return changes


def _apply(tree: Tree, changes: list[Change], edits: Edits) -> None:
    for keys, value, reason in list(edits):
        changes.append(Change(json_path(*keys), shown(tree.at(keys)), shown(value), reason))
        tree.put(keys, value)


def _names(tree: Tree, keys: Keys) -> list[str]:
    here = tree.at(keys)
    return [str(name) for name in here] if isinstance(here, dict) else []


def _unwrapped(tree: Tree) -> Edits:
    """A document within an object of one key, such as `{"schema": {...}}`."""
    root = tree.root
    if isinstance(root, dict) and len(root) == 1 and "tables" not in root:
        inner = next(iter(root.values()))
        if isinstance(inner, dict) and "tables" in inner:
            yield (), inner, "the document is the outermost object"


def _tables(tree: Tree) -> Edits:
    yield from _keyed(tree, ("tables",), "tables are an object, each below its name")


def _columns(tree: Tree, at: Keys) -> Edits:
    yield from _keyed(tree, (*at, "columns"), "columns are an object, each below its name")


def _keyed(tree: Tree, at: Keys, reason: str) -> Edits:
    """A list of objects with names as an object; nothing where one has no name or two have the same."""
    here = tree.at(at)
    if not isinstance(here, list) or not all(isinstance(one, dict) for one in here):
        return
    if here and all(len(one) == 1 and isinstance(next(iter(one.values())), str | dict) for one in here):
        together = {name: value for one in here for name, value in one.items()}
        if len(together) == len(here):
            yield at, together, reason
        return
    named = [(next((key for key in _NAMES if isinstance(one.get(key), str)), None), one) for one in here]
    made = {one[key]: {name: value for name, value in one.items() if name != key} for key, one in named if key}
    if here and len(made) == len(here):
        yield at, made, reason


def _word(tree: Tree, at: Keys) -> Edits:
    """A column that is only the name of a kind."""
    word = tree.at(at)
    if isinstance(word, str) and re.search(r"\bprimary key\b", word, re.IGNORECASE):
        yield at, {"type": "key"}, "a column is an object with a 'type'"
    elif isinstance(word, str):
        kind = named_kind("generators", word)
        foreign = foreign_column(word, tree.at(("window",)))
        if kind or foreign:
            yield at, foreign or {"type": kind}, "a column is an object with a 'type'"


def _provider(tree: Tree, at: Keys) -> Edits:
    """A column of Faker's: `{"type": "faker", "provider": "first_name"}`, `{"faker": "name"}`."""
    column = tree.at(at)
    if not isinstance(column, dict) or column.get("type", "faker") not in ("faker", "fake"):
        return
    key = next((key for key in _PROVIDERS if isinstance(column.get(key), str)), None)
    if key is not None:
        rest = {name: value for name, value in column.items() if name not in ("type", key)}
        yield at, {"type": column[key], **rest}, "the kind of a column is its 'type'"


def _foreign_key(tree: Tree, at: Keys) -> Edits:
    """`{"fk": "users.id"}`, `{"type": "integer", "references": "users(id)"}`."""
    column = tree.at(at)
    key = next((key for key in _REFERENCES if key in column), None) if isinstance(column, dict) else None
    kind = column.get("type") if key else None
    if key is None or kind in ("reference", "parent_key") or not isinstance(kind, str | None):
        return
    target = column[key].get("table") if isinstance(column[key], dict) else column[key]
    if isinstance(target, str) and (kind is None or foreign_column(kind, None)):
        rest = {name: value for name, value in column.items() if name not in ("type", key)}
        yield at, {"type": "reference", "table": target, **rest}, "a reference to the key of a table"


def _typed(tree: Tree, at: Keys) -> Edits:
    """The values, the format or one of the types of JSON Schema and Avro, or a distribution beside a type."""
    column = tree.at(at)
    if not isinstance(column, dict):
        return
    kind, law = column.get("type"), column.get("distribution")
    rest = {name: value for name, value in column.items() if name not in ("type", "distribution")}
    plain = kind is None or (isinstance(kind, str) and foreign_column(kind, None) is not None)
    if plain and isinstance(column.get("enum"), list):
        rest.pop("enum")
        yield at, {"type": "choice", "values": column["enum"], **rest}, "values to choose from"
    elif kind == "string" and isinstance(column.get("format"), str) and _is_known(column["format"]):
        yield at, {"type": rest.pop("format"), **rest}, "the kind of a column is its 'type'"
    elif plain and isinstance(law, dict) and "type" in law:
        yield at, {**law, **rest}, "the kind of a column is its 'type'"
    elif plain and isinstance(law, str) and named_kind("generators", law):
        yield at, {"type": law, **rest}, "the kind of a column is its 'type'"
    elif isinstance(kind, list) and len(kind) == 2 and "null" in kind:
        named = kind[1] if kind[0] == "null" else kind[0]
        yield at, {"type": named, **rest, "nullable": True}, "the kind of a column is its 'type'"


def _is_known(name: str) -> bool:
    return named_kind("generators", name) is not None or foreign_column(name, {"start": "", "end": ""}) is not None


def _weighted(tree: Tree, at: Keys) -> Edits:
    """Values beside a list of weights, or as objects with a weight each."""
    column = tree.at(at)
    values = column.get("values") if isinstance(column, dict) else None
    if not isinstance(values, list) or not values:
        return
    beside = next((key for key in _SHARES if isinstance(column.get(key), list)), None)
    if beside is not None and len(column[beside]) == len(values) == len(set(map(str, values))):
        rest = {key: value for key, value in column.items() if key not in ("values", beside)}
        made = {str(value): weight for value, weight in zip(values, column[beside], strict=True)}
        yield at, {**rest, "values": made}, "each value has its weight"
    elif all(isinstance(one, list) and len(one) == 2 for one in values):
        made = {str(value): weight for value, weight in values}
        if len(made) == len(values):
            yield (*at, "values"), made, "each value has its weight"
    elif all(isinstance(one, dict) and set(one) & set(_VALUES) for one in values):
        weights = [next((one[key] for key in _SHARES if key in one), 1) for one in values]
        names = [next(str(one[key]) for key in _VALUES if key in one) for one in values]
        made = dict(zip(names, weights, strict=True))
        if len(made) == len(values):
            yield (*at, "values"), made, "each value has its weight"
