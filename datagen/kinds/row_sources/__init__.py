"""One file, one source of rows."""
