"""Profiles of the data: statistics of each column, observed in slices, bounded in size."""
