import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import AddressError, SchemaError
from datagen.schema.reading.json_values import MAX_INTEGER
from datagen.schema.reading.read import MAX_BYTES, read

DOCUMENT: dict[str, Any] = {
    "datagen": 1,
    "name": "shop",
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "things": {"rows": 5, "columns": {"id": {"type": "key"}, "x": {"type": "choice", "values": ["yes", "no"]}}}
    },
}
YAML = """\
datagen: 1
name: shop
window: {start: 2024-01-01, end: 2025-01-01}
tables:
  things:
    rows: 5
    columns:
      id: {type: key}
      x:
        type: choice
        values: [yes, no]
"""


def refused(source: Any) -> str:
    with pytest.raises(SchemaError) as caught:
        read(source)
    return str(caught.value)


def test_a_mapping_a_text_and_a_file_say_the_same(tmp_path: Path) -> None:
    import json

    text = json.dumps(DOCUMENT)
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.yml").write_text(YAML)
    read_from = [read(s) for s in (DOCUMENT, text, "\ufeff" + text, YAML, tmp_path / "a.json", str(tmp_path / "a.yml"))]
    assert all(schema.raw == DOCUMENT for schema in read_from)
    assert all(schema.document == read_from[0].document for schema in read_from)


def test_a_schema_is_read_once() -> None:
    schema = read(DOCUMENT)
    assert read(schema) is schema


def test_yaml_reads_yes_on_and_dates_as_the_text_they_are() -> None:
    values = ["yes", "No", "on", "OFF", "2024-01-31", "2024-01-31T10:00:00Z", "12:30", "1_000", "0o", "1e", "."]
    listed = "".join(f"        - {value}\n" for value in values)
    schema = read(YAML.replace("        values: [yes, no]\n", "        values:\n" + listed))
    assert schema.raw["tables"]["things"]["columns"]["x"]["values"] == values


def test_yaml_reads_numbers_null_and_booleans_by_the_core_schema() -> None:
    listed = "[12, -3, 0o17, 0x1F, 1.5, .5, 1e3, true, FALSE, '7', \"true\"]"
    schema = read(YAML.replace("[yes, no]", listed))
    values = schema.raw["tables"]["things"]["columns"]["x"]["values"]
    assert values == [12, -3, 15, 31, 1.5, 0.5, 1000.0, True, False, "7", "true"]
    assert [type(value) for value in values[:4]] == [int] * 4


NATURAL = """
datagen: 1
name: natural
description: 2024
window: {start: 2024-01-01, end: 2025-01-01}
tables:
  t:
    rows: 10
    columns:
      id: {type: key}
      flag: {type: choice, values: {true: 97, False: 3}}
      digit: {type: choice, values: {1: 70, 02: 30}}
      word: {type: choice, values: {yes: 1, off: 2}}
      day: {type: choice, values: {2024-01-01: 1, 2024-02-01: 2}, as: date}
      price: {type: case, column: flag, cases: {true: 1.5, false: 2.5}}
      one: {type: expression, expression: 1}
      2024: {type: uuid}
"""


def test_yaml_as_people_write_it_is_read_as_meant() -> None:
    """Numbers, truth values and dates are keys like any other, and whole numbers are text where only text can stand."""
    raw = read(NATURAL).raw
    columns = raw["tables"]["t"]["columns"]
    assert raw["description"] == "2024" and columns["one"]["expression"] == "1"
    assert [list(columns[name]["values"]) for name in ("flag", "digit", "word", "day")] == [
        ["true", "false"], ["1", "02"], ["yes", "off"], ["2024-01-01", "2024-02-01"],
    ]  # fmt: skip
    assert list(columns["price"]["cases"]) == ["true", "false"]


def test_keys_of_a_mapping_mean_what_they_mean_in_yaml() -> None:
    values = {1: 1, 2.5: 1, dt.date(2024, 1, 1): 1, "a": 1}
    columns = {"a": {"type": "choice", "values": {True: 97, False: 3}}, "b": {"type": "choice", "values": values}}
    raw = read({**DOCUMENT, "tables": {"t": {"rows": 5, "columns": columns}}}).raw["tables"]["t"]["columns"]
    assert list(raw["a"]["values"]) == ["true", "false"]
    assert list(raw["b"]["values"]) == ["1", "2.5", "2024-01-01", "a"]


def test_keys_that_become_the_same_text_are_written_twice() -> None:
    assert "key '1' is given twice" in refused(NATURAL.replace("{1: 70", "{1: 70, '1': 2"))
    values = {"type": "choice", "values": {1: 5, "1": 3}}
    assert "key '1' is given twice" in refused({**DOCUMENT, "tables": {"t": {"rows": 5, "columns": {"a": values}}}})


