"""One file, one curve by which entities arrive."""
