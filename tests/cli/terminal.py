"""The command line as a user meets it: what it prints and how it ends."""

from __future__ import annotations

import io
import logging
import sys
from dataclasses import dataclass
from typing import Protocol

import pytest

from datagen.cli import main
from datagen.cli.signals import stopping


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


class Run(Protocol):
    def __call__(self, *words: object) -> Ended: ...


def standard_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What the next command reads from its standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("latin-1", errors="replace"))))


def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs one command in this process."""

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["datagen", *map(str, words)])
        monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            stopping.forget()
            logging.disable(logging.NOTSET)
        code = ended.value.code
        message = capsys.readouterr()
        return Ended(code if isinstance(code, int) else 0 if code is None else 1, message.out, message.err)

    return run
