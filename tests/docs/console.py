"""Commands as the pages show them, run in this process and in the page's folder."""

from __future__ import annotations

import gc
import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from datagen.cli import main
from tests.docs.pages import ROOT

LEFT_ALONE = {"git", "pip", "cd", "dask", "make", "export"}
"""Commands that are shown, and that no test runs."""
SHELL = {"ls", "cat", "head"}
_VARYING = (
    (re.compile(r"\(\d+\.\d s, [\d,]+ rows/s\)"), "(# s, # rows/s)"),
    (re.compile(r"\b\d[\d.,]* (B|kB|MB|GB|TB)\b"), "# bytes"),
    (re.compile(r"\bid [0-9a-f]{16}\b"), "id #"),
    (re.compile(r"in [\d,]+ partitions? of up to [\d,]+, [\d,]+ in memory"), "in # partitions of up to #, # in memory"),
    (re.compile(r"block of [\d,]+ rows"), "block of # rows"),
    (re.compile(r"\d+\.\d of \d+\.\d\b"), "# of #"),
    (re.compile(r"\d+ (hold|as declared)\b"), r"# \1"),
    (re.compile(r"[■·]+"), "■"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r"[─━]+"), "─"),
)


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that is shown below it."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0], "a console block begins with '$ '"
    found = []
    for part in parts[1:]:
        command, _, shown = re.sub(r"\\\n\s*", "", part).partition("\n")
        found.append((command.strip(), shown))
    return found


class Terminal:
    """Remembers how the last command ended, as a shell does.

    With `apart` a command is a process of its own, so that the times that it tells are those that a reader will see.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self.code = 0
        self.apart = apart

    def run(self, command: str) -> str | None:
        """What the command prints; None for one that is only shown."""
        if command == "echo $?":
            return f"{self.code}\n"
        words = shlex.split(command, comments=True)
        if command == "make demo":
            return "".join(self.run(line) or "" for line in _recipe("demo"))
        if words[0] == "echo":
            return " ".join(words[1:]) + "\n"
        if words[0] in LEFT_ALONE:
            assert words[0] != "make" or _recipe(words[1]), f"the Makefile has no target {words[1]}"
            return None
        if words[0] in SHELL:
            return subprocess.run(words, capture_output=True, text=True, check=True, env={"LC_ALL": "C"}).stdout
        assert words[0] == "datagen", f"no test runs '{words[0]}'"
        given = Path(words.pop()).read_text(encoding="utf-8") if words[-2] == "<" else ""
        words = [word for word in words if word != "<"]
        return self._process(words, given) if self.apart else self._here(words, given)

    def _process(self, words: list[str], given: str) -> str:
        program = [sys.executable, "-m", *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            program, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env=environment,
        )  # fmt: skip
        self.code = ended.returncode
        return ended.stdout

    def _here(self, words: list[str], given: str) -> str:
        output, standard_input = io.StringIO(), io.TextIOWrapper(io.BytesIO(given.encode()))
        patched = mock.patch.multiple(sys, argv=words, stdin=standard_input)
        with patched, redirect_stdout(output), redirect_stderr(output):
            try:
                main()
            except SystemExit as ended:
                self.code = ended.code if isinstance(ended.code, int) else 0
            finally:
                gc.unfreeze()  # a process that ends need not tidy up; this one goes on
        return output.getvalue()


def _recipe(target: str) -> list[str]:
    """The commands of a target of the Makefile, as one would type them."""
    text = (ROOT / "Makefile").read_text()
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]*\n)+)", text, re.MULTILINE)
    lines = found[1].splitlines() if found else []
    return [line.strip().lstrip("@").removeprefix("$(bin)/").replace("$(bin)", ".venv/bin") for line in lines]


def tidy(printed: str) -> str:
    """Output as a page shows it: no blank lines around it, no blanks at the end of a line."""
    lines = [line.rstrip() for line in printed.splitlines()]
    return "\n".join(lines).strip("\n")


def agrees(shown: str, printed: str) -> bool:
    """Whether a page tells the truth.

    Times, sizes and the cut of the work may differ, and a line of `...` stands for any number of lines.
    """
    lines = ["(.*\n)*" if line == "..." else re.escape(line) + "\n" for line in _normal(shown).splitlines()]
    return re.fullmatch("".join(lines), _normal(printed) + "\n") is not None


def _normal(text: str) -> str:
    text = "\n".join(line.strip() for line in tidy(text).splitlines() if line.strip())
    for varying, stand_in in _VARYING:
        text = varying.sub(stand_in, text)
    return text
