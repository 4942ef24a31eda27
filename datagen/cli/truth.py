"""`datagen truth`: shows the declared parameters and hidden columns of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.options import AsJson
from datagen.locations import location

if TYPE_CHECKING:
    from rich.console import Console


def truth(
    folder: Annotated[
        str,
        typer.Argument(parser=location, metavar="DIR|URL", help="The output folder of datagen.", show_default=False),
    ],
    table: Annotated[str | None, typer.Option(metavar="T", help="Only this table.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show the declared parameters of a dataset: columns, behaviors and their targets, hidden columns."""
    from datagen.errors import OutputError  # start-up: Arrow
    from datagen.registry import did_you_mean
    from datagen.runtime.dataset import Dataset

    known = Dataset(folder).truth.parameters
    tables = known["tables"]
    if table is not None and table not in tables:
        raise OutputError(f"the dataset has no table '{table[:60]}'; {did_you_mean(table, list(tables))}")
    if as_json:
        import json

        print(json.dumps(known if table is None else tables[table], indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for name in tables if table is None else (table,):
        _show(console, name, tables[name])


def _show(console: Console, name: str, entry: Mapping[str, Any]) -> None:
    from rich.text import Text

    from datagen.cli.text_output import printable

    below = f" below {entry['parent']}" if entry["parent"] else ""
    console.print(Text.assemble((f"\n{printable(name)}", "bold cyan"), f"{below}: {entry['row_count']:,} rows"))
    for style, line in _lines(entry):
        console.print(Text(printable(line), style))


def _lines(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "", f"  rows: {_words(entry['rows'])}"
    for behavior in entry["behaviors"]:
        yield "", f"  behavior: {_words(behavior['planted'])}"
        for name, target in behavior["multiplies"].items():
            through = "" if name == target else f" through {target}"
            yield "dim", f"    multiplies {name}{through}"
    yield from _columns(entry["columns"], "column")
    hidden = entry.get("hidden")
    if hidden:
        yield "", f"  hidden, in {hidden['folder']}:"
        yield from _columns(hidden["columns"], "hidden")


def _columns(columns: Mapping[str, Any], what: str) -> Iterator[tuple[str, str]]:
    for name, column in columns.items():
        yield "", f"  {what} {name} ({column['type']}): {_words(column['planted'])}"


def _words(planted: Mapping[str, Any]) -> str:
    """A declaration on one line: its type, then its fields."""
    import json

    fields = [
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in planted.items() if _says(name, value)
    ]
    return " ".join([str(planted.get("type", "")), *fields]).strip()


def _says(name: str, value: Any) -> bool:
    return name != "type" and value not in (None, "", [], {}, False)
