"""Stores: the places where the files of a dataset are kept. One file each; `base.py` is the interface."""
