"""`datagen fingerprint`: prints one content hash per table, independent of partitions."""

from __future__ import annotations

from typing import Annotated

import typer

from datagen.cli.options import AsJson


def fingerprint(
    source: Annotated[
        str, typer.Argument(metavar="DIR|SCHEMA", help="An output folder, or a schema.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Print a content hash per table that depends on the values only, not on order, files or partitions."""
    import datagen  # start-up: numpy, Arrow and every kind

    found = dict(datagen.fingerprint(source))
    if as_json:
        import json

        print(json.dumps(found, indent=2))
        return
    width = max(map(len, found), default=0)
    for name, text in found.items():
        print(f"{name:<{width}}  {text}")
