"""Draws the README's picture of the report anew, after an intended change of output or values: python -m
tests.docs.picture
"""

from __future__ import annotations

import sys

from tests.docs.pages import ROOT, blocks

PICTURE = ROOT / "docs" / "report.svg"


def drawn() -> str:
    """The report on the README's first document, as it is today."""
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        from example_pictures import picture
    finally:
        sys.path.pop(0)
    first = next(code for code in blocks((ROOT / "README.md").read_text(encoding="utf-8")) if code.language == "yaml")
    return str(picture(first.text))


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB")
