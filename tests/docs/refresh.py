"""Writes down anew what the pages show, after an intended change of output or values.

python -m tests.docs.refresh [PAGE ...]
"""

from __future__ import annotations

import difflib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.docs.execution import Page
from tests.docs.pages import ROOT, pages


def refresh(path: Path) -> int:
    """How many blocks of a page were out of date."""
    page = Page(path, apart=True)
    text, found, moved = page.text, 0, 0
    for code, true in page.carry_out():
        if code.text != true:
            print(
                f"{path.name}, line {code.line}:", *difflib.ndiff(code.text.splitlines(), true.splitlines()), sep="\n  "
            )
            text = text[: code.start + moved] + true + text[code.end + moved :]
            moved, found = moved + len(true) - len(code.text), found + 1
    path.write_text(text, encoding="utf-8")
    return found


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    named = sys.argv[1:]
    for path in [page for page in pages() if not named or page.stem in named]:
        with tempfile.TemporaryDirectory() as desk:
            shutil.copytree(ROOT / "examples", Path(desk) / "examples")
            os.chdir(desk)
            print(f"{path.name}: {refresh(path)} blocks written anew")
            os.chdir(ROOT)
