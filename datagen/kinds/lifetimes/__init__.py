"""Lifetime distributions: one file each."""
