"""Validation: metrics over a dataset, findings, the score and the report."""
