"""Columns, blocks and text in memory, and their conversion to Arrow."""
