"""`datagen validate` tells the verdict, writes the reports that are asked for, and ends with the exit code that CI
needs.
"""

from __future__ import annotations

import json

import pytest

import datagen
from tests.validation.folders import SHOP, put, rewrite, shop, table


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(SHOP))
    return path


@pytest.fixture
def folder(tmp_path):
    return shop(tmp_path / "out")


def test_a_sound_dataset_ends_with_0(run, schema, folder):
    reported = run("validate", schema, "--data", folder)
    assert reported.code == 0
    assert " hold " in reported.out


def test_a_broken_one_ends_with_1_and_names_the_break(run, schema, folder):
    rows = table(folder, "products")
    rewrite(folder, "products", put(rows, "sku", ["\x1b[31mwrong", *rows["sku"].to_pylist()[1:]]))
    reported = run("validate", schema, "--data", folder)
    assert reported.code == 1
    assert "products.sku PatternAdherence: 1 of 40" in reported.out
    assert "\x1b[31mwrong" not in reported.out


def test_altered_files_end_with_1_unless_they_are_accepted(run, schema, folder):
    rewrite(folder, "products", table(folder, "products").replace_schema_metadata({"by": "hand"}))
    reported = run("validate", schema, "--data", folder)
    assert reported.code == 1
    assert "file: products/part-00000.parquet has other bytes than the run wrote" in reported.out
    assert run("validate", schema, "--data", folder, "--no-hashes").code == 0


def test_data_that_cannot_be_judged_ends_with_2(run, schema, tmp_path):
    reported = run("validate", schema, "--data", tmp_path / "nowhere")
    assert reported.code == 2
    assert reported.err.startswith("error: there is no folder")


def test_a_folder_without_its_option_has_a_hint(run, schema, folder):
    reported = run("validate", schema, folder)
    assert reported.code == 2
    assert "--data DIR" in reported.err


def test_a_wrong_schema_ends_with_2(run, schema, folder):
    schema.write_text(schema.read_text().replace('"lognormal"', '"lognorml"'))
    assert run("validate", schema, "--data", folder).code == 2


def test_the_report_as_json_is_printed_alone(run, schema, folder):
    for words in (["--json", "-"], ["--json"], ["--json", "--workers", "1"]):
        assert json.loads(run("validate", schema, "--data", folder, *words).out)["passed"] is True


def test_reports_are_written_where_they_are_asked_for(run, schema, folder, tmp_path):
    run("validate", schema, "--data", folder, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    run("validate", schema, "--data", folder, "--html", tmp_path / "r.html")
    assert json.loads((tmp_path / "r.json").read_text())["passed"] is True
    assert "<testsuite " in (tmp_path / "r.xml").read_text()
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    reported = run("validate", schema, "--data", folder, "--json", tmp_path / "no" / "r.json")
    assert reported.code == 1
    assert "cannot write" in reported.err


def test_the_schema_of_the_report_is_published(run):
    assert json.loads(run("json-schema", "--report").out)["title"] == "datagen validation report"


def test_generate_validates_while_it_makes(run, schema, tmp_path):
    reported = run("generate", schema, "--out", tmp_path / "made", "--validate")
    assert reported.code == 0
    assert " hold " in reported.out


def test_python_has_the_same_function(folder):
    assert isinstance(datagen.validate(SHOP, folder), datagen.Report)
    with pytest.raises(datagen.DataError):
        datagen.validate(SHOP, folder / "nowhere")
