"""Declarations: plain data that kinds yield about the data they make, for validation.

`datagen.validation.metrics` judges them. Kinds and metrics do not import each other.
"""
