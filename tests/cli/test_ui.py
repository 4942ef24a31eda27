"""`datagen ui` serves the page until it is stopped."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.terminal import Run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_is_there_until_the_command_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "datagen", "ui", str(tmp_path / "new.yaml"), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=120) as page:
            assert b"<title>Datagen</title>" in page.read()
        process.send_signal(number)
        assert process.wait(120) == 0
        assert process.stderr.read() == "the page has ended; run the same command to open it again\n"


def test_text_that_is_no_document_is_refused(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("secret")
    assert run("ui", other, "--no-browser").code == 2
    assert run("ui", tmp_path, "--no-browser").code == 2
    assert run("ui", tmp_path / "none" / "a.yaml", "--no-browser").code == 2
