"""Arguments and options that several commands share."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.byte_sizes import parse_size
from datagen.locations import local_path


def standard_input() -> str:
    """The text of the standard input; bytes that are no UTF-8 become U+FFFD."""
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def parse_schema(argument: str) -> str:
    """The path of a document, or the text of one from the standard input for `-`."""
    return standard_input() + "\n" if argument == "-" else argument  # with a line's end it is a text for the reader


SchemaPath = Annotated[
    str,
    typer.Argument(
        parser=parse_schema,
        metavar="SCHEMA",
        help="The schema document, JSON or YAML; - reads standard input.",
        show_default=False,
    ),
]
Seed = Annotated[int | None, typer.Option(help="Use this seed instead of the schema's.", show_default=False)]
Scale = Annotated[float | None, typer.Option(help="Multiply the number of root rows.", show_default=False)]
Workers = Annotated[int | None, typer.Option(min=1, help="Number of worker processes.", show_default="one per core")]
PartitionRows = Annotated[
    int | None,
    typer.Option(min=1, help="Approximate number of rows of one task.", show_default="as many as memory allows"),
]
Memory = Annotated[
    int | None,
    typer.Option(
        parser=parse_size, metavar="SIZE", help="Memory per worker, such as 512MB or 2GB.", show_default=False
    ),
]
Clean = Annotated[bool, typer.Option("--clean", help="Leave out the faults of the schema: the clean twin of its data.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="PROFILE|ADDRESS|FILE",
        help="A cluster: local, the name or the file of a profile, or a running scheduler, as tls://host:port.",
        show_default=False,
    ),
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        parser=local_path, metavar="FILE", help="Certificate authority of the cluster, for tls://.", show_default=False
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(parser=local_path, metavar="FILE", help="Client certificate for the cluster.", show_default=False),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(parser=local_path, metavar="FILE", help="Key of the client certificate.", show_default=False),
]


MetricsTarget = Path | tuple[str, int]
"""Where metrics go: a file, or the host and port that they are served at."""
LOOPBACK = "127.0.0.1"
_KEY = re.compile(r"\s*(?P<key>[^=,\s]+)\s*=\s*")
_JSON = json.JSONDecoder()
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]*):(?P<port>\d{1,5})")


def metrics_target(text: str) -> MetricsTarget:
    """The file or the address of `--metrics`. An address without a host is that of the loopback."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return local_path(text)
    return found["host"].strip("[]") or LOOPBACK, int(found["port"])


def parse_format(text: str) -> str | dict[str, Any]:
    """A format by its name, or with options: `csv:separator=;,bom=true`. Values are JSON where they
    can be, else text. A value that contains a comma is JSON: `decimal=","`.
    """
    name, colon, rest = text.partition(":")
    if not colon:
        return name
    chosen: dict[str, Any] = {"type": name}
    key, at = "", 0
    while at <= len(rest):
        found = _KEY.match(rest, at)
        value, end = _value_at(rest, found.end() if found else at)
        if found:
            key = found["key"]
            if key in chosen:
                raise typer.BadParameter(f"'{key}' is given twice for the format {name}; write it once")
            chosen[key] = value
        elif key and end > at:  # one more value of a list, as in partition_by=year,month
            chosen[key] = [*(chosen[key] if isinstance(chosen[key], list) else [chosen[key]]), value]
        else:
            raise typer.BadParameter(_not_an_option(rest[at:end]))
        at = end + 1
    return chosen


def _value_at(text: str, start: int) -> tuple[Any, int]:
    """The value that starts at a place, and where it ends: a JSON value, or text up to the next comma."""
    with suppress(ValueError):
        value, end = _JSON.raw_decode(text, start)
        if text[end : end + 1] in ("", ","):
            return value, end
    end = text.find(",", start)
    end = len(text) if end < 0 else end
    return text[start:end], end


def _not_an_option(option: str) -> str:
    if not option:
        return "an option is empty; a comma as a value needs quotes, as in 'csv:separator=;,decimal=\",\"'"
    return f"'{option[:40]}' is no option of a format: write NAME:KEY=VALUE,KEY=VALUE"


def only_format(given: list[Any] | None) -> Any:
    """The format of the command line; None where there is none. Raises typer.BadParameter if there are several."""
    if given and len(given) > 1:
        raise typer.BadParameter(
            "there are several; a run writes one, so use a run and a folder for each", param_hint="--format"
        )
    return given[0] if given else None


FileFormats = Annotated[
    list[Any] | None,
    typer.Option(
        "--format",
        parser=parse_format,
        metavar="NAME[:KEY=VALUE,...]",
        help="parquet, csv, delta, duckdb ... in place of the schema's; with options, as in csv:separator=;",
        show_default=False,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS",
        help="Switch a declaration off, as TABLE.behaviors.NAME or TABLE.triggered_by.KIND; may be repeated.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
