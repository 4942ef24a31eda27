"""Constraints: exact rules that must hold in every row."""
