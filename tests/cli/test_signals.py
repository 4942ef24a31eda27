"""Ctrl-C and SIGTERM at any moment: a line, the exit code of convention, no process left, and advice that works."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import datagen

pytestmark = pytest.mark.integration

MAIN = [sys.executable, "-c", "from datagen.cli import main; main()"]


def begun(*words: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*MAIN, *map(str, words)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def until(happened, process: subprocess.Popen[str], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


def handles_signals(process: subprocess.Popen[str]) -> bool:
    """Whether the command has installed its handlers: Python itself has none for SIGTERM."""
    caught = next(line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "SigCgt" in line)
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def receipts(out: Path) -> bool:
    folder = out / "_run" / "receipts"
    return folder.is_dir() and any(folder.iterdir())


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_ends_a_run_in_order_with_143_and_it_can_be_resumed(shop: Path, tmp_path: Path, workers: int) -> None:
    out = tmp_path / "data"
    words = ("generate", shop, "--out", out, "--scale", 800, "--partition-rows", 20000, "--workers", workers)
    process = begun(*words)
    until(lambda: receipts(out), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert (process.returncode, err.count("\n")) == (143, 1), err
    assert "--resume" in err
    assert psutil.wait_procs(family, timeout=120)[1] == []
    assert not (out / "_SUCCESS").exists() and not (out / "_run" / "tmp").exists()
    again = begun(*words, "--resume")
    assert again.communicate(timeout=240)[1] == ""
    assert (out / "_SUCCESS").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("wait", [0, 0.3, 0.7])
def test_a_signal_right_after_the_start_says_what_to_do_and_that_can_be_done(
    shop: Path, tmp_path: Path, number: signal.Signals, wait: float
) -> None:
    out = tmp_path / "data"
    words = ("generate", shop, "--out", out, "--scale", 2000)
    process = begun(*words)
    until(lambda: handles_signals(process), process)
    time.sleep(wait)
    process.send_signal(number)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 128 + number
    assert err.count("\n") == 1 and ("to start again" in err or "--resume" in err), err
    assert ("--resume" in err) == (out / "_run" / "run.json").exists()


DESTROYED = """
import os, signal, time
from datagen.cli.signals import stopping

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.01)

stopping.install()
stopping.loaded()
Closing()
try:
    time.sleep(20)
except KeyboardInterrupt:
    raise SystemExit(stopping.exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_within_a_destructor_is_neither_lost_nor_shown(number: signal.Signals) -> None:
    words = [sys.executable, "-c", DESTROYED.format(name=number.name)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (128 + number, "")


def test_an_impatient_user_sees_no_traceback(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    process = begun("generate", shop, "--out", out, "--scale", 800, "--partition-rows", 20000, "--workers", 2)
    until(lambda: receipts(out), process)
    family = psutil.Process(process.pid).children(recursive=True)
    for _ in range(4):
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "Traceback" not in err and "--resume" in err
    assert psutil.wait_procs(family, timeout=120)[1] == []


def test_a_replay_that_is_stopped_says_how_many_events_it_wrote(shop: Path, tmp_path: Path) -> None:
    datagen.generate(shop, tmp_path / "data")
    process = begun("replay", tmp_path / "data", "--speed", 1)
    assert process.stdout is not None and process.stdout.readline().startswith('{"topic"')
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=240)
    written = 1 + out.count("\n")
    assert process.returncode == 143
    told = re.fullmatch(r"error: stopped after (\d+) events?; another replay starts again\n", err)
    assert told and written - int(told[1]) in (0, 1)  # the signal may come between an event and its count


def test_a_validation_that_is_stopped_says_so(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    datagen.generate(shop, out, scale=300)
    process = begun("validate", shop, "--data", out)
    until(lambda: handles_signals(process), process)
    time.sleep(0.7)  # anywhere in the imports or in the work
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert process.returncode in (0, 143)
    assert "Traceback" not in err and err.count("\n") == (process.returncode == 143)
