"""Arrow's compute functions, imported on first use: creating all 300 wrappers costs 50 ms at start-up.

Those that take values of Python beside arrays take them without pandas: Arrow imports it to make a scalar of a value,
which takes a third of a second.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import pyarrow as pa

_OF_VALUES = {
    "add",
    "binary_join",
    "binary_join_element_wise",
    "divide",
    "equal",
    "greater_equal",
    "if_else",
    "less_equal",
}
_NUMBERS: dict[str, tuple[str, pa.DataType]] = {
    "bool": ("?", pa.bool_()),
    "int": ("q", pa.int64()),
    "float": ("d", pa.float64()),
}


def __getattr__(name: str) -> Any:
    if name == "call_function":  # works without the wrappers
        return import_module("pyarrow._compute").call_function
    function = getattr(import_module("pyarrow.compute"), name)
    return _with_scalars(function) if name in _OF_VALUES else function


def fill_null(values: Any, other: Any) -> Any:
    """The values, with another one where they are missing: a value of Python or an Arrow array or scalar."""
    scalar = _scalar(other)
    if isinstance(scalar, pa.Scalar) and scalar.type != values.type:
        scalar = scalar.cast(values.type)
    return __getattr__("fill_null")(values, scalar)


def _with_scalars(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*operands: Any, **options: Any) -> Any:
        return function(*map(_scalar, operands), **options)

    return call


def _scalar(value: Any) -> Any:
    return _scalar_of(type(value).__name__, value) if isinstance(value, bool | int | float | str | None) else value


@cache
def _scalar_of(kind: str, value: Any) -> pa.Scalar:
    if value is None:
        return pa.nulls(1)[0]
    if kind == "str":
        data = value.encode("utf-8")
        return pa.StringArray.from_buffers(1, pa.py_buffer(struct.pack("=ii", 0, len(data))), pa.py_buffer(data))[0]
    code, type_ = _NUMBERS[kind]
    return pa.Array.from_buffers(type_, 1, [None, pa.py_buffer(struct.pack(code, value))])[0]
