"""The exceptions of datagen, and `Problem`: one error in a document.

DatagenError                 base class; the message explains the error without a traceback
├── SchemaError              the document is invalid; carries all its problems (exit code 2)
├── PlanError                the document is valid, but the plan cannot be executed (exit code 2)
├── DataError                the data of a folder is missing or unreadable (exit code 2)
├── AddressError             a path with a scheme for which there is no store (exit code 2)
├── ExpressionError          an expression is invalid; carries the position and a hint
└── RunError                 a run failed (exit code 1)
    ├── ValueFault           a cell cannot be computed; carries the column and the reason
    ├── OutputError          the output folder holds files of something else
    ├── ModelError           a language model that cannot be reached, or that gives no answer
    └── Interrupted          stopped by the user; the message says how to resume

Absent                       a column or table is not in the validated data: the metric is not applicable
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}\Z")


OUT_OF_MEMORY = "not enough memory; lower --partition-rows, or give the process more memory"


def json_path(*keys: str | int) -> str:
    """The JSONPath of a place in the document: `json_path("tables", "a b", 0)` is `$.tables["a b"][0]`."""
    parts = []
    for key in keys:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif _PLAIN.match(key):
            parts.append(f".{key}")
        else:
            parts.append(f"[{json.dumps(key if len(key) <= 80 else key[:77] + '...', ensure_ascii=False)}]")
    return "$" + "".join(parts)


class ProblemCode(StrEnum):
    """The code of a problem. Codes are stable across releases; `explanation` describes each."""

    explanation: str

    def __new__(cls, code: str, explanation: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.explanation = explanation
        return member

    SYNTAX = "syntax", "the text of a document or of an expression cannot be parsed"
    ENCODING = "encoding", "text that is not valid Unicode"
    UNREADABLE = "unreadable", "the file cannot be read"
    EMPTY = "empty", "the document is empty"
    TOO_LARGE = "too-large", "larger or deeper than the stated limit"
    TRUNCATED = "truncated", "more problems of this kind exist than are listed"
    UNKNOWN_KEY = "unknown-key", "a key that is not known here"
    UNKNOWN_KIND = "unknown-kind", "a 'type' that is no kind of the family"
    UNKNOWN_NAME = "unknown-name", "a name that is not one of a fixed list"
    UNKNOWN_TABLE = "unknown-table", "a table that is not declared"
    UNKNOWN_COLUMN = "unknown-column", "a column that is not declared"
    UNKNOWN_PROCESS = "unknown-process", "a process or state that is not declared"
    UNKNOWN_DECLARATION = "unknown-declaration", "an address of a declaration that does not exist"
    UNKNOWN_FUNCTION = "unknown-function", "a function that expressions do not support"
    UNKNOWN_COUNTRY = "unknown-country", "a country without a holiday calendar"
    UNKNOWN_HOLIDAY = "unknown-holiday", "a holiday that the calendar does not have"
    MISSING = "missing", "a required key or value is missing"
    MISSING_CASE = "missing-case", "a value for which there is no case"
    UNKNOWN_ATTRIBUTE = "unknown-attribute", "an attribute that the row source does not give"
    NO_PARENT = "no-parent", "a declaration that needs a parent table, in a table without one"
    NO_WINDOW = "no-window", "a declaration that needs the window of the document"
    DUPLICATE = "duplicate", "the same name or value twice"
    TYPE = "type", "a value, column or expression of the wrong type"
    RANGE = "range", "a number, time or length outside its limits"
    NULLABLE = "nullable", "a column that can be null where it must not be"
    INVALID_VALUE = "invalid-value", "a value that is not possible here"
    INVALID_NAME = "invalid-name", "a name that tables or columns cannot have"
    INVALID_ARGUMENTS = "invalid-arguments", "a function with the wrong number or kind of arguments"
    INVALID_ORDER = "invalid-order", "values in an impossible order"
    NOT_ALLOWED = "not-allowed", "a part of SQL that expressions do not support"
    PRIMARY_KEY = "primary-key", "a primary key that is missing, changed or not unique"
    UNRELATED_TABLE = "unrelated-table", "a table that is not above, below or referred to as the declaration needs"
    CYCLE = "cycle", "tables or columns that depend on each other"
    CONFLICT = "conflict", "two declarations that cannot both hold"
    NO_EFFECT = "no-effect", "a declaration that would change nothing"
    NOT_IDENTIFIABLE = "not-identifiable", "effects that cannot be estimated separately from data"
    DEPENDS_ON_INVALID = "depends-on-invalid", "an expression that uses a column which has a problem itself"
    UNPLANNABLE = "unplannable", "a plan beyond the limits of any machine"
    EXPRESSION = "expression", "an expression that cannot be used here"


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in a document: a stable code, its place, a message, and what to write instead."""

    code: str
    keys: tuple[str | int, ...]
    message: str
    hint: str = ""
    line: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", ProblemCode(self.code))

    @property
    def place(self) -> str:
        return json_path(*self.keys)

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line is not None else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.place}{line}: {self.message}{hint} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Note:
    """What a valid document says, but may not mean: its place, a message, and what to write for another meaning."""

    keys: tuple[str | int, ...]
    message: str
    hint: str

    @property
    def place(self) -> str:
        return json_path(*self.keys)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; {self.hint}"


class DatagenError(Exception):
    """Base class of datagen's errors."""

    exit_code = 1


class SchemaError(DatagenError):
    """An invalid document. `problems` holds all problems in document order."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[SchemaError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class PlanError(DatagenError):
    """A valid document whose plan cannot be executed, for example because it exceeds the memory budget.

    `step` is the table, or the table and column, that was being computed, if there is one.
    """

    exit_code = 2
    step: tuple[str, str | None] | None = None


class DataError(DatagenError):
    """Data that cannot be validated: no such folder, none of the tables, an unreadable file."""

    exit_code = 2


class AddressError(DatagenError):
    """An unsupported output address: a scheme without a store, another machine, or text that is not a path."""

    exit_code = 2


class ExpressionError(DatagenError):
    """An expression that cannot be parsed, is not supported, or does not fit the types of its arguments."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "", code: str = "expression") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class RunError(DatagenError):
    """A run that failed."""


class ValueFault(RunError):
    """A cell that cannot be computed.

    `reason` says why. `step` is its table and column, once known; the column is None for the rows themselves.
    """

    def __init__(self, reason: str, step: tuple[str, str | None] | None = None) -> None:
        self.reason, self.step = reason, step
        table, column = step or ("", None)
        where = json_path("tables", table, *(("columns", column) if column else ("rows",))) if step else ""
        super().__init__(f"{where}: {reason}" if where else reason)

    def __reduce__(self) -> tuple[type[ValueFault], tuple[str, tuple[str, str | None] | None]]:
        return type(self), (self.reason, self.step)


class OutputError(RunError):
    """The output folder holds files that this run must not touch."""


class ModelError(RunError):
    """A language model that cannot be reached, or that gives no answer."""


class Interrupted(RunError):
    """The user stopped the run; the message says how to resume it."""

    exit_code = 130


class Absent(Exception):
    """A column or table that a metric needs is not in the data. The metric is then not applicable."""


def reason_of(error: Exception) -> str:
    """Why an operation failed, as the end of a message: words of the operating system in lower case, those of a service
    or library with its names, such as addresses, as they are.
    """
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno is not None and text == os.strerror(error.errno):
        return str(text.lower())
    first = text.partition(" ")[0]
    return f"{text[:1].lower()}{text[1:]}" if first.isalpha() and first.istitle() else str(text)
