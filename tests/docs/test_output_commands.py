"""The commands of docs/outputs.md for other programs, carried out for real where the programs are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import datagen
from tests.docs.console import commands
from tests.docs.pages import ROOT, blocks
from tests.postgres_server import INSTALLED, postgres

pytestmark = pytest.mark.integration

PAGE = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")


@pytest.mark.skipif(not INSTALLED, reason="PostgreSQL is not installed")
def test_a_database_is_loaded_as_the_page_says(tmp_path: Path) -> None:
    section = blocks(PAGE.split("## PostgreSQL\n", 1)[1].split("\n## ", 1)[0])
    (tmp_path / "clicks.yaml").write_text(next(code.text for code in blocks(PAGE) if code.word("file")))
    lines = [command for code in section if code.language == "console" for command, _ in commands(code.text)]
    with postgres() as url:
        script = "\n".join(lines).replace("postgresql://loader@localhost:5432/clicks", url)
        alias = f"set -e\nshopt -s expand_aliases\nalias datagen='{sys.executable} -m datagen'\n"
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        shell = ["bash", "-c", alias + script]
        done = subprocess.run(shell, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = datagen.Dataset(tmp_path / "loaded")["clicks"].rows
    assert done.stdout.split()[-1] == str(rows)
