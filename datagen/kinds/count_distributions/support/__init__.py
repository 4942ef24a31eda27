"""Shared code of count distributions."""
