"""A leading `~` is the home folder wherever a path is taken, and never a folder of that name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import datagen
from datagen.home import from_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def test_documents_and_data_are_found_in_the_home_folder(home: Path) -> None:
    document = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 3, "columns": {"a_id": {"type": "key"}}}}}
    (home / "x.json").write_text(json.dumps(document))
    datagen.generate("~/x.json", "~/out")
    assert (home / "out" / "_SUCCESS").exists()
    assert not Path("~").exists()
    assert datagen.fingerprint("~/out") == datagen.fingerprint("~/x.json")
    assert datagen.Dataset("~/out")["a"].rows == 3
    assert datagen.validate("~/x.json", "~/out").passed


def test_a_home_that_there_is_not_is_left_as_written(home: Path) -> None:
    assert from_home("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
    assert from_home("a/~b") == Path("a/~b")
