"""Broken documents as data files, each beside `<name>.expected` with every problem it must be told, word for word.

Set DATAGEN_WRITE_EXPECTED=1 to write the present messages, and read the difference before you keep it.
"""

import os
from pathlib import Path

import pytest

import datagen

FILES = sorted(path for path in (Path(__file__).parent / "broken").iterdir() if path.suffix in (".json", ".yaml"))


def problems(path: Path) -> str:
    return "".join(f"{problem}\n" for problem in datagen.check(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_of_a_broken_document_has_the_expected_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    reported, expected = problems(Path(path.name)), path.with_suffix(".expected")
    if os.environ.get("DATAGEN_WRITE_EXPECTED"):
        expected.write_text(reported, encoding="utf-8")
    assert reported, "nothing is wrong with it"
    assert reported == expected.read_text(encoding="utf-8")


def test_there_are_at_least_forty_of_them() -> None:
    assert len(FILES) >= 40
