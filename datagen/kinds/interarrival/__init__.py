"""Distributions of the gaps between the events of a parent: one file each."""
