import json
from pathlib import Path

from datagen.schema.json_schema import json_schema
from tests.cli.terminal import Run


def test_the_json_schema_is_printed(run: Run) -> None:
    assert json.loads(run("json-schema").out) == json_schema()


def test_the_json_schema_is_written_to_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "datagen.schema.json"
    assert run("json-schema", "--out", path).code == 0
    assert json.loads(path.read_text()) == json_schema()


def test_a_file_that_cannot_be_written_is_reported(run: Run, tmp_path: Path) -> None:
    reported = run("json-schema", "--out", tmp_path)
    assert reported.code == 1
    assert reported.err.replace("\n", "") == f"error: cannot write '{tmp_path}': is a directory"


def test_the_old_name_of_the_command_tells_the_new_one(run: Run) -> None:
    reported = run("schema")
    assert reported.code == 2
    assert "Did you mean 'json-schema'?" in reported.err
