"""Writes text to files and terminals."""

from __future__ import annotations

from pathlib import Path

from datagen.errors import OutputError


def printable(text: str) -> str:
    """The text without characters that steer a terminal; those in it come from documents, arguments and file names."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def write_file(path: Path, text: str) -> None:
    """Write a text to a file. Raises OutputError where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {(error.strerror or str(error)).lower()}") from None
