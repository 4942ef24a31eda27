"""Columns, blocks and text in memory, and their way to Arrow."""
