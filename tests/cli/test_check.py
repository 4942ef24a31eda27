import json
from pathlib import Path

import pytest

import datagen
from datagen.analysis.analyze import analyze_or_raise
from datagen.analysis.notes import notes
from tests.cli.terminal import Ended, Run, standard_input

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


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_a_document_is_read_from_the_standard_input(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    text = shop.read_text()
    text = text if suffix == ".json" else f"# ours\n{text}"  # JSON is YAML, too
    standard_input(monkeypatch, text)
    assert run("check", "-") == Ended(0, "the text given is valid: 2 tables, 8 columns\n", "")
    standard_input(monkeypatch, text.replace('"key"', '"autoincrement"'))
    ended = run("check", "-", "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["schema"], found["problems"][0]["code"]) == (2, "-", "unknown-kind")


@pytest.mark.parametrize("text", ["", "datagen", "{", "[1]", "\xff"])
def test_standard_input_that_is_no_document_has_problems(run: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    standard_input(monkeypatch, text)
    ended = run("check", "-")
    assert ended.code == 2
    assert "nothing was written" in ended.err


def test_other_commands_read_the_standard_input_too(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (["plan", "-"], ["preview", "-", "--rows", 2], ["diff", shop, "-"]):
        standard_input(monkeypatch, shop.read_text())
        ended = run(*words)
        assert (ended.code, ended.err) == (0, "")
        assert words[0] == "diff" or "customers" in ended.out


LIVES = """
datagen: 1
name: club
window: {start: "2024-01-01", end: "2025-01-01"}
tables:
  members:
    rows: {type: arrivals, count: 300}
    columns: {member_id: {type: key}, joined_at: {type: arrival_time}}
    behaviors: [{type: retention, lifetime: {type: exponential, mean: 3}%s}]
  visits:
    parent: members
    rows: {type: events, mean_per_month: 2}
    columns: {member_id: {type: parent_key}, came_at: {type: event_time}}
  calls:
    rows: {type: arrivals, count: 500}
    columns: {called_at: {type: arrival_time}, member_id: {type: reference, table: members, existing_at: called_at}}
"""
"""A document with a retention of members, and calls that choose members."""


@pytest.mark.parametrize(("of", "noted"), [("", True), (", of: [visits]", False), (", of: [visits, calls]", False)])
def test_a_retention_without_of_is_noted_where_references_choose_who_has_left(run: Run, of: str, noted: bool) -> None:
    ended = run("check", LIVES % of)
    assert ended.code == 0
    assert ("note: $.tables.members.behaviors[0]: 'calls.member_id' also chooses" in ended.out) == noted
    assert ('"of": ["visits", "calls"]' in ended.out) == noted
    listed = json.loads(run("check", LIVES % of, "--json").out)
    assert listed["problems"] == []
    assert [note["place"] for note in listed["notes"]] == ["$.tables.members.behaviors[0]"] * noted


REPLIES = """
datagen: 1
name: forum
window: {start: "2024-01-01", end: "2025-01-01"}
tables:
  messages:
    rows: %s
    columns:
      message_id: {type: key}
      sent_at: %s
      reply_to: {type: reference, table: messages%s}
"""
"""A document with messages that reply to messages."""
DRAWN, COUNT, ARRIVALS = '{type: uniform, min: "2024-01-01", max: "2024-12-31"}', "500", "{type: arrivals, count: 500}"


@pytest.mark.parametrize(
    ("rows", "time", "more", "noted"),
    [
        (COUNT, DRAWN, "", True),
        (COUNT, DRAWN, ", order_by: sent_at", False),
        (COUNT, DRAWN[:-1] + ", as: date}", "", True),
        (ARRIVALS, "{type: arrival_time}", "", False),
        (
            COUNT,
            "{type: expression, expression: \"TIMESTAMP '2024-05-01' + message_id * INTERVAL '1' HOUR\"}",
            "",
            False,
        ),
    ],
)
def test_earlier_rows_are_noted_where_a_time_is_in_another_order(
    run: Run, rows: str, time: str, more: str, noted: bool
) -> None:
    ended = run("check", REPLIES % (rows, time, more))
    assert ended.code == 0, ended.err
    assert ('write "order_by": "sent_at"' in ended.out) == noted


def test_examples_and_starting_points_have_no_notes(run: Run) -> None:
    root = Path(datagen.__file__).parents[1]
    paths = [*(root / "examples").glob("*.json"), *(root / "examples").glob("*.yaml"),
             *(root / "datagen/data/starters").glob("*.yaml")]  # fmt: skip
    assert len(paths) > 30
    assert [path.name for path in paths for _ in notes(analyze_or_raise(path))] == []


@pytest.mark.parametrize("born", ["birth_date", "born_on", "valid_to", "due_on"])
def test_dates_of_birth_and_of_plans_are_no_order_of_rows(run: Run, born: str) -> None:
    text = (REPLIES % (COUNT, DRAWN[:-1] + ", as: date}", "")).replace("sent_at", born)
    assert "note" not in run("check", text).out
