"""What chat models give: a document in the notation of another tool or language is repaired, or has a hint."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

import datagen
from datagen.authoring.repair import repair
from datagen.authoring.repair.calls import NotAValue, python_value

HEAD = "datagen: 1\nname: clinic\nwindow: {start: 2024-01-01, end: 2025-01-01}\n"
YEAR = {"start": "2024-01-01", "end": "2025-01-01"}


def patients(*columns: str, rows: str = "rows: 50", more: str = "") -> str:
    lines = "".join(f"      {column}\n" for column in ("id: {type: key}", *columns))
    return f"{HEAD}tables:\n  patients:\n    {rows}\n    columns:\n{lines}{more}"


def repaired(text: str) -> Any:
    """The document of a text, which repair makes valid; repairing it again changes nothing."""
    made = repair(text)
    assert made.valid, made.problems
    assert made.changes and all(change.place and change.reason for change in made.changes)
    assert repair(made.text).changes == ()
    return datagen.read(made.text).raw


WHOLE = {"type": "uniform", "min": 0, "max": 9999, "decimals": 0}
MONEY = {"type": "uniform", "min": 0, "max": 1000, "decimals": 2}
DATES = {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}
TEXT = {"type": "pattern", "pattern": "********"}
COLUMNS: list[tuple[str, Any]] = [
    ("normal(70, 12)", {"type": "normal", "mean": 70, "sd": 12}),
    ("np.random.normal(loc=70, scale=12)", {"type": "normal", "mean": 70, "sd": 12}),
    ("lognormal(median=40, sigma=0.5)", {"type": "lognormal", "median": 40, "sigma": 0.5}),
    ("lognormal(3, 1)", {"type": "lognormal", "median": 20.085537, "sigma": 1}),
    ("random.randint(1, 6)", {"type": "uniform", "decimals": 0, "min": 1, "max": 6}),
    ("random.expovariate(0.25)", {"type": "exponential", "mean": 4}),
    ("{type: randint(1, 6)}", {"type": "uniform", "decimals": 0, "min": 1, "max": 6}),
    ('{type: "normal(70, 12)", decimals: 1}', {"type": "normal", "mean": 70, "sd": 12, "decimals": 1}),
    ('choice(["f", "m"])', {"type": "choice", "values": ["f", "m"]}),
    ("one_of(a, b, c)", {"type": "choice", "values": ["a", "b", "c"]}),
    ("\"random.choices(['a', 'b'], weights=[3, 1], k=1)\"", {"type": "choice", "values": {"a": 3, "b": 1}}),
    ("fake.name()", {"type": "person_name"}),
    ('fake.date_between(start_date="-1y", end_date="today")', DATES),
    ("{type: expression, expression: COALESCE(id, 3)}", {"type": "expression", "expression": "COALESCE(id, 3)"}),
    ("{type=normal, mean=3, sd=1}", {"type": "normal", "mean": 3, "sd": 1}),
    ("{type: faker, provider: pyint, kwargs: {min_value: 1, max_value: 5}}",
     {"type": "uniform", "decimals": 0, "min": 1, "max": 5}),
    ("{type: normal, params: {mean: 3, std: 1}}", {"type": "normal", "mean": 3, "sd": 1}),
    ("Column(String(50), nullable=False)", TEXT),
    ("db.Column(db.Integer)", WHOLE),
    ("Column(Numeric(10, 2))", MONEY),
    ("mapped_column(Enum('a', 'b'))", {"type": "choice", "values": ["a", "b"]}),
    ("{type: Numeric(10, 2), default: 0, index: true}", MONEY),
    ('{type: DateTime, default: "func.now()"}', DATES),
    ("{type: integer, exclusiveMinimum: 0, maximum: 9}", {"type": "uniform", "decimals": 0, "min": 0, "max": 9}),
    ("{type: number, minimum: 0, maximum: 9, multipleOf: 0.01}",
     {"type": "uniform", "decimals": 2, "min": 0, "max": 9}),
    ('{type: string, pattern: "^[0-9]{5}$"}', {"type": "regex", "regex": "[0-9]{5}"}),
    ("{type: string, examples: [a, b]}", {"type": "choice", "values": ["a", "b"]}),
    ("{const: x}", {"type": "constant", "value": "x"}),
    ("{choices: [a, b], weights: [0.6, 0.4]}", {"type": "choice", "values": {"a": 0.6, "b": 0.4}}),
    ("[a, b, c]", {"type": "choice", "values": ["a", "b", "c"]}),
    ('{type: choice, values: "a, b"}', {"type": "choice", "values": ["a", "b"]}),
    ("{type: choice, values: [a: 60, b: 40]}", {"type": "choice", "values": {"a": 60, "b": 40}}),
    ("{colType: int, minValue: 1, maxValue: 9, random: true}",
     {"type": "uniform", "decimals": 0, "min": 1, "max": 9}),
    ("{colType: string, template: ddd-aaa}", {"type": "pattern", "pattern": "###-???"}),
    ("{type: Email Address, percentBlank: 5}", {"type": "email", "modifiers": [{"type": "nulls", "share": 0.05}]}),
    ("{type: Custom List, values: [a, b], selectionStyle: random}", {"type": "choice", "values": ["a", "b"]}),
    ("{type: IP Address v4}", {"type": "ip_address"}),
    ("\"'x' | 'y'\"", {"type": "choice", "values": ["x", "y"]}),
    ("{type: boolean}  // a flag", {"type": "boolean"}),
    ("{type: boolean, ...: ...}", {"type": "boolean"}),
    ("{type: choice, values: {a: 1, b", {"type": "choice", "values": {"a": 1}}),
    ("{type: normal, mean: ~70, sd: about 12}", {"type": "normal", "mean": 70, "sd": 12}),
    ('{type: normal, mean: "70,5", sd: 1_000}', {"type": "normal", "mean": 70.5, "sd": 1000}),
    ('{type: uniform, min: "€5", max: "1e6"}', {"type": "uniform", "min": 5, "max": 1000000}),
    ("{type: boolean, share: 1/4}", {"type": "boolean", "share": 0.25}),
    ("{type\uff1a boolean}", {"type": "boolean"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "meant"), COLUMNS, ids=lambda value: str(value)[:50])
def test_a_column_becomes_what_was_meant(given: str, meant: Any) -> None:
    assert repaired(patients(f"x: {given}"))["tables"]["patients"]["columns"]["x"] == meant


CHILD = "  visits:\n    parent: patients\n    {rows}\n    columns:\n      visit_id: {{type: key}}\n"
SPREAD = {"type": "per_parent", "count": {"type": "uniform", "min": 1, "max": 5}}


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ('rows: "100-200"', 150),
        ("rows: 1k to 2k", 1500),
        ("rows = 3", 3),
        ('rows: "1e3"', 1000),
        ("rows: about 500", 500),
        ("rows: 10^3", 1000),
        ("rows: one thousand", 1000),
        ("rows: 500 rows", 500),
        ("rows: 50  // fifty", 50),
    ],
)
def test_a_number_of_rows_is_understood(given: str, rows: int) -> None:
    assert repaired(patients(rows=given))["tables"]["patients"]["rows"] == rows


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ("rows: 1-5", SPREAD),
        ('rows: "randint(1, 5)"', SPREAD),
        ("rows: {min: 1, max: 5}", SPREAD),
        ("rows: poisson(5)", {"type": "per_parent", "count": {"type": "poisson", "mean": 5}}),
        ('rows: {type: per_parent, count: "poisson(mean=3)"}',
         {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}),
        ("per_parent: 3", {"type": "per_parent", "count": 3}),
    ],
)  # fmt: skip
def test_rows_below_a_parent_are_understood(given: str, rows: Any) -> None:
    assert repaired(patients(more=CHILD.format(rows=given)))["tables"]["visits"]["rows"] == rows


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ("{start: 15.01.24, end: 31.12.24}", "2024-01-15", "2024-12-31"),
        ("{start: 2024-Q1, end: 2024-Q4}", "2024-01-01", "2025-01-01"),
        ("2024-01-01 to 2024-12-31", "2024-01-01", "2024-12-31"),
        ("2024-01-01/2024-12-31", "2024-01-01", "2024-12-31"),
        ("{start: 2024-01-31, duration: 1 month}", "2024-01-31", "2024-02-29"),
        ("{start: 2023-01-01, length: 2y}", "2023-01-01", "2025-01-01"),
    ],
)
def test_a_window_is_understood(given: str, start: str, end: str) -> None:
    text = patients().replace("{start: 2024-01-01, end: 2025-01-01}", given)
    assert repaired(text)["window"] == {"start": start, "end": end}


@pytest.mark.parametrize(
    ("given", "delay"),
    [
        ("3 days", "3d"),
        ("1-3 days", {"type": "uniform", "min": "1d", "max": "3d"}),
        ("timedelta(days=3)", "3d"),
        ("P3D", "3d"),
        ("{type: lognormal, median: PT1H30M, sigma: 1}", {"type": "lognormal", "median": "90min", "sigma": 1}),
        ("{type: lognormal, median: 1h 30m, sigma: 1}", {"type": "lognormal", "median": "90min", "sigma": 1}),
        ('{type: lognormal, median: "01:30:00", sigma: 1}', {"type": "lognormal", "median": "90min", "sigma": 1}),
        ("{type: lognormal, median: {days: 3}, sigma: 1}", {"type": "lognormal", "median": "3d", "sigma": 1}),
    ],
)
def test_a_duration_is_understood(given: str, delay: Any) -> None:
    text = patients("at: {type: arrival_time}", f"x: {{type: after, column: at, delay: {given}}}")
    text = text.replace("rows: 50", "rows: {type: arrivals, count: 50}")
    assert repaired(text)["tables"]["patients"]["columns"]["x"]["delay"] == delay


SOUND = {
    "datagen": 1, "name": "clinic", "window": YEAR,
    "tables": {"patients": {"rows": 50, "columns": {"id": {"type": "key"}, "x": {"type": "boolean"}}}},
}  # fmt: skip
JSON = json.dumps(SOUND, indent=2)
YAML = patients("x: {type: boolean}")
BOOLEAN = '"boolean"'
PATIENTS = repr(SOUND["tables"]["patients"])  # type: ignore[index]
TABLES = repr(SOUND["tables"])
COLUMN_LIST = YAML.replace("columns:\n      id: {type: key}\n      x: {type: boolean}", "columns: [id, x]")
PYTHON = repr(SOUND).replace("'2024-01-01'", "date(2024, 1, 1)").replace("'2025-01-01'", "datetime(2025, 1, 1)")


@pytest.mark.parametrize(
    "text",
    [
        f"A minimal one:\n\n```yaml\ndatagen: 1\nname: mini\n```\n\nThe **whole**:\n\n```yaml\n{YAML}```\nEnjoy!",
        f"```bash\npip install datagen\n```\nSave this:\n```json\n{JSON}\n```\n```bash\ndatagen generate x.json\n```",
        JSON.replace('"type": "boolean"\n        }', '"type": "boolean"\n        },\n        // ... more ...'),
        JSON.replace('"rows": 50,', '"rows": 50,  # fifty'),
        JSON.replace('"rows": 50', '"rows": 25 * 2').replace("true", "True"),
        JSON.replace('":', '" =').replace('"', '"'),
        JSON.replace('":', '" =>'),
        JSON.replace('"', "\u201d"),
        JSON.replace('"', "\u2019"),
        JSON.replace('"boolean"', "\u00abboolean\u00bb"),
        JSON.replace('"boolean"', "`boolean`"),
        JSON.replace('"name": "clinic"', '"name: "clinic"'),
        JSON.replace('"type": "key"\n        },', '"type": "key"\n        ,'),
        f"```json\n{JSON[:-10]}",
        f"```python\nschema = {PYTHON}\ndatagen.generate(schema)\n```",
        f"schema = {repr(SOUND).replace(TABLES, f'dict(patients={PATIENTS})')}",
        f"const schema: Schema = {JSON.replace(BOOLEAN, BOOLEAN + ' as const')} satisfies Schema;",
        JSON.replace(",\n", ";\n"),
        html.escape(YAML.replace("boolean", '"boolean"')),
        f'<p>Here:</p><pre><code class="language-yaml">{html.escape(YAML)}</code></pre>',
        f'```python\nSCHEMA = """\n{YAML}"""\n```',
        f"```bash\ncat > schema.yaml <<'EOF'\n{YAML}EOF\n```",
        f"{YAML}      # more\n      ...\n",
        f"{YAML}---\n{YAML}",
        f"{YAML}      z: {{type: cho",
        YAML.replace("    columns", "     columns"),
        YAML.replace("      x:", "     x:"),
        YAML.replace("    columns", "\tcolumns"),
        YAML.replace(": {type", " = {type").replace("rows: ", "rows = ").replace("datagen: ", "datagen = "),
        YAML.replace("{type: boolean}", "{<<: *flag}").replace("tables:", "x-flag: &flag {type: boolean}\ntables:"),
        json.dumps([SOUND]),
        json.dumps({**{k: SOUND[k] for k in ("datagen", "name", "window")}, "table": "patients", "num_rows": 50,
                    "columns": [{"name": "id", "type": "Row Number"}, {"colName": "x", "colType": "boolean"}]}),
    ],
    ids=lambda text: " ".join(text.split())[:40],
)  # fmt: skip
def test_a_document_is_found_in_an_answer(text: str) -> None:
    assert repaired(text) == SOUND


@pytest.mark.parametrize(
    "extra",
    [
        {"relationships": [{"from": "visits.patient_id", "to": "patients.id", "type": "many-to-one"}]},
        {"relationships": [{"from_table": "visits", "from_column": "patient_id", "to_table": "patients"}]},
        {"relationships": [{"parent": "patients", "child": "visits", "on": "patient_id"}]},
    ],
)
def test_relations_beside_the_tables_become_references(extra: Any) -> None:
    visits = {"rows": 9, "columns": {"visit_id": {"type": "key"}, "patient_id": {"type": "integer"}}}
    text = json.dumps({**SOUND, "tables": {**SOUND["tables"], "visits": visits}, **extra})  # type: ignore[dict-item]
    assert repaired(text)["tables"]["visits"]["columns"]["patient_id"] == {"type": "reference", "table": "patients"}


def test_columns_of_sqlalchemy_with_keys_become_a_key_and_a_reference() -> None:
    columns = "id: Column(Integer, primary_key=True)\n      patient: Column(Integer, ForeignKey('patients.id'))\n"
    text = patients(more=f"  visits:\n    rows: 90\n    columns:\n      {columns}")
    assert list(repaired(text)["tables"]["visits"]["columns"].values()) == [
        {"type": "key"},
        {"type": "reference", "table": "patients"},
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (patients('x: {type: lognormal, mean: "normal(10, 2)", sigma: 1}'), "a parameter is one number"),
        (patients('x: {type: normal, mean: "70 ± 12"}'), "the second as 'sd'"),
        (patients("x:"), "for example"),
        (patients("x: {type: integer, uniqueValues: 5}"), "a 'reference' to a table of so many rows"),
        (YAML.replace("start: 2024-01-01", "start: 12 months ago"), "write a date"),
        (COLUMN_LIST, 'write "columns"'),
        ("```python\nclass Patient(Base):\n    id = Column(Integer, primary_key=True)\n```", "classes or models"),
        ("```ts\ninterface Patient {\n  id: number;\n}\n```", "classes or models"),
        ("```python\nimport dbldatagen as dg\nspec = dg.DataGenerator(spark, rows=100)\n```", "this is code"),
        ("| table | column |\n|---|---|\n| patients | id |\n", "a table of Markdown"),
    ],
    ids=lambda text: " ".join(text.split())[-30:],
)  # fmt: skip
def test_what_is_not_clear_has_a_hint_that_helps(text: str, hint: str) -> None:
    made = repair(text)
    assert not made.valid
    assert any(hint in f"{one.message}; {one.hint}" for one in made.problems), made.problems


@pytest.mark.parametrize("text", ["__import__('os')", "open('/x').read()"])
def test_an_expression_of_python_is_read_and_never_executed(text: str) -> None:
    assert python_value(text) == text


@pytest.mark.parametrize("text", ["9**9**9", "1/0", "lambda: 0", "[x for x in y]", "(" * 5000, "1e400 * 2", "x +"])
def test_what_is_no_value_of_python_is_refused(text: str) -> None:
    with pytest.raises(NotAValue):
        python_value(text)
