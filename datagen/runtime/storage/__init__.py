"""Names and layout of the files of an output."""
