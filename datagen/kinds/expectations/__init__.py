"""One file, one kind of check that a user declares on the data, measured by validation."""
