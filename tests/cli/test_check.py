import json
from pathlib import Path

from tests.cli.terminal import Run

BROKEN = Path(__file__).parents[1] / "schema" / "broken"


def test_a_valid_schema_is_reported_as_valid(run: Run, shop: Path) -> None:
    told = run("check", shop)
    assert (told.code, told.out, told.err) == (0, f"{shop} is valid: 2 tables, 8 columns\n", "")


def test_problems_are_listed_with_place_line_message_code_and_hint(run: Run) -> None:
    told = run("check", BROKEN / "yaml_lines.yaml")
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0] == "4 problems; nothing was written"
    assert (
        "$.tables.customers.columns.weight.unit (line 13)\n    unknown key 'unit' [unknown-key]\n    known: "
        in told.err
    )


def test_problems_as_json_are_whole(run: Run) -> None:
    told = run("check", BROKEN / "parent_unknown.json", "--json")
    assert told.code == 2
    assert json.loads(told.out)["problems"] == [
        {
            "code": "unknown-table",
            "keys": ["tables", "orders", "parent"],
            "message": "there is no table 'customer'",
            "hint": "did you mean 'customers'?",
            "line": None,
            "place": "$.tables.orders.parent",
        }
    ]


def test_a_sound_schema_as_json_has_no_problems(run: Run, shop: Path) -> None:
    told = run("check", shop, "--json")
    assert (told.code, json.loads(told.out)["problems"]) == (0, [])


def test_a_document_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.json"
    path.write_text('{"datagen": 1, "name": "a", "\\u001b[31m[red]\\u0007": 1, "tables": {}}')
    told = run("check", path)
    assert "\x1b" not in told.err
    assert "\x07" not in told.err
    assert "[red]" in told.err
