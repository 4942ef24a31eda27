import json
from pathlib import Path

from tests.cli.terminal import Run

DDL = (
    "CREATE TABLE shops (id INT PRIMARY KEY, name TEXT NOT NULL); CREATE TABLE bills (id INT PRIMARY KEY, shop_id "
    "INT NOT NULL REFERENCES shops);"
)


def test_a_schema_is_printed_or_written_and_is_sound(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(DDL)
    reported = run("infer", tmp_path / "a.sql")
    assert reported.code == 0
    assert json.loads(reported.out)["tables"]["bills"]["parent"] == "shops"
    assert run("infer", tmp_path / "a.sql", "--out", tmp_path / "a.json", "--name", "b").out == ""
    assert json.loads((tmp_path / "a.json").read_text())["name"] == "b"
    assert run("check", tmp_path / "a.json").code == 0


def test_a_source_that_is_not_there_is_reported(run: Run, tmp_path: Path) -> None:
    reported = run("infer", tmp_path / "none")
    assert reported.code == 2
    assert "there is no file or folder" in reported.err
