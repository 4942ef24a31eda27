import json
from pathlib import Path

from tests.cli.terminal import Run

TEXT = "datagen: 1\nname: a\ntables:\n  t: {rows: 3, columns: {id: {type: key}}}\n"


def test_two_documents_are_compared(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text(TEXT)
    two.write_text(TEXT.replace("rows: 3", "rows: 5"))
    why = "  rows: the declaration of the rows of t changed: rows 3 -> 5\n"
    assert run("diff", one, two).out == f"$.tables.t.rows: 3 -> 5\nt: 3 -> 5 rows\n{why}"
    assert run("diff", one, one).out == "the documents declare the same\n"
    assert json.loads(run("diff", one, two, "--json").out)["tables"][0]["rows_after"] == 5
    (cause,) = json.loads(run("diff", one, two, "--json").out)["tables"][0]["why_rows"]
    assert (cause["reason"], cause["source"]) == ("rows", "$.tables.t.rows")


def test_a_cause_of_all_changes_is_named_once_and_changes_of_a_kind_together(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "a.yaml", tmp_path / "b.yaml"
    text = TEXT.replace("{id: {type: key}}", "{id: {type: uuid}, x: {type: normal, mean: 1, sd: 2}}")
    one.write_text(text)
    two.write_text(text.replace("name: a", "name: b").replace("mean: 1, sd: 2", "mean: 3, sd: 4"))
    stream = 'the name of the document, a part of the name of every random stream, changed: name "a" -> "b"'
    assert run("diff", one, two).out.splitlines()[3:] == [
        f"everywhere: {stream}",
        "t: other values in id, x",
        "  x: its declaration changed: mean 1 -> 3, sd 2 -> 4",
    ]
