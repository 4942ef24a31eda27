"""Kinds of another package are used like those here, without a change of any file here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
DOCUMENT = {
    "datagen": 1,
    "name": "casino",
    "seed": 3,
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "guests": {
            "rows": 400,
            "columns": {"guest_id": {"type": "key"}},
            "behaviors": [{"type": "lottery", "of": ["throws"], "share": 0.1, "multiply": 5}],
        },
        "throws": {
            "parent": "guests",
            "rows": {"type": "events", "mean_per_month": 2},
            "columns": {
                "throw_id": {"type": "key"},
                "guest_id": {"type": "parent_key"},
                "thrown_at": {"type": "event_time"},
                "number": {"type": "dice", "sides": 8},
            },
        },
    },
}


def run(*arguments: str, site: Path = SITE) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])}
    environment.pop("COVERAGE_PROCESS_START", None)
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("casino") / "casino.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.fixture(scope="module")
def made(document) -> subprocess.CompletedProcess[str]:
    out = document.parent / "out"
    return run("-m", "datagen", "generate", str(document), "--out", str(out), "--workers", "1")


def test_a_generator_and_a_behavior_of_another_package_make_data(made, document):
    assert made.returncode == 0, made.stderr
    import pyarrow.parquet as pq

    table = pq.read_table(document.parent / "out" / "throws")
    assert set(table["number"].to_pylist()) == set(range(1, 9))
    by_guest = sorted(
        count["count"]
        for count in table.group_by("guest_id")
        .aggregate([([], "count_all")])
        .rename_columns(["guest_id", "count"])
        .to_pylist()
    )
    assert by_guest[-20] > 30 > by_guest[200]  # a tenth of 400 guests wins, and throws 60 times in place of 12


def test_a_metric_of_another_package_judges_what_its_kind_declares(made, document):
    report = document.parent / "report.json"
    done = run(
        "-m", "datagen", "validate", str(document), "--data", str(document.parent / "out"), "--json", str(report)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(report.read_text())
    found = [one for one in written["findings"] if one["measure"] == "FairDie"]
    assert [(one["verdict"], one["planted"]) for one in found] == [("recovered", 4.5)]
    assert written["score"] == 100  # the behavior is recovered, too: mean rate, and variation between guests


def test_a_format_of_another_package_is_written_read_and_validated(document):
    out, report = document.parent / "as_orc", document.parent / "orc.json"
    done = run("-m", "datagen", "generate", str(document), "--format", "orc", "--out", str(out), "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert list((out / "throws").glob("*.orc"))
    code = "import datagen, sys; print(datagen.fingerprint(sys.argv[1]) == datagen.fingerprint(sys.argv[2]))"
    assert run("-c", code, str(out), str(document)).stdout == "True\n"
    done = run("-m", "datagen", "validate", str(document), "--data", str(out), "--json", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(report.read_text())["score"] == 100
    (out / "throws" / "more.avro").write_bytes(b"not read")
    assert run("-m", "datagen", "validate", str(document), "--data", str(out)).returncode == 0
    next((out / "guests").glob("*.orc")).write_bytes(b"no stripes")
    done = run("-m", "datagen", "validate", str(document), "--data", str(out))
    assert done.returncode == 2 and "not an ORC file" in done.stderr


def test_a_wrong_field_of_a_kind_of_another_package_is_a_problem_at_its_place(document, tmp_path):
    wrong = json.loads(json.dumps(DOCUMENT))
    wrong["tables"]["throws"]["columns"]["number"] = {"type": "dice", "sides": 1, "color": "red"}
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(wrong))
    done = run("-m", "datagen", "check", str(path))
    assert done.returncode == 2
    assert "$.tables.throws.columns.number.sides" in done.stderr + done.stdout
    assert "$.tables.throws.columns.number.color" in done.stderr + done.stdout


def test_kinds_of_another_package_are_listed_and_are_in_the_json_schema():
    assert "dice" in run("-m", "datagen", "kinds", "generators").stdout
    code = "from datagen.schema.json_schema import json_schema\nprint(json_schema())"
    assert "'lottery'" in run("-c", code).stdout


def test_the_version_of_the_package_belongs_to_the_run(made, document):
    record = json.loads((document.parent / "out" / "_run" / "run.json").read_text())
    assert record["versions"]["acme-kinds"] == "1.0"


def test_a_package_that_cannot_be_imported_is_named(document, tmp_path):
    shutil.copytree(SITE, tmp_path / "site")
    (tmp_path / "site" / "acme_kinds" / "lottery.py").write_text("import nothing_of_this_name\n")
    done = run("-m", "datagen", "check", str(document), site=tmp_path / "site")
    assert done.returncode == 1
    assert "acme-kinds names 'acme_kinds.lottery' as a module of kinds, which cannot be imported" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_name_that_is_taken_is_refused(document, tmp_path):
    shutil.copytree(SITE, tmp_path / "site")
    dice = tmp_path / "site" / "acme_kinds" / "dice.py"
    dice.write_text(dice.read_text().replace('Literal["dice"] = "dice"', 'Literal["key"] = "key"'))
    done = run("-m", "datagen", "check", str(document), site=tmp_path / "site")
    assert done.returncode == 1
    assert "'key' is already a kind of generators" in done.stderr
