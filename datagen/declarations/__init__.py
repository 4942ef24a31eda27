"""What a document declares, as data: what a dataset made from it must keep, and what can be estimated from it again.

Kinds yield declarations, `datagen.validation.metrics` judges them; neither imports the other.
"""
