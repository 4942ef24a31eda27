"""Shared code of stores."""
