"""Fit of columns to their declared distributions."""
