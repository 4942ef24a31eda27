"""Dask clusters: one file per kind; `base.py` is the interface."""
