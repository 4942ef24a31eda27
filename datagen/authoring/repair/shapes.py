"""Repairs documents of another structure: tables as a list, values beside their weights, a column as one word."""

from __future__ import annotations

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
            for fix in (_word, _provider, _weighted):
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
    named = [(next((key for key in _NAMES if isinstance(one.get(key), str)), None), one) for one in here]
    made = {one[key]: {name: value for name, value in one.items() if name != key} for key, one in named if key}
    if here and len(made) == len(here):
        yield at, made, reason


def _word(tree: Tree, at: Keys) -> Edits:
    """A column that is only the name of a kind."""
    word = tree.at(at)
    if isinstance(word, str):
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
