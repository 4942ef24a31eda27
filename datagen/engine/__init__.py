"""Compiles a document and fills blocks."""
