"""Arrow's compute functions, imported on first use: creating all 300 wrappers costs 50 ms at start-up.

Those that take text beside arrays are here: Arrow imports pandas to make a scalar of a Python value, which takes a
third of a second.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import Any

import pyarrow as pa


def __getattr__(name: str) -> Any:
    if name == "call_function":  # works without the wrappers
        return import_module("pyarrow._compute").call_function
    return getattr(import_module("pyarrow.compute"), name)


def fill_null(values: Any, other: Any) -> Any:
    """The values, with another one (text, or as of Arrow) where they are missing."""
    return __getattr__("fill_null")(values, _scalar(other))


def binary_join_element_wise(*parts: Any, **options: Any) -> Any:
    """The texts of each row joined by the last part."""
    return __getattr__("binary_join_element_wise")(*map(_scalar, parts), **options)


def binary_join(lists: Any, separator: Any) -> Any:
    """The texts of each list joined by the separator."""
    return __getattr__("binary_join")(lists, _scalar(separator))


@cache
def _text(word: str) -> Any:
    data = word.encode("utf-8")
    ends = b"".join(end.to_bytes(4, sys.byteorder) for end in (0, len(data)))
    return pa.StringArray.from_buffers(1, pa.py_buffer(ends), pa.py_buffer(data))[0]


def _scalar(value: Any) -> Any:
    return _text(value) if isinstance(value, str) else value
