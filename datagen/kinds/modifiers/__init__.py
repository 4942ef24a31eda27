"""Modifiers: changes to a filled column, one file each."""
