"""Reads a document from a file, a text or a mapping, and reports every problem of its shape at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datagen.errors import Problem, SchemaError, reason_of
from datagen.kinds.row_sources.base import RowSource
from datagen.locations import local_path
from datagen.schema.document import Document
from datagen.schema.problems.messages import notation_hint
from datagen.schema.problems.ordering import in_order
from datagen.schema.reading.error_recovery import PartialDocument
from datagen.schema.reading.json_reader import parse_json
from datagen.schema.reading.json_values import Keys, plain
from datagen.schema.reading.parse_model import validate_as_meant, with_texts
from datagen.schema.reading.yaml_reader import parse_yaml

MAX_BYTES = 4 * 2**20
SUFFIXES = (".json", ".yaml", ".yml")
Problems = tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A document: its models, its plain JSON values, and its source.

    `lines` gives the line of each place of a YAML document, else None. If the shape is invalid, `problems` are its
    problems and `unparsed` the pieces that are therefore unknown.
    """

    document: Document
    raw: dict[str, Any]
    source: str
    lines: Mapping[Keys, int] | None = None
    problems: tuple[Problem, ...] = ()
    unparsed: frozenset[Keys] = frozenset()

    def without(self, addresses: Sequence[str]) -> Schema:
        """The same document with these declarations switched off, besides those that it switches off itself."""
        if not addresses or self.problems:
            return self
        off = tuple(dict.fromkeys([*self.document.without, *addresses]))
        document = self.document.model_copy(update={"without": off})
        return replace(self, document=document, raw={**self.raw, "without": list(off)})

    def at(self, keys: Keys) -> Any:
        """The value at a place, as written."""
        here: Any = self.raw
        for key in keys:
            here = here[key]
        return here

    def _repr_html_(self) -> str:
        from datagen.schema.notebook import schema_html  # start-up: only a notebook asks

        return schema_html(self.raw, self.problems)


def read(source: str | Path | Mapping[str, Any] | Schema) -> Schema:
    """The schema in `source`: a path to JSON or YAML, the text itself, or a mapping of plain values.

    Raises SchemaError with every problem of shape in document order. `analysis` checks the meaning.
    """
    schema = read_tolerant(source)
    if schema.problems:
        raise SchemaError(schema.problems)
    return schema


def read_tolerant(source: str | Path | Mapping[str, Any] | Schema) -> Schema:
    """The schema in `source` as far as it can be parsed; its `problems` are those of its shape.

    Raises SchemaError if nothing can be read: no file, no JSON, values that a document cannot have.
    """
    if isinstance(source, Schema):
        return source
    if isinstance(source, Mapping):
        return _schema(source, "a mapping", None)
    if not isinstance(source, str | Path):
        raise SchemaError(
            [Problem("unreadable", (), f"a schema is a path, a text or a mapping, not {type(source).__name__}")]
        )
    if isinstance(source, str) and _is_text(source):
        _fits(len(source.encode(errors="replace")))
        return _parsed(source, "the text given", yaml=is_yaml(source))
    path = local_path(source)
    return _parsed(_text(path), str(path), yaml=path.suffix.lower() != ".json", folder=path.parent)


def read_text(text: str, *, yaml: bool, folder: Path | None = None) -> Schema:
    """The schema in a text whose format (YAML or JSON) is known, as far as it can be parsed; otherwise like
    `read_tolerant`.

    `folder` is the folder of the files of the document; None for a document without files.
    """
    _fits(len(text.encode(errors="replace")))
    return _parsed(text, "the text given", yaml=yaml, folder=folder)


def is_yaml(text: str) -> bool:
    """Whether a text is read as YAML: everything that does not begin as a JSON object does."""
    return not text.lstrip("\ufeff \t\r\n").startswith("{")


_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32-LE", b"\x00\x00\xfe\xff": "UTF-32-BE", b"\xff\xfe": "UTF-16-LE",
    b"\xfe\xff": "UTF-16-BE",
}  # fmt: skip


"""Byte order marks, the longer ones first."""


_HEAD = 4096


def _is_text(source: str) -> bool:
    return "\n" in source or source.lstrip("\ufeff \t\r").startswith("{")


def _parsed(text: str, source: str, *, yaml: bool, folder: Path | None = None) -> Schema:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise SchemaError(
            [Problem("empty", (), "the document is empty", "begin with 'datagen': 1, 'name' and 'tables'")]
        )
    try:
        data, lines = parse_yaml(text) if yaml else (parse_json(text), None)
    except SchemaError as error:
        hint = notation_hint(text)
        raise SchemaError([replace(one, hint=hint or one.hint) for one in error.problems]) from None
    return _schema(data, source, lines, folder)


