"""`datagen mcp`: serves the tools to agents by the Model Context Protocol."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from datagen.locations import local_path

TOKEN = "DATAGEN_MCP_TOKEN"  # noqa: S105 - the name of a variable of the environment
"""Variable of the environment: the token that HTTP requests must bear; a random one is made and shown if it is not set.
"""


def mcp(
    folder: Annotated[
        Path, typer.Option(parser=local_path, metavar="DIR", help="Files are read and written below this folder only.")
    ] = Path(),
    http: Annotated[
        bool, typer.Option("--http", help="Serve on 127.0.0.1 instead of standard input and output.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of --http.")] = 8765,
    max_rows: Annotated[int, typer.Option(min=1, help="The largest number of rows of one run.")] = 5_000_000,
) -> None:
    """Serve datagen to agents (MCP): list kinds, check, repair, plan, preview, generate, validate, compare, read
    reports.
    """
    from datagen.authoring.mcp_server import HOST, run_http, server  # start-up: numpy, Arrow and every kind

    made = server(folder, max_rows)
    if not http:
        made.run("stdio")
        return
    import secrets

    token = os.environ.get(TOKEN) or secrets.token_urlsafe(24)
    shown = "" if os.environ.get(TOKEN) else f"Authorization: Bearer {token}\n"
    typer.echo(f"http://{HOST}:{port}/mcp\n{shown}", err=True, nl=False)
    run_http(made, port, token)
