"""Measures over a dataset, what they find, the score and the report."""
