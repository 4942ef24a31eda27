"""Arrival curves: one file per curve."""
