"""Writes the values of a new document into the text of an old one, so that comments, order and layout are kept."""

from __future__ import annotations

import difflib
from typing import Any

from datagen.authoring.repair.tree import Tree
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import read_text


def edited(text: str, document: dict[str, Any], *, yaml: bool) -> str:
    """The old text with the values of the new document. Text whose values are the same stays byte for byte."""
    tree = Tree(text, yaml=yaml)
    old = read_text(text, yaml=yaml).raw
    _bring(tree, (), old, document)
    return tree.text


def _bring(tree: Tree, at: Keys, old: Any, new: Any) -> None:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        _bring_object(tree, at, old, new)
    elif isinstance(old, list) and isinstance(new, list) and len(old) <= len(new):
        for index, value in enumerate(old):
            _bring(tree, (*at, index), value, new[index])
        for value in new[len(old) :]:
            tree.append(at, value)
    else:
        tree.put(at, new)


def _bring_object(tree: Tree, at: Keys, old: dict[str, Any], new: dict[str, Any]) -> None:
    for key in [key for key in old if key not in new]:
        tree.remove((*at, key))
    for key, value in new.items():
        if key in old:
            _bring(tree, (*at, key), old[key], value)
        else:
            tree.put((*at, key), value)


def difference(before: str, after: str, name: str) -> str:
    """What changed, as a unified diff; empty where nothing did."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "\n".join(lines)
