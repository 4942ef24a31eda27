"""File formats: one file each; `base.py` is the interface."""
