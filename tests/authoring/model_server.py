"""A server that speaks the protocols of OpenAI and Anthropic and plays a script: python model_server.py SCRIPT LOG

The script is a JSON list with one step for each request: {"text"}, {"status", "retry_after"}, {"drop"}, {"sleep",
"text"}, {"body"} as it is, {"text", "cut"} after so many bytes; the last step is played again and again. What was asked
is written to the log, a line of JSON for each request. The path of a request decides the protocol. The port is printed.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

STEPS: list[dict[str, Any]] = json.loads(Path(sys.argv[1]).read_text())
LOG = Path(sys.argv[2])


class Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        step = STEPS.pop(0) if len(STEPS) > 1 else STEPS[0]
        with LOG.open("ab") as log:
            log.write(asked.replace(b"\n", b" ") + b"\n")
        time.sleep(step.get("sleep", 0))
        if step.get("drop"):
            self.connection.close()
            return
        status = step.get("status", 200)
        error = {"type": "error", "error": {"type": "api_error", "message": "not now"}}
        if "body" in step:
            self._send(status, step["body"], step)
            return
        answer = _message if self.path.partition("?")[0].endswith("/v1/messages") else _completion
        self._send(status, error if status != 200 else answer(step["text"]), step)

    def _send(self, status: int, body: dict[str, Any] | str, step: dict[str, Any]) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        try:
            self.send_response(status)
            if "retry_after" in step:
                self.send_header("retry-after", str(step["retry_after"]))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: step.get("cut")])
            self.close_connection = "cut" in step
        except OSError:
            self.close_connection = True  # nobody waits any more

    def log_message(self, *_: object) -> None:
        pass


def _completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _message(text: str) -> dict[str, Any]:
    """The answer of Anthropic's messages API."""
    return {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    print(server.server_address[1], flush=True)
    server.serve_forever()
