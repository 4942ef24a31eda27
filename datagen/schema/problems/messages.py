"""Translates pydantic errors into a code, a message and a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from datagen.registry import describe, did_you_mean
from datagen.schema.key_synonyms import key_hint

_NEEDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "dict_type": "an object",
    "mapping_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
}
_SIZES = {
    "too_short": "at least {min_length} in it, has {actual_length}",
    "too_long": "at most {max_length} in it, has {actual_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text that matches {pattern}",
}

_MISSING = {
    "datagen": 'write "datagen": 1, the version of the language',
    "name": 'write "name": "shop", for example',
    "tables": 'write "tables": {"customers": {"rows": 1000, "columns": {...}}}, for example',
    "rows": 'write "rows": 1000, for example',
    "columns": 'write "columns": {"id": {"type": "key"}}, for example',
}

_OTHER_TEXTS = (
    (
        re.compile(r"\s*CREATE\s+TABLE\b", re.IGNORECASE),
        "this is SQL: save it as FILE.sql, and 'datagen infer FILE.sql' makes a document",
    ),
    (
        re.compile(r"\s*(class\s+\w+\s*[(:]|(model|Table|entity|(export\s+)?interface)\s+\w+\s*\{|class\s+\w+\()"),
        "these are classes or models: 'datagen infer' reads their database, or the SQL that creates it",
    ),
    (
        re.compile(r"\s*<(\?xml|!doctype|\w[^>]*>.*</)", re.IGNORECASE | re.DOTALL),
        "this is XML or HTML: write JSON or YAML",
    ),
    (
        re.compile(r"\s*(\w+\s*=\s*\S+\s+(\w+\s*=|\[\w)|\[[\w.]+\]\s+\w+\s*=)"),
        "this is TOML or code: write JSON, or YAML with ':'",
    ),
    (
        re.compile(r"\s*(import\s+\w|from\s+\w+\s+import\b|def\s+\w+\()"),
        "this is code, which is not executed: write JSON or YAML",
    ),
    (
        re.compile(r"\s*\|.*\|\s*\n\s*\|[\s:|-]+\|"),
        'this is a table of Markdown: write "tables": {"customers": {"rows": 1000, "columns": {...}}}',
    ),
    (
        re.compile(r"\s*(np\.|numpy\.|random\.|stats\.)*[A-Za-z]\w*\(.*\)\s*\Z"),
        "a parameter is one number; what varies from row to row is a column of its own, or a case of a 'case'",
    ),
    (
        re.compile(r"\s*[\d.,]+\s*(\u00b1|\+/?-)\s*[\d.,]+\s*\Z"),
        "write the first number here, and the second as 'sd'",
    ),
    (
        re.compile(r"\s*[A-Za-z]\w*(,[A-Za-z]\w*)+\s+[^\s,]+,"),
        "these are data: 'datagen infer FILE.csv' makes a document of them",
    ),
    (
        re.compile(r"\s*(today|now|yesterday|last \w+|\d+ \w+ ago|[-+]\d+ ?(d|w|mo|y))\s*\Z", re.IGNORECASE),
        "the data does not depend on the day of the run: write a date",
    ),
)
"""What begins a text that is no document or date, and what to do with it."""

ProblemText = tuple[str, str, str]
"""A code, a message and a hint."""


def needed(error: Mapping[str, Any]) -> str | None:
    """The expected type, if the error is a wrong type."""
    if error["type"] == "kind-shape":
        return str(error["ctx"]["expected"])
    return _NEEDS.get(error["type"])


def describe_error(error: Mapping[str, Any], known: list[str]) -> ProblemText:
    """The code, message and hint of a pydantic error; `known` are the allowed keys of the object around it."""
    code, message, hint = _described(error, known)
    return code, message, hint or notation_hint(error["input"])


def notation_hint(found: Any) -> str:
    """What to write instead of a notation of other tools: cron, SQL, a date whose day and month could be swapped."""
    if not isinstance(found, str):
        return ""
    day_or_month = re.fullmatch(r"(0?[1-9]|1[0-2])[/.-](0?[1-9]|1[0-2])[/.-](\d{4})", found.strip())
    if day_or_month:
        first, second, year = (int(part) for part in day_or_month.groups())
        return f"day or month first? Write {year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}"
    percentage = re.fullmatch(r"\s*%\s*(\d+(?:\.\d+)?)\s*|\s*(\d+(?:\.\d+)?)\s*%\s*", found)
    if percentage:
        number = percentage[1] or percentage[2]
        return f"shares are numbers from 0 to 1: write {float(f'{number}e-2'):.15g}"
    if re.fullmatch(r"\s*([\d*/,-]+\s+){4,5}[\d*/,A-Za-z-]+\s*", found):
        return "cron is not read: a step is 'day' or '6h'; hours and weekdays are a behavior of type 'seasonality'"
    return next((hint for sign, hint in _OTHER_TEXTS if sign.match(found)), "")


def unit_hint(found: Any, known: list[str]) -> str:
    """What to write instead of a duration where a number is needed; `known` are the keys beside it."""
    duration = re.fullmatch(r"\s*([\d.]+)\s*(us|ms|s|min|m|h|d|w|mo|y)\s*", found) if isinstance(found, str) else None
    if duration is None:
        return ""
    number, unit = duration.groups()
    if "unit" not in known:
        return f"write the number alone: {number}"
    named = {"d": "day", "w": "week", "mo": "month", "y": "year"}.get(unit)
    return f'write {number}, and "unit": "{named}" beside it' if named else 'write a number, and its "unit" beside it'


def _described(error: Mapping[str, Any], known: list[str]) -> ProblemText:
    kind, context = error["type"], error.get("ctx") or {}
    key = str(error["loc"][-1])[:60] if error["loc"] else ""
    if kind == "extra_forbidden":
        return "unknown-key", f"unknown key '{key}'", notation_hint(key) or key_hint(key, known)
    if kind == "missing":
        depth = {"name": 1, "columns": 3}.get(key)  # deeper ones are others
        hint = _MISSING.get(key, "") if depth in (None, len(error["loc"])) else ""
        return "missing", f"'{key}' is missing", hint
    if kind in _NEEDS:
        code, message, hint = wrong_type([_NEEDS[kind]], error["input"])
        if _NEEDS[kind] == "a list" and isinstance(error["input"], str | int | float):
            hint = hint or f"write {json.dumps([error['input']], ensure_ascii=False)[:100]}"
        return code, message, hint or (_MISSING[key] if key in ("columns", "tables") else "")
    for code, wording in (("range", _BOUNDS), ("range", _SIZES)):
        if kind in wording:
            found = f", not {shown(error['input'])}" if wording is _BOUNDS else ""
            bounds = {name: _bound(value) for name, value in context.items()}
            size = wording[kind].format(**bounds).removesuffix(", has None")  # pydantic does not count every mapping
            return code, f"needs {size}{found}", ""
    return _other(error, context, key)


def wrong_type(needs: list[str], found: Any) -> ProblemText:
    """The message for a value of none of the expected types."""
    unique = list(dict.fromkeys(needs))
    listed = " or ".join(filter(None, [", ".join(unique[:-1]), unique[-1]]))
    return "type", f"needs {listed}, not {shown(found)}", notation_hint(found)


def shown(value: Any) -> str:
    """A value in a message: short scalars as they are, the rest by its type."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str) and len(value) <= 40:
        return f"'{value}'"
    return describe(value)


