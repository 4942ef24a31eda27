"""Runs killed with SIGKILL at any moment end, once resumed, with the bytes of a run that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes
from tests.runtime.folders import hashes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def start(folder, wait, *last):
    command = [sys.executable, "-m", "tests.runtime.driver", str(folder), "refuse", str(wait), *map(str, last)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def read_until(driver, event, times):
    for line in driver.stdout:
        times -= line.strip() == event
        if times == 0:
            return
    pytest.fail(f"the driver ended early: {driver.stderr.read()}")


def children(driver):
    return psutil.Process(driver.pid).children(recursive=True)


def all_gone(processes):
    return not psutil.wait_procs(processes, timeout=120)[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    execute(Work(fakes.plan(users=8000), fakes.make), folder)
    return hashes(folder)


@pytest.fixture
def small(tmp_path):
    """A folder in memory, where there is one: hundreds of runs make and remove folders."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield folder


@pytest.mark.parametrize("existing", ["continue", "overwrite"])
@pytest.mark.parametrize(
    "error",
    [[], ["ENOSPC"], *(pytest.param([error], marks=pytest.mark.slow) for error in ("EIO", "EFBIG"))],
    ids=lambda error: "".join(error) or "kill",
)
def test_a_run_that_ends_at_any_step_in_the_file_system_can_be_finished(small, existing, error):
    done = subprocess.run(
        [sys.executable, "-m", "tests.runtime.sweep", small, existing, *error],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > (10 if error else 50)


@pytest.mark.parametrize("event, times", [("Started", 1), ("PartitionDone", 1), ("PartitionDone", 5)])
def test_a_killed_driver_takes_its_workers_along_and_resumes_to_the_same_bytes(tmp_path, whole, event, times):
    driver = start(tmp_path / "out", 0.05, event, times)
    read_until(driver, event, times)
    workers = children(driver)
    driver.kill()
    driver.communicate()
    assert all_gone(workers)
    assert "_SUCCESS" not in hashes(tmp_path / "out")
    execute(Work(fakes.plan(users=8000), fakes.make), tmp_path / "out", existing="resume")
    assert hashes(tmp_path / "out") == whole


def a_worker(driver, seconds=120.0):
    """A worker process that is alive; one killed a moment ago may still be listed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess, IndexError):
            tree = psutil.Process(driver.pid).children()[0]
            _scheduler, *workers = sorted(tree.children(), key=psutil.Process.create_time)
            alive = [process for process in workers if process.status() != psutil.STATUS_ZOMBIE]
            return alive[0]
        time.sleep(0.02)
    raise AssertionError(f"no worker within {seconds} s")


def test_killed_workers_are_replaced_and_the_run_completes(tmp_path, whole):
    driver = start(tmp_path / "out", 0.4)
    for _ in range(3):
        read_until(driver, "PartitionDone", 1)
        a_worker(driver).kill()
    out, err = driver.communicate(timeout=240)
    assert driver.returncode == 0, err
    assert "Finished" in out
    assert hashes(tmp_path / "out") == whole


def test_ctrl_c_in_a_terminal_ends_quietly_and_says_how_to_resume(tmp_path, whole):
    driver = start(tmp_path / "out", 1)
    read_until(driver, "PartitionDone", 1)
    workers = children(driver)
    os.killpg(driver.pid, signal.SIGINT)  # a terminal sends it to the whole group
    out, err = driver.communicate(timeout=240)
    assert all_gone(workers)
    assert driver.returncode == 130
    assert "Interrupted: stopped after" in out
    assert "--resume" in out
    assert err == ""
    assert not (tmp_path / "out" / "_run" / "tmp").exists()
    execute(Work(fakes.plan(users=8000), fakes.make), tmp_path / "out", existing="resume")
    assert hashes(tmp_path / "out") == whole
