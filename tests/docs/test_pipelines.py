"""The steps of the GitHub Action run as the shell scripts that they are, and the recipes of docs/pipelines.md run."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import datagen
from datagen.runtime.dataset import Dataset
from tests.docs.pages import ROOT, blocks

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
SCHEMA = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 200, "columns": {"id": {"type": "key"}}}}}


class Runner:
    """Runs the steps of the action below a folder; `outputs` is what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.outputs = folder, dict[str, str]()
        datagen = folder / "bin" / "datagen"  # this Python's
        datagen.parent.mkdir()
        datagen.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m datagen "$@"\n')
        datagen.chmod(0o755)

    def run(self, **inputs: str) -> list[int]:
        """The exit codes of the steps, to the first that fails."""
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        given |= {"package": "none"} | {name.replace("_", "-"): value for name, value in inputs.items()}
        codes = []
        for step in ACTION["runs"]["steps"]:
            codes.append(self._step(step, given))
            if codes[-1]:
                break
        return codes

    def _step(self, step: dict[str, Any], given: dict[str, str]) -> int:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]  # a value must not become part of a script
        reported = self.folder / "github-output"
        reported.touch()
        known = {"github.action_path": str(ROOT)} | {f"inputs.{name}": value for name, value in given.items()}
        variables = {k: re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda m: known[m[1]], v) for k, v in step["env"].items()}
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, **variables, "GITHUB_OUTPUT": str(reported), "PATH": path, "PYTHONPATH": str(ROOT)}
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        ended = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        self.outputs |= dict(line.split("=", 1) for line in reported.read_text().splitlines())
        return ended.returncode


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_action_generates_and_validates(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a schema.json").write_text(json.dumps(SCHEMA))
    assert runner.run(schema="a schema.json", scale="0.5", seed="3", out="my data") == [0, 0, 0, 0]
    assert Dataset(tmp_path / "my data").table("t").rows == 100
    assert Dataset(tmp_path / "my data").manifest.seed == 3
    assert float(runner.outputs["score"]) == 100
    assert b"Data quality report" in (tmp_path / runner.outputs["report"]).read_bytes()
    assert (tmp_path / "my data-report" / "report.xml").is_file()


def test_the_action_installs_its_own_code_unless_another_package_is_named(runner: Runner, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"  # instead of an installation
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >>installed\n')
    python.chmod(0o755)
    for package in ("", "datagen==1.2.3", "none"):
        runner.run(schema="none.json", package=package)
    installed = (tmp_path / "installed").read_text().replace("-m pip install --quiet -- ", "").split("\n")
    assert installed == [str(ROOT), "datagen==1.2.3", ""]


def test_the_action_fails_where_it_must(runner: Runner, tmp_path: Path) -> None:
    schema = tmp_path / "a.json"
    schema.write_text(json.dumps({**SCHEMA, "seed": "x"}))
    assert runner.run(schema="a.json") == [0, 2]
    expected = {"type": "count", "table": "t", "min": 500, "name": "many"}
    schema.write_text(json.dumps({**SCHEMA, "expectations": [expected]}))
    assert runner.run(schema="a.json")[-1] != 0


def test_no_input_of_the_action_is_run_as_a_command(runner: Runner, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    values = (f"$(touch {mark})", f"`touch {mark}`", f'" && touch {mark} && "', f"; touch {mark} #")
    assert runner.run(schema=" ".join(values))[-1] != 0
    (tmp_path / "a.json").write_text(json.dumps(SCHEMA))
    assert runner.run(schema="a.json", scale=" ".join(values))[-1] != 0
    assert not mark.exists()


def test_every_input_and_output_of_the_action_is_documented() -> None:
    page = (ROOT / "docs" / "pipelines.md").read_text()
    assert all(f"`{name}`" in page for name in (*ACTION["inputs"], *ACTION["outputs"]))


def recipe(name: str) -> str:
    page = (ROOT / "docs" / "pipelines.md").read_text()
    return next(code.text for code in blocks(page) if code.language == "python" and name in code.words)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_recipe_for_airflow_runs(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With decorators that call the functions at once, in the order in which their results are used."""

    def task(function: Callable[..., Any] | None = None, **options: Any) -> Any:
        return function if function is not None else task

    sdk = types.SimpleNamespace(task=task, dag=lambda **options: task)
    monkeypatch.setitem(sys.modules, "airflow", types.ModuleType("airflow"))
    monkeypatch.setitem(sys.modules, "airflow.sdk", sdk)
    code = compile(recipe("airflow"), "airflow", "exec")
    exec(code, {})
    exec(code, {})  # a task that is tried again goes on with what is there
    assert Dataset(desk / "users_events").tables


@pytest.mark.slow
def test_the_recipe_for_dagster_runs(desk: Path) -> None:
    dagster = pytest.importorskip("dagster")
    names: dict[str, Any] = {}
    exec(compile(recipe("dagster"), "dagster", "exec"), names)
    done = (
        names["defs"]
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(instance=dagster.DagsterInstance.ephemeral())
    )
    assert done.success
    (event,) = done.get_asset_check_evaluations()
    assert event.passed


def test_the_recipe_for_dagster_uses_public_names_alone() -> None:
    nodes = [node for node in ast.walk(ast.parse(recipe("dagster"))) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "datagen"}
    assert used == {"generate", "validate"} and used <= set(datagen.__all__)
