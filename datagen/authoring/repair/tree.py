"""A document that can be edited: places are found by keys, comments and order of a YAML document stay."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from datagen.authoring.repair.yaml_layout import Node, dump, load
from datagen.schema.layout import json_text
from datagen.schema.reading.json_values import Keys, key_text


class Tree:
    """The values of a text that JSON or YAML reads without a problem of syntax."""

    def __init__(self, text: str, *, yaml: bool) -> None:
        self.yaml = yaml
        self.root: Node = load(text) if yaml else json.loads(text)
        self._given, self._edited = text, False

    @property
    def text(self) -> str:
        """The document as text: as it was given until the first edit."""
        if not self._edited:
            return self._given
        return dump(self.root) if self.yaml else json_text(self.root) + "\n"

    def touch(self) -> None:
        """Lay the text out anew, even if nothing is edited."""
        self._edited = True

    def at(self, keys: Keys) -> Node:
        """What stands at a place; None where nothing does."""
        here = self.root
        for key in keys:
            if isinstance(here, dict):
                here = here.get(_key(here, key))
            elif isinstance(here, list) and isinstance(key, int) and key < len(here):
                here = here[key]
            else:
                return None
        return here

    def has(self, keys: Keys) -> bool:
        """Whether an object has the last of the keys."""
        above = self.at(keys[:-1])
        return isinstance(above, dict) and _key(above, keys[-1]) in above

    def put(self, keys: Keys, value: Any, *, first: bool = False) -> None:
        """Write a value at a place; a new key stands last in its object, or `first`."""
        self._edited = True
        value = _inline(deepcopy(value)) if self.yaml else value  # one value at two places would be an alias
        if not keys:
            self.root = value
            return
        above = self.at(keys[:-1])
        if first and isinstance(above, dict):
            _reorder(above, [(keys[-1], value), *above.items()])
        else:
            above[_key(above, keys[-1]) if isinstance(above, dict) else keys[-1]] = value

    def append(self, keys: Keys, value: Any) -> None:
        """Write a value behind the others of a list."""
        self._edited = True
        self.at(keys).append(_inline(value) if self.yaml else value)

    def rename(self, keys: Keys, name: str) -> None:
        """Give the last of the keys another name at the same position."""
        self._edited = True
        above = self.at(keys[:-1])
        old = _key(above, keys[-1])
        _reorder(above, [(name if key == old else key, value) for key, value in above.items()])
        comments = getattr(getattr(above, "ca", None), "items", None)
        if comments and old in comments:
            comments[name] = comments.pop(old)

    def remove(self, keys: Keys) -> None:
        """Take a key and what it holds out of its object."""
        self._edited = True
        above = self.at(keys[:-1])
        del above[_key(above, keys[-1])]


def _reorder(mapping: dict[Any, Any], items: list[tuple[Any, Any]]) -> None:
    """Give a mapping other items without touching its comments, which ruamel.yaml keeps beside them."""
    for key in list(mapping):
        mapping.pop(key)
    mapping.update(items)


def _key(mapping: dict[Any, Any], key: str | int) -> Any:
    """The key of a mapping that our reader knows as the text `key`: YAML's 1, true and dates."""
    if key in mapping:
        return key
    return next((one for one in mapping if key_text(one) == key), key)


def _inline(value: Any) -> Any:
    """A plain value that YAML writes in one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq  # start-up: only documents in YAML need it

    if isinstance(value, dict) and not hasattr(value, "ca"):
        made: Any = CommentedMap((key, _inline(inner)) for key, inner in value.items())
    elif isinstance(value, list) and not hasattr(value, "ca"):
        made = CommentedSeq(map(_inline, value))
    else:
        return value
    made.fa.set_flow_style()
    return made


def yaml_lines(value: Any, *, flat: bool = False) -> list[str]:
    """The lines of a plain object or list, its keys or items below each other; each is one line if they are `flat`."""
    made = _inline(value)
    made.fa.set_block_style()
    lines = dump(made, flat=flat).rstrip("\n").split("\n")
    return [line[2:] for line in lines] if isinstance(value, list) else lines


def formatted(text: str, *, yaml: bool) -> str:
    """The text of a document laid out as this package writes it; keys that are written twice are left as they are."""
    try:
        tree = Tree(text, yaml=yaml)
    except ValueError:
        return text
    tree.touch()
    return tree.text
