"""Every document of the cookbook makes data that are what it declares."""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from tests.docs.pages import ROOT, Code, blocks

RECIPES = [
    code for code in blocks((ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")) if code.language == "yaml"
]


def name_of(code: Code) -> str:
    return code.text.split("name: ", 1)[1].split("\n", 1)[0]


@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_a_recipe_makes_what_it_declares(recipe: Code, tmp_path: Path) -> None:
    datagen.generate(recipe.text, tmp_path / "out", scale=0.2)
    report = datagen.validate(recipe.text, tmp_path / "out")
    assert report.passed, report.failed
    assert report.score >= 95, report.losses


def test_no_two_recipes_have_one_name() -> None:
    names = [name_of(code) for code in RECIPES]
    assert len(names) == len(set(names)) >= 12
