import ast
import io
import json
from typing import Any

import jinja2
import pytest
from ruamel.yaml import YAML

from datagen.errors import PlanError
from datagen.interop.export import FORMATS, export
from tests.interop.export.hostile import HOSTILE, TEXTS


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_schema_gives_the_same_text(to: str) -> None:
    assert export(HOSTILE, to) == export(HOSTILE, to) != ""


@pytest.mark.parametrize("to", FORMATS)
def test_one_table_alone_can_be_exported(to: str) -> None:
    text = export(HOSTILE, to, table="customers")
    assert "customer_id" in text and "ordered_at" not in text


@pytest.mark.parametrize("wrong", [{"to": "dbtt"}, {"to": "ddl", "dialect": "oracle"}, {"to": "ddl", "table": "order"}])
def test_what_does_not_exist_is_reported(wrong: dict[str, str]) -> None:
    with pytest.raises(PlanError, match="there is no"):
        export(HOSTILE, **wrong)  # type: ignore[arg-type]


# --- dbt
# ---------------------------------------------------------------------------------------------------------------


def _columns(text: str) -> dict[str, dict[str, Any]]:
    models = YAML(typ="safe").load(io.StringIO(text))["models"]
    return {f"{m['name']}.{c['name']}": c for m in models for c in m["columns"]}


def test_dbt_tests_say_what_the_schema_says() -> None:
    columns = _columns(export(HOSTILE, "dbt"))
    assert columns["orders.order_id"]["data_tests"] == ["not_null", "unique"]
    assert {"relationships": {"to": "ref('Stores')", "field": "class"}} in columns["customers.home"]["data_tests"]
    assert "not_null" not in columns["customers.home"]["data_tests"]
    assert {"accepted_values": {"values": [True, False], "quote": False}} in columns["Stores.open"]["data_tests"]
    assert {"dbt_utils.accepted_range": {"min_value": 0.0, "max_value": 100.0}} in columns["customers.score"][
        "data_tests"
    ]


def test_dbt_quotes_names_that_sql_keeps_for_itself() -> None:
    """A column may be called `at` or `order`; dbt writes names as they stand unless it is told to quote."""
    tables = {
        "groups": {
            "rows": 3,
            "columns": {"order": {"type": "key"}, "size": {"type": "uniform", "min": 1, "max": 3, "decimals": 0}},
        },
        "visits": {
            "parent": "groups",
            "rows": {"type": "per_parent", "count": 2},
            "primary_key": ["order", "at"],
            "columns": {"order": {"type": "parent_key"}, "at": {"type": "key"}},
        },
    }
    always = {"type": "row_condition", "table": "visits", "condition": '"at" > 0'}
    made = YAML(typ="safe").load(
        io.StringIO(export({"datagen": 1, "name": "words", "tables": tables, "expectations": [always]}, "dbt"))
    )
    groups, visits = made["models"]
    assert [column.get("quote", False) for column in groups["columns"]] == [True, False]
    assert [column["quote"] for column in visits["columns"]] == [True, True]
    assert visits["columns"][0]["data_tests"][1] == {"relationships": {"to": "ref('groups')", "field": '"order"'}}
    assert visits["data_tests"][0]["dbt_utils.unique_combination_of_columns"]["combination_of_columns"] == [
        '"order"',
        '"at"',
    ]
    assert visits["data_tests"][1]["dbt_utils.expression_is_true"]["expression"] == '"at" > 0'


def test_dbt_renders_texts_as_they_stand() -> None:
    """dbt reads templates in every value, and puts the values of a test between single quotes."""
    column = _columns(export(HOSTILE, "dbt"))["Stores.city"]
    values = next(one["accepted_values"]["values"] for one in column["data_tests"] if "accepted_values" in one)
    rendered = [jinja2.Template(value, keep_trailing_newline=True).render() for value in values]
    assert rendered == [text.replace("'", "''") for text in TEXTS]


