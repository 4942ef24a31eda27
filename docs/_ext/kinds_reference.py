"""Writes `reference/`, one page per family of kinds, from the registry each time the documentation is built."""

from __future__ import annotations

import itertools
import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.errors import json_path
from datagen.registry import FAMILIES, PACKAGES
from datagen.schema.kind_catalog import Entry, Field, found
from datagen.schema.layout import json_text, yaml_text
from datagen.schema.reading.json_values import Keys

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WIDTH = 84


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "reference"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(folder: Path) -> None:
    """All pages, in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    read = {family: list(entries) for family, entries in itertools.groupby(found(None), lambda entry: entry.family)}
    families = {family: read[family] for family in sorted(read, key=PACKAGES.index)}
    (folder / "index.md").write_text("\n".join(_index(families)), encoding="utf-8")
    for family, entries in families.items():
        (folder / f"{family}.md").write_text("\n".join(_page(family, entries)), encoding="utf-8")


def _index(families: Iterable[str]) -> Iterator[str]:
    yield "# Reference\n"
    yield (
        "Everything that a document can say, read from the code. `datagen kinds NAME` prints the same, and with "
        "`--document` an example that is a whole document.\n"
    )
    yield from ("```{toctree}", ":maxdepth: 2\n", *families, "```\n")


def _page(family: str, entries: list[Entry]) -> Iterator[str]:
    yield f"# {family}\n"
    yield f"{_first_paragraph(family)}\n"
    for entry in entries:
        yield from _kind(entry)


def _first_paragraph(family: str) -> str:
    return (FAMILIES[family].__doc__ or "").split("\n\n")[0].replace("\n", " ")


def _kind(entry: Entry) -> Iterator[str]:
    yield f"({entry.family}.{entry.name})="
    yield f"## {entry.name}\n"
    yield f"{_plain(entry.text)}\n"
    if entry.fields:
        yield from (_field(field) for field in (*entry.fields, *entry.parts))
        yield ""
    if entry.use is not None:
        yield from _example(*entry.use)


def _example(keys: Keys, value: Any) -> Iterator[str]:
    """A use of the kind, as JSON and as YAML."""
    key = keys[-1]
    head = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
    yield f"At `{json_path(*keys[:-1])}`:\n"
    yield f"```json\n{head}{json_text(value, WIDTH - len(head))}\n```\n"
    yield f"```yaml\n{yaml_text({key: value} if head else [value], WIDTH)}\n```\n"


def _field(field: Field) -> str:
    """A list item in lines of at most `WIDTH` characters."""
    default = f", default {_plain(field.default)}" if field.default else ""
    text = f"`{field.name}` ({_plain(field.type)}{default}): {_plain(field.description)}"
    lines = {"initial_indent": "- ", "subsequent_indent": "  ", "break_long_words": False, "break_on_hyphens": False}
    return textwrap.fill(text, WIDTH, **lines)


def _plain(text: str) -> str:
    """Text whose stars, brackets and angle brackets are only that; what stands in backticks stays code."""
    parts = text.split("`")
    parts[::2] = ["".join(f"\\{c}" if c in "*_[]<>{}$#" else c for c in part) for part in parts[::2]]
    return "`".join(parts)
