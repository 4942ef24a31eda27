"""Dask clusters: one file for each way in which one comes to be; `base.py` is the interface."""
