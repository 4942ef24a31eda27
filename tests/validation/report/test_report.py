"""A report can be sent, kept and read by machines: JSON after its published schema, JUnit XML, pickle."""

from __future__ import annotations

import json
import pickle
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import datagen
from datagen.validation.report.junit import to_junit
from datagen.validation.report.report import Report
from datagen.validation.report.report_json import json_schema
from tests.validation.folders import SHOP, copied, put, rewrite, table


@pytest.fixture(scope="module")
def broken(whole, tmp_path_factory) -> Report:
    folder = copied(whole, tmp_path_factory.mktemp("broken") / "out")
    rows = table(folder, "products")
    rewrite(folder, "products", put(rows, "sku", ["<b>&\x00\ud7ff\x1b[31m", *rows["sku"].to_pylist()[1:]]))
    return datagen.validate(SHOP, folder, hashes=False)


def test_the_json_follows_its_schema(whole, broken):
    jsonschema.Draft202012Validator.check_schema(json_schema())
    for report in (datagen.validate(SHOP, whole), broken):
        errors = jsonschema.Draft202012Validator(json_schema()).iter_errors(json.loads(report.to_json()))
        assert [error.message for error in errors] == []


def test_the_same_data_gives_the_same_text(whole):
    assert datagen.validate(SHOP, whole).to_json() == datagen.validate(SHOP, whole).to_json()


def test_a_report_survives_pickling(broken):
    assert pickle.loads(pickle.dumps(broken)) == broken


def test_junit_counts_what_failed_and_is_sound_xml(broken):
    scored, signs = ET.fromstring(to_junit(broken)).findall("testsuite")
    assert int(scored.get("failures")) == len(scored.findall("testcase/failure")) == len(broken.failed) == 1
    assert int(scored.get("tests")) + int(signs.get("tests")) == len(broken.findings)
    assert float(scored.find("properties/property[@name='score']").get("value")) == pytest.approx(
        broken.score, abs=1e-3
    )
    assert float(signs.find("properties/property[@name='realism']").get("value")) == pytest.approx(
        broken.realism, abs=1e-3
    )


def test_in_a_notebook_nothing_of_the_data_is_code(broken):
    assert "<b>&" not in broken._repr_html_()
    assert "1 constraint failed" in broken._repr_html_()
