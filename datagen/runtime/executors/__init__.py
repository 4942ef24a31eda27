"""Executors: this process, or a Dask cluster."""
