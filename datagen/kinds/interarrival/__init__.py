"""One file, one law by which the events of a parent follow each other."""
