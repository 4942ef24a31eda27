import json
from pathlib import Path

import pytest

import datagen
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


@pytest.mark.parametrize("name", starters())
def test_a_starting_point_keeps_every_comment_and_value(run: Run, tmp_path: Path, name: str) -> None:
    path, text = tmp_path / f"{name}.yaml", starters()[name].text
    path.write_text(text)
    assert run("fmt", path).code == 0
    assert datagen.read(path).raw == datagen.read(text).raw
    assert path.read_text().count("#") == text.count("#")
    assert run("fmt", path, "--check").code == 0


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
    assert len(text.splitlines()) > 9 and not [line for line in text.splitlines() if line.endswith(" ")]
