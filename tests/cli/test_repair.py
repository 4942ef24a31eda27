import io
import json
import sys
from pathlib import Path

import pytest

from tests.authoring.repair.answers import YAML
from tests.cli.terminal import Run

BROKEN = Path(__file__).parents[1] / "schema" / "broken"


def test_the_repaired_document_is_printed_and_the_changes_are_listed_beside_it(run: Run) -> None:
    reported = run("repair", BROKEN / "parent_unknown.json")
    assert reported.code == 0
    assert json.loads(reported.out)["tables"]["orders"]["parent"] == "customers"
    assert '$.tables.orders.parent\n    "customer" -> "customers"' in reported.err
    assert reported.err.endswith("1 changed; nothing is left to repair\n")


def test_what_is_left_is_listed_and_the_exit_code_says_so(run: Run) -> None:
    reported = run("repair", BROKEN / "shape_and_meaning.json")
    assert reported.code == 2
    assert "left to repair\n$.tables." in reported.err


def test_standard_input_is_read_and_a_file_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(YAML.encode())))
    reported = run("repair", "-", "--out", tmp_path / "a.yaml")
    assert (reported.code, reported.out) == (0, "")
    assert run("check", tmp_path / "a.yaml").code == 0


def test_a_file_is_repaired_in_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes((BROKEN / "window_backwards.json").read_bytes())
    assert run("repair", path, "-i").code == 0
    assert run("check", path).code == 0


def test_the_repair_as_json_is_whole(run: Run) -> None:
    reported = run("repair", BROKEN / "many_at_once.json", "--json")
    made = json.loads(reported.out)
    assert reported.code == 2
    assert set(made) == {"document", "changes", "problems"}
    assert set(made["changes"][0]) == {"place", "before", "after", "reason"}
    assert made["problems"][0]["code"]


def test_a_file_that_is_not_there_is_reported(run: Run, tmp_path: Path) -> None:
    reported = run("repair", tmp_path / "none.yaml")
    assert reported.code == 2
    assert "cannot read" in reported.err
