"""Repairs documents of another structure: tables as a list, values beside their weights, a column as one word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datagen.authoring.repair.calls import PythonCall, call_of
from datagen.authoring.repair.change import Change, shown
from datagen.authoring.repair.foreign_kinds import called_column, foreign_column, named_kind
from datagen.authoring.repair.tree import Tree
from datagen.authoring.repair.values import number_range, plain_name
from datagen.errors import json_path
from datagen.schema.reading.json_values import Keys, key_text

_NAMES = ("name", "id", "table", "column", "field", "colName", "column_name")
_PARAMETERS = ("params", "parameters", "kwargs", "args", "arguments", "options", "config")
_TYPES = ("colType", "dtype", "data_type", "dataType", "datatype", "column_type", "columnType")
_TYPE = "the kind of a column is its 'type'"
_LISTS = ("enum", "choices", "options", "categories", "elements", "examples")
_OMITTED = ("...", "\u2026", "etc.")
_UNION = re.compile(r"\s*(?:\"[^\"|]*\"|'[^'|]*')(?:\s*\|\s*(?:\"[^\"|]*\"|'[^'|]*'))+\s*\Z")
_POINTS = re.compile(r"\s*(?:fk|foreign[ _]key|ref|references)\W+(\w+)(?:[.(]\s*\w+\s*\)?)?\s*\Z", re.IGNORECASE)
_SHARE_BEHIND = re.compile(r"\s*(.+?)\s*[(:=-]\s*(\d+(?:\.\d+)?)\s*%\s*\)?\s*\Z")
_GENERATORS = ("generator", "distribution", "gen", "spec")
_PROVIDERS = ("provider", "faker", "method", "generator", "kind")
_SHARES = (
    "weight", "weights", "probability", "probabilities", "p", "share", "shares", "percent", "percentage", "percentages",
    "proportions", "freq", "frequency", "frequencies",
)  # fmt: skip
_REFERENCES = ("fk", "foreign_key", "references")
_VALUES = ("value", "name", "label", "option")

Json = dict[str, Any]
Edits = Iterator[tuple[Keys, Any, str]]
"""The places to write, what to write there, and why."""


def fix_shapes(tree: Tree) -> list[Change]:
    """Write tables, columns and values in the shape of a document, wherever another shape is clear."""
    changes: list[Change] = []
    _apply(tree, changes, _unwrapped(tree))
    _apply(tree, changes, _one_table(tree))
    changes += without_omissions(tree)
    _apply(tree, changes, _tables(tree))
    for table in _names(tree, ("tables",)):
        at: Keys = ("tables", table)
        _apply(tree, changes, _columns(tree, at))
        changes += _children(tree, at)
        for column in _names(tree, (*at, "columns")):
            for fix in (_word, _nested, _provider, _parameters, _foreign_key, _typed, _weighted):
                _apply(tree, changes, fix(tree, (*at, "columns", column)))
    changes += relations(tree)
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
    if isinstance(root, list) and len(root) == 1 and isinstance(root[0], dict) and "tables" in root[0]:
        yield (), root[0], "the document is an object"
    if isinstance(root, dict) and len(root) == 1 and "tables" not in root:
        inner = next(iter(root.values()))
        if isinstance(inner, dict) and "tables" in inner:
            yield (), inner, "the document is the outermost object"


def _one_table(tree: Tree) -> Edits:
    """The only table at the top: `{"name": ..., "num_rows": 100, "columns": [...]}`."""
    root = tree.root
    if not isinstance(root, dict) or "tables" in root or not isinstance(root.get("columns"), list | dict):
        return
    inside = [key for key in ("rows", "num_rows", "row_count", "count", "columns", "primary_key") if key in root]
    name = plain_name(str(root.get("table", root.get("name", "")))) or "records"
    rest = {key: value for key, value in root.items() if key not in (*inside, "table")}
    table = {"rows" if key not in ("columns", "primary_key") else key: root[key] for key in inside}
    yield (), {**rest, "tables": {name: table}}, "tables stand below 'tables'"


def _tables(tree: Tree) -> Edits:
    yield from _keyed(tree, ("tables",), "tables are an object, each below its name")


def _columns(tree: Tree, at: Keys) -> Edits:
    yield from _keyed(tree, (*at, "columns"), "columns are an object, each below its name")


def _children(tree: Tree, at: Keys) -> list[Change]:
    """Tables within the table that they hang below: they stand beside it and name it as their parent."""
    changes: list[Change] = []
    for key in ("children", "child_tables", "tables", "has_many"):
        inner = tree.at((*at, key)) if isinstance(tree.at(at), dict) else None
        below = inner if isinstance(inner, dict) else {}
        if below and all(isinstance(one, dict) and not tree.has(("tables", name)) for name, one in below.items()):
            tree.remove((*at, key))
            for name, table in below.items():
                rows = table.get("rows")
                each = {"rows": {"type": "per_parent", "count": rows}} if isinstance(rows, int) else {}
                tree.put(("tables", str(name)), {"parent": at[-1], **table, **each})
            changes.append(Change(json_path(*at, key), shown(below), "$.tables", "tables stand beside each other"))
    return changes


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
    """A column that is only a word, a call, a range or a list."""
    column, reason = tree.at(at), "a column is an object with a 'type'"
    if isinstance(column, list) and column and not any(isinstance(one, dict | list) for one in column):
        yield at, {"type": "choice", "values": column}, reason
    if isinstance(column, str):
        points = _to_column(column, _names(tree, ("tables",)))
        made = points or _of_call(column) or _of_signs(column) or _of_name(column, tree.at(("window",)))
        if made is not None:
            yield at, made, reason


def _to_column(text: str, tables: list[str]) -> Json | None:
    """A column that is written as a column of another table, such as `customers.customer_id`."""
    table, _, column = text.strip().partition(".")
    return {"type": "reference", "table": table} if table in tables and re.fullmatch(r"\w+", column) else None


def _of_call(text: str) -> Json | None:
    call = call_of(text)
    return called_column(call) if call is not None else None


def _of_signs(text: str) -> Json | None:
    """A column of `FK users.id`, `'a' | 'b'`, `=price * 2`, `1-5` or `INT PRIMARY KEY`."""
    points, pair = _POINTS.match(text), number_range(text)
    if points is not None:
        return {"type": "reference", "table": points[1]}
    if _UNION.match(text):
        return {"type": "choice", "values": re.findall(r"[^\"'|\s][^\"'|]*", text)}
    if pair is not None:
        whole = {"decimals": 0} if all(isinstance(one, int) for one in pair) else {}
        return {"type": "uniform", "min": pair[0], "max": pair[1], **whole}
    if re.match(r"\s*=\s*\S", text):
        return {"type": "expression", "expression": text.strip().removeprefix("=").strip()}
    return {"type": "key"} if re.search(r"\bprimary key\b", text, re.IGNORECASE) else None


def _of_name(text: str, window: Json | None) -> Json | None:
    """A column that is only the name of a kind, here or in another tool."""
    kind, foreign = named_kind("generators", text), foreign_column(text, window)
    return foreign or ({"type": kind} if kind else None)


def _nested(tree: Tree, at: Keys) -> Edits:
    """A generator within the column: `{"generator": {"type": ...}}`, `{"normal": {...}}`, `{"type": {"name": ...}}`;
    bounds as one text, arguments as a list.
    """
    column = tree.at(at)
    if not isinstance(column, dict):
        return
    kind = column.get("type")
    inner = next((key for key in _GENERATORS if isinstance(column.get(key), dict) and "type" in column[key]), None)
    only = next(iter(column)) if len(column) == 1 and not {*column} & {*_REFERENCES} else ""
    if kind is None and inner is not None and not {*column} & {*column[inner]}:
        yield at, {**column[inner], **{key: one for key, one in column.items() if key != inner}}, _TYPE
    elif isinstance(column.get(only), dict) and (named := named_kind("generators", only)) is not None:
        yield at, {"type": named, **column[only]}, _TYPE
    elif isinstance(kind, dict) and isinstance(named := kind.get("name", kind.get("type")), str):
        rest = {key: one for key, one in kind.items() if key not in ("name", "type")}
        yield at, {"type": named, **rest, **{key: one for key, one in column.items() if key != "type"}}, _TYPE
    elif isinstance(column.get("min"), str) and "max" not in column and (pair := number_range(column["min"])):
        yield at, {**column, "min": pair[0], "max": pair[1]}, "a lower and an upper bound"
    elif isinstance(kind, str) and isinstance(column.get("args"), list):
        called = called_column(PythonCall(kind, tuple(column["args"]), {}))
        if called is not None:
            yield at, {**called, **{key: one for key, one in column.items() if key not in ("type", "args")}}, _TYPE


def _provider(tree: Tree, at: Keys) -> Edits:
    """A column of Faker's: `{"type": "faker", "provider": "first_name"}`, `{"faker": "name"}`."""
    column = tree.at(at)
    if not isinstance(column, dict) or column.get("type", "faker") not in ("faker", "fake"):
        return
    key = next((key for key in _PROVIDERS if isinstance(column.get(key), str)), None)
    if key is not None:
        rest = {name: value for name, value in column.items() if name not in ("type", key)}
        yield at, {"type": column[key], **rest}, "the kind of a column is its 'type'"


