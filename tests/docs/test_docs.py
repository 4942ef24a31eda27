"""What the README and the documentation show is what happens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from datagen.expressions.functions.registry import public_names
from datagen.registry import FAMILIES, load
from tests.docs.console import agrees, commands
from tests.docs.execution import Page
from tests.docs.pages import ROOT, blocks, pages


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, as a checkout has them, and a terminal of known width."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_everything_that_a_page_shows_is_true(path: Path, desk: Path) -> None:
    """Where it is not, `python -m tests.docs.refresh` writes down what is printed now."""
    for code, true in Page(path).carry_out():
        assert code.text == true, f"{path.name}, line {code.line}"


def test_links_between_pages_lead_somewhere() -> None:
    for path in pages():
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            generated = target.startswith("reference/") and path.parent.name == "docs"
            assert generated or (path.parent / target).exists(), f"{path.name} points to {target}"


def test_every_page_is_in_the_table_of_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert not [path.stem for path in pages()[1:] if path.stem != "index" and f"\n{path.stem}\n" not in index]


def test_the_readme_links_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [page.stem for page in pages()[1:] if page.stem != "index" and f"(docs/{page.name})" not in readme]


def test_the_language_page_names_every_generator_row_source_and_function() -> None:
    load()
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    code = " ".join(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL)))
    named = set(re.findall(r"\w+", code))
    # Kinds of other packages may be registered by other tests.
    kinds = {
        name
        for family in ("generators", "row_sources")
        for name, kind in FAMILIES[family].members.items()
        if kind.__module__.startswith("datagen.")
    }
    assert sorted(kinds - named) == []
    assert sorted(set(" ".join(public_names()).split()) - named) == []


def test_blocks_and_commands_are_distinguished() -> None:
    page = "a\n```console\n$ one \\\n    two\nsaid\n$ three\n```\n```json in tables.a file=b.json\n{}\n```\n"
    console, fragment = blocks(page)
    assert commands(console.text) == [("one two", "said\n"), ("three", "")]
    assert (console.line, fragment.word("in"), fragment.word("file")) == (2, "tables.a", "b.json")


def test_times_and_sizes_may_differ_and_dots_stand_for_lines() -> None:
    assert agrees("3 rows, 1.5 kB (0.1 s, 30 rows/s)", "3 rows, 999 B (2.1 s, 1,000 rows/s)\n")
    assert agrees("a\n...\nd", "a\nb\nc\nd\n")
    assert not agrees("3 rows", "4 rows")
    assert not agrees("a\n...\nd", "a\nb\nc\n")
