import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from datagen.errors import SchemaError
from datagen.registry import FAMILIES, Strict, load
from datagen.schema.json_schema import duration_text, json_schema
from datagen.schema.reading.read import read
from datagen.time_units import parse_duration

load()
ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(json_schema())
KIND_EXAMPLES = [
    pytest.param(example, id=f"{family}.{name}.{number}")
    for family, base in FAMILIES.items()
    for name, kind in sorted(base.members.items())
    for number, example in enumerate(kind.examples)
]
FILES = sorted([*(ROOT / "examples").glob("*.json"), *(ROOT / "examples").glob("*.yaml")])
UNREADABLE = object()
SHAPES = ["unknown_keys", "unknown_key_in_column", "unknown_kinds", "names_that_escape", "wrong_types", "out_of_range"]
SHAPES += ["no_columns", "no_tables", "tables_as_list", "version_unknown", "everything_missing", "popularity_wrong"]


def test_it_is_a_json_schema_of_the_dialect_it_names() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)  # raises SchemaError
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_every_reference_in_it_resolves() -> None:
    schema = json_schema()
    text = json.dumps(schema)
    named = {piece.split('"')[0] for piece in text.split('"#/$defs/')[1:]}
    assert named <= set(schema["$defs"])
    assert "x-family" not in text


@pytest.mark.parametrize("document", KIND_EXAMPLES)
def test_every_example_of_a_kind_is_valid(document: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_example_file_is_valid(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(path).raw)] == []


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_shape_is_refused_as_the_reader_refuses_it(name: str) -> None:
    document = json.loads((Path(__file__).parent / "broken" / f"{name}.json").read_text())
    assert not VALIDATOR.is_valid(document)


def properties(schema: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of the language, with its place in the JSON Schema."""
    for name, below in (
        schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    ):
        if name == "properties":
            yield from ((f"{place}.{key}", one) for key, one in below.items() if key != "type")
        if name not in ("default", "examples", "if"):
            yield from properties(below, f"{place}.{name}")


def test_every_field_has_a_description() -> None:
    assert [place for place, one in properties(json_schema()) if not one.get("description")] == []


def test_fields_have_a_default_a_list_of_values_or_an_example_and_examples_are_valid() -> None:
    schema = json_schema()
    bare, wrong = [], []
    for place, one in properties(schema):
        if not one.keys() & {"const", "enum", "$ref", "examples", "default"} and one.get("type") != "boolean":
            bare.append(place)
        checker = Draft202012Validator({**{k: v for k, v in one.items() if k != "examples"}, "$defs": schema["$defs"]})
        wrong += [(place, value) for value in one.get("examples", ()) if not checker.is_valid(value)]
    assert wrong == []
    assert bare == []


def models(base: type[Strict] = Strict) -> Iterator[type[Strict]]:
    """Every model of the language: kinds, and the pieces of them."""
    for model in base.__subclasses__():
        yield from models(model)
        if "type" not in model.model_fields or isinstance(model.model_fields["type"].default, str):
            yield model


@pytest.mark.parametrize("model", [pytest.param(model, id=model.__name__) for model in models()])
def test_the_keys_that_are_read_are_the_keys_of_the_json_schema(model: type[Strict]) -> None:
    """What editors are told is what is accepted: names of Python's that stand for other keys are unknown keys."""
    fields = model.model_fields
    possible = {*fields, *(str(field.alias) for field in fields.values() if field.alias), "as_", "from_", "editor"}
    with pytest.raises(ValidationError) as caught:
        model.model_validate(dict.fromkeys(possible, UNREADABLE) | {"no_such_key": 1})
    refused = {one["loc"][0] for one in caught.value.errors() if one["type"] == "extra_forbidden"}
    assert possible - refused == set(model.model_json_schema()["properties"])


def test_names_of_python_are_no_keys_of_a_document() -> None:
    columns = {
        "id": {"type": "key"},
        "day": {"type": "constant", "value": "2024-01-01", "as_": "date"},
        "at": {"type": "time_between", "from_": "window_start", "to": "window_end"},
    }
    document = {"datagen": 1, "name": "a", "editor": "x", "tables": {"t": {"rows": 1, "columns": columns}}}
    with pytest.raises(SchemaError) as caught:
        read(document)
    assert [problem.keys[-1] for problem in caught.value.problems if problem.code == "unknown-key"] == [
        "editor", "as_", "from_",
    ]  # fmt: skip


def test_an_editor_may_say_where_the_schema_is() -> None:
    document = {
        "$schema": "./datagen.schema.json",
        "datagen": 1,
        "name": "a",
        "tables": {"t": {"rows": 1, "columns": {"id": {"type": "key"}}}},
    }
    assert VALIDATOR.is_valid(document)
    assert read(document).document.editor == "./datagen.schema.json"


@pytest.mark.parametrize("text", ["2y", "30d", "90s", "1us", "4w", "36h", "5ms", "7min"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert parse_duration(duration_text(parse_duration(text))) == parse_duration(text)
