"""Writes text to files and terminals."""

from __future__ import annotations

from pathlib import Path

from datagen.errors import OutputError, reason_of


def printable(text: str) -> str:
    """The text without terminal control characters, which documents, arguments and file names may contain."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def write_file(path: Path, text: str) -> None:
    """Write a text to a file. Raises OutputError if that fails."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {reason_of(error)}") from None
