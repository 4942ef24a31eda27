"""Shared code of age curves."""
