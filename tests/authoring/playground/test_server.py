"""The page is for the person at this machine: other hosts, pages and processes without the token are refused."""

from __future__ import annotations

import http.client
import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from datagen.authoring.playground.server import MOST_BYTES, Playground, PlaygroundServer
from datagen.errors import RunError
from tests.authoring.playground.conftest import SMALL

JSON = {"Content-Type": "application/json"}


def asked(
    server: PlaygroundServer, name: str, body: Any = None, path: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to a request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    answered = {} if body is None else dict(JSON)
    answered |= {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        connection.request("GET" if body is None else "POST", path or f"/{server.token}/{name}", data, answered)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def answered(server: PlaygroundServer, name: str, **request: Any) -> dict[str, Any]:
    status, _, body = asked(server, name, request)
    assert status == 200
    return json.loads(body)


def test_the_page_is_served_with_a_policy_that_lets_nothing_in_or_out(server: PlaygroundServer) -> None:
    status, headers, body = asked(server, "")
    assert status == 200
    assert b"<title>Datagen</title>" in body
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    for name in re.findall(r'(?:href|src)="([\w.]+)"', body.decode()):
        status, _, text = asked(server, name)
        assert status == 200
        assert not re.search(rb"https?://(?!www\.w3\.org)", text)


@pytest.mark.parametrize("path", ["/", "/page.html", "/wrong/", "/wrong/open", "/wrong/../open", "//", "/%00/"])
def test_every_request_needs_the_token(server: PlaygroundServer, path: str) -> None:
    for body in (None, {"text": "a"}):
        status, _, answer = asked(server, "", body, path)
        assert status == 403
        assert json.loads(answer)["error"]["code"] == "forbidden"


@pytest.mark.parametrize("name", ["../server.py", "static/page.html", "..%2fserver.py", "worker", "close"])
def test_no_other_file_and_no_other_function_is_reached(server: PlaygroundServer, name: str) -> None:
    assert asked(server, name)[0] == 404
    assert asked(server, name, {})[0] == 404


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:80"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": str(MOST_BYTES + 1)}, 413),
        ({"Content_Length": "9" * 40}, 413),
        ({"Content_Length": "-1"}, 411),
    ],
)
def test_requests_of_other_pages_and_of_other_forms_are_refused(
    server: PlaygroundServer, headers: dict[str, str], status: int
) -> None:
    found, _, answer = asked(server, "check", b"{}", **headers)
    assert found == status
    assert json.loads(answer)["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"text": 1}', b'{"offset": "a"}', b"[" * 100_000])
def test_bodies_of_another_form_are_refused(server: PlaygroundServer, body: bytes) -> None:
    assert asked(server, "check", body)[0] == 400


def test_it_listens_on_this_machine_only_and_its_address_is_its_own(server: PlaygroundServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    other = PlaygroundServer(Playground(None))
    try:
        assert len(server.token) >= 32
        assert other.token != server.token
        with pytest.raises(RunError, match="cannot serve on port"):
            PlaygroundServer(Playground(None), other.server_port)
    finally:
        other.close()


def test_problems_have_codes_and_places_in_the_text(server: PlaygroundServer) -> None:
    text = SMALL.replace("type: lognormal", "type: lognomal")
    (problem,) = answered(server, "live", text=text)["problems"]
    assert problem["code"] == "unknown-kind"
    assert problem["place"].startswith("$.tables.orders.columns.amount")
    assert problem["hint"] == "did you mean 'lognormal'?"
    assert text[problem["start"] : problem["stop"]] == "lognomal"
    assert answered(server, "check", text=text)["problems"] == [problem]


def test_a_text_that_cannot_be_parsed_is_marked_at_its_line(server: PlaygroundServer) -> None:
    text = SMALL.replace("  orders:", "\torders:")
    (problem,) = answered(server, "check", text=text)["problems"]
    assert problem["code"] == "syntax"
    assert "orders" in text[problem["start"] : problem["stop"]]


def test_a_valid_document_has_a_picture_and_the_first_rows(server: PlaygroundServer) -> None:
    live = answered(server, "live", text=SMALL, table="orders")
    assert live["rows"] == 800
    assert live["preview"]["table"] == "orders"
    assert [column["name"] for column in live["preview"]["columns"]] == ["id", "customer_id", "amount"]
    assert re.fullmatch(r"\d+\.\d\d", live["preview"]["rows"][0][2])
    assert live["diagram"].startswith("<svg") and "style=" not in live["diagram"]


def test_a_sample_has_charts_times_and_a_report(server: PlaygroundServer) -> None:
    sample = answered(server, "sample", text=SMALL)
    assert sample["passed"] and sample["rows"] == 800 and sample["scale"] == 1
    customers, orders = sample["tables"]
    assert customers["over_time"][0]["title"].startswith("customers per")
    assert all(column["figure"]["picture"].startswith("<svg") for column in orders["columns"])
    status, headers, body = asked(server, "report")
    assert status == 200
    assert b"Data quality report" in body
    assert headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_a_sample_is_not_sent_where_the_document_says(server: PlaygroundServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        url = f"postgresql://a@127.0.0.1:{other.getsockname()[1]}/b"
        text = SMALL + f"output: {{type: postgresql, url: '{url}', namespace: shop}}\n"
        assert answered(server, "live", text=text)["rows"] == 800
        assert answered(server, "check", text=text)["problems"] == []
        assert answered(server, "sample", text=text)["rows"] == 800
        with pytest.raises(TimeoutError):
            other.accept()


def test_large_documents_are_sampled_at_a_small_scale(server: PlaygroundServer) -> None:
    sample = answered(server, "sample", text=SMALL.replace("count: 200", "count: 5000000"))
    assert sample["rows"] < 25_000
    assert sample["scale"] == pytest.approx(0.001)


def test_what_the_planner_refuses_is_refused_here_as_well(server: PlaygroundServer) -> None:
    text = SMALL.replace("count: 3", "count: 30000000")
    answer = answered(server, "live", text=text)
    assert answer.get("error", {}).get("code") == "plan" or answer["problems"]
    assert "memory" in json.dumps(answer)


def test_completions_are_answered(server: PlaygroundServer) -> None:
    offset = SMALL.index("lognormal") + 3
    found = answered(server, "complete", text=SMALL, offset=offset)
    assert SMALL[found["start"] : found["stop"]] == "lognormal"
    names = [item[0] for item in found["items"]]
    assert "lognormal" in names and all("log" in name for name in names)


def test_the_file_is_saved_unless_it_changed_meanwhile(server: PlaygroundServer, file: Path) -> None:
    opened = answered(server, "open")
    assert (opened["text"], opened["file"]) == (SMALL, "small.yaml")
    saved = answered(server, "save", text=SMALL + "# more\n", known=opened["known"])
    assert file.read_text() == SMALL + "# more\n"
    file.write_text(SMALL)
    refused = answered(server, "save", text="mine", known=saved["known"])
    assert refused["error"]["code"] == "changed"
    assert file.read_text() == SMALL


def test_a_text_that_no_file_can_hold_is_not_written(server: PlaygroundServer, file: Path) -> None:
    known = answered(server, "open")["known"]
    assert answered(server, "save", text="\ud800", known=known)["error"]["code"] == "unwritable"
    assert file.read_text() == SMALL
    assert answered(server, "check", text="name: \ud800")["problems"]


def test_a_page_without_a_file_writes_nothing() -> None:
    playground = Playground(None)
    try:
        assert playground.answer("open", {})["file"] == ""
        assert playground.answer("save", {"text": "a", "known": ""})["error"]["code"] == "no-file"
    finally:
        playground.close()
