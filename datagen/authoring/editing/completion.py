"""Completions at a cursor: the keys, kinds and values that the JSON Schema of the language allows there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from datagen.authoring.editing.applicable import JsonSchema, applicable
from datagen.authoring.editing.block_reader import read_block
from datagen.authoring.editing.flow_reader import read_flow
from datagen.authoring.editing.nodes import Cursor, Keys, Node, cursor_at
from datagen.schema.json_schema import json_schema

MOST = 200
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal: its name, the text that replaces `start` to `stop`, what it is (key, kind, value, name), its
    help.
    """

    label: str
    insert: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """The proposals for `start` to `stop` of the text, best first."""

    start: int
    stop: int
    items: tuple[Completion, ...] = ()


def read_tree(text: str, *, yaml: bool, cursor: int | None = None) -> Node:
    """The tree of a document that may be unfinished."""
    return read_block(text, cursor) if yaml and not text.lstrip().startswith("{") else read_flow(text)


def complete(text: str, offset: int, *, yaml: bool) -> Completions:
    """What can be written at an offset of a document, JSON or YAML; the document need not be valid."""
    tree = read_tree(text, yaml=yaml, cursor=offset)
    cursor = cursor_at(text, tree, offset)
    if cursor is None:
        return Completions(offset, offset)
    schemas = applicable(json_schema(), tree, cursor.path)
    found = _keys(schemas, cursor, yaml) if cursor.role == "key" else _values(schemas, cursor, tree, yaml)
    if cursor.role == "key" and not any("properties" in one for one in schemas):
        found = _dashed(schemas, cursor, yaml)
    if cursor.role == "value" and cursor.block and yaml:
        found = [*found, *_first_keys(schemas, cursor)]
    unique = {one.insert: one for one in reversed(list(found))}
    return Completions(cursor.start, cursor.stop, tuple(_ranked(reversed(unique.values()), cursor.prefix))[:MOST])


def _ranked(found: Iterable[Completion], prefix: str) -> list[Completion]:
    """Those that contain what is written, those that begin with it first; all if nothing is written."""
    typed = prefix.casefold()
    kept = [one for one in found if typed in one.label.casefold()]
    return sorted(kept, key=lambda one: not one.label.casefold().startswith(typed))


# --- keys -----------------------------------------------------------------------------------------------------------


def _keys(schemas: list[JsonSchema], cursor: Cursor, yaml: bool) -> list[Completion]:
    """The keys of an object that are not there yet: `type`, those that it needs, the others."""
    needed = {key for one in schemas for key in one.get("required", ())}
    known: dict[str, JsonSchema] = {}
    for one in schemas:
        for key, below in one.get("properties", {}).items():
            known.setdefault(key, below)
    names = [key for key in known if key not in cursor.present]
    names.sort(key=lambda key: (key != "type", key not in needed))
    return [_key(key, known[key], cursor, yaml, needed=key in needed) for key in names]


def _key(key: str, schema: JsonSchema, cursor: Cursor, yaml: bool, *, needed: bool) -> Completion:
    written = key if yaml and _BARE.match(key) else json.dumps(key)
    return Completion(key, written if cursor.colon else f"{written}: ", "key", _detail(schema, needed=needed))


def _detail(schema: JsonSchema, *, needed: bool) -> str:
    parts = ["required" if needed else "", _first_line(schema)]
    default = schema.get("default")
    if default not in (None, "", [], {}):
        parts.append(f"default {json.dumps(default, ensure_ascii=False)[:60]}")
    return "; ".join(part for part in parts if part)


def _dashed(schemas: list[JsonSchema], cursor: Cursor, yaml: bool) -> list[Completion]:
    """The items of a list, on an empty line of YAML."""
    if not (yaml and cursor.block):
        return []
    found = []
    for one in schemas:
        if isinstance(one.get("items"), dict):
            for flat in applicable({**one["items"], "$defs": json_schema()["$defs"]}, Node("missing", 0, 0), ()):
                found += [Completion(c.label, f"- {c.insert}", c.what, c.detail) for c in _of_schema(flat, yaml)]
    return found


