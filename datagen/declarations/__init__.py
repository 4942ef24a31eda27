"""Declarations: what a document declares about its data, as plain data for validation.

Kinds yield declarations, `datagen.validation.metrics` judges them; neither imports the other.
"""
