"""The rules for names of documents, tables and columns."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST = 63
"""The longest name in bytes of UTF-8, PostgreSQL's limit."""
TABLE = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
_NO_LETTERS = (
    r"\u0000-\u001f!-,./:-@\[-^`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8"
    r"\u00bb\u00bf\u00d7\u00f7\u2000-\u206f\u3000\ufeff"
)
COLUMN = rf"^[^{_NO_LETTERS} \-]([^{_NO_LETTERS}]{{0,61}}[^{_NO_LETTERS} \-])?$"
"""The pattern for editors: slightly less strict than `column_fault`, in the common subset of regular expressions."""


def is_table_name(text: str) -> bool:
    """Whether the name is valid for a table. Table names are also names of folders."""
    return re.fullmatch(TABLE, text) is not None


def table_fault(text: str) -> str:
    """Why the name is invalid for a table; empty if it is valid."""
    if not text[:1].isascii() or not text[:1].isalpha() or not text.replace("_", "a").isalnum() or not text.isascii():
        return (
            "names of documents and tables are ASCII letters (a to z), digits and underscores, and begin with a letter"
        )
    return "" if len(text) <= LONGEST else f"names have at most {LONGEST} characters"


def column_fault(text: str) -> str:
    """Why the name is invalid for a column; empty if it is valid.

    Letters, marks and digits of any script are allowed, and underscores. Spaces and hyphens are allowed inside the
    name. Quotes, dots, control characters, direction marks and zero-width characters are not: SQL or a screen would
    show them as something else.
    """
    other = next((character for character in text if not _stands_in_names(character)), None)
    if other is not None:
        shown = f"'{other}'" if other.isprintable() else f"U+{ord(other):04X}"
        return (
            f"names of columns are letters and digits of any language, underscores, spaces and hyphens, without {shown}"
        )
    if not text or not _begins_names(text[0]):
        return "names of columns begin with a letter, a digit or an underscore"
    if text != text.rstrip(" -") or "  " in text:
        return "names of columns have single spaces, and none at the end"
    if unicodedata.normalize("NFC", text) != text:
        return "names of columns are written with composed letters (Unicode NFC)"
    size = len(text.encode(errors="replace"))
    return "" if size <= LONGEST else f"names have at most {LONGEST} bytes in UTF-8, this one has {size}"


def comparison_key(name: str) -> str:
    """A normal form, equal for names that databases, file systems or readers may confuse."""
    return unicodedata.normalize("NFKC", name).casefold()


def is_plain(name: str) -> bool:
    """Whether SQL and most programs read the name without quotes."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None


def _stands_in_names(character: str) -> bool:
    return character in "_ -" or unicodedata.category(character)[0] in "LMN"


def _begins_names(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LN"


def _table(text: str) -> str:
    if fault := table_fault(text):
        raise PydanticCustomError("invalid-name", "{message}", {"message": fault})
    return text


def _column(text: str) -> str:
    if fault := column_fault(text):
        raise PydanticCustomError("invalid-name", "{message}", {"message": fault})
    return text


TableName = Annotated[str, AfterValidator(_table), WithJsonSchema({"type": "string", "pattern": TABLE})]
ColumnName = Annotated[str, AfterValidator(_column), WithJsonSchema({"type": "string", "pattern": COLUMN})]
