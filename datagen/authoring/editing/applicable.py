"""The parts of a JSON Schema that apply to a place in a document, and what they allow there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datagen.authoring.editing.nodes import Keys, Node

JsonSchema = dict[str, Any]
_DEEPEST = 12


def applicable(root: JsonSchema, document: Node, path: Keys) -> list[JsonSchema]:
    """The schemas of the value at `path`, without references and choices: a choice gives each of its alternatives.

    A condition counts if the document fulfils it: the fields of a kind apply where its `type` is written.
    """
    node: Node | None = document
    here = list(_flat(root, root, node, 0))
    for key in path:
        node = node.child(key) if node is not None else None
        here = [flat for one in here for below in _below(one, key) for flat in _flat(root, below, node, 0)]
    return here


def _flat(root: JsonSchema, schema: JsonSchema, node: Node | None, depth: int) -> Iterator[JsonSchema]:
    """A schema and all that it consists of, for the value in `node`."""
    if depth > _DEEPEST:
        return
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        around: JsonSchema = {key: schema[key] for key in ("description", "default", "examples") if key in schema}
        yield from _flat(root, {**target, **around}, node, depth + 1)
        return
    if "if" in schema:
        if _holds(schema["if"], node):
            yield from _flat(root, schema["then"], node, depth + 1)
        return
    yield schema
    for below in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _flat(root, below, node, depth + 1)


def _holds(condition: JsonSchema, node: Node | None) -> bool:
    """Whether a value has the constants that a condition of the language asks for."""
    required = condition.get("properties", {})
    return node is not None and all(node.scalar(key) == one.get("const") for key, one in required.items())


def _below(schema: JsonSchema, key: str | int) -> Iterator[JsonSchema]:
    """The schemas of the value of a key, or of an item."""
    if isinstance(key, int):
        listed = schema.get("prefixItems", ())
        found = listed[key] if key < len(listed) else schema.get("items")
        if isinstance(found, dict):
            yield found
        return
    if key in schema.get("properties", {}):
        yield schema["properties"][key]
        return
    named = [one for pattern, one in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    yield from named
    if not named and isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]
