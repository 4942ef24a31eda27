"""One file, one curve of a multiplier over age."""
