"""Expectations: checks that a user declares on the data, one file each."""
