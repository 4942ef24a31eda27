"""Reads JSON and YAML, strictly where it can and with error recovery where it must."""
