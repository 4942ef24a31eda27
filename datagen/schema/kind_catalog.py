"""Describes kinds for `datagen kinds`, the reference and the authoring brief: fields with types and defaults, and an
example.
"""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from inspect import cleandoc
from typing import Any, cast

from datagen.registry import FAMILIES, Kind, did_you_mean, load
from datagen.schema.document import Document
from datagen.schema.json_schema import JsonSchema, kind_schema
from datagen.schema.problems.known_keys import family_at
from datagen.schema.reading.json_values import Keys
from datagen.time_units import DURATION_PATTERN

_FEW = 6
_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind, as text."""

    name: str
    type: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind."""

    family: str
    name: str
    text: str
    fields: tuple[Field, ...]
    parts: tuple[Field, ...]
    """The fields of objects within the fields: `effects[].from`, `holidays.named.*.multiply`."""
    example: dict[str, Any] | None

    @property
    def summary(self) -> str:
        return self.text.split("\n\n")[0]

    @property
    def use(self) -> tuple[Keys, Any] | None:
        """The place and the value of the first use of the kind in its example."""
        if self.example is None:
            return None
        places = (keys for keys, value in _objects(self.example, ()) if value.get("type") == self.name)
        keys = next((keys for keys in places if family_at(Document, self.example, keys) == self.family), None)
        return None if not keys else (keys, functools.reduce(operator.getitem, keys, cast(Any, self.example)))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _objects(value: Any, keys: Keys) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """All objects within a value, from the outside in, and their places."""
    if isinstance(value, dict):
        yield keys, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in inner:
        yield from _objects(item, (*keys, key))


def found(name: str | None) -> list[Entry]:
    """The kinds of a name or family (`lognormal`, `generators`, `generators.lognormal`); all kinds for None."""
    load()
    return list(_entries(name))


def suggestion(name: str) -> str:
    """A hint for a name that is neither a kind nor a family."""
    return did_you_mean(name, sorted({kind for base in FAMILIES.values() for kind in base.members} | set(FAMILIES)))


def _entries(requested: str | None) -> Iterator[Entry]:
    for family, base in FAMILIES.items():
        for name, member in sorted(base.members.items()):
            if requested in (None, name, family, f"{family}.{name}"):
                declared, definitions = kind_schema(member, name)
                fields = tuple(_fields(declared, definitions))
                parts = {field.name: field for field in _parts("", declared, definitions)}
                text = _paragraphs(member.__doc__ or "")
                entry = Entry(family, name, text, fields, tuple(parts.values()), _example(member))
                yield replace(entry, fields=tuple(sorted(fields, key=_importance(entry, member))))


def _importance(entry: Entry, member: type[Kind]) -> Callable[[Field], tuple[bool, int]]:
    """A sort key: fields that are required or in the example come first, and those that the kind declares itself before
    those that it inherits.
    """
    names = {field.alias or name: name for name, field in member.model_fields.items()}
    lineage = [vars(one).get("__annotations__", {}) for one in member.__mro__]
    used = entry.use[1] if entry.use is not None else {}

    def place(field: Field) -> tuple[bool, int]:
        declared = next(depth for depth, one in enumerate(lineage, 1) if names[field.name] in one)
        return (field.default != "required" and field.name not in used, declared)

    return place


def _paragraphs(docstring: str) -> str:
    """A docstring with each paragraph on one line."""
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in cleandoc(docstring).split("\n\n"))


def _fields(declared: JsonSchema, definitions: JsonSchema) -> Iterator[Field]:
    required = declared.get("required", ())
    for name, schema in declared["properties"].items():
        if name != "type":
            default = "required" if name in required else _default(schema.get("default"))
            yield Field(name, _type(schema, definitions), default, schema.get("description", ""))


def _parts(place: str, declared: JsonSchema, definitions: JsonSchema) -> Iterator[Field]:
    """The fields of every object within the properties of `declared`, with their places; kinds have their own entry."""
    for name, schema in declared.get("properties", {}).items():
        for within, part in _objects_of(f"{place}{name}", schema, definitions):
            left = {key: one for key, one in definitions.items() if one is not part}  # an object may contain itself
            for field in _fields(part, definitions):
                yield replace(field, name=f"{within}.{field.name}")
            yield from _parts(f"{within}.", part, left)


def _objects_of(place: str, schema: JsonSchema, definitions: JsonSchema) -> Iterator[tuple[str, JsonSchema]]:
    """The named objects that a value may be or hold, with their places."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name in definitions and name not in FAMILIES:
        yield from _objects_of(place, definitions[name], definitions)
        if "properties" in definitions[name]:
            yield place, definitions[name]
    for choice in (*schema.get("anyOf", ()), *(case["then"] for case in schema.get("allOf", ()))):
        yield from _objects_of(place, choice, definitions)
    named = (*schema.get("patternProperties", {}).values(), schema.get("additionalProperties"))
    for inside, held in (("[]", schema.get("items")), *((".*", one) for one in named)):
        if isinstance(held, dict):
            yield from _objects_of(f"{place}{inside}", held, definitions)


def _default(value: Any) -> str:
    return "" if value in (None, "", [], {}) else json.dumps(value, ensure_ascii=False)


def _type(schema: JsonSchema, definitions: JsonSchema) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        return _referred(schema["$ref"].rpartition("/")[2], definitions)
    choices = schema.get("anyOf") or [case["then"] for case in schema.get("allOf", ())]
    if choices:
        options = [_type(one, definitions) for one in choices]
        return " or ".join(dict.fromkeys(option for option in options if option != "null"))
    if isinstance(schema.get("type"), list):
        return " or ".join(_WORDS.get(kind, kind) for kind in schema["type"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(_first_of(schema["enum"]))
    return _plain(schema, definitions)


def _first_of(listed: list[Any]) -> list[str]:
    return [*map(str, listed[:_FEW]), *["..."] * (len(listed) > _FEW)]


def _referred(name: str, definitions: JsonSchema) -> str:
    return f"one of {name}" if name in FAMILIES else _type(definitions[name], definitions)


def _plain(schema: JsonSchema, definitions: JsonSchema) -> str:
    if schema.get("pattern") == DURATION_PATTERN:
        return "duration"
    kind = str(schema.get("type", "any value"))
    if kind == "array":
        return f"list of {_type(schema['items'], definitions)}" if "items" in schema else "list"
    if kind == "object" and "properties" in schema:
        return f"object with {', '.join(_first_of(list(schema['properties'])))}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"object of {_type(inner, definitions)}" if isinstance(inner, dict) else "object"
    return _WORDS.get(kind, kind) + _bounds(schema)


def _bounds(schema: JsonSchema) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    high = None if high is not None and high >= 2**63 - 1 else high
    if low is None and high is None:
        return ""
    above = ">" if "exclusiveMinimum" in schema else "≥"
    below = "<" if "exclusiveMaximum" in schema else "≤"
    parts = [f"{above} {low:g}" if low is not None else "", f"{below} {high:g}" if high is not None else ""]
    return f" ({', '.join(part for part in parts if part)})"


def _example(member: type[Kind]) -> dict[str, Any] | None:
    return member.examples[0] if member.examples else None
