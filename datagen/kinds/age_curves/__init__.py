"""Age curves: one file per curve."""
