"""`datagen status`: shows the state of a run."""

from __future__ import annotations

from typing import Annotated

import typer

from datagen.byte_sizes import format_size
from datagen.cli.options import AsJson
from datagen.cli.text_output import printable
from datagen.locations import location

_NEXT = {
    "finished": "complete",
    "running": "a driver is writing to it now",
    "stopped": "no driver is writing to it; continue with 'datagen generate --resume'",
    "unfinished": "being written or stopped; if stopped, continue with 'datagen generate --resume'",
}


def status(
    folder: Annotated[
        str, typer.Argument(parser=location, metavar="DIR|URL", help="Where a run writes or wrote.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Show whether a run is finished, running or stopped, and how much of it is done."""
    from datagen.kinds.stores.base import store_at  # start-up: Arrow
    from datagen.runtime.status import status_of

    found = status_of(store_at(folder))
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps(asdict(found)))
        return
    share = found.done / found.partitions if found.partitions else 1.0
    print(f"{printable(found.name)}, seed {found.seed}: {found.state} ({_NEXT[found.state]})")
    print(
        f"{found.done:,} of {found.partitions:,} partitions ({share:.0%}), {found.rows:,} rows, "
        f"{format_size(found.bytes)}"
    )
