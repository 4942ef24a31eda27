"""What people paste: a document in code, with a margin, within other text, or in the notation of another tool."""

from __future__ import annotations

import json
from typing import Any

import pytest

from datagen.authoring.repair import repair
from tests.authoring.repair.test_notations import document

SOUND = document({"type": "choice", "values": {"a": 1, "b": 2}})
JSON = json.dumps(SOUND, indent=2)
YAML = """datagen: 1
name: a
tables:
  t:
    rows: 3
    columns:
      id: {type: key}
"""


def numbered(text: str, mark: str) -> str:
    return "\n".join(f"{at + 1:2}{mark}{line}" for at, line in enumerate(text.split("\n")))


@pytest.mark.parametrize(
    "text",
    [
        f"Sure!\n\n{JSON}\n\nLet me know.",
        f"# The schema\n\n**Here it is:**\n\n{JSON}",
        f"schema = {SOUND!r}",
        f"```python\nimport datagen\nschema: dict = {SOUND!r}\ndatagen.generate(schema)\n```",
        f"const schema = {JSON};\nexport default schema;",
        numbered(JSON, ": "),
        numbered(JSON, " | "),
        "\n".join(f"> {line}" for line in JSON.split("\n")),
        "\n".join(f"+{line}" for line in JSON.split("\n")),
        JSON.replace('"', "&quot;"),
        json.dumps(JSON),
        json.dumps({"choices": [{"message": {"role": "assistant", "content": f"```json\n{JSON}\n```"}}]}),
        json.dumps({"content": [{"type": "text", "text": JSON}]}),
        f"````markdown\n```json\n{JSON}\n```\n````",
        f"{JSON}\n{JSON}",
    ],
    ids=lambda text: text[:30],
)
def test_a_document_is_found_where_it_was_pasted(text: str) -> None:
    made = repair(text)
    assert made.valid, made.problems
    assert json.loads(made.text) == SOUND and made.changes


@pytest.mark.parametrize(
    "text",
    [
        f"Here it is.\n\n{YAML}\nThis models tables. Note: it is small.\n",
        f"{YAML}---\n{YAML}",
        f"```yaml\n{YAML}```\nor\n```yaml\n{YAML}```",
        numbered(YAML, " | "),
        YAML.replace("rows: 3", "rows: 3_000"),
        YAML.replace("columns:\n      id: {type: key}", "columns:\n      - id: key\n      - email: email"),
    ],
    ids=lambda text: text[-40:],
)
def test_a_yaml_document_is_found_where_it_was_pasted(text: str) -> None:
    made = repair(text)
    assert made.valid, made.problems
    assert made.text.startswith("datagen: 1\n") and "Note" not in made.text


def test_a_text_of_two_lines_in_quotes_is_no_sentence_after_a_document() -> None:
    text = f'{YAML}description: "one line\nand another one"\n'
    assert (repair(text).text, repair(text).changes) == (text, ())


COLUMNS: list[tuple[Any, dict[str, Any]]] = [
    ("INTEGER NOT NULL", {"type": "uniform", "min": 0, "max": 9999, "decimals": 0}),
    ({"type": "TIMESTAMP WITH TIME ZONE"}, {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}),
    ({"type": "string", "enum": ["a", "b"]}, {"type": "choice", "values": ["a", "b"]}),
    ({"enum": ["a", "b"]}, {"type": "choice", "values": ["a", "b"]}),
    (
        {"type": "integer", "minimum": 1, "maximum": 5},
        {"type": "uniform", "decimals": 0, "min": 1, "max": 5},
    ),
    ({"type": "string", "format": "email"}, {"type": "email"}),
    ({"type": "number", "distribution": "normal", "mean": 3, "std": 1}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"type": "float", "distribution": {"type": "normal", "mean": 3, "sd": 1}}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"fk": "t.id"}, {"type": "reference", "table": "t"}),
    ({"type": "integer", "references": "t(id)"}, {"type": "reference", "table": "t"}),
    ({"foreign_key": {"table": "t", "column": "id"}}, {"type": "reference", "table": "t"}),
]


@pytest.mark.parametrize(("given", "repaired"), COLUMNS, ids=lambda value: json.dumps(value)[:60])
def test_a_column_of_sql_json_schema_or_avro_is_repaired(given: Any, repaired: dict[str, Any]) -> None:
    made = repair(json.dumps(document({"type": "boolean"}, child={"rows": 9, "columns": {"x": given}})))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["e"]["columns"]["x"] == repaired


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("<schema><table name='t'/></schema>", "this is XML"),
        ('datagen = 1\nname = "a"\n[tables.t]\nrows = 3\n', "this is TOML"),
        ("id,name,email\n1,a,b\n", "datagen infer FILE.csv"),
        ("class User(BaseModel):\n    id: int\n", "classes or models"),
        ("model User {\n  id Int @id\n}\n", "classes or models"),
        ("```sql\nCREATE TABLE t (id int primary key);\n```", "datagen infer FILE.sql"),
        ('{"type": "object", "properties": {"name": {"type": "string"}}}', "a JSON Schema describes"),
        ('{"type": "record", "name": "User", "fields": []}', "a schema of Avro"),
        (json.dumps({**SOUND, "window": {"start": "-1y", "end": "today"}}), "write a date"),
        (json.dumps(document({"type": ["null", "int"]})), "the modifier"),
        (JSON.replace('"a": 1', '"a": NaN'), "write a finite number"),
    ],
)
def test_what_is_no_document_has_a_hint(text: str, hint: str) -> None:
    made = repair(text)
    assert not made.valid
    hints = [problem.hint for problem in made.problems]
    assert any(hint in one or ("modifier" in hint and "a modifier" in one) for one in hints), hints
