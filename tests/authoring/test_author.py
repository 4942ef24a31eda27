"""`datagen author` against a server process that speaks the protocols of OpenAI and Anthropic: whatever it answers, the
end is clean.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from tests.cli.terminal import Ended, Run, runner

pytestmark = pytest.mark.integration

SERVER = Path(__file__).parent / "model_server.py"
Author = Callable[..., Ended]
CLAIMS = [
    {
        "words": "one in eight is missed",
        "place": "$.tables.appointments.columns.status",
        "expectation": "about one in eight is missed",
    },
    {"words": "appointments take a quarter of an hour", "place": "$.tables.appointments.columns.minutes"},
    {"words": "the moon is full", "place": "$.tables.moon"},
]


def small() -> dict[str, Any]:
    """A clinic of two tables."""
    patients = {"patient_id": {"type": "key"}, "insurance": {"type": "choice", "values": {"public": 85, "private": 15}}}
    appointments = {
        "appointment_id": {"type": "key"},
        "patient_id": {"type": "parent_key"},
        "status": {"type": "choice", "values": {"attended": 88, "no_show": 12}},
        "minutes": {"type": "lognormal", "median": 14, "sigma": 0.4, "decimals": 0},
    }
    share = {"type": "share", "name": "about one in eight is missed", "table": "appointments"}
    return {
        "datagen": 1,
        "name": "clinic",
        "tables": {
            "patients": {"rows": 400, "columns": patients},
            "appointments": {"parent": "patients", "rows": {"type": "per_parent", "count": 3}, "columns": appointments},
        },
        "expectations": [{**share, "expression": "status = 'no_show'", "between": [0.1, 0.14]}],
    }


def answer(document: Any, claims: Any = ()) -> dict[str, Any]:
    return {"text": json.dumps({"document": document, "claims": list(claims)})}


def broken(**columns: Any) -> dict[str, Any]:
    """A document with other columns in its table of appointments."""
    document = small()
    document["tables"]["appointments"]["columns"] |= columns
    return document


class Desk:
    """A folder with a server beside it."""

    def __init__(self, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.run, self.monkeypatch = folder, run, monkeypatch
        self.server: subprocess.Popen[str] | None = None
        self.model = "openai-chat:scripted"

    def author(self, script: list[dict[str, Any]], words: str = "a clinic", *options: object) -> Ended:
        (self.folder / "script.json").write_text(json.dumps(script))
        program = [sys.executable, str(SERVER), str(self.folder / "script.json"), str(self.folder / "log")]
        self.server = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout
        address = f"http://127.0.0.1:{self.server.stdout.readline().strip()}"
        self.monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        self.monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
        for provider in ("OPENAI", "ANTHROPIC"):
            self.monkeypatch.setenv(f"{provider}_API_KEY", "secret-key")
        return self.run("author", words, "--model", self.model, *options)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The body of each request."""
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]

    @property
    def asked(self) -> list[list[dict[str, Any]]]:
        """The messages of each request."""
        return [request["messages"] for request in self.requests]

    @property
    def saved(self) -> Any:
        return json.loads((self.folder / "schema.json").read_text())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, runner(capsys, monkeypatch), monkeypatch)
    yield made
    if made.server is not None:
        made.server.kill()
        made.server.communicate()


def test_a_sound_answer_is_tried_and_saved(desk: Desk) -> None:
    reported = desk.author([answer(small(), CLAIMS)], "a clinic", "--explain")
    assert (reported.code, reported.err) == (0, "")
    assert desk.saved == small()
    assert "schema.json: valid; a small run of" in reported.out
    assert "check: about one in eight is missed" in reported.out
    assert "$.tables.moon: not declared" in reported.out
    assert "covered: one in eight is missed" in reported.out
    assert "3 statements: 2 covered, 1 undeclared" in reported.out
    (messages,) = desk.asked
    assert messages[0]["role"] == "system" and "# generators" in messages[0]["content"]
    assert messages[1]["content"].endswith("a clinic")


