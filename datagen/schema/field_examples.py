"""Examples of fields for editors: values that the examples of the kinds give them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from datagen.registry import FAMILIES

JsonSchema = dict[str, Any]
MOST = 2
LONGEST, ONLY = 60, 300
"""The longest example as JSON, and the longest one of a field that has no other."""


def add_examples(root: JsonSchema) -> None:
    """Give each property of a JSON Schema of the language up to `MOST` examples, from the documents of the kinds."""
    for base in FAMILIES.values():
        for _, member in sorted(base.members.items()):
            for document in member.examples:
                _visit(document, root, root["$defs"])


def _visit(value: Any, schema: JsonSchema, definitions: JsonSchema) -> None:
    """Note the values of a part of a document at the properties of its schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        kind = f"{name}.{value.get('type')}" if isinstance(value, dict) else name
        _visit(value, definitions.get(kind if name in FAMILIES else name, {}), definitions)
        return
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        _visit(value, choice, definitions)
    for case in schema.get("allOf", ()):
        if isinstance(value, dict) and value.get("type") == case["if"]["properties"]["type"]["const"]:
            _visit(value, case["then"], definitions)
    for part, below in _parts(value, schema):
        if below is not schema and part is not value:
            _visit(part, below, definitions)


def _parts(value: Any, schema: JsonSchema) -> Iterator[tuple[Any, JsonSchema]]:
    """The parts of a value with their schemas; those that are properties are noted."""
    if isinstance(value, list):
        listed = schema.get("prefixItems", ())
        for position, item in enumerate(value):
            below = listed[position] if position < len(listed) else schema.get("items")
            if isinstance(below, dict):
                yield item, below
    if isinstance(value, dict):
        known = schema.get("properties", {})
        fits = set(schema.get("required", ())) <= set(value) and (not known or set(value) <= set(known))
        others = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        for key, part in value.items():
            if key in known and fits:
                _note(part, known[key])
                yield part, known[key]
            elif not known and isinstance(others[0], dict):
                yield part, others[0]


def _note(value: Any, schema: JsonSchema) -> None:
    """Add an example, unless it is the default, one of a list, or long."""
    plain = not isinstance(value, bool) and value not in (None, schema.get("default"))
    found = schema.get("examples", [])
    if not plain or "const" in schema or "enum" in schema or len(json.dumps(value)) > (LONGEST if found else ONLY):
        return
    if len(found) < MOST and value not in found:
        schema["examples"] = [*found, value]
