"""Runs a plan: one task per partition, receipts, commit, resume; in this process or on Dask."""
