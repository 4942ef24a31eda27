"""One file, one kind of column."""
