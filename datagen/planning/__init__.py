"""Families, steps, blocks, partitions, encodings, estimates: what will be done, as frozen data."""