def _first_keys(schemas: list[JsonSchema], cursor: Cursor) -> list[Completion]:
    """The keys of an object that begins at an item of a block of YAML."""
    if cursor.prefix or not cursor.path or not isinstance(cursor.path[-1], int):
        return []
    return _keys(schemas, Cursor(cursor.path, "key", cursor.start, cursor.stop), True)


# --- values ---------------------------------------------------------------------------------------------------------


def _values(schemas: list[JsonSchema], cursor: Cursor, tree: Node, yaml: bool) -> list[Completion]:
    kind = cursor.path[-1:] == ("type",)
    around = applicable(json_schema(), tree, cursor.path[:-1]) if kind else []
    abouts = {name: about for one in around for name, about in _abouts(one).items()}
    found = [one for schema in schemas for one in _of_schema(schema, yaml, abouts)]
    names = _names(schemas, cursor.path, tree, yaml)
    return names if names and all(one.what == "value" for one in found) else [*found, *names]


def _of_schema(
    schema: JsonSchema, yaml: bool, abouts: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Completion]:
    """The values that one schema names: constants, true and false, examples, the kinds of a family.

    `abouts` describes the values of a list of kinds.
    """
    detail = _first_line(schema)
    listed = [schema["const"]] if "const" in schema else [*schema.get("enum", ())]
    if schema.get("type") == "boolean":
        listed = [True, False]
    for value in listed:
        yield Completion(
            _shown(value),
            _written(value, yaml),
            "value",
            abouts.get(value, detail) if isinstance(value, str) else detail,
        )
    own = _abouts(schema)
    for kind in schema.get("properties", {}).get("type", {}).get("enum", ()):
        yield Completion(kind, _snippet(kind, yaml), "kind", own.get(kind, ""))
    for value in [] if listed else [schema.get("default"), *schema.get("examples", ())]:
        if value not in (None, "", [], {}):
            yield Completion(_shown(value), _written(value, yaml), "value", detail)
    openings = {"object": ("{", "}"), "array": ("[", "]")}
    if schema.get("type") in openings and not yaml:
        opened, closed = openings[schema["type"]]
        yield Completion(f"{opened}{closed}", f"{opened}{closed}", "value", detail)


def _abouts(schema: JsonSchema) -> dict[str, str]:
    """The first line of the description of each kind of a family."""
    refs = [
        case["then"]["$ref"].rpartition("/")[2] for case in schema.get("allOf", ()) if "$ref" in case.get("then", {})
    ]
    return {name.rpartition(".")[2]: _first_line(json_schema()["$defs"][name]) for name in refs}


def _first_line(schema: JsonSchema) -> str:
    return str(schema.get("description", "")).split("\n")[0]


def _snippet(kind: str, yaml: bool) -> str:
    return f"{{type: {kind}}}" if yaml else f'{{"type": {json.dumps(kind)}}}'


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _written(value: Any, yaml: bool) -> str:
    """A value as it is written in a document."""
    if yaml and isinstance(value, str) and _BARE.match(value) and value not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


# --- names of the document ------------------------------------------------------------------------------------------


def _names(schemas: list[JsonSchema], path: Keys, tree: Node, yaml: bool) -> list[Completion]:
    """Tables and columns of the document, where the description of a text says that it names one."""
    texts = [one for one in schemas if "enum" not in one and "const" not in one]
    descriptions = " ".join(str(one.get("description", "")) for one in texts if "properties" not in one).casefold()
    if not any(one.get("type") == "string" for one in texts):
        return []
    found: list[Completion] = []
    tables = tree.child("tables")
    if "table" in descriptions or path[-1:] == ("parent",):
        found += [_name(entry.key, "table", yaml) for entry in (tables.entries if tables else ())]
    table = tables.child(path[1]) if tables and len(path) > 2 and path[0] == "tables" else None
    columns = table.child("columns") if table else None
    if "column" in descriptions or {"primary_key", "columns"} & {*path[2:3]} - {"columns"}:
        found += [_name(entry.key, "column", yaml) for entry in (columns.entries if columns else ())]
    return found


def _name(name: str, what: str, yaml: bool) -> Completion:
    return Completion(name, _written(name, yaml), "name", what)
