"""Generators: one file per kind of column."""
