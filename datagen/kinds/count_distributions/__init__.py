"""Distributions of the number of children of a parent: one file each."""
