"""Metrics: one file each. A metric observes slices, merges states, and judges."""
