"""The pages of the documentation and the code blocks in them.

What the words after the language say: `in tables.orders.columns` is a fragment that belongs there in `frame.json`;
`file=a.yaml` is a document that the page's commands find under that name; `broken` has problems; `output` is what the
block above printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = {"json", "yaml", "python", "console", "text", "make"}
_FENCE = re.compile(r"^```([a-z]+)([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Code:
    """One block: `words` stand behind the language, `start` and `end` are where its text lies in the page."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int
    start: int
    end: int

    def word(self, name: str) -> str | None:
        """What follows `name=`, or the word after `name`."""
        for word, following in zip(self.words, (*self.words, "")[1:], strict=True):
            if word.startswith(f"{name}="):
                return word.partition("=")[2]
            if word == name:
                return following
        return None


def pages() -> list[Path]:
    """Everything that people read, save what is generated."""
    written = [page for page in (ROOT / "docs").glob("*.md") if not page.name.startswith("_")]
    return [ROOT / "README.md", *sorted(written)]


def blocks(text: str) -> Iterator[Code]:
    """The code blocks of a page, in order."""
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Code(found[1], tuple(found[2].split()), found[3], line, found.start(3), found.end(3))
