"""One file, one law for the number of children of a parent."""
