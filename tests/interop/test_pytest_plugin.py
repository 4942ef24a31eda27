"""The fixture `datagen`: one plan is generated once, in this session or an earlier one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEST = """
SHOP = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 9, "columns": {"id": {"type": "key"}}}}}

def test_one(datagen):
    assert datagen(SHOP).table("t").rows == 9

def test_two(datagen):
    assert datagen(SHOP, scale=2).table("t").rows == 18
    assert datagen(SHOP, scale=2) is not None
"""


def session(folder: Path, *words: str) -> str:
    program = [sys.executable, "-m", "pytest", "-q", "-p", "datagen.interop.pytest_plugin", *words]
    # where the package is installed its entry point loads the plugin too, and pytest takes no plugin twice
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def test_datasets_are_made_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    assert "2 passed" in session(tmp_path)
    cache = tmp_path / ".pytest_cache" / "d" / "datagen"
    made = {path: (path / "_SUCCESS").stat().st_mtime_ns for path in cache.iterdir()}
    assert len(made) == 2
    session(tmp_path)
    assert {path: (path / "_SUCCESS").stat().st_mtime_ns for path in cache.iterdir()} == made
    session(tmp_path, "--datagen-fresh")
    assert all((path / "_SUCCESS").stat().st_mtime_ns > before for path, before in made.items())
