"""Output formats, one file each; `base.py` says what a sink is."""
