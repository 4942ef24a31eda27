"""Executes the blocks of a page from top to bottom in a new folder, as a reader would."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import datagen
from tests.docs.console import Terminal, agrees, commands, tidy
from tests.docs.pages import LANGUAGES, Code, blocks

FRAME = json.loads((Path(__file__).parent / "frame.json").read_text())


class Page:
    """One page: what its Python knows and what it printed last."""

    def __init__(self, path: Path, *, apart: bool = False) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.printed = ""
        self.terminal = Terminal(apart=apart)

    def carry_out(self) -> Iterator[tuple[Code, str]]:
        """Each block that shows output, with the text that it should have."""
        for code in blocks(self.text):
            assert code.language in LANGUAGES, f"line {code.line}: no test reads '{code.language}'"
            if code.language == "console":
                yield code, self._console(code)
            elif code.language == "python":
                self._python(code)
            elif code.language in ("json", "yaml"):
                document(code)
            elif "output" in code.words:
                yield code, code.text if agrees(code.text, self.printed) else tidy(self.printed) + "\n"

    def _console(self, code: Code) -> str:
        if "not-run" in code.words:
            return code.text
        true = []
        for command, shown in commands(code.text):
            printed = self.terminal.run(command)
            compared = bool(shown.strip()) and printed is not None
            sizes = self.terminal.apart and command.startswith("datagen plan ") and "\n..." not in shown
            if compared and (not agrees(shown, printed or "") or (sizes and tidy(shown) != tidy(printed or ""))):
                true.append(f"$ {command}\n{tidy(printed or '')}\n")
            else:
                true.append(f"$ {command}\n{shown}")
        return code.text if "".join(true) == _joined(code.text) else "".join(true)

    def _python(self, code: Code) -> None:
        program = compile("\n" * code.line + code.text, "the page", "exec")
        if "not-run" in code.words:
            return
        output = io.StringIO()
        with redirect_stdout(output):
            exec(program, self.names)
        self.printed = output.getvalue()


def _joined(text: str) -> str:
    return "".join(f"$ {command}\n{shown}" for command, shown in commands(text))


def document(code: Code) -> None:
    """A whole document, or a fragment in its frame: checked, and its first rows made."""
    written = json.loads(code.text) if code.language == "json" else YAML(typ="safe").load(code.text)
    if "not-run" in code.words:
        return
    if name := code.word("file"):
        Path(name).write_text(code.text)
    place = code.word("in")
    made = within(place, written) if place else written
    problems = datagen.check(code.text if not place else made)
    if "broken" in code.words:
        assert problems, f"line {code.line}: has no problem"
        return
    assert not problems, f"line {code.line}: " + "\n".join(map(str, problems))
    datagen.preview(made, rows=2, scale=0.01)


def within(place: str, fragment: Any) -> dict[str, Any]:
    """The frame with the fragment at its place: instead of what is there, or among the columns and tables there are."""
    made = copy.deepcopy(FRAME)
    *above, last = place.split(".")
    here = made
    for key in above:
        here = here.setdefault(key, {})
    if last == "behaviors" and isinstance(fragment, dict):
        here[last] = [fragment]
    elif isinstance(fragment, dict) and "type" not in fragment:
        kept = {name: value for name, value in here.get(last, {}).items() if name not in fragment}
        here[last] = {**kept, **fragment}
    else:
        here[last] = fragment
    return made
