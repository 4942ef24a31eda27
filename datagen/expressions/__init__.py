"""SQL scalar expressions: parsed by sqlglot, converted to a typed tree of allowed nodes, evaluated on arrays.

Loaded when first used, so that documents without expressions start sooner: write `expressions.columns_of`, after `from
datagen import expressions`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datagen.expressions.compile import Expression, column_named, columns_of, compile_expression, numbers_rows

__all__ = ["Expression", "column_named", "columns_of", "compile_expression", "numbers_rows"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'datagen.expressions' has no attribute '{name}'")
    return getattr(import_module("datagen.expressions.compile"), name)
