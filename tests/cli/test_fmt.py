import json
from pathlib import Path

import pytest

import datagen
from datagen.authoring.repair.tree import formatted
from datagen.authoring.starters import starters
from tests.cli.terminal import Run, standard_input

LOOSE = (
    "datagen:   1 # one\nname: a\ntables:\n    t:\n        rows: 3   # few\n        columns:\n            id: "
    "{type: key}\n"
)


def test_comments_and_values_stay(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(LOOSE)
    assert run("fmt", path, "--check").code == 1
    assert path.read_text() == LOOSE
    assert run("fmt", path).code == 0
    text = path.read_text()
    assert text != LOOSE and "# one" in text and "# few" in text
    assert datagen.read(path).raw == datagen.read(LOOSE).raw
    assert run("fmt", path, "--check").code == 0


def test_json_is_laid_out_too(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": {"id": {"type": "key"}}}}}, indent=8
        )
    )
    assert run("fmt", path).code == 0
    assert '{"type": "key"}' in path.read_text()


ROOT = Path(__file__).parents[2]
OURS = [*(ROOT / "datagen/data/starters").glob("*.yaml"), *(ROOT / "examples").glob("*.[jy]*[nl]")]


@pytest.mark.parametrize("path", sorted(OURS), ids=lambda path: path.name)
def test_starting_points_and_examples_are_in_this_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text, yaml=path.suffix == ".yaml") == text


@pytest.mark.parametrize("yaml", [True, False], ids=["yaml", "json"])
@pytest.mark.parametrize("name", starters())
def test_a_document_on_few_lines_is_laid_out_at_once(name: str, yaml: bool) -> None:
    """The layout does not depend on the one before, and keeps every value."""
    raw = datagen.read(starters()[name].text).raw
    text = formatted(json.dumps(raw), yaml=yaml)
    assert datagen.read(text).raw == raw
    assert formatted(text, yaml=yaml) == text
    assert max(map(len, text.splitlines())) <= 120


LONG = """datagen: 1
name: a
tables:
  t: {rows: {type: arrivals, count: 10, before_window: 0.25, curve: {type: logistic, midpoint: 2024-01-01,
      steepness_per_year: 3}}, columns: {id: {type: key}}} # one
  u:
    rows: 3
    columns:
      id: {type: key}
      x: {type: choice, values: {first: 1, second: 2, third: 3, fourth: 4, fifth: 5, sixth: 6, next: 7, "8, 9": 8}} # 2
"""


def test_a_long_object_has_its_keys_below_each_other() -> None:
    text = formatted(LONG, yaml=True)
    assert (
        text
        == """datagen: 1
name: a
tables:
  t: # one
    rows:
      type: arrivals
      count: 10
      before_window: 0.25
      curve: {type: logistic, midpoint: 2024-01-01, steepness_per_year: 3}
    columns: {id: {type: key}}
  u:
    rows: 3
    columns:
      id: {type: key}
      x: # 2
        type: choice
        values: {first: 1, second: 2, third: 3, fourth: 4, fifth: 5, sixth: 6, next: 7, "8, 9": 8}
"""
    )
    assert formatted(text, yaml=True) == text


def test_standard_input_is_written_to_the_output(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, LOOSE)
    laid_out = run("fmt", "-")
    assert laid_out.code == 0 and "# one" in laid_out.out and laid_out.out != LOOSE
    standard_input(monkeypatch, laid_out.out)
    assert run("fmt", "-", "--check").code == 0
    standard_input(monkeypatch, LOOSE)
    assert run("fmt", "-", "--check").code == 1
    standard_input(monkeypatch, "tables: [")
    assert run("fmt", "-").code == 2


def test_no_blanks_are_left_at_the_end_of_a_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    values = ", ".join(f"value_{number}: {number}" for number in range(30))
    path.write_text(LOOSE + f"            x: {{type: choice, values: {{{values}}}}}\n")
    assert run("fmt", path).code == 0
    text = path.read_text()
    assert (
        len(text.splitlines()) > 9
        and max(map(len, text.splitlines())) <= 110
        and not [line for line in text.splitlines() if line.endswith(" ")]
    )
