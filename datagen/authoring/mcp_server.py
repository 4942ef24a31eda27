"""The Model Context Protocol: the toolbox as tools, the JSON Schema and examples as resources, over stdio or local
HTTP.
"""

from __future__ import annotations

import functools
import hmac
import inspect
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.authoring.brief import EXAMPLE, brief
from datagen.authoring.starters import starters
from datagen.authoring.toolbox import MOST_ROWS, Toolbox
from datagen.errors import DatagenError, ModelError, SchemaError
from datagen.schema.json_schema import json_schema
from datagen.schema.layout import json_text
from datagen.version import VERSION

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
TOOLS = ("kinds", "check", "repair", "plan", "preview", "generate", "validate", "report", "compare", "save")
_INSTRUCTIONS = """Datagen makes relational datasets from a schema document. Read the resource datagen://brief once,
write a document, check it (repair corrects mistakes), preview it, generate it, validate it. Documents are texts, or
names of files in the folder of this server."""


def server(folder: Path, most_rows: int = MOST_ROWS) -> MCPServer:
    """The server of a folder; `most_rows` is how many rows a run may make. Raises ModelError if the package mcp is not
    installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer  # an optional extra
    except ImportError:
        raise ModelError("the package mcp is not installed; install it with: pip install 'datagen[mcp]'") from None
    made = MCPServer("datagen", instructions=_INSTRUCTIONS, version=VERSION, log_level="WARNING")
    toolbox = Toolbox(folder, most_rows)
    for name in TOOLS:
        made.tool(name, description=inspect.getdoc(getattr(Toolbox, name)))(_with_errors(getattr(toolbox, name)))
    _add_resources(made)
    return made


def _with_errors(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The function with problems of a document as its result, and other errors as those of a tool."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> dict[str, Any]:
        try:
            return function(*args, **options)
        except SchemaError as error:
            problems = [
                {"code": str(p.code), "place": p.place, "message": p.message, "hint": p.hint} for p in error.problems
            ]
            return {"valid": False, "problems": problems}
        except DatagenError as error:
            raise ToolError(str(error)) from None

    call.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    return call


def _add_resources(made: MCPServer) -> None:
    @made.resource("datagen://json-schema", mime_type="application/schema+json")
    def schema() -> str:
        """The JSON Schema of the schema language."""
        return json.dumps(json_schema())

    @made.resource("datagen://brief", mime_type="text/markdown")
    def prompt() -> str:
        """How to write a schema: rules, every kind with its fields and an example."""
        return brief()

    @made.resource("datagen://skill", mime_type="text/markdown")
    def skill() -> str:
        """How to work with datagen, in the form of a skill."""
        return resources.files("datagen").joinpath("data/authoring/SKILL.md").read_text(encoding="utf-8")

    @made.resource("datagen://examples/clinic_small", mime_type="application/json")
    def example() -> str:
        """A small whole document."""
        return json_text(EXAMPLE)

    for starter in starters().values():
        uri = f"datagen://examples/{starter.name}"
        made.resource(uri, name=starter.name, description=starter.title, mime_type="application/yaml")(
            _constant(starter.text)
        )


def _constant(text: str) -> Callable[[], str]:
    def read() -> str:
        return text

    return read


def run_http(made: MCPServer, port: int, token: str) -> None:
    """Serve on 127.0.0.1 until stopped; requests without the bearer token are refused."""
    import uvicorn

    app = _RequireToken(made.streamable_http_app(host=HOST), token)
    uvicorn.run(app, host=HOST, port=port, log_level="warning")


class _RequireToken:
    """An ASGI application that answers 401 to requests without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "http" and not hmac.compare_digest(given, self.expected):
            await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
            await send({"type": "http.response.body", "body": b"a bearer token is needed"})
            return
        await self.app(scope, receive, send)
