"""Reads the data to validate, from any writer."""