def test_a_statement_that_nothing_measured_is_not_covered(desk: Desk) -> None:
    note = {"type": "sentence"}
    written = {"words": "every visit has a note", "place": "$.tables.appointments.columns.note"}
    many = {"words": "a million visits", "place": "$.tables.appointments.rows", "expectation": "a million"}
    document = broken(note=note)
    document["tables"]["patients"]["rows"] = 200_000
    document["expectations"].append({"type": "count", "name": "a million", "table": "patients", "equals": 200_000})
    reported = desk.author([answer(document, [*CLAIMS, written, many])], "a clinic", "--json")
    printed = json.loads(reported.out)
    assert printed["valid"] and printed["rows"] < 100_000
    assert [(one["words"], one["state"]) for one in printed["claims"]] == [
        ("one in eight is missed", "covered"),
        ("appointments take a quarter of an hour", "covered"),
        ("the moon is full", "undeclared"),
        ("every visit has a note", "unmeasured"),
        ("a million visits", "unmeasured"),
    ]


def test_the_checks_of_a_statement_are_estimates_where_there_are_some(desk: Desk) -> None:
    """A share of categories is not checked by that all are known, nor a life by that it ends after it begins."""
    document = small()
    patients = document["tables"]["patients"]
    patients["columns"] |= {"left_at": {"type": "lifetime_end"}, "came_at": {"type": "arrival_time"}}
    patients["rows"] = {"type": "arrivals", "count": 2000}
    patients["behaviors"] = [{"type": "retention", "lifetime": {"type": "exponential", "mean": 6, "unit": "month"}}]
    document["window"] = {"start": "2023-01-01", "end": "2025-01-01"}
    document["tables"]["appointments"]["rows"] = {"type": "events", "mean_per_month": 1}
    claims = [
        {"words": "85 percent are public", "place": "$.tables.patients.columns.insurance"},
        {"words": "patients leave", "place": "$.tables.patients.behaviors[0]"},
        {"words": "each visit has a patient", "place": "$.tables.appointments.columns.patient_id"},
    ]
    printed = json.loads(desk.author([answer(document, claims)], "a clinic", "--json").out)
    assert [one["check"].split()[0] for one in printed["claims"]] == [
        "TVComplement",
        "SurvivalRecovery",
        "ReferentialIntegrity",
    ]
    assert {one["state"] for one in printed["claims"]} == {"covered"}


def test_problems_of_a_draft_are_printed_as_json(desk: Desk) -> None:
    reported = desk.author([answer(broken(photo={"type": "image"}))] * 4, "a clinic", "--json")
    printed = json.loads(reported.out)
    assert (reported.code, printed["valid"], printed["file"]) == (2, False, "schema.draft.json")
    assert printed["problems"][0]["place"] == "$.tables.appointments.columns.photo.type"


def test_wrong_kinds_are_repaired_without_asking_the_model_again(desk: Desk) -> None:
    document = broken(minutes={"type": "gaussian", "mean": "14", "std": 4, "ndigits": 0}, code={"type": "uuid4"})
    assert desk.author([answer(document)]).code == 0
    assert desk.saved["tables"]["appointments"]["columns"]["minutes"] == {
        "type": "normal",
        "mean": 14,
        "sd": 4,
        "decimals": 0,
    }
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    "document, told_back",
    [
        (
            broken(a={"type": "expression", "expression": "b + 1"}, b={"type": "expression", "expression": "a + 1"}),
            "[cycle]",
        ),
        (broken(room_id={"type": "reference", "table": "surgeries"}), "there is no table 'surgeries'"),
        (broken(minutes={"type": "choice", "values": {"a": -1}}), "[range]"),
    ],
    ids=["a cycle", "a dangling reference", "a bad weight"],
)
def test_problems_go_back_to_the_model_with_place_and_hint(desk: Desk, document: Any, told_back: str) -> None:
    assert desk.author([answer(document), answer(small())]).code == 0
    assert desk.saved == small()
    last = desk.asked[1][-1]
    assert last["role"] == "user" and told_back in last["content"] and "$.tables.appointments" in last["content"]


def test_an_expectation_that_does_not_hold_goes_back_to_the_model(desk: Desk) -> None:
    document = small()
    document["expectations"][0]["between"] = [0.4, 0.5]
    assert desk.author([answer(document), answer(small())]).code == 0
    assert "in a small run this does not hold" in desk.asked[1][-1]["content"]


