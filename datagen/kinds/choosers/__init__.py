"""Choosers: the distribution by which a reference chooses a row. One file per distribution."""
