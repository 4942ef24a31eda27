"""Error recovery: a partial document with placeholders for the pieces that cannot be parsed.

A piece is a column, a row source, a behavior, an expectation, or another value of a table or of the document.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.faults.base import Fault
from datagen.kinds.generators.base import Generator
from datagen.kinds.processes.base import Process
from datagen.kinds.row_sources.base import RowSource
from datagen.names import is_table_name
from datagen.registry import Kind
from datagen.schema.correlation import Correlation
from datagen.schema.document import Document, Table, Window
from datagen.schema.key_synonyms import key_hint
from datagen.schema.problems.known_keys import field_names
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.parse_model import MAX_PROBLEMS, problems_of
from datagen.schema.reading.placeholders import (
    InvalidBehavior,
    InvalidColumn,
    InvalidExpectation,
    InvalidFault,
    InvalidProcess,
    InvalidRows,
)

Json = dict[str, Any]
K = TypeVar("K", bound=Kind)
_ATTEMPTS = 3


class PartialDocument:
    """The partial document of `raw`; `unparsed` are the places of the unparsed pieces."""

    def __init__(self, raw: Any) -> None:
        self.unparsed: set[Keys] = set()
        self._top: Json = raw if isinstance(raw, dict) else {}
        tables = self._top.get("tables")
        if not isinstance(tables, dict):
            self.unparsed.add(("tables",))
        self._names = tables if isinstance(tables, dict) else {}
        self._meant(self._top, Document, ())
        self.document = self._document()

    def _document(self) -> Document:
        expectations = self._top.get("expectations", ())
        if not isinstance(expectations, list | tuple):
            self.unparsed.add(("expectations",))
            expectations = ()
        return Document.model_construct(
            datagen=1,
            name=str(self._top.get("name")),
            window=self._window(),
            tables={name: self._table(name, declared) for name, declared in self._names.items()},
            expectations=tuple(self._expectation(index, one) for index, one in enumerate(expectations)),
            faults=self._faults(self._top.get("faults") or {}),
        )

    def _faults(self, declared: Any) -> dict[str, tuple[Fault, ...]]:
        tables = self._each(declared, dict, ("faults",)) if declared else []
        return {
            table: tuple(
                self._read(Fault, one, ("faults", table, index), InvalidFault)
                for index, one in self._each(faults, list, ("faults", table))
            )
            for table, faults in tables
        }

    def _window(self) -> Window | None:
        declared = self._top.get("window")
        try:
            return None if declared is None else Window.model_validate(declared)
        except ValidationError:
            self.unparsed.add(("window",))
            return None

    def _table(self, name: str, declared: Any) -> Table:
        at: Keys = ("tables", name)
        if not isinstance(declared, dict):
            self.unparsed |= {(*at, key) for key in ("parent", "rows", "columns", "behaviors", "processes")}
            declared = {}
        self._meant(declared, Table, at)
        behaviors = self._each(declared.get("behaviors", []), list, (*at, "behaviors"))
        processes = self._each(declared["processes"], dict, (*at, "processes")) if declared.get("processes") else []
        columns = self._each(declared.get("columns"), dict, (*at, "columns"))
        return Table.model_construct(
            parent=self._parent(declared.get("parent"), at),
            rows=self._read(RowSource, declared.get("rows"), (*at, "rows"), InvalidRows),
            columns={key: self._read(Generator, one, (*at, "columns", key), InvalidColumn) for key, one in columns},
            behaviors=tuple(
                self._read(Behavior, one, (*at, "behaviors", index), InvalidBehavior) for index, one in behaviors
            ),
            processes={
                key: self._read(Process, one, (*at, "processes", key), InvalidProcess) for key, one in processes
            },
            primary_key=self._primary_key(declared.get("primary_key", ()), at),
            correlations=tuple(self._correlations(declared.get("correlations", []), (*at, "correlations"))),
        )

    def _correlations(self, declared: Any, at: Keys) -> Iterator[Correlation]:
        for index, one in self._each(declared, list, at):
            try:
                yield Correlation.model_validate(one)
            except ValidationError:
                self.unparsed.add((*at, index))
                yield Correlation.model_construct(columns=())

    def _meant(self, declared: Json, model: type[Document | Table], at: Keys) -> None:
        """Missing keys that an unknown key may be a misspelling of."""
        fields = set(field_names(model))
        absent = sorted(fields - set(declared))
        for key in islice((key for key in declared if key not in fields), MAX_PROBLEMS):
            hint = key_hint(key, absent)
            named = declared[key] in self._names if isinstance(declared[key], str) else False
            self.unparsed |= {(*at, field) for field in absent if hint == f"did you mean '{field}'?"}
            self.unparsed |= {(*at, "parent")} if at and named and "parent" in absent else set()

    def _parent(self, declared: Any, at: Keys) -> str | None:
        if declared is None or (isinstance(declared, str) and (is_table_name(declared) or declared in self._names)):
            return declared
        self.unparsed.add((*at, "parent"))
        return None

    def _primary_key(self, declared: Any, at: Keys) -> tuple[str, ...]:
        if isinstance(declared, list | tuple) and all(isinstance(name, str) for name in declared):
            return tuple(declared)
        self.unparsed.add((*at, "primary_key"))
        return ()

    def _each(self, declared: Any, shape: type[list[Any] | Json], at: Keys) -> list[tuple[Any, Any]]:
        """The items of a list or an object, each with its key; empty for other values."""
        if not isinstance(declared, shape) or (shape is dict and not declared):
            self.unparsed.add(at)
            return []
        return list(declared.items() if isinstance(declared, dict) else enumerate(declared))

    def _read(self, family: type[K], declared: Any, at: Keys, instead: type[K]) -> K:
        try:
            return family.parse(declared)
        except (ValidationError, PydanticCustomError):
            self.unparsed.add(at)
            return _instead(family, declared, instead)

    def _expectation(self, index: int, declared: Any) -> Expectation:
        made = self._read(Expectation, declared, ("expectations", index), InvalidExpectation)
        table = declared.get("table") if isinstance(declared, dict) else None
        return made.model_copy(update={"table": table if isinstance(table, str) else ""})


def _instead(family: type[K], declared: Any, instead: type[K]) -> K:
    """The placeholder of an unparsed piece."""
    long_form = family.shorthand(declared)
    kind = long_form.get("type") if isinstance(long_form, dict) else None
    rest = _rest(family, declared) if family.member(kind) is not None else None
    known: Json = {"type": kind if isinstance(kind, str) else "", "rest": rest}
    return cast("K", instead.model_construct(**known))


def _rest(family: type[K], declared: Any) -> K | None:
    """The piece without its invalid parts; None if a required part is invalid."""
    left = copy.deepcopy(declared)
    for _ in range(_ATTEMPTS):
        try:
            return family.parse(left)
        except PydanticCustomError:
            return None
        except ValidationError as error:
            wrong = problems_of(error, family, left)
        if any(problem.code == "missing" or not _left_out(left, problem.keys) for problem in wrong):
            return None
    return None


def _left_out(left: Any, keys: Keys) -> bool:
    """Remove the value at `keys` from an object; a list is removed as a whole. Returns whether anything was removed."""
    while keys and not isinstance(keys[-1], str):
        keys = keys[:-1]
    if not keys or keys[-1] == "type":
        return False
    for key in keys[:-1]:
        try:
            left = left[key]
        except (KeyError, IndexError):
            return True  # removed with an enclosing value
    left.pop(keys[-1], None)
    return True
