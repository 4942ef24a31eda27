"""`datagen kinds`: lists the kinds of the registry, or describes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import Console

    from datagen.schema.kind_catalog import Entry, Field
    from datagen.schema.reading.json_values import Keys

_MOST_INDENT = 24
"""The most characters of names beside which the types and descriptions of fields are shown."""


def kinds(
    name: Annotated[str | None, typer.Argument(help="A kind, or a family of kinds.", show_default=False)] = None,
    document: Annotated[bool, typer.Option("--document", help="Print the example of one kind as a document.")] = False,
    as_json: AsJson = False,
) -> None:
    """List all kinds (columns, row sources, behaviors ...), or describe one kind with its fields and an example."""
    from datagen.schema.kind_catalog import found, suggestion  # start-up: numpy, Arrow and every kind

    entries = found(name)
    if name is not None and not entries:
        raise typer.BadParameter(f"there is no kind or family '{name[:60]}'; {suggestion(name)}")
    if document:
        from datagen.schema.layout import json_text

        examples = [entry.example for entry in entries if entry.example is not None]
        if len(examples) != 1:
            raise typer.BadParameter("--document takes one kind, such as generators.lognormal")
        print(json_text(examples[0], 80))
        return
    if as_json:
        import json

        print(json.dumps([entry.as_json() for entry in entries], indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False)
    if name is not None and all(entry.name == name.rpartition(".")[2] for entry in entries):
        for entry in entries:
            _show(console, entry)
    elif name is None:
        _overview(console, entries)
    else:
        _list(console, entries)


def _overview(console: Console, entries: list[Entry]) -> None:
    """The names of every family, and the commands that describe them."""
    from textwrap import fill

    from rich.text import Text

    for family in dict.fromkeys(entry.family for entry in entries):
        names = [entry.name for entry in entries if entry.family == family]
        console.print(Text(f"\n{family}", "bold"))
        shown = fill(", ".join(names), console.width - 1, initial_indent="  ", subsequent_indent="  ")
        console.print(Text(shown, "cyan"), soft_wrap=True)
    console.print(Text("\n'datagen kinds FAMILY' describes each, 'datagen kinds NAME' shows an example", "dim"))


def _list(console: Console, entries: list[Entry]) -> None:
    from rich.table import Table
    from rich.text import Text

    width = max(len(entry.name) for entry in entries)
    for family in dict.fromkeys(entry.family for entry in entries):
        console.print(Text(f"\n{family}", "bold"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=width + 2)
        grid.add_column()
        for entry in entries:
            if entry.family == family:
                grid.add_row(Text(f"  {entry.name}", "cyan"), Text(entry.summary))
        console.print(grid)


def _show(console: Console, entry: Entry) -> None:
    from rich.text import Text

    console.print(Text.assemble((f"\n{entry.family}: ", "dim"), (entry.name, "bold cyan")))
    console.print(Text(entry.text))
    for fields in filter(None, (entry.fields, entry.parts)):
        _print_fields(console, fields)
    console.print()
    if entry.use is not None:
        _example(console, entry, *entry.use)


def _print_fields(console: Console, fields: tuple[Field, ...]) -> None:
    """Each field with its type and default, and its description below. A long name has a line of its own."""
    from rich.table import Table
    from rich.text import Text

    left = 4 + min(max((len(field.name) for field in fields), default=0), _MOST_INDENT)
    console.print()
    for field in fields:
        grid = Table.grid()
        grid.add_column(width=left)
        grid.add_column()
        name = Text(f"  {field.name}", "cyan")
        if len(name) + 2 > left:
            console.print(name, soft_wrap=True)
            name = Text()
        default = "" if not field.default else f", {'default ' * (field.default != 'required')}{field.default}"
        description = f"\n{field.description}" if field.description else ""
        grid.add_row(name, Text.assemble(field.type, (default, "dim"), description))
        console.print(grid)


def _example(console: Console, entry: Entry, keys: Keys, value: object) -> None:
    """The use of the kind in its example, as JSON and as YAML."""
    from textwrap import indent

    from rich.text import Text

    from datagen.errors import json_path
    from datagen.schema.layout import json_text, yaml_text

    width, key = console.width - 4, keys[-1]
    as_json = f'"{key}": ' if isinstance(key, str) else ""
    as_yaml = yaml_text({key: value} if isinstance(key, str) else [value], width)
    console.print(Text.assemble(("example", "bold"), f" at {json_path(*keys[:-1])}\n"), soft_wrap=True)
    for text in (as_json + json_text(value, width - len(as_json)), as_yaml):
        console.print(Text(indent(text, "  ") + "\n"), soft_wrap=True)
    name = f"{entry.family}.{entry.name}"
    console.print(Text(f"'datagen kinds {name} --document' prints a whole document", "dim"), soft_wrap=True)
