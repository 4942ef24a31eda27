"""Elementary and special functions whose results are the same bits on every CPU."""
