"""The file that the page shows and saves; no other file is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.authoring.starters import starters

Json = dict[str, Any]
FIRST = "shop"
"""The starting point of a page without a file."""

_EMPTY = """{
  "datagen": 1,
  "name": "new",
  "tables": {
    "things": {
      "rows": 100,
      "columns": {
        "id": {"type": "key"}
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document at `path`; None for a page that begins with a starting point and saves nothing on this machine."""

    path: Path | None

    def opened(self) -> Json:
        """The text with its fingerprint, the name of the file, and the available starting points."""
        known = [[one.name, one.title] for one in starters().values()]
        if self.path is None:
            return {"text": starters()[FIRST].text, "file": "", "known": "", "starters": known}
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        json = self.path.suffix.lower() == ".json"
        return {
            "text": text or (_EMPTY if json else starters()[FIRST].text),
            "file": self.path.name,
            "known": _fingerprint(text),
            "starters": known,
        }

    def save(self, text: str, known: Any) -> Json:
        """Write the text, unless the file is no longer what the page last read or wrote."""
        if self.path is None:
            return _refused("no-file", "no file was given: run 'datagen ui FILE' to save, or download the document")
        if self.path.suffix.lower() == ".json" and not text.lstrip().startswith("{"):
            return _refused(
                "format", f"{self.path.name} is JSON and this text is not: begin it with a brace, or download it"
            )
        try:
            there = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            data = text.encode()  # before the file is opened, which empties it
            if _fingerprint(there) != known:
                return _refused(
                    "changed", f"{self.path.name} has changed on disk: reload the page, or download your version"
                )
            self.path.write_bytes(data)
        except (OSError, UnicodeError) as error:
            return _refused("unwritable", f"cannot write {self.path.name}: {getattr(error, 'strerror', '') or error}")
        return {"known": _fingerprint(text)}


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _refused(code: str, message: str) -> Json:
    return {"error": {"code": code, "place": "$", "message": message}}