def test_dbt_conditions_come_without_comments() -> None:
    model = YAML(typ="safe").load(io.StringIO(export(HOSTILE, "dbt")))["models"][2]
    assert model["data_tests"] == [
        {"dbt_utils.expression_is_true": {"expression": "paid_at >= ordered_at AND amount > 0"}}
    ]


# --- Great Expectations
# ------------------------------------------------------------------------------------------------


def test_great_expectations_has_a_suite_for_each_table() -> None:
    suites = json.loads(export(HOSTILE, "great-expectations"))["suites"]
    assert [suite["name"] for suite in suites] == ["hostile.Stores", "hostile.customers", "hostile.orders"]
    message = {(one["type"], one["kwargs"].get("column")): one["kwargs"] for one in suites[0]["expectations"]}
    assert message["expect_column_values_to_be_in_set", "city"]["value_set"] == TEXTS
    assert message["expect_column_values_to_be_between", "str"] == {
        "column": "str",
        "min_value": 0.5,
        "max_value": 3.25,
    }
    assert ("expect_column_values_to_be_unique", "class") in message


def test_great_expectations_takes_the_user_s_own_along() -> None:
    suite = json.loads(export(HOSTILE, "great-expectations", table="orders"))
    message = [(one["type"], one["kwargs"]) for one in suite["expectations"]]
    assert ("expect_compound_columns_to_be_unique", {"column_list": ["customer_id", "ordered_at"]}) in message
    assert ("expect_column_mean_to_be_between", {"column": "amount", "min_value": 10.0, "max_value": 500.0}) in message
    assert ("expect_table_row_count_to_be_between", {"min_value": 5.0}) in message


# --- pandera
# -----------------------------------------------------------------------------------------------------------


def test_pandera_code_compiles_and_holds_texts_as_texts() -> None:
    code = export(HOSTILE, "pandera")
    tree = ast.parse(code)
    compile(tree, "models.py", "exec")
    assert [type(one).__name__ for one in tree.body] == [
        "Expr",
        "Import",
        "Import",
        "ClassDef",
        "ClassDef",
        "ClassDef",
        "Assign",
        "Assign",
        "FunctionDef",
    ]
    calls = {ast.unparse(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    assert not {call for call in calls if "system" in call or "import" in call}
    lists = [
        ast.literal_eval(one.value) for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "isin"
    ]
    assert TEXTS in lists


def test_pandera_columns_of_awkward_names_have_another_attribute_and_their_alias() -> None:
    code = export(HOSTILE, "pandera")
    for name in ("class", "str", "validate"):
        assert f"    column_{name}: " in code and f"alias='{name}'" in code


# --- Mermaid and Data Package
# ------------------------------------------------------------------------------------------


def test_the_diagram_has_every_table_column_and_foreign_key() -> None:
    text = export(HOSTILE, "mermaid")
    assert text.startswith("erDiagram\n") and text.count("{\n") == 3
    assert (
        '    "Stores" |o--o{ "customers" : "home"' in text and '    "customers" ||--o{ "orders" : "customer_id"' in text
    )
    comments = [line.split('"')[1] for line in text.splitlines() if line.startswith("        int class")]
    assert comments and "\n" not in comments[0] and "#" not in comments[0]


def test_the_data_package_refers_to_resources_that_it_has() -> None:
    package = json.loads(export(HOSTILE, "datapackage"))
    names = {resource["name"] for resource in package["resources"]}
    foreign = [key["reference"]["resource"] for r in package["resources"] for key in r["schema"].get("foreignKeys", [])]
    assert foreign == ["stores", "customers"] and set(foreign) <= names


@pytest.mark.parametrize(("name", "meant"), [("sql", "ddl"), ("ERD", "mermaid"), ("mermiad", "mermaid")])
def test_an_unknown_format_is_answered_by_its_meaning(name: str, meant: str) -> None:
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 1, "columns": {"id": {"type": "key"}}}}}
    with pytest.raises(PlanError, match=f"no format '{name}'; did you mean '{meant}'"):
        export(document, name)
