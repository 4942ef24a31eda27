"""Repairs text that is nearly JSON: comments, commas, quotes, words of other languages, a missing end."""

from __future__ import annotations

import json
import re

from datagen.authoring.repair.calls import NotAValue, python_value
from datagen.authoring.repair.change import Change, at_line
from datagen.schema.layout import json_text

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>"(?:[^"\\]|\\.)*(?:"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|[\u201c\u201d\u201e][^\u201c\u201d"]*[\u201c\u201d"]
        |[\u2018\u2019][^\u2018\u2019\n]*[\u2018\u2019]|\u00ab[^\u00bb\n]*\u00bb|`[^`\n]*`)
    |(?P<mark>=>|:=|[{}\[\]():,;=])
    |(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)
    |(?P<dots>\.\.\.|\u2026)
    |(?P<word>[^\s{}\[\]():,;="'\#]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
_LOOSE_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?\Z")
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "TRUE": "true", "FALSE": "false"}
_KEPT = {"true", "false", "null", "NaN", "Infinity", "-Infinity"}
_CLOSING = {"{": "}", "[": "]"}
_CAST = re.compile(r"""(?<=[}\]"'])\s*\b(?:as\s+const|(?:as|satisfies)\s+[A-Z]\w*)\b""")
"""What TypeScript says of the type of a value."""
_OPEN_KEY = re.compile(r'^(\s*)"([\w$]+):(?=\s)(?=[^"\n]*(?:"[^"\n]*"[^"\n]*)*$)', re.MULTILINE)
"""A key at the beginning of a line whose second quote is missing."""
_PYTHON = re.compile(r"\b(?:dict|date|datetime|timedelta)\(|\d\s*\*|\b[fr]['\"]")


def fix_json(text: str) -> tuple[str, list[Change]]:
    """The text as JSON as far as that can be done, and what was changed; JSON stays as it is, byte for byte."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return _python(text) or _scanned(text)
    except RecursionError:
        pass
    return text, []


def _scanned(text: str) -> tuple[str, list[Change]]:
    plain = _OPEN_KEY.sub(r'\1"\2":', _CAST.sub("", text))
    made, changes = _Scanner(plain).repaired()
    told = [at_line(1, "casts of TypeScript, keys with one quote", "", "not part of JSON")] if plain != text else []
    return made, [*told, *changes]


def _python(text: str) -> tuple[str, list[Change]] | None:
    """The value of an expression of Python, where more than other quotes and words would have to be repaired."""
    if not _PYTHON.search(text):
        return None
    end, depth = 0, 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "{[(") - (token[0] in "}])") if token.lastgroup == "mark" else 0
        end = token.end()
        if token[0] in ("}", ")", "]") and depth <= 0:
            break
    try:
        made = json_text(python_value(text[:end])) + "\n"
    except NotAValue:
        return None
    return made, [at_line(1, "an expression of Python", "", "its value as JSON")]


class _Scanner:
    """Copies token by token what belongs into JSON. `made` is the text so far; `before` the last token that counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.made: list[str] = []
        self.open: list[str] = []
        self.before = ""
        self.key = 0
        self.changes: list[Change] = []
        self.line = 1

    def repaired(self) -> tuple[str, list[Change]]:
        for token in _TOKEN.finditer(self.text):
            kind = token.lastgroup or "other"
            if self.before and not self.open:
                self._after_the_end(self.text[token.start() :])
                break
            getattr(self, f"_{kind}")(token[0])
            self.line += token[0].count("\n")
        self._close_all()
        return "".join(self.made), self.changes

    def _record(self, before: str, after: str, reason: str) -> None:
        self.changes.append(at_line(self.line, before, after, reason))

    def _space(self, text: str) -> None:
        self.made.append(text)

    def _comment(self, text: str) -> None:
        self._record(text, "", "JSON has no comments; a YAML document keeps them")

    def _dots(self, text: str) -> None:
        self._record(text, "", "something was left out here")

    def _other(self, text: str) -> None:
        self._record(text, "", "not part of JSON")

    def _string(self, text: str) -> None:
        ends = len(text) > 1 and text[-1] in "\"'`\u201c\u201d\u2018\u2019\u00bb"
        inner = text[1:-1] if ends else text[1:]
        body = inner.replace("\\'", "'")
        if text[0] != '"':
            body = re.sub(r'(?<!\\)"', r"\"", body)
        body = re.sub(r"[\x00-\x1f]", lambda control: json.dumps(control[0])[1:-1], body)
        body = re.sub(r'\\(?!["\\/bfnrtu])', r"\\\\", body)
        now = f'"{body}"'
        if now != text:
            self._record(text, now, "a text is in double quotes")
        self._value(now)

    def _time(self, text: str) -> None:
        self._word(text)

    def _word(self, text: str) -> None:
        now = self._of_word(text)
        if now != text:
            what = "a date" if text[:4].isdigit() else "a key" if text.isdigit() else "a text"
            reason = f"{what} is in double quotes" if now[0] == '"' else "the JSON spelling"
            self._record(text, now, reason)
        self._value(now)

    def _of_word(self, text: str) -> str:
        is_key = self.open[-1:] == ["{"] and self.before in ("{", ",", "value")
        if not is_key and (text in _KEPT or _NUMBER.match(text)):
            return text
        if not is_key and text in _WORDS:
            return _WORDS[text]
        if not is_key and _LOOSE_NUMBER.match(text):
            number = text.replace("_", "").lstrip("+")
            return json.dumps(float(number) if set(number) & set(".eE") else int(number))
        return json.dumps(text, ensure_ascii=False)

    def _value(self, text: str) -> None:
        self._comma_before()
        is_key = self.open[-1:] == ["{"] and self.before in ("{", ",")
        self.key = len(self.made) if is_key else self.key
        self.made.append(text)
        self.before = "key" if is_key else "value"

    def _comma_before(self) -> None:
        """Put the comma that is missing between two values, or the colon between a key and its value."""
        if self.before == "value":
            self._insert(",", "a comma stands between two values")
            self.before = ","
        elif self.before == "key":
            self._insert(":", "a colon stands between a key and its value")
            self.before = ":"

    def _insert(self, mark: str, reason: str) -> None:
        index = len(self.made)
        while index and not self.made[index - 1].strip():
            index -= 1
        self.made.insert(index, mark)
        self._record("", mark, reason)

    def _mark(self, text: str) -> None:
        if text in "()":
            self._record(text, "[" if text == "(" else "]", "a list is in square brackets")
            text = "[" if text == "(" else "]"
        if text in "{[":
            self._comma_before()
            self.open.append(text)
            self.made.append(text)
            self.before = text
        elif text in "}]":
            self._closing(text)
        elif text in ",;":
            self._comma(text)
        else:
            self._colon(text)

    def _comma(self, text: str) -> None:
        if self.before != "value":
            self._record(text, "", "nothing stands before this comma")
            return
        if text != ",":
            self._record(text, ",", "a comma stands between two values")
        self.made.append(",")
        self.before = ","

    def _colon(self, text: str) -> None:
        if self.before != "key":
            self._record(text, "", "no key stands before this colon")
            return
        if text != ":":
            self._record(text, ":", "a colon stands between a key and its value")
        self.made.append(":")
        self.before = ":"

    def _closing(self, mark: str) -> None:
        meant = next((at for at in reversed(range(len(self.open))) if _CLOSING[self.open[at]] == mark), None)
        if meant is None:
            self._record(mark, "", "nothing is open that it could close")
            return
        while len(self.open) > meant + 1:
            self._record("", _CLOSING[self.open[-1]], "it was not closed")
            self._close()
        self._close()

    def _close(self) -> None:
        """Close what was opened last, without a comma or a key that nothing follows."""
        if self.before == ",":
            self._without_comma()
            self._record(",", "", "no comma stands before the end")
        elif self.before in ("key", ":"):
            self._record(self.made[self.key], "", "a key without a value")
            del self.made[self.key :]
            self._without_comma()
        self.made.append(_CLOSING[self.open.pop()])
        self.before = "value"

    def _without_comma(self) -> None:
        """Take away the comma at the end of what is made, if one stands there."""
        index = len(self.made) - 1
        while index > 0 and not self.made[index].strip():
            index -= 1
        if self.made[index] == ",":
            del self.made[index]

    def _close_all(self) -> None:
        while self.open:
            self._record("", _CLOSING[self.open[-1]], "the text ended too early")
            self._close()

    def _after_the_end(self, rest: str) -> None:
        if rest.strip():
            self._record(rest, "", "the document ended before it")
