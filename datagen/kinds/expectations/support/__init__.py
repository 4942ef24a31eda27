"""Shared code of expectations."""
