"""Reads the data to validate, whoever wrote it."""