def _parameters(tree: Tree, at: Keys) -> Edits:
    """A type under the name of another tool, and parameters in an object of their own."""
    column = tree.at(at)
    if not isinstance(column, dict):
        return
    kind = next((key for key in _TYPES if isinstance(column.get(key), str)), None)
    if kind is not None and "type" not in column:
        yield at, {"type": column[kind], **{key: one for key, one in column.items() if key != kind}}, _TYPE
        return
    inner = next((key for key in _PARAMETERS if isinstance(column.get(key), dict)), None)
    if inner is not None and isinstance(column.get("type"), str) and not set(column) & set(column[inner]):
        rest = {name: value for name, value in column.items() if name != inner}
        yield at, {**rest, **column[inner]}, "parameters stand beside the 'type'"


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
    if isinstance(column, dict):
        kind = column.get("type")
        plain = kind is None or (isinstance(kind, str) and foreign_column(kind, None) is not None)
        made = (_described(column) if plain else None) or _of_type(column, plain=plain)
        if made is not None:
            yield at, made, _TYPE


def _described(column: Json) -> Json | None:
    """A column of a type that says little, by what stands beside it."""
    rest = {name: value for name, value in column.items() if name != "type"}
    listed = next((key for key in _LISTS if isinstance(column.get(key), list)), None)
    pattern = column.get("pattern")
    if listed is not None and "values" not in column:
        return {"type": "choice", "values": rest.pop(listed), **rest}
    if "type" in column and isinstance(column.get("values"), list | dict):
        return {"type": "choice", **rest}
    if "type" in column and re.fullmatch(r"[dDaAkK]+([-_./ ][dDaAkK]+)*", str(column.get("template", ""))):
        shape = re.sub("[dD]", "#", re.sub("[aA]", "?", re.sub("[kK]", "*", rest.pop("template"))))
        return {"type": "pattern", "pattern": shape, **rest}
    if "const" in column:
        return {"type": "constant", "value": rest.pop("const"), **rest}
    if column.get("primary_key") is True and column.get("type") not in ("string", "text", "varchar"):
        return {"type": "key"}
    if "type" in column and isinstance(pattern, str) and re.search(r"[\^$\[\\+{]", pattern):
        return {"type": "regex", "regex": rest.pop("pattern").removeprefix("^").removesuffix("$"), **rest}
    return None


