"""SQL scalar expressions: parsed by sqlglot, whitelisted into a typed tree of our own, evaluated on numpy and Arrow."""

from datagen.expressions.compile import Expression, columns_of, compile_expression

__all__ = ["Expression", "columns_of", "compile_expression"]
