"""Choosers: the law by which a reference chooses a row. One file per law."""