def test_a_question_is_asked_once_and_defaults_are_taken(desk: Desk) -> None:
    question = {"text": json.dumps({"questions": [{"question": "Are there rooms?", "default": "no"}] * 5})}
    reported = desk.author([question, question, answer(small())], "a clinic", "--yes")
    assert reported.code == 0
    assert reported.out.count("Are there rooms? no") == 2
    assert "Answers to your questions" in desk.asked[1][-1]["content"]


@pytest.mark.parametrize("nonsense", ["I would rather talk about the weather.", "{" * 3000, '{"document": 7}', "[[1]]"])
def test_endless_nonsense_ends_after_three_repairs(desk: Desk, nonsense: str) -> None:
    reported = desk.author([{"text": nonsense}])
    assert reported.code == 2
    assert len(desk.asked) == 4
    assert not (desk.folder / "schema.json").exists()


def test_the_best_draft_is_left_with_its_problems(desk: Desk) -> None:
    one, two = broken(a={"type": "image"}), broken(a={"type": "image"}, b={"type": "video_file"})
    reported = desk.author([answer(two), answer(one), {"text": "no"}])
    assert reported.code == 2
    assert "schema.draft.json" in reported.out and "cells are numbers" in reported.err
    assert json.loads((desk.folder / "schema.draft.json").read_text()) == one


@pytest.mark.parametrize(
    "script",
    [
        [{"status": 429, "retry_after": 0}, answer(small())],
        [{"drop": True}, answer(small())],
        [{"status": 503}, answer(small())],
    ],
    ids=["rate limit", "dropped", "unavailable"],
)
def test_a_request_that_fails_for_now_is_sent_again(desk: Desk, script: list[dict[str, Any]]) -> None:
    assert desk.author(script).code == 0
    assert len(desk.asked) == 2


@pytest.mark.parametrize("model", ["openai-chat:scripted", "anthropic:scripted"])
@pytest.mark.parametrize(
    "step, advice",
    [
        ({"status": 401}, "API_KEY"),
        ({"status": 403}, "the key is not allowed"),
        ({"status": 404}, "no such model"),
        ({"status": 429, "retry_after": 0}, "wait"),
        ({"status": 529}, "try again later"),
        ({"status": 400}, "not now"),
        ({"text": " "}, "gave an empty answer"),
    ],
    ids=str,
)
def test_a_server_that_gives_no_answer_is_reported_with_advice_and_without_the_key(
    desk: Desk, model: str, step: dict[str, Any], advice: str
) -> None:
    desk.model = model
    ended = desk.author([step])
    assert ended.code == 1
    assert f"model '{model}' gave" in ended.err
    assert advice in " ".join(ended.err.split())
    assert "secret-key" not in ended.out + ended.err


COMPLETION = {"id": "1", "object": "chat.completion", "created": 1, "model": "scripted"}
CALL = {"id": "x", "type": "function", "function": {"name": "run", "arguments": '{"command": "rm"}'}}
MESSAGE = {"role": "assistant", "content": None, "tool_calls": [CALL]}


