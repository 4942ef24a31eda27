"""Serves a text over HTTP, for Prometheus to scrape."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from datagen.errors import OutputError, reason_of

PAGE = "/metrics"
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.text = text
        super().__init__((host, port), _Page)


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PAGE:
            self.send_error(404, f"metrics are at {PAGE}")
            return
        text = self.server.text().encode()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as in http.server
        """Requests are not logged."""


@contextmanager
def served(host: str, port: int, text: Callable[[], str]) -> Iterator[None]:
    """What `text` returns, at `http://host:port/metrics` for the duration of the block. Raises OutputError if it cannot
    listen there.
    """
    try:
        server = _Server(host, port, text)
    except (OSError, OverflowError) as error:
        reason = reason_of(error)
        raise OutputError(f"cannot serve metrics at {host}:{port}: {reason}; choose another --metrics") from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
