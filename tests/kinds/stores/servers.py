"""An S3 server of this machine, and a proxy before it that refuses and cuts requests."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.ports import free_port

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""
REFUSALS = {
    "slow": (503, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"),
    "unknown": (501, b"<Error><Code>NotImplemented</Code><Message>A header is not implemented.</Message></Error>"),
}


@contextmanager
def s3_server(log: Path) -> Iterator[int]:
    """The port of a moto server: a process of its own, ended by its id."""
    port = free_port()
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(60)


def _wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("the S3 server did not start")


class Proxy(ThreadingHTTPServer):
    """Forwards to a server; `fault` says of each request (method, path) what goes wrong: "", "slow", "cut" (in the
    middle of the request), "unknown" (the service has no such request) or "lost" (the answer).
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.behind = port
        self.fault: Callable[[str, str], str] = lambda _method, _path: ""
        self.seen: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer of the server: its status, headers and body."""
        return answer_of(self.behind, method, path, body, headers)


def answer_of(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    behind = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        behind.request(method, path, body, headers)
        answer = behind.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        behind.close()


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    server = Proxy(port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Forward(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.server.seen.append((self.command, self.path))
        fault = self.server.fault(self.command, self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if fault == "cut":
            self.rfile.read(length // 2)
            self._cut()
            return
        if self.headers.get("Expect") == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(length)
        if fault in REFUSALS:
            self._send(REFUSALS[fault][0], {"Content-Type": "application/xml"}, REFUSALS[fault][1])
            return
        headers = {name: value for name, value in self.headers.items() if name != "Expect"}
        try:
            answer = self.server.forward(self.command, self.path, body, headers)
        except (OSError, http.client.HTTPException):  # the server is gone
            self._cut()
            return
        if fault == "lost":
            self._cut()
            return
        with suppress(BrokenPipeError, ConnectionResetError):  # the client is gone
            self._send(*answer)

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        length = headers.pop("Content-Length", str(len(body))) if self.command == "HEAD" else str(len(body))
        headers.pop("Content-Length", None)
        headers.pop("Transfer-Encoding", None)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""
