"""A report can be sent, kept and read by machines: JSON after its published schema, JUnit XML, pickle."""

from __future__ import annotations

import json
import pickle
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import datagen
from datagen.measures.base import Finding
from datagen.quality.junit import to_junit
from datagen.quality.report import Report
from datagen.quality.report_json import json_schema
from datagen.quality.score import CAP, score_of
from tests.quality.folders import SHOP, copied, put, rewrite, table


@pytest.fixture(scope="module")
def broken(whole, tmp_path_factory) -> Report:
    folder = copied(whole, tmp_path_factory.mktemp("broken") / "out")
    rows = table(folder, "products")
    rewrite(folder, "products", put(rows, "sku", ["<b>&\x00\ud7ff\x1b[31m", *rows["sku"].to_pylist()[1:]]))
    return datagen.validate(SHOP, folder)


def test_the_json_follows_its_schema(whole, broken):
    jsonschema.Draft202012Validator.check_schema(json_schema())
    for report in (datagen.validate(SHOP, whole), broken):
        jsonschema.validate(json.loads(report.to_json()), json_schema())


def test_the_same_data_gives_the_same_text(whole):
    assert datagen.validate(SHOP, whole).to_json() == datagen.validate(SHOP, whole).to_json()


def test_a_report_survives_pickling(broken):
    assert pickle.loads(pickle.dumps(broken)) == broken


def test_junit_counts_what_failed_and_is_sound_xml(broken):
    suite = ET.fromstring(to_junit(broken)).find("testsuite")
    assert suite is not None
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) == len(broken.failed) == 1
    assert int(suite.get("tests")) == len(broken.findings)


def test_in_a_notebook_nothing_of_the_data_is_code(broken):
    assert "<b>&" not in broken._repr_html_()
    assert "1 gate failed" in broken._repr_html_()


def finding(group, score, verdict="recovered", weight=1.0):
    return Finding(group, "M", "t", None, verdict, "", score=score, weight=weight)


def test_a_failed_gate_is_never_averaged_away():
    sound = [finding("recovery", 1.0) for _ in range(1000)]
    score, losses = score_of([*sound, finding("gate", 0.999, "fail", 0.0)])
    assert score == CAP
    assert sum(loss.points for loss in losses) == pytest.approx(100 - CAP)


def test_what_does_not_apply_neither_costs_nor_earns():
    assert score_of([finding("recovery", None, "not identifiable"), finding("time", 0.5)])[0] == pytest.approx(50)
    assert score_of([]) == (100.0, ())
