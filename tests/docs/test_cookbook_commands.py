"""The commands of the cookbook for other programs, carried out for real where the programs are installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import ROOT, blocks
from tests.postgres_server import INSTALLED, postgres

PAGE = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
pytestmark = [pytest.mark.integration, pytest.mark.skipif(not INSTALLED, reason="PostgreSQL is not installed")]


def commands(begin: str) -> list[str]:
    """The commands of a section of the cookbook, those of blocks that are not run with the page, too."""
    section = PAGE.split(f"### {begin}\n", 1)[1].split("\n### ", 1)[0]
    return re.findall(r"^\$ (.*)$", section, re.MULTILINE)


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """The environment that leads to a database that only this test uses."""
    with postgres() as url:
        parts = urlsplit(url)
        yield {
            "PGHOST": str(parts.hostname),
            "PGPORT": str(parts.port),
            "PGUSER": str(parts.username),
            "PGDATABASE": parts.path.removeprefix("/"),
        }


def test_the_tables_are_loaded_into_postgresql_with_all_their_keys(server: dict[str, str], tmp_path: Path) -> None:
    recipe = next(code for code in blocks(PAGE) if code.word("file") == "order_lines.yaml")
    (tmp_path / "order_lines.yaml").write_text(recipe.text, encoding="utf-8")
    env = {**os.environ, **server, "PYTHONPATH": str(ROOT)}
    script = "set -e\nshopt -s expand_aliases\nalias datagen='" + sys.executable + " -m datagen'\n"
    lines = [line for line in commands("Load it into PostgreSQL") if not line.startswith("head")]
    shell = ["bash", "-c", script + "\n".join(lines)]
    done = subprocess.run(shell, check=False, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    count = "SELECT count(*) FROM order_lines JOIN orders USING (order_id) JOIN products USING (product_id)"
    found = subprocess.run(["psql", "-Atc", count], env=env, capture_output=True, text=True, check=True)
    lines_of = sum(len(path.read_text().splitlines()) - 1 for path in (tmp_path / "csv" / "order_lines").glob("*.csv"))
    assert int(found.stdout) == lines_of > 1000
