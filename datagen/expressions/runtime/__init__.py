"""Evaluates typed expression trees on arrays."""
