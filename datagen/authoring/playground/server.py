"""The HTTP server of the page: on this machine only, with a random token in every address."""

from __future__ import annotations

import hmac
import json
import math
import secrets
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from select import select
from socket import MSG_PEEK
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from datagen.authoring.playground.document_file import DocumentFile
from datagen.authoring.playground.worker import Worker
from datagen.errors import RunError, reason_of
from datagen.validation.report.html.render import chart_style

Json = dict[str, Any]
HOST = "127.0.0.1"
MOST_BYTES = 10 * 2**20
"""The largest body of a request."""
SECONDS = {
    "check": 20.0,
    "live": 15.0,
    "complete": 10.0,
    "format": 10.0,
    "repair": 15.0,
    "starter": 10.0,
    "sample": 90.0,
}
"""The requests that a worker answers, and how long each may take."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_STATIC = files("datagen.authoring.playground") / "static"
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_PAGES = {
    "": "page.html",
    "playground.js": "playground.js",
    "editor.js": "editor.js",
    "playground.css": "playground.css",
}

_FORM: Mapping[str, type] = {"text": str, "offset": int, "table": str, "name": str, "known": str}
"""What a request may hold."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Playground:
    """What one server shows: a file or a new document, and the report of the last sample.

    Completions, rows and samples have a worker each, so that none waits for a slower one.
    """

    def __init__(self, path: Path | None) -> None:
        self.file = DocumentFile(path)
        folder = path.resolve().parent if path is not None else None
        self._typing = Worker(folder, patience=math.inf)  # its requests are short
        self._live, self._sample = Worker(folder), Worker(folder)
        self._typing.start()
        self._live.start()
        self.report = ""

    def answer(self, name: str, request: Json, gone: Callable[[], bool] = lambda: False) -> Json:
        """The answer to one request of the page; `gone` tells whether the page no longer waits for it."""
        if name == "open":
            return self.file.opened()
        if name == "save":
            return self.file.save(request["text"], request["known"])
        if name != "sample":
            worker = self._live if name in ("live", "check") else self._typing
            return worker.ask(name, request, SECONDS[name], gone)
        with TemporaryDirectory(prefix="datagen-ui-") as folder:
            answer = self._sample.ask(name, {**request, "folder": folder}, SECONDS[name], gone)
        self.report = answer.pop("report", self.report)
        return answer

    def close(self) -> None:
        for worker in (self._typing, self._live, self._sample):
            worker.close()


class PlaygroundServer(ThreadingHTTPServer):
    """Serves one playground at `url`, which holds its token; other addresses and other hosts are refused."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, playground: Playground, port: int = 0) -> None:
        self.playground = playground
        self.token = secrets.token_urlsafe(24)
        try:
            super().__init__((HOST, port), _Request)
        except OSError as error:
            raise RunError(f"cannot serve on port {port}: {reason_of(error)}") from None
        names = [f"{name}:{self.server_port}" for name in (HOST, "localhost")]
        self.hosts, self.origins = names, [f"http://{name}" for name in names]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the error of a page that was closed during the answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        self.server_close()
        self.playground.close()


class _Refusal(Exception):
    """A request that is refused, with its HTTP status and the reason."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


class _Request(BaseHTTPRequestHandler):
    """One request. Everything is checked before anything is done: host, origin, token, size, form."""

    server: PlaygroundServer
    protocol_version = "HTTP/1.1"
    timeout = 30
    server_version, sys_version = "datagen", ""

    def do_GET(self) -> None:
        self._answered(self._page)

    def do_POST(self) -> None:
        self._answered(self._result)

    def _answered(self, find: Callable[[str], tuple[str, bytes]]) -> None:
        try:
            kind, body = find(self._name())
            self._send(HTTPStatus.OK, kind, body)
        except _Refusal as refusal:
            self.close_connection = True
            code = refusal.status.phrase.lower().replace(" ", "-")
            error = {"error": {"code": code, "place": "$", "message": refusal.message}}
            self._send(refusal.status, "application/json", json.dumps(error).encode())

    def _page(self, name: str) -> tuple[str, bytes]:
        """The type and the content of a file of the page, or of the report."""
        if name == "report":
            return "text/html", self.server.playground.report.encode()
        if name == "charts.css":
            return "text/css", chart_style().encode()
        if name not in _PAGES:
            raise _Refusal(HTTPStatus.NOT_FOUND, "there is no such page")
        file = _PAGES[name]
        return _TYPES[file.rpartition(".")[2]], (_STATIC / file).read_bytes()

    def _result(self, name: str) -> tuple[str, bytes]:
        """The answer of the playground as JSON."""
        if name not in {*SECONDS, "open", "save"}:
            raise _Refusal(HTTPStatus.NOT_FOUND, "there is no such request")
        answer = self.server.playground.answer(name, self._body(), self._gone)
        return "application/json", json.dumps(answer).encode()

    def _gone(self) -> bool:
        """Whether the page has closed the connection."""
        readable, _, _ = select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, MSG_PEEK)

    def _name(self) -> str:
        """The path behind the token. Raises _Refusal for a request that did not come from the page."""
        if self.headers.get("Host") not in self.server.hosts:
            raise _Refusal(HTTPStatus.MISDIRECTED_REQUEST, "this server answers for 127.0.0.1 only")
        foreign = self.headers.get("Origin") not in (None, *self.server.origins)
        if foreign or self.headers.get("Sec-Fetch-Site") not in (None, "none", "same-origin"):
            raise _Refusal(HTTPStatus.FORBIDDEN, "requests of other pages are refused")
        token, slash, name = urlsplit(self.path).path.removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refusal(HTTPStatus.FORBIDDEN, "the address lacks the token that 'datagen ui' printed")
        return name

    def _body(self) -> Json:
        """The object in the body. Raises _Refusal for one that is too large or has another form."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            raise _Refusal(HTTPStatus.LENGTH_REQUIRED, "the request has no length")
        if len(length) > 12 or int(length) > MOST_BYTES:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {MOST_BYTES:,} bytes")
        if self.headers.get_content_type() != "application/json":
            raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a request is JSON")
        try:
            found = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "the request is no JSON") from None
        wrong = not isinstance(found, dict) or any(
            found.get(key) is not None and not isinstance(found[key], kind) for key, kind in _FORM.items()
        )
        if wrong:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "the request has not the form that was expected")
        return {
            "text": "",
            "offset": 0,
            "known": "",
            **{key: found[key] for key in _FORM if found.get(key) is not None},
        }

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        reported = urlsplit(self.path).path.endswith("/report")  # the report has a policy of its own in its text
        self.send_header("Content-Security-Policy", "frame-ancestors 'self'" if reported else POLICY)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Log nothing: addresses hold the token."""
