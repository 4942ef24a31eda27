"""Kinds of another package."""