def _of_type(column: Json, *, plain: bool) -> Json | None:
    """A column whose type is a call, a format, a pair with null, or a distribution beside it."""
    kind, distribution = column.get("type"), column.get("distribution")
    rest = {name: value for name, value in column.items() if name not in ("type", "distribution")}
    call = call_of(kind) if isinstance(kind, str) and "(" in kind else None
    called = called_column(call) if call is not None else None
    if called is not None and (len(called) > 1 or called["type"] in ("key", "choice")):
        return {**called, **rest}
    if kind == "string" and isinstance(column.get("format"), str) and _is_known(column["format"]):
        return {"type": rest.pop("format"), **rest}
    if plain and isinstance(distribution, dict) and "type" in distribution:
        return {**distribution, **rest}
    if plain and isinstance(distribution, str) and named_kind("generators", distribution):
        return {"type": distribution, **rest}
    if isinstance(kind, list) and len(kind) == 2 and "null" in kind:
        return {"type": kind[1] if kind[0] == "null" else kind[0], **rest, "nullable": True}
    return None


def _is_known(name: str) -> bool:
    return named_kind("generators", name) is not None or foreign_column(name, {"start": "", "end": ""}) is not None


def _weighted(tree: Tree, at: Keys) -> Edits:
    """Values beside a list of weights, as objects with a weight each, or as a text of all of them."""
    column = tree.at(at)
    values = column.get("values") if isinstance(column, dict) else None
    mark = next((mark for mark in ",|;" if isinstance(values, str) and mark in values), None)
    if (
        isinstance(values, str)
        and mark is not None
        and (column.get("type") == "choice" or named_kind("generators", str(column.get("type"))) == "choice")
    ):
        yield (*at, "values"), [one.strip() for one in values.split(mark) if one.strip()], "a list of values"
    if not isinstance(values, list) or not values:
        return
    beside = next((key for key in _SHARES if isinstance(column.get(key), list)), None)
    if beside is not None and len(column[beside]) == len(values) == len(set(map(str, values))):
        rest = {key: value for key, value in column.items() if key not in ("values", beside)}
        made = {str(value): weight for value, weight in zip(values, column[beside], strict=True)}
        yield at, {**rest, "values": made}, "each value has its weight"
        return
    pairs = [_with_weight(one) for one in values]
    found = dict(one for one in pairs if one is not None)
    if len(found) == len(values):
        yield (*at, "values"), found, "each value has its weight"


