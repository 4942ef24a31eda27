import json
from pathlib import Path

from tests.cli.terminal import Run

BROKEN = Path(__file__).parents[1] / "schema" / "broken"


def test_a_valid_schema_is_reported_as_valid(run: Run, shop: Path) -> None:
    reported = run("check", shop)
    assert (reported.code, reported.out, reported.err) == (0, f"{shop} is valid: 2 tables, 8 columns\n", "")


def test_problems_are_listed_with_place_line_message_code_and_hint(run: Run) -> None:
    reported = run("check", BROKEN / "yaml_lines.yaml")
    assert (reported.code, reported.out) == (2, "")
    assert reported.err.splitlines()[0] == "4 problems; nothing was written"
    assert (
        "$.tables.customers.columns.weight.unit (line 13)\n    unknown key 'unit' [unknown-key]\n    known: "
        in reported.err
    )


def test_problems_as_json_are_whole(run: Run) -> None:
    reported = run("check", BROKEN / "parent_unknown.json", "--json")
    assert reported.code == 2
    assert json.loads(reported.out)["problems"] == [
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
    reported = run("check", shop, "--json")
    assert (reported.code, json.loads(reported.out)["problems"]) == (0, [])


def test_a_document_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.json"
    path.write_text('{"datagen": 1, "name": "a", "\\u001b[31m[red]\\u0007": 1, "tables": {}}')
    reported = run("check", path)
    assert "\x1b" not in reported.err
    assert "\x07" not in reported.err
    assert "[red]" in reported.err
