"""The functions that agents call: plain values in and out, and no file outside the folder."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from datagen.authoring.toolbox import Toolbox
from datagen.errors import DataError, PlanError, SchemaError

SHOP = (
    '{"datagen": 1, "name": "a", "tables": {"t": {"rows": 40, "columns": {"id": {"type": "key"}, "x": {"type": '
    '"normal", "mean": 1, "sd": 1}}}}}'
)


@pytest.fixture
def toolbox(tmp_path: Path) -> Toolbox:
    (tmp_path / "desk").mkdir()
    return Toolbox(tmp_path / "desk")


def test_a_document_goes_all_the_way(toolbox: Toolbox) -> None:
    assert toolbox.save(SHOP, "a.json") == {"file": "a.json"}
    assert toolbox.check("a.json") == {"valid": True, "problems": []}
    assert toolbox.plan("a.json", scale=2)["rows"] == 80
    assert [row["id"] for row in toolbox.preview("a.json", rows=2)["tables"]["t"]] == [1, 2]
    assert toolbox.generate("a.json", "out")["rows"] == {"t": 40}
    assert toolbox.validate("a.json", "out")["passed"]
    assert {f["table"] for f in toolbox.report("out", "t")["findings"]} == {"t"}
    assert toolbox.compare("out", "a.json") == {"same": {"t": True}}
    assert toolbox.compare("out", SHOP.replace("40", "41")) == {"same": {"t": False}}


def test_results_are_plain_json(toolbox: Toolbox) -> None:
    for result in (toolbox.kinds(), toolbox.kinds("lognormal"), toolbox.plan(SHOP), toolbox.preview(SHOP)):
        text = json.dumps(result, allow_nan=False)
        assert json.dumps(json.loads(text)) == text


def test_problems_have_stable_codes_and_hints(toolbox: Toolbox) -> None:
    found = toolbox.check(SHOP.replace('"normal"', '"gaussian"'))["problems"]
    assert [(one["code"], one["place"], one["hint"]) for one in found] == [
        ("unknown-kind", "$.tables.t.columns.x.type", "use 'normal'")
    ]
    assert toolbox.repair(SHOP.replace('"normal"', '"gaussian"'))["valid"]


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../b", "link/x", ".", "", "a\0b", "s3://b/x"])
def test_nothing_outside_the_folder_is_read_or_written(toolbox: Toolbox, tmp_path: Path, name: str) -> None:
    (toolbox.folder / "link").symlink_to(tmp_path)
    for act in (
        lambda: toolbox.generate(SHOP, name),
        lambda: toolbox.validate(SHOP, name),
        lambda: toolbox.report(name),
        lambda: toolbox.save(SHOP, name),
        lambda: toolbox.check(name),
    ):
        with pytest.raises(DataError):
            act()
    assert {path.name for path in tmp_path.iterdir()} == {"desk"}


def test_a_report_is_not_read_or_written_through_a_link(toolbox: Toolbox, tmp_path: Path) -> None:
    toolbox.generate(SHOP, "data")
    (tmp_path / "other.json").write_text("{}")
    (toolbox.folder / "data" / "report.json").symlink_to(tmp_path / "other.json")
    for act in (lambda: toolbox.validate(SHOP, "data"), lambda: toolbox.report("data")):
        with pytest.raises(DataError, match="is not below the folder"):
            act()
    assert (tmp_path / "other.json").read_text() == "{}"


def test_a_document_given_as_text_reads_no_file(toolbox: Toolbox) -> None:
    (toolbox.folder / "x.csv").write_text("a\n1\n")
    text = (
        '{"datagen": 1, "name": "a", "tables": {"t": {"rows": {"type": "listed", "file": "x.csv"}, "columns": '
        '{"a": {"type": "listed"}}}}}'
    )
    assert not toolbox.check(text)["valid"]


def test_runs_are_bounded(toolbox: Toolbox) -> None:
    with pytest.raises(PlanError, match="lower the scale"):
        toolbox.generate(SHOP, "out", scale=1e7)


def test_a_broken_document_is_not_saved(toolbox: Toolbox) -> None:
    with pytest.raises(SchemaError):
        toolbox.save(SHOP.replace("normal", "gaussian"), "a.json")
    with pytest.raises(DataError):
        toolbox.save(SHOP, "a.py")
    assert list(toolbox.folder.iterdir()) == []


def test_a_document_that_cannot_be_saved_says_why(toolbox: Toolbox) -> None:
    (toolbox.folder / "file").write_text("")
    for name, reason in (("file/a.json", "file exists"), (f"{'x' * 400}.json", "file name too long")):
        with pytest.raises(DataError, match=reason):
            toolbox.save(SHOP, name)


def test_no_database_that_a_document_names_is_written(toolbox: Toolbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        url = f"postgresql://a@127.0.0.1:{other.getsockname()[1]}/b"
        document = json.dumps({**json.loads(SHOP), "output": {"type": "postgresql", "url": url, "namespace": "shop"}})
        assert toolbox.check(document)["valid"]
        with pytest.raises(PlanError, match="is a database"):
            toolbox.generate(document, "out")
        with pytest.raises(TimeoutError):
            other.accept()
    assert list(toolbox.folder.iterdir()) == []