@pytest.mark.parametrize("key", ["null", "~", "", "[a, b]", "{a: b}", "!!int 3"])
def test_a_key_that_cannot_be_text_is_one_problem_among_all_the_others(key: str) -> None:
    """What else is wrong with the document is told in the same round."""
    wrong = NATURAL.replace("yes: 1", f"? {key}\n : 1").replace("type: uuid", "type: uuuid")
    words = refused(wrong).splitlines()
    assert [line.partition(" (")[0] for line in words] == [
        "$.tables.t.columns.word.values", '$.tables.t.columns["2024"].type',
    ]  # fmt: skip


def test_yaml_knows_the_line_of_every_place() -> None:
    schema = read(YAML)
    assert schema.lines is not None
    assert schema.lines["tables", "things", "columns", "x", "values"] == 11
    assert schema.lines["window", "end"] == 3


def test_a_value_may_be_repeated_by_its_anchor() -> None:
    schema = read(
        YAML.replace("id: {type: key}", "id: &key {type: key}").replace("rows: 5", "rows: &n 5\n    primary_key: [id]")
    )
    assert schema.raw["tables"]["things"]["rows"] == 5


def test_dates_and_tuples_of_python_are_taken_for_what_they_mean() -> None:
    document = {**DOCUMENT, "window": {"start": dt.date(2024, 1, 1), "end": dt.datetime(2025, 1, 1)}}  # noqa: DTZ001
    schema = read(document)
    assert schema.raw["window"] == {"start": "2024-01-01", "end": "2025-01-01T00:00:00"}
    assert schema.document.window == read(DOCUMENT).document.window


def test_what_is_no_json_value_is_refused_at_its_place() -> None:
    words = refused({**DOCUMENT, "seed": float("nan"), "name": {None: 2}, "tables": object(), "description": 10**30})
    assert "$.seed: nan is not a number" in words
    assert '$.name: has null as a key; keys are text: write it in quotes, as "null" [type]' in words
    assert "$.tables: a Python object is not allowed in a document" in words
    assert "$.description: the number is too large" in words


def test_a_mapping_that_holds_itself_ends() -> None:
    loop: dict[str, Any] = {}
    loop["tables"] = loop
    assert "nested deeper than 32 levels" in refused(loop)
    wide: list[Any] = [0]
    for _ in range(20):
        wide = [wide] * 10
    assert "more than 200,000 values" in refused({"tables": wide})


def test_the_largest_number_is_read_and_one_more_refused() -> None:
    assert read({**DOCUMENT, "seed": MAX_INTEGER}).document.seed == MAX_INTEGER
    assert "at most 9223372036854775807" in refused(f'{{"seed": {MAX_INTEGER + 1}}}')
    assert "is too large" in refused("seed: " + "9" * 50_000 + "\n")


@pytest.mark.parametrize(
    "name, words",
    [
        ("shap.json", "there is no file 'shap.json'; did you mean 'shop.json'?"),
        ("folder", "'folder' is a folder; give the path of the schema file in it"),
        ("shop.txt", "'shop.txt' is not named like a schema; its name ends in .json, .yaml, .yml"),
        ("large.json", "the document is larger than 4 MiB"),
        ("x" * 300 + ".json", "file name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("shop.json").write_text("{}")
    Path("large.json").write_bytes(b" " * (MAX_BYTES + 1))
    assert words in refused(name)


def test_a_path_with_a_null_character_is_refused() -> None:
    with pytest.raises(AddressError, match="null character"):
        read("bad\0name.json")


def test_a_text_over_the_limit_is_refused_unread() -> None:
    assert "larger than 4 MiB" in refused("{" + " " * MAX_BYTES)


def test_another_type_of_source_is_refused() -> None:
    assert refused(7) == "$: a schema is a path, a text or a mapping, not int [unreadable]"


def test_a_million_letters_of_expression_are_refused_at_once() -> None:
    from datagen.analysis import check

    columns = {"id": {"type": "key"}, "x": {"type": "expression", "expression": "1 + " * 262_144 + "1"}}
    problems = check(read({**DOCUMENT, "tables": {"things": {"rows": 5, "columns": columns}}}))
    assert [problem.place for problem in problems] == ["$.tables.things.columns.x.expression"]
    assert "the limit is 4,000" in problems[0].message


def test_problems_beyond_five_hundred_are_counted() -> None:
    columns = {f"c{i}": {"type": "constant"} for i in range(600)}
    with pytest.raises(SchemaError) as caught:
        read({**DOCUMENT, "tables": {"things": {"rows": 5, "columns": columns}}})
    assert len(caught.value.problems) == 501
    assert str(caught.value.problems[0]) == "$: 100 more problems are not listed [truncated]"
