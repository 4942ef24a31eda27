"""Semantic rules: one file for each rule."""
