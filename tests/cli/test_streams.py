"""Whatever the terminal is like, a command ends with a line and an exit code, never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Run

pytestmark = pytest.mark.integration

MAIN = [sys.executable, "-c", "from datagen.cli import main; main()"]


def ended(*words: object, shell: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own; `shell` is what a shell does with its streams."""
    every = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    command = ["sh", "-c", f'"$@" {shell}', "sh", *MAIN, *map(str, words)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=every, errors="replace", timeout=240
    )


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_an_encoding_that_lacks_characters_gets_escapes(tmp_path: Path, environment: dict[str, str]) -> None:
    schema = tmp_path / "x.yaml"
    schema.write_text(
        "datagen: 1\nname: x\ntables:\n  t:\n    rows: 3\n    columns:\n      k: {type: key}\n"
        "      v: {type: constant, value: 'żółć 日本'}\n",
        encoding="utf-8",
    )
    shown, others = ("preview", schema), (("kinds",), ("generate", schema, "--out", tmp_path / "日本"))
    few = environment != {"PYTHONIOENCODING": "ascii"}  # each is a process
    for words in (shown, ("check", tmp_path / "żółć.yaml"), *(() if few else others)):
        reported = ended(*words, **environment)
        assert reported.returncode == (2 if words[0] == "check" else 0), reported.stderr
        assert "Traceback" not in reported.stderr + reported.stdout
        assert "\\u25" not in reported.stdout  # lines and bars are drawn in ASCII


@pytest.mark.parametrize("words", [("kinds",), ("--version",), ("--help",)])
def test_a_full_disk_under_the_standard_output_is_reported(words: tuple[str, ...]) -> None:
    reported = ended(*words, shell=">/dev/full")
    assert reported.returncode == 1
    assert reported.stderr == "error: cannot write to the standard output: no space left on device\n"


def test_streams_that_are_closed_are_nobodys_fault(shop: Path, tmp_path: Path) -> None:
    for number, shell in enumerate((">&-", "2>&-", ">&- 2>&- <&-")):
        reported = ended("generate", shop, "--out", tmp_path / str(number), shell=shell)
        assert reported.returncode == 0
        assert reported.stderr == ""
    assert ended("validate", shop, "--data", tmp_path / "2", shell=shell).returncode == 0


def test_a_closed_pipe_is_no_error() -> None:
    reported = ended("json-schema", shell="| head -c 10")
    assert (reported.stdout, reported.stderr) == ('{\n  "$schem'[:10], "")


EVIL = "\x1b[31mred\x1b]0;title\x07"


@pytest.mark.parametrize(
    "words",
    [
        (EVIL,),
        (f"--{EVIL}",),
        ("check", EVIL),
        ("check", f"{EVIL}.yaml"),
        ("generate", "SHOP", "--out", f"s3://{EVIL}"),
        ("generate", "SHOP", "--workers", EVIL),
        ("generate", "SHOP", "--memory", EVIL),
        ("generate", "SHOP", "--cluster", f"x{EVIL}"),
        ("validate", "SHOP", "--data", EVIL),
        ("validate", "SHOP", "--min-score", EVIL),
        ("kinds", EVIL),
        ("truth", EVIL),
        ("fingerprint", EVIL),
        ("export", "SHOP", "--to", EVIL),
        ("export", "SHOP", "--to", "ddl", "--out", "TMP/" + EVIL),
        ("export", "SHOP", "--to", "ddl", "--table", EVIL),
        ("preview", "SHOP", "--table", EVIL),
        ("generate", "SHOP", "--out", "TMP/" + EVIL),
        ("json-schema", "--out", "TMP/" + EVIL),
    ],
)
def test_arguments_and_file_names_steer_no_terminal(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    reported = run(*(word.replace("SHOP", str(shop)).replace("TMP", str(tmp_path)) for word in words))
    assert "\x1b" not in reported.out + reported.err and "\x07" not in reported.out + reported.err
    assert "red" in reported.out + reported.err or "Invalid value" in reported.err
    assert "defect" not in reported.err


def test_bytes_that_are_no_text_are_shown_as_escapes(tmp_path: Path) -> None:
    reported = subprocess.run(
        [*MAIN, "check", os.fsencode(tmp_path) + b"/\xff.yaml"],
        check=False, capture_output=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert reported.returncode == 2
    assert b"Traceback" not in reported.stderr and b"there is no file" in reported.stderr


def test_what_nobody_has_explained_is_one_line(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datagen.api

    def fail(*_: object, **__: object) -> None:
        raise KeyError("odd\x1b")

    monkeypatch.setattr(datagen.api, "plan", fail)
    reported = run("plan", shop)
    assert reported.code == 1
    assert reported.err == (
        "error: internal error in datagen, please report it: KeyError: 'odd\\x1b' (DATAGEN_TRACEBACK=1 shows where)\n"
    )
    monkeypatch.setenv("DATAGEN_TRACEBACK", "1")
    with pytest.raises(KeyError):
        run("plan", shop)


@pytest.mark.parametrize("lack", [MemoryError(), MemoryError("Unable to allocate 9. GiB")])
def test_a_lack_of_memory_is_one_line(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch, lack: Exception) -> None:
    import datagen.api

    def fail(*_: object, **__: object) -> None:
        raise lack

    for name in ("plan", "generate", "validate"):
        monkeypatch.setattr(datagen.api, name, fail)
        reported = run(name, shop)
        assert (reported.code, reported.err.count("\n")) == (1, 1)
        assert "memory" in reported.err
