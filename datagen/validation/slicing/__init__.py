"""Divides a dataset into slices that fit into memory."""