@pytest.mark.parametrize(
    "step, told",
    [
        ({"text": "x" * 5000, "cut": 300}, "gave no answer"),
        ({"body": json.dumps({**COMPLETION, "choices": []})}, "gave no answer that can be read"),
        ({"body": "<html>"}, "gave no answer"),
        (
            {
                "body": json.dumps(
                    {**COMPLETION, "choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}]}
                )
            },
            "gave an empty answer",
        ),
    ],
    ids=["cut off", "no choices", "html", "a call of a tool"],
)
def test_an_answer_of_another_form_is_reported(desk: Desk, step: dict[str, Any], told: str) -> None:
    ended = desk.author([step])
    assert ended.code == 1 and told in ended.err and "internal error" not in ended.err
    assert not (desk.folder / "schema.json").exists()


@pytest.mark.parametrize("model", ["anthropic:claude-sonnet-4-5", "openai-chat:gpt-5"])
def test_the_models_that_the_help_names_take_the_whole_conversation(desk: Desk, model: str) -> None:
    desk.model = model
    dangling = answer(broken(room_id={"type": "reference", "table": "surgeries"}))
    ended = desk.author([{"status": 503}, dangling, answer(small())])
    assert (ended.code, ended.err) == (0, "")
    assert desk.saved == small()
    last = desk.requests[-1]
    assert last["model"] == model.partition(":")[2]
    assert "# generators" in json.dumps(last.get("system", last["messages"][0]))
    assert [message["role"] for message in last["messages"]][-3:] == ["user", "assistant", "user"]
    assert "there is no table 'surgeries'" in json.dumps(last["messages"][-1])


@pytest.mark.slow
def test_a_slow_server_is_given_up_after_the_timeout(desk: Desk) -> None:
    reported = desk.author([{"sleep": 3, **answer(small())}], "a clinic", "--timeout", 1)
    assert reported.code == 1
    assert "gave no answer" in reported.err


@pytest.mark.parametrize(
    "smuggle",
    [
        {"output": {"type": "csv"}},
        {"$schema": "http://127.0.0.1/x"},
        {
            "tables": {
                "t": {"rows": {"type": "listed", "file": "../../etc/passwd"}, "columns": {"a": {"type": "listed"}}}
            }
        },
        {"tables": {"../../t": {"rows": 3, "columns": {"a": {"type": "key"}}}}},
        {
            "tables": {
                "t": {"rows": 3, "columns": {"a": {"type": "expression", "expression": "__import__('os').system('x')"}}}
            }
        },
        {"name": "../../etc/cron"},
    ],
    ids=["output", "address", "file", "table", "code", "name"],
)
def test_an_answer_that_smuggles_a_path_or_code_is_never_saved_as_sound(desk: Desk, smuggle: dict[str, Any]) -> None:
    document = {**small(), **smuggle}
    reported = desk.author([answer(document)])
    assert reported.code == 2
    assert {path.name for path in desk.folder.iterdir()} <= {"schema.draft.json", "script.json", "log"}


def test_what_an_answer_says_cannot_steer_the_terminal(desk: Desk) -> None:
    claims = [{"words": "\x1b[31mred", "place": "$.name\x1b[0m"}]
    reported = desk.author([answer(small(), claims)], "a clinic", "--explain")
    assert "\x1b" not in reported.out


def test_an_edit_keeps_comments_and_shows_the_difference(desk: Desk) -> None:
    path = desk.folder / "clinic.yaml"
    path.write_text(
        "# ours\ndatagen: 1\nname: clinic\ntables:\n  rooms: # where\n    rows: 5\n    columns: {id: {type: "
        "key}} # its key\n"
    )
    new = {
        "datagen": 1,
        "name": "clinic",
        "tables": {
            "rooms": {"rows": 7, "columns": {"id": {"type": "key"}, "beds": {"type": "choice", "values": [1, 2]}}}
        },
    }
    reported = desk.author([answer(new)], "seven rooms, with beds", "--edit", path)
    assert reported.code == 0
    assert "-    rows: 5" in reported.out and "+    rows: 7" in reported.out
    text = path.read_text()
    assert all(comment in text for comment in ("# ours", "# where", "# its key"))
    assert datagen.check(path) == ()
    assert "rows: 5" in desk.asked[0][-1]["content"]


def test_a_file_that_is_there_is_not_replaced_unasked(desk: Desk) -> None:
    (desk.folder / "schema.json").write_text("mine")
    reported = desk.author([answer(small())])
    assert reported.code == 1 and "is there already" in reported.err
    assert (desk.folder / "schema.json").read_text() == "mine"


@pytest.mark.parametrize(
    "model, advice",
    [
        ("nobody:nothing", "write PROVIDER:MODEL"),
        ("gpt-5", "write PROVIDER:MODEL"),
        ("openai-chat:gpt-5", "set the environment variable OPENAI_API_KEY"),
        ("anthropic:claude-sonnet-4-5", "set the environment variable ANTHROPIC_API_KEY"),
    ],
)
def test_a_model_that_cannot_be_used_is_reported_with_advice(desk: Desk, model: str, advice: str) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        desk.monkeypatch.delenv(variable, raising=False)
    ended = desk.run("author", "a clinic", "--model", model)
    assert ended.code == 1 and f"'{model}' cannot be used" in ended.err
    assert advice in " ".join(ended.err.split())


def test_a_server_that_is_not_there_is_reported_with_advice(desk: Desk) -> None:
    desk.monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    desk.monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    ended = desk.run("author", "a clinic", "--model", "openai-chat:local")
    assert ended.code == 1 and "is the server running" in " ".join(ended.err.split())
