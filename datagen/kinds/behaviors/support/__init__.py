"""Shared code of behaviors."""
