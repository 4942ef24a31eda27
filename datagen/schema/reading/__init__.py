"""Reads JSON and YAML strictly, with error recovery for invalid parts."""