def _bound(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else shown(value) if isinstance(value, float) else str(value)


def _other(error: Mapping[str, Any], context: Mapping[str, Any], key: str) -> ProblemText:
    kind, found = error["type"], error["input"]
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(context["expected"]))
        hint = did_you_mean(found, choices) if choices and isinstance(found, str) and len(choices) > 2 else ""
        if key == "datagen":
            hint = "this release supports version 1 of the language"
        return (
            "invalid-value",
            f"needs {context['expected']}, not {shown(found)}",
            "" if hint.startswith("known") else hint,
        )
    if kind == "union_tag_not_found":
        return "missing", f"{context['discriminator']} is missing", ""
    if kind == "union_tag_invalid":
        known = re.findall(r"'([^']*)'", str(context["expected_tags"]))
        return "unknown-kind", f"has an unknown type '{str(context['tag'])[:60]}'", did_you_mean(context["tag"], known)
    if kind == "finite_number":
        return "range", "needs a finite number", ""
    if kind in ("value_error", "assertion_error"):
        return "invalid-value", str(context.get("error", error["msg"])), str(context.get("hint", ""))
    message = str(error["msg"])
    if "_" in kind:  # an error of pydantic without a message above
        return "invalid-value", message[:1].lower() + message[1:], ""
    return "invalid-value" if kind == "kind-shape" else kind, message, str(context.get("hint", ""))
