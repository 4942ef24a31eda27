"""Documents drawn from the JSON Schema of the language: examples of kinds, with pieces replaced, added, moved and
spoilt.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from datagen.registry import FAMILIES, load
from datagen.schema.json_schema import json_schema
from datagen.schema.reading.read import read
from tests.analysis.documents import places

Json = dict[str, Any]
Keys = tuple[str | int, ...]
Schema = dict[str, Any]

MOST_ROWS = 40
TEXTS = ("a", "", " ", "x" * 300, "ö 客户", "a'b\"c", "2024-01-01", "1", "true", "null", "$.x", "a.b", "rows", "😀")
INSTANTS = (
    "2024-01-01", "2024-02-29", "2024-03-31T01:30:00", "2023-12-31T23:59:59.999999", "1969-07-20", "0001-01-01",
    "9999-12-31", "2024-06-01T00:00:00+05:30",
)  # fmt: skip
DURATIONS = ("0s", "1us", "90s", "45min", "2h", "1d", "30d", "3mo", "1y", "300y", "9000y")
NUMBERS = (0, 1, 2, 3, 7, 20, -1, 0.5, 0.1, 0.999, 1.5, -2.5, 1e-9, 1e-300, 100, 1e4, 1e6, 1e9, 1e12, 1e15, 1e18, 1e300)
EDGES = (
    0, -1, -0.0, 5e-324, 1e-9, 0.5, 3, 100, 1e9, 1e15, 1e18, 2**63 - 1, 2**63, -(2**63), 2**70, 1e308, -1e308,
    "nan", "inf", "-inf", "1e400", "9" * 400, "", True, None,
)  # fmt: skip
SMALL = 2_500
"""Characters of a small example."""
LIKELY = 12
"""How many of the numbers are of everyday size."""
EXPRESSIONS = (
    "{0} * 2", "{0} + {1}", "{0} - {1}", "{0} / {1}", "{0} = {1}", "{0} > 3", "{0} IS NULL", "UPPER({0})",
    "{0} || '-' || {1}", "CASE WHEN {0} > 5 THEN {1} ELSE 0 END", "COALESCE({0}, {1})", "ROUND({0}, 1)",
    "CAST({0} AS VARCHAR)", "CAST({0} AS INTEGER)", "YEAR({0})", "{0} + INTERVAL '3' DAY", "{0} IN ('a', 'b')",
    "ABS({0})", "EXP({0})", "1", "TRUE", "POWER({0}, 3)", "LENGTH({0})", "\"{0}\" + 1", "SUBSTRING({0}, 2, 3)",
)  # fmt: skip
ZONES = ("Asia/Kolkata", "Europe/Oslo", "America/New_York", "Nowhere/Else")


@cache
def corpus() -> tuple[Json, ...]:
    """Every example of every kind, and the example files."""
    load()
    found = [
        json.loads(json.dumps(example))
        for _, base in sorted(FAMILIES.items())
        for _, kind in sorted(base.members.items())
        for example in kind.examples
    ]
    files = sorted((Path(__file__).parents[2] / "examples").glob("*.[jy]*"))
    return (*found, *(read(path).raw for path in files))


@cache
def language() -> Schema:
    return json_schema()


def drawn(seed: int) -> Json:
    """One document: an example made small, changed in some places. The seed alone decides it."""
    dice = random.Random(seed)
    made = copy.deepcopy(dice.choice(corpus()))
    made["name"], made["seed"] = f"fuzz{seed}", dice.randrange(2**40)
    made.pop("output", None)
    if dice.random() < 0.3:
        made["output"] = {"type": dice.choice(["parquet", "csv", "jsonl"])}
    small(made)
    for _ in range(dice.choice([1, 1, 2, 3, 5])):
        if not any(_columns(table) for table in _objects(made.get("tables"))):
            break
        Change(dice, made).apply()
    if dice.random() < 0.9:
        small(made)
    return made


def edged(seed: int) -> Json:
    """A small example of a kind with one number replaced by a value at the edge of what numbers can be."""
    dice = random.Random(seed)
    made = copy.deepcopy(dice.choice([one for one in corpus() if len(json.dumps(one)) < SMALL and numbers(one)]))
    made.pop("output", None)
    small(made)
    keys = dice.choice(numbers(made))
    at(made, keys[:-1])[keys[-1]] = dice.choice(EDGES)
    return made


def numbers(made: Json) -> list[Keys]:
    """The places of the numbers within the parts of a document."""
    return [
        keys for keys in places(made) if type(at(made, keys)) in (int, float) and len(keys) > 2 and keys[0] != "output"
    ]


def at(made: Any, keys: Keys) -> Any:
    for key in keys:
        made = made[key]
    return made


def small(made: Json) -> None:
    """Make numbers of rows so small that a document is made at once."""
    for table in _objects(made.get("tables")):
        rows = table.get("rows")
        if isinstance(rows, int) and not isinstance(rows, bool):
            table["rows"] = min(rows, MOST_ROWS)
        elif isinstance(rows, dict):
            _bounded(rows)


def _bounded(rows: Json) -> None:
    for key, value in rows.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if key in ("count", "rows") and number:
            rows[key] = min(value, MOST_ROWS)
        elif key.startswith("mean_per") and number:
            rows[key] = min(value, 2.0)
        elif isinstance(value, dict):
            for name in ("mean", "max", "value"):
                if isinstance(value.get(name), int | float):
                    value[name] = min(value[name], 4)


def _objects(data: Any) -> list[Json]:
    return [one for one in data.values() if isinstance(one, dict)] if isinstance(data, dict) else []


class Change:
    """One change to a document."""

    def __init__(self, dice: random.Random, made: Json) -> None:
        self.dice, self.made = dice, made
        tables = {name: table for name, table in made["tables"].items() if isinstance(table, dict)}
        self.tables = [name for name, table in tables.items() if _columns(table)]
        self.columns = sorted({str(name) for table in tables.values() for name in _columns(table)})

    def apply(self) -> None:
        dice = self.dice
        change = dice.choice(
            [
                self.redraw,
                self.redraw,
                self.grow,
                self.grow,
                self.drop,
                self.splice,
                self.splice,
                self.behave,
                self.spoil,
            ]
        )
        change()

    # --- changes -----------------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Another value, of the shape that the language knows at a place."""
        keys = self._place()
        schema = self._schema_at(keys)
        if schema is not None:
            self._put(keys, self.value(schema))

    def grow(self) -> None:
        """One more key in an object, or item in a list."""
        keys = self._place(inner=True)
        schema = self._schema_at(keys)
        here = self._at(keys)
        if isinstance(here, list) and schema and "items" in schema:
            here.append(self.value(schema["items"]))
        elif isinstance(here, dict) and schema:
            absent = [key for key in schema.get("properties", {}) if key not in here and key != "$schema"]
            inner = self._inner(schema)
            if absent:
                key = self.dice.choice(absent)
                here[key] = self.value(schema["properties"][key])
            elif inner:
                here[self._key()] = self.value(inner)

    def drop(self) -> None:
        """One key or item less."""
        keys = self._place()
        here = self._at(keys[:-1])
        if len(keys) > 1 and len(here) > 1:
            del here[keys[-1]]

    def splice(self) -> None:
        """A column of another document, with what it names set to names that there are."""
        other = self.dice.choice(corpus())
        columns = _columns(self.made["tables"][self.dice.choice(self.tables)])
        table = other["tables"][self.dice.choice(list(other["tables"]))]
        name = self.dice.choice(list(table["columns"]))
        columns[name if self.dice.random() < 0.5 else self._key()] = self._renamed(
            copy.deepcopy(table["columns"][name])
        )

    def behave(self) -> None:
        """A behavior or an expectation of another document."""
        found = [(one, key) for other in corpus() for one, key in _lists(other)]
        piece, key = self.dice.choice(found)
        piece = self._renamed(copy.deepcopy(piece))
        home = self.made if key == "expectations" else self.made["tables"][self.dice.choice(self.tables)]
        if isinstance(home, dict):
            home[key] = [*(home.get(key) if isinstance(home.get(key), list) else []), piece]

    def spoil(self) -> None:
        """Something that has no place there."""
        junk = (None, True, -1, 1e300, "", "nonsense", [], {}, [[]], {"type": "nonsense"}, {"": 1}, self._text())
        self._put(self._place(), copy.deepcopy(self.dice.choice(junk)))

    # --- places ------------------------------------------------------------------------------------------------

    def _place(self, *, inner: bool = False) -> Keys:
        known = [keys for keys in places(self.made) if keys[0] not in ("datagen", "name", "seed")]
        known = [keys for keys in known if len(keys) > 2]
        if inner:
            known = [keys for keys in known if isinstance(self._at(keys), dict | list)]
        return self.dice.choice(known)

    def _at(self, keys: Keys) -> Any:
        here: Any = self.made
        for key in keys:
            here = here[key]
        return here

    def _put(self, keys: Keys, value: Any) -> None:
        self._at(keys[:-1])[keys[-1]] = value

    def _schema_at(self, keys: Keys) -> Schema | None:
        """What the language says of a place; None where it says nothing."""
        schema, here = language(), self.made
        for key in keys:
            inside = self._resolved(schema, here)
            here = here[key]
            schema = (
                inside.get("items")
                if isinstance(key, int)
                else inside.get("properties", {}).get(key) or self._inner(inside)
            )
            if not schema:
                return None
        return self._resolved(schema, here)

    def _resolved(self, schema: Schema, data: Any) -> Schema:
        """A schema without references and alternatives: those that fit `data` best."""
        for _ in range(12):
            if "$ref" in schema:
                schema = language()["$defs"][schema["$ref"].rpartition("/")[2]]
            elif "allOf" in schema:
                schema = self._member(schema, data)
            elif "anyOf" in schema or "oneOf" in schema:
                options = schema.get("anyOf") or schema["oneOf"]
                schema = next((one for one in options if self._fits(one, data)), options[0])
            else:
                return schema
        return schema

    def _member(self, family: Schema, data: Any) -> Schema:
        """The kind of a family that `data` names, else any."""
        named = {case["if"]["properties"]["type"]["const"]: case["then"] for case in family["allOf"]}
        name = data.get("type") if isinstance(data, dict) else None
        found: Schema = (
            named[name] if isinstance(name, str) and name in named else self.dice.choice(list(named.values()))
        )
        return found

    def _fits(self, schema: Schema, data: Any) -> bool:
        kinds = schema.get("type", "object" if "$ref" in schema else "")
        shape = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}.get(
            type(data), "null"
        )
        if "$ref" in schema:
            schema = language()["$defs"][schema["$ref"].rpartition("/")[2]]
            kinds = schema.get("type", "object")
        return shape in kinds or (shape == "integer" and "number" in kinds)

    def _inner(self, schema: Schema) -> Schema | None:
        """What the values of an object with any keys are."""
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
        return inner if isinstance(inner, dict) else None

    # --- values ------------------------------------------------------------------------------------------------

    def value(self, schema: Schema, depth: int = 0) -> Any:
        """A value of the shape that a schema describes."""
        if "$ref" in schema or "allOf" in schema:
            return self.value(self._resolved(schema, None), depth)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return self.value(self.dice.choice(options), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else self.dice.choice(kinds)
        return self._of(kind, schema, depth)

    def _of(self, kind: str, schema: Schema, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
            return [
                self.value(schema.get("items", {}), depth + 1)
                for _ in range(self.dice.randint(least, max(least, min(most, 3))))
            ]
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        return (
            {"boolean": self.dice.random() < 0.5, "null": None}.get(kind) if kind != "string" else self._string(schema)
        )

    def _object(self, schema: Schema, depth: int) -> Json:
        made: Json = {}
        needed = schema.get("required", ())
        for key, inner in schema.get("properties", {}).items():
            if key in needed or (depth < 4 and self.dice.random() < 0.2):
                made[key] = self.value(inner, depth + 1)
        inner = self._inner(schema)
        if inner:
            for _ in range(self.dice.randint(max(1, schema.get("minProperties", 1)), 3)):
                made[self._key()] = self.value(inner, depth + 1)
        return made

    def _number(self, schema: Schema, *, whole: bool) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1e300))
        high = schema.get("maximum", schema.get("exclusiveMaximum", 1e300))
        pool = NUMBERS[:LIKELY] if self.dice.random() < 0.8 else NUMBERS
        number = self.dice.choice(pool)
        if self.dice.random() < 0.95:
            number = min(max(number, low), high)
        return int(min(max(number, -(2**62)), 2**62)) if whole else number

    def _string(self, schema: Schema) -> str:
        examples = schema.get("examples", ())
        if any(str(one)[:4] == "2024" for one in examples) and self.dice.random() < 0.5:
            return self.dice.choice(INSTANTS)
        if any(str(one)[-1:] in "hd" for one in examples) and self.dice.random() < 0.8:
            return self.dice.choice(DURATIONS)
        return self._text()

    def _text(self) -> str:
        """Mostly the name of something that there is, or an expression on it."""
        dice = self.dice
        pick = dice.random()
        if pick < 0.35 and self.columns:
            return dice.choice(self.columns)
        if pick < 0.5:
            return dice.choice(self.tables)
        if pick < 0.75 and self.columns:
            return dice.choice(EXPRESSIONS).format(dice.choice(self.columns), dice.choice(self.columns))
        if pick < 0.8 and self.columns:
            return f"{dice.choice(self.tables)}.{dice.choice(self.columns)}"
        return dice.choice((*TEXTS, *INSTANTS, *DURATIONS, *ZONES))

    def _key(self) -> str:
        if self.columns and self.dice.random() < 0.5:
            return self.dice.choice(self.columns)
        return self.dice.choice(
            ("a", "b", "1", "2", "true", "mon", "US", "new_one", "größe", "Order ID", "_id", *self.tables)
        )

    def _renamed(self, piece: Any) -> Any:
        """The piece with each name of a column or table that is not there set to one that is."""
        if isinstance(piece, dict):
            return {key: self._named(key, value) for key, value in piece.items()}
        return [self._renamed(one) for one in piece] if isinstance(piece, list) else piece

    def _named(self, key: str, value: Any) -> Any:
        if key == "table" and isinstance(value, str) and value not in self.tables:
            return self.dice.choice(self.tables)
        if (
            key in ("column", "from", "to", "of", "born", "existing_at", "through")
            and isinstance(value, str)
            and self.columns
        ):
            return value if value in self.columns else self.dice.choice(self.columns)
        return self._renamed(value)


def _columns(table: Any) -> Json:
    columns = table.get("columns") if isinstance(table, dict) else None
    return columns if isinstance(columns, dict) else {}


def _lists(document: Json) -> Iterator[tuple[Any, str]]:
    for one in document.get("expectations", ()):
        yield one, "expectations"
    for table in document["tables"].values():
        for one in table.get("behaviors", ()):
            yield one, "behaviors"
