"""The check with which Compose waits for the scheduler, run against the scheduler that Compose starts."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.ports import free_port

pytestmark = pytest.mark.integration

COMPOSE = Path(__file__).parents[2] / "cluster" / "compose.yaml"
PATIENCE = 120
"""Seconds until the scheduler answers, also on a machine with much else to do."""


def test_the_check_passes_when_the_scheduler_answers_and_fails_when_it_is_gone(tmp_path: Path) -> None:
    port = free_port()
    service = YAML(typ="safe", pure=True).load(COMPOSE.read_text())["services"]["scheduler"]
    how, program, *words = service["healthcheck"]["test"]
    assert (how, program) == ("CMD", "python")
    assert "127.0.0.1:8787/" in words[-1]
    check = [sys.executable, *words[:-1], words[-1].replace(":8787/", f":{port}/")]
    options = [word for word in service["entrypoint"][2:] if word.startswith("--no-")]
    here = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", f"127.0.0.1:{port}", *options]
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", *here], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + PATIENCE
        while not passes(check) and time.monotonic() < until:
            time.sleep(0.2)
        assert passes(check)
    finally:
        scheduler.kill()
        scheduler.wait()
    assert not passes(check)


def passes(check: list[str]) -> bool:
    return subprocess.run(check, check=False, capture_output=True, timeout=PATIENCE).returncode == 0
