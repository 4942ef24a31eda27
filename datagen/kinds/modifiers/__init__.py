"""One file, one change to a filled column."""
