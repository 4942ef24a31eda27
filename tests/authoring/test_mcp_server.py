"""A real MCP client talks to `datagen mcp` over standard input and output, and over local HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from datagen.authoring.mcp_server import TOOLS
from tests.authoring.test_toolbox import SHOP

if TYPE_CHECKING:
    from mcp import Client

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "DATAGEN_MCP_TOKEN": "a-token"}


def plain(result: Any) -> Any:
    assert not result.is_error, result
    return json.loads(result.content[0].text)


async def converse(client: Client) -> None:
    """What an agent does in a session."""
    assert {tool.name for tool in (await client.list_tools()).tools} == set(TOOLS)
    resources = {str(resource.uri) for resource in (await client.list_resources()).resources}
    assert {"datagen://json-schema", "datagen://brief", "datagen://skill", "datagen://examples/shop"} <= resources
    schema = (await client.read_resource("datagen://json-schema")).contents[0]
    assert json.loads(schema.text)["$defs"]
    skill = (await client.read_resource("datagen://skill")).contents[0].text
    assert set(yaml.safe_load(skill.split("---\n")[1])) == {"name", "description"}
    broken = SHOP.replace('"normal"', '"gaussian"')
    assert plain(await client.call_tool("check", {"document": broken}))["problems"][0]["code"] == "unknown-kind"
    repaired = plain(await client.call_tool("repair", {"document": broken}))
    assert plain(await client.call_tool("generate", {"document": repaired["document"], "out": "out"}))["rows"] == {
        "t": 40
    }
    assert plain(await client.call_tool("validate", {"document": repaired["document"], "data": "out"}))["passed"]
    assert plain(await client.call_tool("plan", {"document": broken}))["valid"] is False
    refused = await client.call_tool("generate", {"document": SHOP, "out": "../out"})
    assert refused.is_error and "is not below" in refused.content[0].text


def test_over_standard_input_and_output(tmp_path: Path) -> None:
    from mcp import Client, StdioServerParameters  # half a second of imports

    words = ["-m", "datagen", "mcp", "--folder", str(tmp_path)]
    parameters = StdioServerParameters(command=sys.executable, args=words, env=ENVIRONMENT)

    async def session() -> None:
        async with Client(parameters) as client:
            await converse(client)

    asyncio.run(session())
    assert (tmp_path / "out" / "_SUCCESS").exists()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server process on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "datagen", "mcp", "--folder", str(folder), "--http", "--port", str(port)]
    process = subprocess.Popen(program, env=ENVIRONMENT, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.communicate()


def test_over_local_http_with_a_token(tmp_path: Path) -> None:
    from mcp import Client
    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

    async def session(address: str) -> None:
        async with (
            create_mcp_http_client(headers={"Authorization": "Bearer a-token"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            await converse(client)

    with serving(tmp_path) as address:
        for headers in ({}, {"Authorization": "Bearer another"}):
            request = urllib.request.Request(address, data=b"{}", headers=headers)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            assert refused.value.code == 401
            refused.value.close()
        asyncio.run(session(address))
