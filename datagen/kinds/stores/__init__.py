"""Stores, one file each: where the files of a dataset lie. `base.py` says what a store is."""
