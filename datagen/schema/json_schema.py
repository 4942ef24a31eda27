"""The JSON Schema (2020-12) of the language, generated from the registry, for editors."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from datagen.registry import FAMILIES, Kind, load
from datagen.schema.document import Document
from datagen.schema.reading.json_values import MAX_INTEGER
from datagen.time_units import DURATION_PATTERN, parse_duration

JsonSchema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SAMPLES: tuple[tuple[str, Any], ...] = (
    ("integer", 1), ("number", 1.5), ("boolean", True), ("string", "a"), ("array", [1]), ("object", {"a": 1}),
)  # fmt: skip
MOST_EXAMPLES = 2
LONGEST, ONLY = 60, 300
"""The longest example as JSON, and the longest one of a field that has no other."""


@functools.cache
def json_schema() -> JsonSchema:
    """The JSON Schema of a document: one definition per family, whose members are distinguished by `type`. It is made
    once per process: do not change it.
    """
    load()
    definitions: JsonSchema = {}
    root = _of_model(Document, definitions)
    for family, base in sorted(FAMILIES.items()):
        definitions[family] = _family(family, base)
        for name, member in sorted(base.members.items()):
            definitions[_name(family, name)] = _member(member, name, definitions)
    root["$defs"] = dict(sorted(definitions.items()))
    add_examples(root)
    return {"$schema": DIALECT, **root}


def kind_schema(member: type[Kind], name: str) -> tuple[JsonSchema, JsonSchema]:
    """The JSON Schema of one kind, and the definitions of models that it refers to, without those of families."""
    definitions: JsonSchema = {}
    return _member(member, name, definitions), definitions


def _of_model(model: type[Any], definitions: JsonSchema) -> JsonSchema:
    """The schema of one model, without titles; nested models go to `definitions`."""
    made = model.model_json_schema()
    nested = made.pop("$defs", {})
    definitions.update({name: _tidy(schema) for name, schema in nested.items()})
    return dict(_tidy(made))


def _member(member: type[Kind], name: str, definitions: JsonSchema) -> JsonSchema:
    made = _of_model(member, definitions)
    made["properties"]["type"] = {"const": name}
    made["required"] = ["type", *(key for key in made.get("required", ()) if key != "type")]
    return made


def _family(family: str, base: type[Kind]) -> JsonSchema:
    """Its long form, selected by `type`, or any of its short spellings."""
    long = _selected({name: f"#/$defs/{_name(family, name)}" for name in sorted(base.members)})
    short = [{"type": kind} for kind, sample in _SAMPLES if base.shorthand(sample) != sample]
    described = {"description": (base.__doc__ or "").strip().splitlines()[0]}
    return {**described, "anyOf": [*short, long]} if short else {**described, **long}


def _selected(references: Mapping[str, str]) -> JsonSchema:
    """An object whose `type` selects its schema: only the errors of that one are reported."""
    cases = [
        {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": {"$ref": reference}}
        for name, reference in references.items()
    ]
    return {"type": "object", "required": ["type"], "properties": {"type": {"enum": [*references]}}, "allOf": cases}


def _name(family: str, member: str) -> str:
    return f"{family}.{member}"


def _tidy(schema: Any) -> Any:
    """The schema without pydantic's generated titles, with references to families, and with defaults as written in
    documents.
    """
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-family" in schema:
        rest = {key: value for key, value in schema.items() if key in ("description", "default")}
        return {"$ref": f"#/$defs/{schema['x-family']}", **rest}
    tidy = {key: _tidy(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    if "discriminator" in tidy:
        selected = _selected(tidy.pop("discriminator")["mapping"])
        tidy = {**selected, **{key: value for key, value in tidy.items() if key != "oneOf"}}
    if "patternProperties" in tidy:
        tidy.setdefault("additionalProperties", False)
    if tidy.get("type") == "integer":
        tidy.setdefault("maximum", MAX_INTEGER)
    if tidy.get("pattern") == DURATION_PATTERN and isinstance(tidy.get("default"), int):
        tidy["default"] = duration_text(tidy["default"])
    return tidy


def duration_text(micros: int) -> str:
    """A duration in the largest unit that divides it: `2y`, `90s`."""
    for unit in ("y", "mo", "w", "d", "h", "min", "s", "ms"):
        if micros and micros % parse_duration(f"1{unit}") == 0:
            return f"{micros // parse_duration(f'1{unit}')}{unit}"
    return f"{micros}us"


def add_examples(root: JsonSchema) -> None:
    """Give each property of the JSON Schema up to `MOST_EXAMPLES` examples, from the documents of the kinds."""
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
    if len(found) < MOST_EXAMPLES and value not in found:
        schema["examples"] = [*found, value]