def _schema(data: Any, source: str, lines: Mapping[Keys, int] | None, folder: Path | None = None) -> Schema:
    try:
        raw, unparsed = plain(data)
    except SchemaError as error:
        raise SchemaError(in_order(error.problems, data, lines)) from None
    if not isinstance(raw, dict) and unparsed:
        raise SchemaError(in_order(unparsed, data, lines))
    raw, unparsed = with_files(raw, unparsed, folder)
    try:
        document, raw = validate_as_meant(raw)
    except SchemaError as error:
        wrong = [*unparsed, *_beside(unparsed, error.problems)]
        raw = with_texts(raw)
        left = PartialDocument(raw)
        return Schema(left.document, raw, source, lines, in_order(wrong, raw, lines), frozenset(left.unparsed))
    return Schema(document, raw, source, lines, in_order(unparsed, raw, lines))


def _beside(unparsed: tuple[Problem, ...], shape: tuple[Problem, ...]) -> Iterator[Problem]:
    """Problems of shape that do not follow from unparsed values, at their place or around it."""
    reported = {problem.keys for problem in unparsed}
    for problem in shape:
        absent = problem.code in ("missing", "unknown-kind", "range", "too-large") and problem.keys[:-1] in reported
        if problem.keys not in reported and not absent:
            yield problem


def _text(path: Path) -> str:
    try:
        if path.suffix.lower() not in SUFFIXES and not path.is_dir():
            raise _refused(
                "unreadable", f"'{path}' is not named like a schema", f"its name ends in {', '.join(SUFFIXES)}"
            )
        if not path.is_file():
            raise _absent(path)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused("unreadable", f"cannot read '{path}': {reason_of(error)}") from None
    _fits(len(data))
    seems = seeming_encoding(data)
    hint = f"it seems to be {seems}; save it as UTF-8" if seems else "save it as UTF-8"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _refused("encoding", f"'{path}' is not UTF-8 at byte {error.start}", hint) from None
    if seems:
        raise _refused("encoding", f"'{path}' is not UTF-8", hint)
    return text


def seeming_encoding(data: bytes) -> str:
    """The encoding that a text which is not UTF-8 seems to have, by its first bytes; empty if there is no sign of one.

    A byte of 0 occurs in no document and no CSV file, but in the Latin letters of UTF-16 and UTF-32.
    """
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return name
    head = data[:_HEAD]
    zeros = [head[at::4].count(0) for at in range(4)]
    if sum(zeros) < 0.3 * len(head):
        rare = 0 < sum(byte > 127 for byte in head) < 0.3 * len(head)
        return "Latin-1" if rare and not _is_utf8(data) else ""
    if zeros[0] == zeros[3]:
        return ""
    return f"UTF-{32 if sum(zeros) > 0.6 * len(head) else 16}-{'LE' if zeros[0] < zeros[3] else 'BE'}"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return len(data) >= _HEAD and error.start > len(data) - 4  # a character may be cut
    return True


def _absent(path: Path) -> SchemaError:
    if path.is_dir():
        return _refused("unreadable", f"'{path}' is a folder", "give the path of the schema file in it")
    if path.exists():
        return _refused("unreadable", f"'{path}' is not a regular file")
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    names = sorted(one.name for one in beside if one.suffix.lower() in SUFFIXES)
    close = difflib.get_close_matches(path.name, names, n=1)
    return _refused(
        "unreadable", f"there is no file '{path}'", f"did you mean '{path.parent / close[0]}'?" if close else ""
    )


def _fits(size: int) -> None:
    if size > MAX_BYTES:
        raise _refused(
            "too-large", f"the document is larger than {MAX_BYTES // 2**20} MiB", "a schema has declarations, not data"
        )


def _refused(code: str, message: str, hint: str = "") -> SchemaError:
    return SchemaError([Problem(code, (), message, hint)])


def with_files(raw: Any, reported: Problems, folder: Path | None) -> tuple[Any, Problems]:
    """`raw` with the content of the files in `folder` or below, and their problems after those in `reported`."""
    tables = raw.get("tables") if isinstance(raw, dict) else None
    if not isinstance(tables, dict):
        return raw, reported
    problems = list(reported)
    found = {name: _table(name, table, problems, folder) for name, table in tables.items()}
    return {**raw, "tables": found}, tuple(problems)


def _table(name: str, table: Any, problems: list[Problem], folder: Path | None) -> Any:
    rows = table.get("rows") if isinstance(table, dict) else None
    if not isinstance(rows, dict) or "file" not in rows:
        return table
    kind = RowSource.member(rows.get("type"))
    if kind is None or not issubclass(kind, RowSource):
        return table
    at = ("tables", name, "rows", "file")
    if folder is None:
        message = "the file is relative to the document, but this document is not read from a file"
        problems.append(Problem("unreadable", at, message, "give the path of the document, or write the rows in it"))
        return table
    try:
        return {**table, "rows": kind.with_files(rows, folder)}
    except ValueError as error:
        problems.append(Problem("unreadable", at, str(error), "name a small CSV or Parquet file beside the document"))
        return table
