"""Shared code of generators."""
