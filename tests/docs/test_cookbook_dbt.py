"""The cookbook's commands for dbt, carried out by dbt in a virtual environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.docs.test_cookbook_commands import PAGE, commands

pytestmark = pytest.mark.integration

PINNED = ROOT / ".ci" / "dbt.txt"
FOLDER = Path(sys.prefix) / "dbt"
"""The environment, kept for the next run."""


def programs() -> Path:
    """The folder with `dbt`, installed as pinned."""
    found, told = FOLDER / "bin", FOLDER / PINNED.name
    if not told.is_file() or told.read_text() != PINNED.read_text():
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([found / "pip", "install", "--quiet", "--requirement", PINNED], check=True)
        told.write_text(PINNED.read_text())
    return found


@pytest.mark.slow
def test_dbt_builds_the_tables_and_their_tests_pass(tmp_path: Path) -> None:
    recipe = next(code for code in blocks(PAGE) if code.word("file") == "order_lines.yaml")
    (tmp_path / "order_lines.yaml").write_text(recipe.text, encoding="utf-8")
    alias = f"set -e\nshopt -s expand_aliases\nalias datagen='PYTHONPATH={ROOT} {sys.executable} -m datagen'\n"
    lines = [line for line in commands("Use it in dbt") if not line.startswith("head")]
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"}
    env.pop("PYTHONPATH", None)
    shell = ["bash", "-c", alias + "\n".join(lines)]
    done = subprocess.run(shell, check=False, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "ERROR=0" in done.stdout and "17 data tests, 3 view models" in done.stdout