def _with_weight(value: Any) -> tuple[str, Any] | None:
    """A value and its weight: `[a, 60]`, `{value: a, weight: 60}`, `{a: 60}`, `a (60%)`; None for a value alone."""
    behind = _SHARE_BEHIND.match(value) if isinstance(value, str) else None
    if behind is not None:
        return behind[1], float(behind[2])
    if isinstance(value, list) and len(value) == 2:
        return str(value[0]), value[1]
    if not isinstance(value, dict):
        return None
    name = next((key for key in _VALUES if key in value), None)
    if name is not None:
        return str(value[name]), next((value[key] for key in _SHARES if key in value), 1)
    only = list(value.items()) if len(value) == 1 else []
    return (str(only[0][0]), only[0][1]) if only and isinstance(only[0][1], int | float | str) else None


def without_omissions(tree: Tree, at: Keys = ()) -> list[Change]:
    """Take away keys and items that only say that something was left out."""
    changes: list[Change] = []
    here = tree.at(at)
    inner = here.items() if isinstance(here, dict) else enumerate(here if isinstance(here, list) else ())
    for key, value in reversed(list(inner)):
        name = str(key_text(key)) if isinstance(here, dict) else key
        if name in _OMITTED or (isinstance(here, list) and value in _OMITTED):
            tree.remove((*at, name))
            changes.append(Change(json_path(*at, name), shown(value), "", "something was left out here"))
        elif isinstance(value, dict | list):
            changes += without_omissions(tree, (*at, name))
    return changes


_EDGES = ("relationships", "relations", "foreign_keys", "references")


def relations(tree: Tree) -> list[Change]:
    """Foreign keys that are declared beside the columns become references."""
    changes: list[Change] = []
    places: list[Keys] = [(), *(("tables", table) for table in _names(tree, ("tables",)))]
    for at in places:
        for key in _EDGES:
            edges = tree.at((*at, key)) if isinstance(tree.at(at), dict) else None
            found = [_edge(edge, at) for edge in edges] if isinstance(edges, list) else []
            if found and all(one and isinstance(tree.at(one[0]), dict) for one in found):
                for column, target in (one for one in found if one):
                    if tree.at(column).get("type") not in ("reference", "parent_key"):
                        tree.put(column, {"type": "reference", "table": target})
                changes.append(Change(json_path(*at, key), shown(edges), "", "a column of type 'reference' says it"))
                tree.remove((*at, key))
    return changes


def _edge(edge: Any, at: Keys) -> tuple[Keys, str] | None:
    """The column that points to a table, and the table; None where it is not clear."""
    if not isinstance(edge, dict):
        return None
    first = {name: edge[key] for name, keys in _EDGE_KEYS for key in keys if isinstance(edge.get(key), str)}
    target = next((edge[key] for key in _TARGETS if key in edge), None)
    target = target.get("table") if isinstance(target, dict) else target
    table, _, column = first.get("from", "").partition(".")
    table, column = first.get("table", table) or (str(at[1]) if at else ""), first.get("column", column)
    if not table or not column or not isinstance(target, str):
        return None
    return ("tables", table, "columns", column), re.split(r"[.(]", target)[0].strip()


_EDGE_KEYS = (
    ("from", ("from", "source", "child")),
    ("table", ("from_table", "child_table", "source_table")),
    ("column", ("from_column", "column", "child_column", "source_column", "foreign_key", "field", "on", "via", "key")),
)
_TARGETS = (
    "to_table",
    "references",
    "to",
    "target",
    "parent_table",
    "references_table",
    "target_table",
    "ref_table",
    "parent",
    "table",
)
